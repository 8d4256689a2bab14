"""Takes pictures of every page of a kiosk that a household has lived with for six weeks.

    python -m tests.browser.screenshots [FOLDER]

They go to .cache/screenshots unless a folder is named: a phone's and a desk's width, light and
dark.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.harness import (
    DESKTOP,
    LOOKS,
    PHONE,
    Look,
    a_client,
    rounds,
    sign_in,
    start_chromium,
)
from tests.browser.household import (
    BACK,
    RunningKioskWithPages,
    a_kiosk_with_pages,
    a_lived_in_kiosk,
)

FOLDER = Path(".cache/screenshots")

WALL = Look(1920, 1080, "dark")
"""A screen in the room."""

SESSION = '[data-state="running"] .dial [data-live="rep"]:has-text("2")'
AFTER_THE_TALK_MS = 120_000


class Album:
    """Where the pictures go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.taken = 0

    def take(self, page: Page, name: str, looks: tuple[Look, ...] = LOOKS) -> None:
        """The whole of the page at each look."""
        for look in looks:
            page.set_viewport_size({"width": look.width, "height": look.height})
            page.emulate_media(color_scheme=look.colours)
            path = self._folder / f"{name}-{look}.png"
            page.screenshot(path=path, full_page=True, animations="disabled")
            self.taken += 1


def main(folder: Path) -> None:
    """Take all of them."""
    album = Album(folder)
    with ExitStack() as stack:
        browser = start_chromium(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        of_set_up(album, stack, browser)
        state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kiosk = stack.enter_context(a_lived_in_kiosk(state))
        client = stack.enter_context(a_client(browser, PHONE))
        page = client.tab()
        for path in ("/", "/sign-in", "/forgotten"):
            page.goto(kiosk.at(path))
            album.take(page, f"signed-out{name_of(path)}")
        sign_in(page, kiosk)
        for path in rounds(page, kiosk):
            album.take(page, f"signed-in{name_of(path)}")
        client.expect_complaint("404")
        of_a_session(album, page, kiosk)
    print(f"{album.taken} pictures are in {folder}.")  # noqa: T201


def of_set_up(album: Album, stack: ExitStack, browser: object) -> None:
    """The first steps, on a kiosk of their own."""
    state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    with a_kiosk_with_pages(state) as kiosk, a_client(browser, PHONE) as client:
        page = client.tab()
        page.goto(kiosk.address)
        album.take(page, "set-up-1")
        page.get_by_role("button").first.click()
        album.take(page, "set-up-2")
        kiosk.press()
        code = page.get_by_label("The six digits")
        code.fill(kiosk.code())
        album.take(page, "set-up-3")
        code.press("Enter")
        page.get_by_label("New passphrase").fill("yellow boots in the rain")
        album.take(page, "set-up-4")
        page.get_by_label("New passphrase").press("Enter")
        page.wait_for_url("**/speaker")
        album.take(page, "set-up-5")
        page.get_by_role("link", name="I can hear it well").click()
        album.take(page, "set-up-6")
        page.get_by_role("button", name="Next").click()
        album.take(page, "set-up-7")


def of_a_session(album: Album, page: Page, kiosk: RunningKioskWithPages) -> None:
    """What is seen while it runs, and while it is paused."""
    page.goto(kiosk.address)
    page.get_by_label("Program").select_option(BACK)
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector(SESSION, timeout=AFTER_THE_TALK_MS)
    album.take(page, "session")
    room = page.context.new_page()
    room.goto(kiosk.at("/room"))
    album.take(room, "session-room", (*LOOKS, WALL))
    kiosk.press()
    room.wait_for_selector('[data-state="paused"]')
    album.take(room, "paused-room", (WALL, DESKTOP))
    album.take(page, "paused")


def name_of(path: str) -> str:
    """For the name of a file."""
    return "-" + (path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "now")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
