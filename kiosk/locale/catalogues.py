"""Reads the gettext catalogues; a language is a folder in `kiosk/locale`, no code."""

import gettext
import io
import logging
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import polib

from kiosk.errors import WordingError
from kiosk.locale.wording import Wording

logger = logging.getLogger(__name__)

ENGLISH = "en"  # the language that is always whole, and steps in for what another one lacks

_FOLDER = "LC_MESSAGES"
_CATALOGUE = f"{_FOLDER}/kiosk.po"
_PROBLEMS = f"{_FOLDER}/problems.po"
_BLANK = re.compile(r"{\w*(?:![rs])?(?::[^{}]*)?}")


def load_wording(
    language: str, folder: Traversable | Path | None = None, *, pages: bool = False
) -> Wording:
    """The wording in `language`, from `folder` (the shipped catalogues where none is given): what
    the kiosk says, and with `pages` what its pages say, too, problems included.

    A phrase that the language lacks is said in English, and the log says which.

    Raises WordingError where there is no catalogue for it or the catalogue cannot be used.
    """
    shipped = files("kiosk") / "locale"
    catalogues = folder or shipped
    if language not in languages(catalogues):
        known = ", ".join(languages(catalogues)) or "none"
        raise WordingError(
            f"There is no wording for the language {language!r}. Languages there are: {known}."
        )
    english = _read(shipped, ENGLISH, pages=pages)
    if language == ENGLISH and folder is None:
        return Wording(language, _compiled(english))
    own = _read(catalogues, language, pages=pages)
    _compare(language, own, english)
    translations = _compiled(own)
    translations.add_fallback(_compiled(english))
    return Wording(language, translations)


@cache
def english() -> Wording:
    """Everything in English, for commands and the log."""
    return load_wording(ENGLISH, pages=True)


def load_problems() -> Wording:
    """The English sentences of problems alone, for a command that has one to print."""
    shipped = files("kiosk") / "locale"
    catalogue = polib.pofile((shipped / ENGLISH / _PROBLEMS).read_text(encoding="utf-8"))
    return Wording(ENGLISH, _compiled(catalogue))


def languages(folder: Traversable | Path | None = None) -> tuple[str, ...]:
    """The languages there is a catalogue for, in alphabetical order."""
    catalogues = folder or files("kiosk") / "locale"
    return tuple(sorted(e.name for e in catalogues.iterdir() if (e / _CATALOGUE).is_file()))


def _read(catalogues: Traversable | Path, language: str, *, pages: bool) -> polib.POFile:
    try:
        whole = polib.pofile((catalogues / language / _CATALOGUE).read_text(encoding="utf-8"))
        if pages:  # in further files, one for each part of them, and that of problems
            beside = (catalogues / language / _FOLDER).iterdir()
            for file in sorted(beside, key=lambda file: file.name):
                if file.name.endswith(".po") and file.name != "kiosk.po":
                    whole.extend(polib.pofile(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise WordingError(f"The wording for {language!r} cannot be read: {error}") from error
    return whole


def _compiled(catalogue: polib.POFile) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(catalogue.to_binary()))


def _compare(language: str, own: polib.POFile, english: polib.POFile) -> None:
    """Raises WordingError where a phrase has other blanks to fill than its English one."""
    blanks = {(e.msgctxt, e.msgid): _blanks(e) for e in english}
    written = {(e.msgctxt, e.msgid): e for e in own.translated_entries()}
    wrong = [
        entry.msgid
        for key, entry in written.items()
        if not _blanks(entry) <= blanks.get(key, set())
    ]
    if wrong:
        raise WordingError(
            f"The wording for {language!r} has words in braces that its English one does not have,"
            f" in: {', '.join(wrong)}. What stands in braces has to stay as it is."
        )
    lacking = [e.msgid for e in english if not e.msgctxt and (e.msgctxt, e.msgid) not in written]
    if lacking:
        logger.warning(
            "The wording for %r lacks %s; these are said in English.", language, ", ".join(lacking)
        )


def _blanks(entry: polib.POEntry) -> set[str]:
    texts = (entry.msgstr, *entry.msgstr_plural.values())
    return {blank for text in texts for blank in _BLANK.findall(text)}
