"""What people do with the pages, told from beginning to end, against a real kiosk in simulation."""

import re
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import DESKTOP, PHONE, sign_in
from tests.browser.household import (
    PASSPHRASE,
    RunningKioskWithPages,
    a_kiosk_with_pages,
    set_up,
    store_of,
)
from tests.schedule.past import OSLO
from tests.service.running import SHORT_PROGRAM

NEW_PASSPHRASE = "yellow boots in the rain"  # noqa: S105

LONG_PROGRAM = (
    SHORT_PROGRAM.replace('id = "short"', 'id = "longer"')
    .replace('title = "Go"', 'title = "Arms up and down"')
    .replace('name = "Arm"', 'name = "Arm lift"')
    .replace("reps = 1\n", "reps = 30\n")
    .replace('{ do = "lower", seconds = 1 }', '{ do = "lower", seconds = 3 }')
)
"""A session that is not over before a story is."""


QUICKLY_MS = 2000
"""What a page may take to show what was done at the kiosk; a person waits for it."""


@pytest.fixture
def fresh(tmp_path):
    """A kiosk that nobody has set up."""
    with a_longer_kiosk(tmp_path) as kiosk:
        yield kiosk


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A kiosk that has been set up; one for all stories that leave the rest as it was."""
    with a_home(tmp_path_factory.mktemp("home")) as kiosk:
        yield kiosk


@pytest.fixture
def fresh_home(tmp_path):
    """One for a story after which nobody could come in any more."""
    with a_home(tmp_path) as kiosk:
        yield kiosk


def a_home(state):
    with store_of(state) as store:
        set_up(store)
    return a_longer_kiosk(state)


def a_longer_kiosk(state):
    (state / "programs").mkdir()
    (state / "programs" / "longer.toml").write_text(LONG_PROGRAM)
    return a_kiosk_with_pages(state, "--program", "longer")


def click(page: Page, name: str) -> None:
    """The one button or link that is called so."""
    page.get_by_role("button", name=name, exact=True).or_(
        page.get_by_role("link", name=name, exact=True)
    ).click()


def expect_title(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def expect_answer(page: Page, text: str) -> None:
    expect(page.locator(".answer:visible").first).to_contain_text(text)


# coming in


def test_a_kiosk_is_set_up_from_a_phone_and_then_the_set_up_is_gone(fresh, client):
    page = client.tab()
    page.goto(fresh.address)
    expect_title(page, "Set up the kiosk")
    click(page, "I am near the kiosk")
    expect_title(page, "Press the button")

    fresh.press()
    code = fresh.code()
    expect_title(page, "Type the code")  # by itself
    page.get_by_label("The six digits").fill("000000" if code != "000000" else "111111")
    click(page, "Next")
    assert_wrong(page, "The six digits")
    client.expect_complaint("422")
    page.get_by_label("The six digits").fill(f"{code[:3]} {code[3:]}")
    click(page, "Next")

    expect_title(page, "Choose a passphrase")
    page.get_by_label("New passphrase").fill("12345678")
    click(page, "Use this passphrase")
    assert_wrong(page, "New passphrase")
    client.expect_complaint("422")
    page.get_by_label("New passphrase").fill(NEW_PASSPHRASE)
    click(page, "Use this passphrase")

    expect_title(page, "Is it loud enough?")
    click(page, "Play a test sentence")
    expect_answer(page, "The kiosk speaks now.")
    click(page, "I can hear it well")
    expect_title(page, "Where is the kiosk?")
    page.get_by_label("Time zone").fill("Europe/Oslo")
    click(page, "Next")

    expect_title(page, "When are the exercises done?")
    page.get_by_label("Program").select_option(label="Arms up and down")
    later = datetime.now(OSLO) + timedelta(hours=3)
    page.get_by_label("Time 1").fill(f"{later:%H:%M}")
    click(page, "Save and finish")
    expect_answer(page, "All set.")
    expect(page.locator('[data-live="next"]')).to_contain_text(f"{later:%-H:%M}")

    page.goto(fresh.at("/setup"))
    client.expect_complaint("404")
    expect(page.locator("main")).to_contain_text("There is no such page.")


def assert_wrong(page: Page, label: str) -> None:
    """The field is told to be wrong, to a screen reader, too."""
    field = page.get_by_label(label)
    expect(field).to_have_attribute("aria-invalid", "true")
    described = (field.get_attribute("aria-describedby") or "").split()
    expect(page.locator(f"#{described[-1]}")).to_have_class(re.compile("problem"))


def test_somebody_signs_in_to_where_they_wanted_to_go_and_out_again(home, page, client):
    page.goto(home.at("/schedule"))
    expect_title(page, "Sign in")
    machine = socket.gethostname().partition(".")[0].lower()
    expect(page.locator(".brand")).to_have_text(f"Exercise kiosk · {machine}")
    page.get_by_label("Passphrase", exact=True).fill("another passphrase")
    page.get_by_role("button", name="Sign in").click()
    assert_wrong(page, "Passphrase")
    client.expect_complaint("422")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_role("button", name="Sign in").click()
    expect_title(page, "Schedule")

    click(page, "Sign out")
    expect_answer(page, "You are signed out on this device.")
    page.go_back()
    page.reload()
    expect_title(page, "Sign in")


def test_a_forgotten_passphrase_is_chosen_anew_by_holding_the_button(fresh_home, come):
    other = come(DESKTOP).tab()
    sign_in(other, fresh_home)
    page = come(PHONE).tab()
    page.goto(fresh_home.at("/sign-in"))
    click(page, "Forgotten it?")
    fresh_home.hold_on()
    page.get_by_label("The six digits").fill(fresh_home.code())
    click(page, "Next")
    page.get_by_label("New passphrase").fill(NEW_PASSPHRASE)
    click(page, "Use this passphrase")
    expect_answer(page, "The passphrase is changed, and everybody else is signed out.")

    other.goto(fresh_home.at("/settings"))
    expect_title(other, "Sign in")
    other.get_by_label("Passphrase", exact=True).fill(NEW_PASSPHRASE)
    other.get_by_role("button", name="Sign in").click()
    expect_title(other, "Settings")


# the schedule


def test_an_entry_is_added_changed_and_the_change_undone(home, page):
    sign_in(page, home)
    plan_a_walk(page, home, "06:45")
    entry = page.locator(".entries > li").filter(has_text="6:45")
    expect(entry).to_contain_text("Walk")

    entry.get_by_role("link", name="Change").click()
    page.get_by_label("Time 1").fill("07:30")
    click(page, "Save")
    changed = page.locator(".entries > li").filter(has_text="7:30")
    expect(changed).to_contain_text("Walk")
    expect(entry).to_have_count(0)
    click(page, "Undo")
    expect_answer(page, "Taken back.")
    expect(entry).to_contain_text("Walk")
    expect(changed).to_have_count(0)


def test_of_two_who_change_the_same_entry_the_second_is_told_and_loses_nothing(home, come):
    one = come(DESKTOP).tab()
    sign_in(one, home)
    plan_a_walk(one, home, "05:10")
    for_it = one.locator(".entries > li").filter(has_text="5:10").get_by_role("link", name="Change")
    address = for_it.get_attribute("href")
    client = come(PHONE)
    other = client.tab()
    sign_in(other, home)
    for page in (one, other):
        page.goto(home.at(address))

    one.get_by_label("Time 1").fill("05:20")
    click(one, "Save")
    expect_answer(one, "Saved:")
    other.get_by_label("Time 1").fill("05:30")
    click(other, "Save")
    client.expect_complaint("409")
    expect(other.get_by_role("alert")).to_contain_text("Somebody has changed this meanwhile.")
    expect(other.get_by_role("alert")).to_contain_text("5:20")
    expect(other.get_by_label("Time 1")).to_have_value("05:30")
    click(other, "Save again")
    expect_answer(other, "5:30")


def plan_a_walk(page: Page, kiosk: RunningKioskWithPages, at: str) -> None:
    """From next week on, so that it is not due while the other stories are told."""
    page.goto(kiosk.at("/schedule"))
    click(page, "Add to the schedule")
    page.get_by_label("Program").select_option(value="walk")
    for box in page.get_by_role("group", name="Days").get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Time 1").fill(at)
    page.get_by_label("First day").fill(f"{datetime.now(OSLO) + timedelta(days=8):%Y-%m-%d}")
    click(page, "Preview")
    expect(page.locator("#preview")).to_contain_text(at.lstrip("0"))
    expect(page.locator("#preview")).to_contain_text("Nothing is saved yet.")
    click(page, "Save")
    expect_answer(page, "Saved:")


# what is heard


def test_a_program_can_be_heard_before_anybody_does_it(home, page):
    sign_in(page, home)
    click(page, "Programs")
    click(page, "Arms up and down")
    sound = page.get_by_label("A whole session of Arms up and down")
    sound.evaluate(PLAY_A_BIT)
    minutes = sound.evaluate("sound => sound.duration") / 60
    assert 1.9 < minutes < 3


PLAY_A_BIT = """sound => new Promise((done, failed) => {
    sound.addEventListener("timeupdate", () => { if (sound.currentTime > 0.5) done(); });
    sound.addEventListener("error", () => failed(sound.error));
    sound.play();
})"""


# a session


def test_a_session_is_watched_live_while_the_button_pauses_it(home, come):
    watching = come(replace(PHONE, width=412)).tab()
    watching.goto(home.address)
    expect_title(watching, "Ready")
    home.press()
    watching.wait_for_selector(SECOND, timeout=AFTER_THE_TALK_MS)
    expect_title(watching, "Arm lift")
    assert moves(watching)
    expect(watching.get_by_role("button", name="Pause")).to_have_count(0)

    home.press()
    watching.wait_for_selector('[data-state="paused"]', timeout=QUICKLY_MS)
    expect(watching.locator('[data-live="phase"]')).to_have_text("Paused")
    assert not moves(watching)

    steering = come(DESKTOP).tab()
    sign_in(steering, home)
    click(steering, "Carry on")
    watching.wait_for_selector('[data-state="running"]', timeout=QUICKLY_MS)
    click(steering, "End the session")
    expect_title(watching, "Ended")
    expect_title(steering, "Ended")


def test_a_program_that_breaks_in_its_session_is_watched_without_its_list(
    fresh_home, page, tmp_path
):
    page.goto(fresh_home.address)
    fresh_home.press()
    page.wait_for_selector('[data-step]:text("Arm lift")', timeout=AFTER_THE_TALK_MS)  # by itself
    (tmp_path / "programs" / "longer.toml").write_text("schema = 1")

    asked = []
    page.on("request", lambda one: asked.append(one.resource_type))
    page.reload()
    page.wait_for_selector(SECOND, timeout=AFTER_THE_TALK_MS)
    expect_title(page, "Arm lift")
    expect(page.locator("[data-step]")).to_have_count(0)
    assert asked.count("document") == 1


def test_no_contact_is_told_only_until_the_kiosk_is_heard_of_again(home, page, client):
    sign_in(page, home)
    home.press()
    page.wait_for_selector(f"{RUNNING} [data-step]", timeout=AFTER_THE_TALK_MS)
    page.route("**/now/pause", lambda route: route.abort())
    click(page, "Pause")
    client.expect_complaint("ERR_FAILED")
    message = page.locator("[data-live-offline]")
    expect(message).to_be_visible()

    home.press()
    page.wait_for_selector('[data-state="paused"]')
    expect(message).to_be_hidden()
    click(page, "End the session")
    expect_title(page, "Ended")
    expect(page.locator(".steps")).to_be_hidden()


RUNNING = '[data-state="running"]'
SECOND = '.dial:visible [data-live="rep"]:has-text("2")'
AFTER_THE_TALK_MS = 30_000


def moves(page: Page) -> bool:
    """Whether ring and position go on by themselves, in the pictures drawn one after the other."""
    seen = page.evaluate(FOUR_PICTURES)
    return all(one != other for one, other in pairwise(seen))


FOUR_PICTURES = """async () => {
    const seen = [];
    for (let picture = 0; picture < 4; picture++) {
        for (let frame = 0; frame < 8; frame++) await new Promise(requestAnimationFrame);
        const ring = document.querySelector("[data-live-ring]").getAttribute("stroke-dashoffset");
        seen.push(`${ring} ${document.querySelector("[data-events]").dataset.position}`);
    }
    return seen;
}"""


def test_without_javascript_all_of_it_works_from_set_up_to_steering_a_session(fresh, come):
    page = come(replace(PHONE, javascript=False)).tab()
    page.goto(fresh.address)
    click(page, "I am near the kiosk")
    fresh.press()
    code = fresh.code()
    click(page, "I have heard the code")
    page.get_by_label("The six digits").fill(code)
    click(page, "Next")
    page.get_by_label("New passphrase").fill(NEW_PASSPHRASE)
    page.get_by_label("The same once more").fill(NEW_PASSPHRASE)
    click(page, "Use this passphrase")
    click(page, "Skip this")
    click(page, "Next")
    click(page, "Finish without a plan")
    expect_title(page, "Ready")

    page.get_by_label("Program").select_option(label="Arms up and down")
    click(page, "Start")
    see(page, '[data-state="running"]')
    click(page, "Pause")
    see(page, '[data-state="paused"]')
    click(page, "Carry on")
    see(page, '[data-state="running"]')
    click(page, "End the session")
    see(page, '[data-state="stopped"]')


def see(page: Page, what: str) -> None:
    """Without JavaScript a page comes anew by itself every few seconds; a person may not wait."""
    for _ in range(40):
        if page.locator(what).count():
            return
        page.reload()
    raise AssertionError(f"{what} is not seen in:\n{page.locator('main').inner_text()}")
