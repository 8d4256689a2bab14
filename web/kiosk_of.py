"""The kiosk behind the page that is being made."""

from flask import current_app

from kiosk.api import KioskApi
from web.config import PagesConfig
from web.texts import t


def kiosk() -> KioskApi:
    """Its face."""
    api: KioskApi = current_app.extensions["kiosk"]
    return api


def config() -> PagesConfig:
    """What the pages were told of where they are."""
    told: PagesConfig = current_app.extensions["pages"]
    return told


def kiosk_name() -> str:
    """What it is called, with the machine's name where that is known: there may be several."""
    name, host = t("pages.name"), config().host
    return f"{name} · {host}" if host else name
