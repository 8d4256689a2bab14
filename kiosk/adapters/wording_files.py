"""Reads the gettext catalogues; a language is a folder in `kiosk/locale`, no code."""

import gettext
import io
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import polib

from kiosk.errors import WordingError
from kiosk.model.wording import Wording

_CATALOGUE = "LC_MESSAGES/kiosk.po"


def load_wording(language: str, folder: Traversable | Path | None = None) -> Wording:
    """The wording in `language`, from `folder` (the shipped catalogues where none is given).

    Raises WordingError where there is no catalogue for it or the catalogue cannot be read.
    """
    catalogues = folder or files("kiosk") / "locale"
    if language not in languages(catalogues):
        known = ", ".join(languages(catalogues)) or "none"
        raise WordingError(
            f"There is no wording for the language {language!r}. Languages there are: {known}."
        )
    text = (catalogues / language / _CATALOGUE).read_text(encoding="utf-8")
    try:
        compiled = polib.pofile(text).to_binary()
    except (OSError, ValueError) as error:
        raise WordingError(f"The wording for {language!r} is damaged: {error}") from error
    return Wording(language, gettext.GNUTranslations(io.BytesIO(compiled)))


def languages(folder: Traversable | Path | None = None) -> tuple[str, ...]:
    """The languages there is a catalogue for, in alphabetical order."""
    catalogues = folder or files("kiosk") / "locale"
    return tuple(sorted(e.name for e in catalogues.iterdir() if (e / _CATALOGUE).is_file()))
