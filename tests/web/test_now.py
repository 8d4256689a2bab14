"""What is happening, on the pages Now and Room, before any script has run."""

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from kiosk.errors import StoreError
from kiosk.session.snapshot import Fault, Snapshot, State
from tests.kiosk import DEFAULT, OWN, KioskKit, path_of
from tests.web.html_tree import Element, read_html
from tests.web.test_live import HOLDING, WORDS_OF_HOLDING
from web.now.text import PARTS

MONDAY = datetime(2026, 10, 5, 8, 30, tzinfo=timezone(timedelta(hours=2)))

WISHES = {"pause", "resume", "back", "repeat", "skip", "stop"}

STATES = {
    State.IDLE: ("Ready", {"start"}),
    State.PREPARING: ("Getting ready", {"stop"}),
    State.RUNNING: ("Exercising", WISHES - {"resume"}),
    State.PAUSED: ("Paused", WISHES - {"pause"}),
    State.FINISHED: ("Done", {"start"}),
    State.STOPPED: ("Ended", {"start"}),
    State.FAILED: ("The session could not begin", {"start"}),
    State.REMINDING: ("Time to exercise", {"start"}),
    State.CONFIRMING: ("All done for today", {"start"}),
    State.ASKING: ("Was it harder than usual?", {"start"}),
}
"""The headline of each, and what a caregiver is offered in it."""

IN_SESSION = (State.RUNNING, State.PAUSED)


@pytest.fixture
def kiosk(tmp_path):
    return KioskKit(tmp_path).filled()


@pytest.fixture
def browser(kiosk):
    return kiosk.browser


def seen(kiosk: KioskKit, snapshot: Snapshot, path: str = "/") -> Element:
    """The page while that is happening."""
    kiosk.show(snapshot)
    return read_html(kiosk.browser.read(path))


def live(page: Element, name: str) -> str:
    """The text of the element that the script keeps up to date under that name."""
    return page.one(data_live=name).text


def seconds(page: Element) -> str:
    return page.one(data_live_seconds="").text


def ring(page: Element) -> str:
    return page.one(data_live_ring="").attributes["stroke-dashoffset"]


def offered(page: Element) -> set[str]:
    """The wishes whose buttons show."""
    forms = [form for form in page.all("form") if "data-wish" in form.attributes]
    return {form.attributes["action"].removeprefix("/now/") for form in forms if not form.is_hidden}


# in a session


@pytest.mark.parametrize("path", ["/", "/room"])
def test_in_a_hold_everything_stands_there_before_any_script_runs(kiosk, browser, path):
    page = seen(kiosk, HOLDING, path)

    assert {name: live(page, name) for name in WORDS_OF_HOLDING} == WORDS_OF_HOLDING
    assert (seconds(page), ring(page)) == ("4", "36.0")
    assert 'max="347000" value="61000"' in browser.page
    assert f'data-state="{HOLDING.state}"' in browser.page


@pytest.mark.parametrize(
    ("left", "of", "shown", "offset"),
    [
        (5000, 5000, "5", "0.0"),
        (4999, 5000, "5", "0.0"),
        (4001, 5000, "5", "20.0"),
        (4000, 5000, "4", "20.0"),
        (2500, 5000, "3", "50.0"),
        (1, 5000, "1", "100.0"),
        (0, 5000, "1", "100.0"),
        (0, 0, "1", "100.0"),
        (9, 5, "1", "0.0"),
    ],
)
def test_the_countdown_goes_as_the_voice_counts_and_the_ring_shows_what_is_left_of_the_phase(
    kiosk, left, of, shown, offset
):
    page = seen(kiosk, replace(HOLDING, phase_ends_in_ms=left, phase_duration_ms=of))

    assert (seconds(page), ring(page)) == (shown, offset)


UNCOUNTED = {"rep": None, "reps": None, "set": None, "sets": None, "side": None}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        (
            {**UNCOUNTED, "phase": "announce", "moving": False},
            {"phase": "How it goes", "rep": "", "of_reps": ""},
        ),
        (
            {"state": State.PAUSED, "moving": False},
            {"phase": "Paused", "headline": "Bridge"},
        ),
        ({"leading_in": True, "moving": False}, {"phase": "Get ready"}),
        ({"position_ms": 350_000}, {"left": "0:00 left"}),
    ],
    ids=["outside the repetitions", "paused", "in the lead-in", "beyond the end"],
)
def test_what_else_there_is_in_a_session(kiosk, changes, shown):
    page = seen(kiosk, replace(HOLDING, **changes))

    assert {name: live(page, name) for name in shown} == shown
    assert (seconds(page) == "") == ("moving" in changes)
    if "rep" in changes:
        assert ring(page) == "100.0"


def test_the_exercises_are_listed_and_one_set_and_no_side_are_not_told_of(kiosk):
    changes = {"program": OWN, "exercise": 2, "exercises": 2, "set": 1, "sets": 1, "side": None}
    page = seen(kiosk, replace(HOLDING, **changes))
    steps = [step for step in page.all("li") if "data-step" in step.attributes]

    assert [(step.attributes, step.text) for step in steps] == [
        ({"data-step": "1"}, "Bridge"),
        ({"data-step": "2", "aria-current": "step"}, "Knee to chest"),
    ]
    for name in ("set", "side"):
        assert page.one(data_live=name).is_hidden
        assert live(page, name) == ""


@pytest.mark.parametrize("program", ["nowhere", None])
def test_a_program_that_is_gone_meanwhile_has_no_list_but_a_page(kiosk, browser, program):
    page = seen(kiosk, replace(HOLDING, program=program, exercise_name="<b>Bridge & co</b>"))

    assert "data-step" not in browser.page
    assert live(page, "headline") == "<b>Bridge & co</b>"
    assert "&lt;b&gt;Bridge &amp; co&lt;/b&gt;" in browser.page
    assert "<b>Bridge" not in browser.page


# outside a session


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_headline_and_offers_what_applies_to_caregivers_alone(
    kiosk, browser, state
):
    headline, wishes = STATES[state]
    for path in ("/", "/room"):
        page = seen(kiosk, Snapshot(0, 0.0, state), path)
        assert live(page, "headline") == headline
        for counted in page.all("div", data_when="running paused"):
            assert counted.is_hidden == (state not in IN_SESSION)
        seen(kiosk, replace(HOLDING, state=state), path)
        assert "<form" not in browser.page

    browser.sign_in()
    assert offered(read_html(browser.read("/"))) == wishes
    assert "<form" not in browser.read("/room")


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "Nothing is planned. A press of the button starts the exercises."),
        (
            {"next_due": MONDAY, "next_program": DEFAULT},
            "Next: Low back start, Monday, 5 October at 08:30.",
        ),
        ({"next_due": MONDAY, "next_program": "walk"}, "Next: Walk, Monday, 5 October at 08:30."),
        (
            {"due": DEFAULT},
            "It is time for Low back start. A press of the button starts it.",
        ),
        ({"due": "walk"}, "It is time for the walk. A press of the button marks it done."),
        (
            {"due": "walk", "next_due": MONDAY, "next_program": DEFAULT},
            "It is time for the walk. A press of the button marks it done.",
        ),
    ],
)
@pytest.mark.parametrize("path", ["/", "/room"])
def test_what_is_due_next_is_told(kiosk, changes, shown, path):
    page = seen(kiosk, Snapshot(0, 0.0, State.IDLE, **changes), path)

    assert live(page, "next") == shown


# how the kiosk is


def test_where_all_is_well_every_part_is(browser):
    browser.read("/")

    parts = re.findall(r'data-part="(\w+)" class="([\w-]+)"', browser.page)
    assert parts == [
        (part, "well")
        for part in ("speaker", "voice", "button", "clock", "memory", "program", "settings")
    ]
    assert browser.page.count("<dd>Well</dd>") == len(parts)
    assert sorted(fault for faults in PARTS.values() for fault in faults) == sorted(Fault)


@pytest.mark.parametrize(
    ("trouble", "part"),
    [
        (Fault.NO_SPEAKER, "speaker"),
        (Fault.SPEAKER_LOST, "speaker"),
        (Fault.NO_SPEECH, "voice"),
        (Fault.CLOCK, "clock"),
        (Fault.STORE, "memory"),
        (Fault.NO_PROGRAM, "program"),
        (Fault.BUTTON, "button"),
        (Fault.SETTINGS, "settings"),
    ],
)
def test_what_is_not_well_says_what_to_do(kiosk, browser, trouble, part):
    troubled = Snapshot(0, 0.0, State.IDLE, faults=frozenset({trouble}))
    page = seen(kiosk, troubled)

    assert re.findall(r'data-part="(\w+)" class="not-well"', browser.page) == [part]
    sentence = page.one(data_part=part).one("dd").text
    assert sentence.endswith(".")
    assert "now.trouble" not in sentence
    in_the_room = seen(kiosk, troubled, "/room")
    matters = [matter for matter in in_the_room.all("p") if "data-part" in matter.attributes]
    assert [matter.text for matter in matters if not matter.is_hidden] == [sentence]


# steering


@pytest.mark.parametrize("wish", sorted(WISHES | {"start"}))
def test_a_wish_is_passed_on_and_leads_back_to_the_page_but_not_a_script(kiosk, browser, wish):
    browser.sign_in().read("/")
    answer = browser.post(f"/now/{wish}", follow=False)
    assert (answer.status_code, path_of(answer)) == (303, "/")
    browser.read("/")
    answer = browser.post(f"/now/{wish}", follow=False, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert kiosk.wishes == [wish, wish]


def test_a_caregiver_starts_any_program_there_is_and_the_usual_one_stands_there(kiosk, browser):
    browser.sign_in().read("/")
    choices = re.findall(r'<option value="([^"]+)"( selected)?>', browser.page)
    assert [program for program, selected in choices if selected] == [DEFAULT]
    assert OWN in [program for program, _ in choices]
    for program in ("nowhere", "../secret", "\x00", "x" * 1000):
        assert browser.post("/now/start", {"program": program}).status_code == 400, program
    for wish in ("dance", "change_settings", "snapshot", "__init__", "test_sound"):
        assert browser.post(f"/now/{wish}").status_code == 404, wish
    assert kiosk.wishes == []

    browser.post("/now/start", {"program": OWN})
    browser.post("/now/start", {"program": ""})
    assert kiosk.wishes == [f"start {OWN}", "start"]


@pytest.mark.parametrize(
    ("host", "name"),
    [("kiosk-maria", "Exercise kiosk · kiosk-maria"), ("", "Exercise kiosk")],
)
def test_each_page_says_whose_kiosk_it_is_by_the_machine_s_name(tmp_path, host, name):
    browser = KioskKit(tmp_path, host=host).browser

    for path, title in (("/", "Now"), ("/sign-in", "Sign in")):
        page = read_html(browser.read(path))
        assert page.one("title").text == f"{title} · {name}"
        assert page.one("a", **{"class": "brand"}).text == name
    assert read_html(browser.read("/room")).one("title").text.endswith(f" · {name}")
    new = KioskKit(tmp_path / "new", set_up=False, host=host).browser
    assert read_html(new.read("/setup")).one("p", **{"class": "brand"}).text == name


# who may look


@pytest.mark.parametrize("path", ["/", "/room", "/events"])
def test_only_caregivers_look_on_where_it_is_set_so(kiosk, browser, path):
    kiosk.settings.change({"now_seen_by": "caregivers"})
    asked = browser.get(path)
    assert (asked.status_code, path_of(asked)) == (302, f"/sign-in?next={path}")

    browser.sign_in()
    response = browser.client.get(path)
    assert response.status_code == 200
    response.close()


def test_who_looks_on_is_told_on_while_the_store_cannot_be_read(kiosk, browser):
    response = browser.client.get("/events")
    events = response.iter_encoded()
    next(events)
    next(events)

    kiosk.store.disk.broken = StoreError("The memory card cannot be read.")
    kiosk.show(next_program=OWN, next_due=MONDAY, faults=frozenset({Fault.STORE}))
    event = next(events).decode()
    assert f"Next: Two exercises, Monday, 5 October at {MONDAY:%H:%M}" in event
    response.close()
