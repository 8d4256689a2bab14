"""Chromium for the tests of the pages: how they look at a page, and what they ask of each."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
)

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

TAB_STOPS = 400
"""More than any page has; a page that never comes round fails there."""

PARTS = 12
"""More than one field has parts that Tab stops at: a date and time has seven and a button."""


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


class Visitor:
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
        """When the visitor leaves, there must be a complaint that holds `part`.

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
def a_device(chromium: Browser, look: Look = DESKTOP) -> Iterator[Visitor]:
    """A visitor whose pages are found without a fault (see `Visitor.leave`)."""
    context = chromium.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.colours,
        java_script_enabled=look.javascript,
        reduced_motion="reduce" if look.still else "no-preference",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(context)
    try:
        yield visitor
    except BaseException:
        context.close()
        raise
    visitor.leave()


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
        f"{rule}: {told} | {element} | {' '.join(advice.split())}"
        for rule, told, element, advice in page.evaluate(AXE_RUN, only)
    ]


def reach_by_keyboard(page: Page) -> list[str]:
    """Where Tab leads from the top of the page until it comes round, such as `button "Save"`.

    Role and name are what Chromium tells a screen reader.
    """
    page.evaluate(TO_THE_TOP)
    debugger = page.context.new_cdp_session(page)
    reached: list[tuple[int, str]] = []
    at_this_one = 0
    while len(reached) < TAB_STOPS:
        page.keyboard.press("Tab")
        stop = _focused(debugger)
        if reached and stop == reached[-1] and at_this_one < PARTS:
            at_this_one += 1
            continue
        if stop is None or stop in reached:
            debugger.detach()
            return [described for _, described in reached]
        reached.append(stop)
        at_this_one = 1
    raise AssertionError(f"Tab does not come round; it last led to {reached[-3:]}")


# Tab goes on from what was clicked or focused last: that is to be the page itself.
TO_THE_TOP = """() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.blur();
    document.body.removeAttribute("tabindex");
}"""


def _focused(debugger: CDPSession) -> tuple[int, str] | None:
    """Which node has the keyboard, and what it is; `None` where it is the page as a whole."""
    element = debugger.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
    if element.get("className") in (None, "HTMLBodyElement", "HTMLHtmlElement"):
        return None
    asked = {"objectId": element["objectId"], "fetchRelatives": False}
    (node,) = debugger.send("Accessibility.getPartialAXTree", asked)["nodes"]
    role = node.get("role", {}).get("value", "none")
    name = node.get("name", {}).get("value", "")
    return node["backendDOMNodeId"], f'{role} "{name}"'
