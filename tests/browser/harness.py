"""Chromium for the tests of the pages: how they look at a page, what they ask of each, and how they
go from one to the next by their own links.
"""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal
from urllib.parse import urldefrag, urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
)

from tests.browser.household import PASSPHRASE, RunningKioskWithPages

CHROMIUM = "/usr/bin/chromium"
# Whatever a page names, nothing leaves this machine; names in .local are this machine.
HOSTS = "MAP *.local 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    f"--host-resolver-rules={HOSTS}",
)

PATIENCE_MS = 10_000
"""What anything on a page may take at most; nothing waits for it to pass."""


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    width: int
    height: int
    colours: Literal["light", "dark"] = "light"
    javascript: bool = True
    still: bool = False
    """Whether the person has asked for reduced motion."""

    def __str__(self) -> str:
        return "-".join(
            (
                f"{self.width}x{self.height}",
                self.colours,
                *(() if self.javascript else ("no-javascript",)),
                *(("still",) if self.still else ()),
            )
        )


PHONE = Look(360, 740)
DESKTOP = Look(1280, 800)
PHONE_DARK = Look(360, 740, "dark")
DESKTOP_DARK = Look(1280, 800, "dark")
LOOKS = (PHONE, PHONE_DARK, DESKTOP, DESKTOP_DARK)


def start_chromium(playwright: Playwright) -> Browser:
    """Debian's Chromium without a window, its user data in a new folder that goes with it."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


class Client:
    """Somebody with a browser of their own: own cookies, as many tabs as they like."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self._complaints: list[str] = []
        self._expected: list[str] = []
        context.on("console", self._said)
        context.on("weberror", lambda error: self._complaints.append(f"thrown: {error.error}"))
        context.on("request", self._asked)

    def tab(self) -> Page:
        return self.context.new_page()

    def expect_complaint(self, part: str) -> None:
        """When the client leaves, there must be a complaint that holds `part`.

        Chromium logs an error for each answer such as 404, also where a test asks for just that;
        it may be told of a moment after its page is there.
        """
        self._expected.append(part)

    def excuse(self, *parts: str) -> None:
        """Take off the complaints that hold one of `parts`; there need not be any."""
        rest = (one for one in self._complaints if not any(part in one for part in parts))
        self._complaints = list(rest)

    def leave(self) -> None:
        """Close every tab; fails where a page logged an error or asked for anything elsewhere."""
        self.context.close()
        complaints, self._complaints = self._complaints, []
        expected, self._expected = self._expected, []
        for part in expected:
            assert any(part in complaint for complaint in complaints), (part, complaints)
        complaints = [one for one in complaints if not any(part in one for part in expected)]
        assert not complaints, "\n".join(complaints)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self._complaints.append(f"console: {message.text} ({where})")

    def _asked(self, request: Request) -> None:
        if not stays_here(request.url):
            self._complaints.append(f"elsewhere: {request.url}")


def stays_here(url: str) -> bool:
    """Whether what is asked for comes from this machine (see `HOSTS`)."""
    parts = urlsplit(url)
    if parts.scheme in ("data", "blob", "about"):
        return True
    host = parts.hostname or ""
    if host == "localhost" or host.endswith(".local"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def a_client(chromium: Browser, look: Look = DESKTOP) -> Iterator[Client]:
    """A client whose pages are found without a fault (see `Client.leave`)."""
    context = chromium.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.colours,
        java_script_enabled=look.javascript,
        reduced_motion="reduce" if look.still else "no-preference",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE_MS)
    client = Client(context)
    try:
        yield client
    except BaseException:
        context.close()
        raise
    client.leave()


AXE_RUN = """async only => {
    const asked = only.length ? { runOnly: only } : { rules: { "target-size": { enabled: true } } };
    return (await axe.run({ ...asked, resultTypes: ["violations"] })).violations.flatMap(rule =>
        rule.nodes.map(node => [rule.id, rule.help, node.html, node.failureSummary]));
}"""


def violations(page: Page, *only: str) -> list[str]:
    """What axe-core finds wrong with the page as it stands, a line for each element; by all of its
    rules, or by those of these names.

    The page must have JavaScript. Its content security policy is no hindrance, and stays in force.
    """
    if not page.evaluate("'axe' in window"):
        axe = files("axe_playwright_python").joinpath("axe.min.js")
        page.evaluate(axe.read_text(encoding="utf-8"))
    return [
        f"{rule}: {message} | {element} | {' '.join(advice.split())}"
        for rule, message, element, advice in page.evaluate(AXE_RUN, only)
    ]


# --- every page -----------------------------------------------------------------------------------

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
