"""What a person wrote, in the sentences that tell them what is wrong with it."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_QUOTE = 60
"""Characters that are quoted of a text, and compared of a word."""


def quoted(text: str) -> str:
    """`text` in quotes, shortened, with control characters made visible."""
    return repr(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; empty where none is near."""
    return next(iter(get_close_matches(word[:LONGEST_QUOTE].lower(), list(known), n=1)), "")
