"""For every view: the kiosk's services, and the configuration of the pages."""

from dataclasses import dataclass, field

from flask import current_app

from kiosk.services import Services
from web.text import t


@dataclass(frozen=True)
class PagesConfig:
    """Configuration of the pages, set by the wiring."""

    secret_key: bytes = field(repr=False)
    """Signs cookies and form tokens."""

    names: frozenset[str] = frozenset()
    """Host names, in small letters, that are answered beside addresses and `.local` names."""

    threads: int = 32
    """Threads of the server: requests and live pages at once."""

    spare_threads: int = 8
    """Threads that no live page may hold."""

    version: str = ""

    host: str = ""
    """The machine's own name, which tells one kiosk from another."""

    @property
    def most_streams(self) -> int:
        """Live pages at once."""
        return self.threads - self.spare_threads


def kiosk() -> Services:
    """The services of the kiosk that the present request is for."""
    api: Services = current_app.extensions["kiosk"]
    return api


def config() -> PagesConfig:
    """The configuration of the app that the present request is for."""
    found: PagesConfig = current_app.extensions["pages"]
    return found


def kiosk_name() -> str:
    """The kiosk's name in titles, with the machine's where that is known: there may be several."""
    name, host = t("pages.name"), config().host
    return f"{name} · {host}" if host else name
