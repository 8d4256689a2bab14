"""Cuts a text into the sentences that are spoken one by one, with a pause after each."""

import re

_END = re.compile(r"(?<=[.!?…])\s+")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, each with its own full stop, a capital and single spaces inside."""
    parts = (" ".join(part.split()) for part in _END.split(text.strip()))
    return tuple(part[0].upper() + part[1:] for part in parts if part)
