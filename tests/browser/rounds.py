"""Goes the rounds of the pages: by their own links from one to the next, as a person could."""

import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

from playwright.sync_api import Page

from tests.browser.household import PASSPHRASE
from tests.browser.running import RunningKioskWithPages

NO_PAGES = (".wav", ".toml", ".csv", ".ics", ".db", ".js", ".css", ".svg", "/backup", "/static/")

NOT_LINKED = ("/room", "/no-such-page")
"""Pages that no link leads to."""

NAMES = re.compile(r"(?<=/programs/)(?!new)[^/]+|\d+")
"""What differs between pages of one kind: a program's name, a number."""

LINKS = "all => all.filter(link => !link.hasAttribute('download')).map(link => link.href)"


def sign_in(page: Page, kiosk: RunningKioskWithPages, passphrase: str = PASSPHRASE) -> None:
    """Come in by the form."""
    page.goto(kiosk.at("/sign-in"))
    page.get_by_label("Passphrase", exact=True).fill(passphrase)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(kiosk.at("/"))


def rounds(page: Page, kiosk: RunningKioskWithPages) -> Iterator[str]:
    """The path of one page of each kind after the other, which `page` then shows."""
    waiting = ["/", *NOT_LINKED]
    met = {kind_of(path) for path in waiting}
    while waiting:
        path = waiting.pop(0)
        page.goto(kiosk.at(path))
        found = page.locator("a[href]").evaluate_all(LINKS)
        for address in found:
            new = urldefrag(address).url.removeprefix(kiosk.address)
            if new.startswith("/") and is_page(new) and kind_of(new) not in met:
                met.add(kind_of(new))
                waiting.append(new)
        yield path


def is_page(address: str) -> bool:
    """Whether it is something to look at."""
    path = urlsplit(address).path
    return not any(path.endswith(end) or path.startswith(end) for end in NO_PAGES)


def kind_of(address: str) -> str:
    """The same for pages that differ only in what they are about."""
    return NAMES.sub("*", urlsplit(address).path)
