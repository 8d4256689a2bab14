"""A kiosk with a past behind its pages."""

import re
from datetime import timedelta

from kiosk.history.model import Effort
from tests.schedule.past import HOUR, Past
from tests.web.kit import Browser, FakeApi

DAY = timedelta(days=1)
START, NEXT = "low-back-start", "low-back-next"


def look_at(past: Past) -> Browser:
    api = FakeApi(snapshots=past.snapshots, levels=past.levels(), settings=past)
    return Browser(api).sign_in()


def text_of(past: Past, path: str = "/history") -> str:
    browser = look_at(past)
    browser.read(path)
    return browser.text()


def went_well(past: Past, program: str = NEXT) -> None:
    for number in range(6):
        past.did(program, ago=(6 - number) * 8 * HOUR)


def was_hard(past: Past, program: str = START) -> None:
    for ago in (2, 1):
        past.did(program, ago=ago * HOUR, effort=Effort.HARDER)


def section(browser: Browser, heading: str) -> str:
    """The part of the page under a heading, without tags."""
    part = browser.page.partition(f'id="{heading}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part.partition(">")[2]).split())
