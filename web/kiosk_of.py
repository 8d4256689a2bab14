"""The kiosk behind the page that is being made."""

from flask import current_app

from kiosk.api import KioskApi
from web.config import PagesConfig


def kiosk() -> KioskApi:
    """Its face."""
    api: KioskApi = current_app.extensions["kiosk"]
    return api


def config() -> PagesConfig:
    """What the pages were told of where they are."""
    told: PagesConfig = current_app.extensions["pages"]
    return told
