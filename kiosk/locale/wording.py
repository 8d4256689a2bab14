"""The kiosk's own words, in one language.

All of them stand in gettext catalogues (`kiosk/locale/LANGUAGE/LC_MESSAGES`: `kiosk.po` for the
voice, `problems.po` for what is wrong with data, and one for each part of the pages), under ids
such as `carry_on`; code knows only the ids, so a further language is further catalogues.
"""

from gettext import NullTranslations

from kiosk.errors import WordingError


class Wording:
    """Looks phrases up; immutable, any thread."""

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def say(self, key: str, /, **values: object) -> str:
        """The phrase `key` with `values` filled in. Raises WordingError where there is none."""
        phrase = self._translations.gettext(key)
        if phrase == key:
            raise self._missing(key)
        return phrase.format(**values)

    def say_many(self, key: str, n: int, **values: str) -> str:
        """As `say`, in the form the language uses for `n`; `{n}` becomes the number's word."""
        return self._for_number(key, n).format(n=self.number(n), **values)

    def count(self, key: str, n: int, **values: str) -> str:
        """As `say_many`, for the eye: `{n}` becomes the number's digits."""
        return self._for_number(key, n).format(n=n, **values)

    def number(self, n: int) -> str:
        """The word for `n`; its digits where the catalogue has none, which speech also reads."""
        word = self._translations.pgettext("number", str(n))
        return word or str(n)

    def _for_number(self, key: str, n: int) -> str:
        phrase = self._translations.ngettext(key, key, n)
        if phrase == key:
            raise self._missing(key)
        return phrase

    def _missing(self, key: str) -> WordingError:
        return WordingError(f"The wording for language {self.language!r} has no phrase {key!r}.")
