"""One blueprint for each room of the house."""

from collections.abc import Iterator
from importlib import import_module

from flask import Blueprint

ROOMS = ("now", "schedule", "history", "programs", "settings", "setup", "sign_in", "outside")


def blueprints() -> Iterator[Blueprint]:
    """Every room's blueprint."""
    for room in ROOMS:
        yield import_module(f"{__name__}.{room}").pages
