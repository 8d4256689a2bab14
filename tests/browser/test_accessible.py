"""Everybody can use the pages: by eye, ear or keyboard alone, on any screen."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.browser.harness import DESKTOP, LOOKS, PHONE, a_client, rounds, sign_in, violations
from tests.browser.household import a_lived_in_kiosk
from tests.browser.test_stories import AFTER_THE_TALK_MS, SECOND, a_home

NARROW = ((320, 640), (320, 200))
"""The smallest phone; and a desk's 1280 by 800 at 400 %."""

TARGET = 48

Faults = dict[str, list[str]]


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory):
    """A kiosk with a schedule, a history and everything."""
    with a_lived_in_kiosk(tmp_path_factory.mktemp("state")) as kiosk:
        yield kiosk


@pytest.fixture(scope="module")
def inside(chromium, lived_in):
    """A caregiver's tab; each test goes where it wants to."""
    with a_client(chromium, PHONE) as client:
        page = client.tab()
        sign_in(page, lived_in)
        yield page
        # What an error page and a form with something wrong in it are answered with is logged.
        page.close()
        client.excuse("404", "422")


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page as it stands, at every look. It does not come anew for that: its
    colours and its width change.
    """
    found = [*too_wide(page), *too_small(page)]
    for look in LOOKS:
        page.set_viewport_size({"width": look.width, "height": look.height})
        page.emulate_media(color_scheme=look.colours, reduced_motion="reduce")
        # In the dark, all but the colours is as it was.
        only = ("color-contrast",) if look.colours == "dark" else ()
        found += [f"{look}: {fault}" for fault in violations(page, *only)]
    return found


# every page


def test_no_page_of_a_caregiver_has_a_fault(inside, lived_in):
    faults: Faults = {path: faults_of(inside) for path in rounds(inside, lived_in)}
    assert len(faults) > 12
    assert {path: found for path, found in faults.items() if found} == {}


def test_no_page_of_somebody_who_is_not_signed_in_has_a_fault(page, lived_in):
    faults: Faults = {}
    for path in ("/", "/room", "/sign-in", "/forgotten"):
        page.goto(lived_in.at(path))
        faults[path] = faults_of(page)
    assert {path: found for path, found in faults.items() if found} == {}


def too_wide(page: Page) -> list[str]:
    """At the narrowest, no page is scrolled from side to side."""
    found = []
    for width, height in NARROW:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        if wide > width:
            found.append(f"{wide} wide where there are {width}: {page.evaluate(STICKS_OUT)}")
    return found


STICKS_OUT = """[...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth && !one.closest(".wide, .unseen"))
    .map(one => one.outerHTML.slice(0, 90)).slice(0, 3)"""


def too_small(page: Page) -> list[str]:
    """Whatever a thumb is to hit is large enough; a link in a sentence is as the sentence is."""
    page.set_viewport_size({"width": PHONE.width, "height": PHONE.height})
    return page.evaluate(TOO_SMALL, TARGET)


TOO_SMALL = """least => {
    const all = "button, .button, nav a, summary, select, textarea, input:not([type=hidden])";
    return [...document.querySelectorAll(all)]
        .map(one => one.matches("[type=checkbox], [type=radio]") ? one.closest("label") : one)
        .filter(one => !one.matches(".unseen") && one.checkVisibility())
        .map(one => [one, one.getBoundingClientRect()])
        .filter(([one, box]) => Math.round(box.width) < least || Math.round(box.height) < least)
        .map(([one, box]) => `${box.width}x${box.height}: ${one.outerHTML.slice(0, 120)}`);
}"""


# by keyboard alone


def test_the_keyboard_alone_reaches_every_control_in_order_and_is_seen_there(inside, lived_in):
    inside.set_viewport_size({"width": DESKTOP.width, "height": DESKTOP.height})
    inside.emulate_media(color_scheme="light", reduced_motion="reduce")
    faults: Faults = {path: faults_by_keyboard(inside) for path in rounds(inside, lived_in)}
    assert {path: found for path, found in faults.items() if found} == {}


def faults_by_keyboard(page: Page) -> list[str]:
    """Where Tab leads from the top of the page, held against the order of the controls in it."""
    stops = page.evaluate(COUNT_STOPS)
    found, reached = [], -1
    while True:
        page.keyboard.press("Tab")
        stop, fault = page.evaluate(AT_STOP)
        if stop is None or (stop, reached) == (0, stops - 1):  # round the corner
            break
        if fault:
            found.append(fault)
        if stop not in (reached, reached + 1):
            return [*found, f"Tab leads from stop {reached} to {stop} of {stops}: {fault}"]
        reached = stop
    if reached + 1 != stops:
        found.append(f"Tab leads to {reached + 1} of {stops} controls")
    return found


COUNT_STOPS = """() => {
    const all = "a[href], button, input, select, textarea, summary, audio, [tabindex='0']";
    const group = one => [...document.querySelectorAll(`[name="${one.name}"]`)];
    const first = one => group(one).find(other => other.checked) || group(one)[0];
    window.stops = [...document.querySelectorAll(all)].filter(one =>
        one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && !one.closest(":disabled")
        && (one.type !== "radio" || first(one) === one));
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    return window.stops.length;
}"""

AT_STOP = """() => {
    const one = document.activeElement;
    if (one === document.body) return [null, ""];
    const shown = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const faults = [];
    if (!window.stops.includes(one)) faults.push("is no control");
    // The parts of a player have marks of their own, which nobody can ask for.
    const marked = shown.outlineStyle !== "none" && parseFloat(shown.outlineWidth) >= 2;
    if (!marked && !one.matches("audio")) faults.push("is not marked");
    if (box.bottom < 0 || box.top > innerHeight) faults.push("is out of sight");
    const message = faults.length ? `${one.outerHTML.slice(0, 120)} ${faults.join(", ")}` : "";
    return [window.stops.indexOf(one), message];
}"""


# forms with something wrong


WRONG = {
    "/schedule/new": ({"Time 1": ""}, "Save"),
    "/settings": ({"The present passphrase": "x", "The new one": "y"}, "Change the passphrase"),
    "/settings#": ({"Quiet from": "22:00"}, "Save the times"),
    "/settings#backup": ({}, "Restore the backup"),
    "/programs": ({}, "Look at it"),
    "/programs/low-back-start": ({"Repetitions": "900"}, "Save the doses"),
    "/programs/low-back-start/copy": ({"Title": "", "Name": ""}, "Save the program"),
    "/history": ({"First day": "2026-02-01", "Last day": "2026-01-01"}, "Download"),
}
"""What to type where, and what to press then."""


@pytest.mark.parametrize("path", WRONG)
def test_a_form_with_something_wrong_in_it_has_no_fault_beside_that(path, inside, lived_in):
    typed, button = WRONG[path]
    inside.goto(lived_in.at(path.partition("#")[0]))
    # As by a browser that does not look at what was typed.
    inside.evaluate("for (const form of document.forms) form.noValidate = true")
    for label, text in typed.items():
        inside.get_by_label(label, exact=True).first.fill(text)
    inside.get_by_role("button", name=button).last.click()
    inside.locator(".problem").first.wait_for()
    assert faults_of(inside) == []
    wrong = inside.locator("[aria-invalid=true]")
    assert wrong.count() > 0
    for number in range(wrong.count()):
        ids = (wrong.nth(number).get_attribute("aria-describedby") or "").split()
        assert inside.locator(f"[id='{ids[-1]}']").inner_text()


# a session


@pytest.fixture(scope="module")
def quiet_house(tmp_path_factory):
    """One whose session has hardly any talk before the counting."""
    with a_home(tmp_path_factory.mktemp("quiet")) as kiosk:
        yield kiosk


@pytest.fixture(scope="module")
def still(chromium, quiet_house):
    """What somebody sees of a session, in the second repetition, who asked for reduced motion."""
    with a_client(chromium, replace(PHONE, still=True)) as client:
        page = client.tab()
        page.goto(quiet_house.address)
        quiet_house.press()
        page.wait_for_selector(SECOND, timeout=AFTER_THE_TALK_MS)
        yield page


def test_with_reduced_motion_nothing_moves_but_what_is_counted(still):
    assert still.evaluate(RINGS) <= 2
    assert still.evaluate("document.getAnimations().length") == 0
    assert still.evaluate(GOES_SMOOTHLY) == []


def test_a_screen_reader_is_told_what_changes_but_never_the_counting(still, quiet_house):
    assert still.locator(SPEAKS).count() == 1
    still.evaluate(LISTEN)
    for rep in (4, 5):
        still.wait_for_selector(SECOND.replace("2", str(rep)), timeout=AFTER_THE_TALK_MS)
    assert still.evaluate("window.said") == []
    quiet_house.press()
    still.wait_for_selector('[data-state="paused"]')
    assert still.evaluate("window.said") == ["Paused. Arm lift, Exercise 1 of 1"]


SPEAKS = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log], output"

LISTEN = """() => {
    window.said = [];
    const region = document.querySelector("[aria-live=polite]");
    new MutationObserver(() => window.said.push(region.textContent))
        .observe(region, { childList: true, characterData: true, subtree: true });
}"""


RINGS = """async () => {
    const seen = new Set();
    for (let frame = 0; frame < 20; frame++) {
        await new Promise(requestAnimationFrame);
        seen.add(document.querySelector("[data-live-ring]").getAttribute("stroke-dashoffset"));
    }
    return seen.size;
}"""

GOES_SMOOTHLY = """[...document.querySelectorAll("*")]
    .filter(one => parseFloat(getComputedStyle(one).transitionDuration) > 0
        || parseFloat(getComputedStyle(one).animationDuration) > 0)
    .map(one => one.outerHTML.slice(0, 80))"""
