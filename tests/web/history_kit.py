"""A kiosk with a past behind its pages."""

import re
from dataclasses import dataclass
from datetime import timedelta

from kiosk.errors import ProgramFileError
from kiosk.history.model import Effort
from kiosk.programs.service import ProgramListing
from kiosk.schedule.service import ScheduleService
from kiosk.settings.model import Settings
from tests.schedule.past import HOUR, Past
from tests.web.kit import Browser, FakeApi, FakeSettingsDesk

DAY = timedelta(days=1)
START, NEXT = "low-back-start", "low-back-next"


@dataclass
class ShelfOf:
    """The programs that the kiosk of a test has, and how often each was asked for."""

    past: Past

    def __post_init__(self) -> None:
        self.asked: list[str] = []

    def listing(self, program: str) -> ProgramListing:
        self.asked.append(program)
        try:
            found = self.past.programs.load(program)
        except ProgramFileError:
            found = None
        return ProgramListing(program, found, (), True, False, (), False)


class SettingsOf(FakeSettingsDesk):
    """The settings of a past, which change with it."""

    def __init__(self, past: Past) -> None:
        self.past = past

    @property
    def settings(self) -> Settings:
        return self.past.settings


def look_at(past: Past) -> Browser:
    api = FakeApi(
        schedule=ScheduleService(past.look),
        history=past.history(),
        levels=past.levels(),
        programs=ShelfOf(past),
        settings=SettingsOf(past),
    )
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
