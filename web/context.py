"""What the pages have to know that is not the kiosk's to tell.

The kiosk behind the page that is being made.
"""

from dataclasses import dataclass, field

from flask import current_app

from kiosk.services import Services
from web.text import t


@dataclass(frozen=True)
class PagesConfig:
    """Frozen; made by the bootstrap."""

    secret_key: bytes = field(repr=False)
    """Signs the cookie."""

    names: frozenset[str] = frozenset()
    """Names, in small letters, by which the kiosk may be asked for, beside addresses."""

    threads: int = 32
    """Requests that are answered at once."""

    spare_threads: int = 8
    """How many of them no live page may hold."""

    version: str = ""

    host: str = ""
    """The machine's own name, by which one kiosk is told from another."""

    @property
    def most_streams(self) -> int:
        """How many live pages there may be at once."""
        return self.threads - self.spare_threads


def kiosk() -> Services:
    """Its face."""
    api: Services = current_app.extensions["kiosk"]
    return api


def config() -> PagesConfig:
    """What the pages were told of where they are."""
    told: PagesConfig = current_app.extensions["pages"]
    return told


def kiosk_name() -> str:
    """What it is called, with the machine's name where that is known: there may be several."""
    name, host = t("pages.name"), config().host
    return f"{name} · {host}" if host else name
