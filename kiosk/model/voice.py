"""Who speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of the speech engine and how fast it speaks."""

    language: str
    """Language code of what is spoken, e.g. `en`."""

    name: str
    """The engine's id or name for the voice; empty for its usual one of the language."""

    rate: int
    """Words a minute."""
