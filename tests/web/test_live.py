"""The live stream: the present first, then what changes, for as many as there are places."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from kiosk.session.snapshot import Fault, Snapshot, State
from tests.fakes.clock import FakeClock
from tests.kiosk import KioskKit
from tests.web.serving import serving
from web.now import live
from web.now.live import (
    HEARTBEAT_POLLS,
    MOST_POLLS,
    REUSE_SECONDS,
    EventEncoder,
    StreamSlots,
    record,
)

PHONE, TABLET, LAPTOP = "192.168.1.20", "192.168.1.30", "192.168.1.40"

HOLDING = Snapshot(
    seq=1,
    as_of=10.0,
    state=State.RUNNING,
    program="low-back-start",
    title="A start",
    exercise=2,
    exercises=3,
    exercise_id="bridge",
    exercise_name="Bridge",
    set=1,
    sets=2,
    side="left",
    rep=4,
    reps=8,
    phase="hold",
    phase_duration_ms=5000,
    phase_ends_in_ms=3200,
    position_ms=61_000,
    duration_ms=347_000,
    moving=True,
)


WORDS_OF_HOLDING = {
    "headline": "Bridge",
    "place": "Exercise 2 of 3",
    "phase": "Hold",
    "side": "Left",
    "set": "Set 1 of 2",
    "rep": "4",
    "of_reps": "of 8",
    "left": "4:46 left",
    "next": "",
}


@pytest.fixture
def kiosk(tmp_path):
    """There are two places in it, one for each address."""
    return KioskKit(tmp_path, threads=3, spare_threads=1)


@pytest.fixture
def browser(kiosk):
    return kiosk.browser


def told(event: bytes) -> dict:
    """What one event of the stream says."""
    kind, data, end = event.decode().split("\n", 2)
    assert (kind, end) == ("event: state", "\n")
    assert data.startswith("data: ")
    return json.loads(data.removeprefix("data: "))


def stream_of(kiosk, gone=lambda: False, after=2):
    """The stream as it is made, which waits for nothing; so much of it has been taken."""
    stream = live.events(kiosk.session, gone, live.event, poll=0)
    for _ in range(after):
        next(stream)
    return stream


@pytest.fixture
def in_app(browser):
    with browser.app.app_context():
        yield


# what is told


@pytest.mark.usefixtures("in_app")
def test_a_script_is_told_all_that_it_needs_to_go_on_by_itself():
    needed = {
        "state": "running",
        "program": "low-back-start",
        "exercise": 2,
        "set": 1,
        "side": "left",
        "rep": 4,
        "reps": 8,
        "phase": "hold",
        "phase_ends_in_ms": 3200,
        "phase_duration_ms": 5000,
        "position_ms": 61_000,
        "duration_ms": 347_000,
        "moving": True,
        "words": WORDS_OF_HOLDING,
    }
    found = json.loads(json.dumps(record(HOLDING)))

    assert {name: found[name] for name in needed} == needed

    at = datetime(2026, 10, 5, 8, 30, tzinfo=timezone(timedelta(hours=2)))
    faults = frozenset({Fault.SPEAKER_LOST})
    found = record(Snapshot(0, 0.0, State.IDLE, next_due=at, faults=faults))
    assert found["next_due"] == "2026-10-05T08:30:00+02:00"
    assert found["trouble"] == ["speaker-lost"]
    assert found["parts"]["speaker"] == {
        "well": False,
        "text": "The speaker is gone. Plug it in again; a press of the button then carries on.",
    }
    assert found["parts"]["clock"] == {"well": True, "text": "Well"}


# when


@pytest.mark.usefixtures("in_app")
def test_the_present_comes_first_as_of_its_moment_then_what_changes_but_nothing_overtaken(kiosk):
    kiosk.show(HOLDING)
    stream = stream_of(kiosk, after=0)

    assert next(stream) == b"retry: 2000\n\n"
    kiosk.clock.advance(0.25)
    present = told(next(stream))
    assert (present["state"], present["position_ms"]) == ("running", HOLDING.position_ms + 250)
    for state in (State.PREPARING, State.RUNNING, State.PAUSED):
        kiosk.show(state=state)
    assert told(next(stream))["state"] == "paused"
    assert next(stream) == b": still here\n\n"


@pytest.mark.usefixtures("in_app")
def test_it_ends_when_the_onlooker_has_gone_or_the_kiosk_ends(kiosk):
    gone = []
    left, ended = stream_of(kiosk, lambda: bool(gone)), stream_of(kiosk)
    gone.append(True)
    assert list(left) == []
    kiosk.session.feed.close()
    assert list(ended) == []


@pytest.mark.usefixtures("in_app")
def test_where_nothing_changes_heartbeats_come_until_it_ends_and_the_browser_comes_again(kiosk):
    looks = []
    stream = stream_of(kiosk, lambda: bool(looks.append(1)))
    for beats in (1, 2, 3):
        assert next(stream) == b": still here\n\n"
        assert len(looks) == 1 + beats * HEARTBEAT_POLLS

    retry, present, *beats, last = stream_of(kiosk, after=0)
    assert (retry, last) == (b"retry: 2000\n\n", b"retry: 100\n\n")
    assert told(present)["state"] == "idle"
    assert beats == [b": still here\n\n"] * ((MOST_POLLS - 1) // HEARTBEAT_POLLS)


def test_what_is_told_at_the_same_time_is_made_once_for_all():
    clock, made = FakeClock(), []

    def make(snapshot):
        made.append(snapshot)
        return str(len(made)).encode()

    encode = EventEncoder(make, clock.now)
    later = replace(HOLDING, position_ms=HOLDING.position_ms + 5)
    assert [encode(HOLDING), encode(later)] == [b"1", b"1"]
    clock.advance(2 * REUSE_SECONDS)
    assert encode(later) == b"2"
    assert [encode(replace(later, seq=2)), encode(later)] == [b"3", b"4"]
    assert made == [HOLDING, later, replace(later, seq=2), later]


# for how many


def test_there_are_only_so_many_places_and_one_device_has_half_of_them_at_most():
    two = StreamSlots(2)
    assert [two.take(address) for address in (PHONE, TABLET, LAPTOP)] == [True, True, False]
    two.release(PHONE)
    assert [two.take(address) for address in (LAPTOP, PHONE)] == [True, False]

    many = StreamSlots(24)
    assert [many.take(PHONE) for _ in range(13)] == [True] * 12 + [False]
    assert [many.take(TABLET) for _ in range(13)] == [True] * 12 + [False]
    many.release(PHONE)
    assert [many.take(address) for address in (TABLET, PHONE, PHONE)] == [False, True, False]

    one, three = StreamSlots(1), StreamSlots(3)
    assert [one.take(PHONE), three.take(PHONE), three.take(PHONE)] == [True, True, False]


def test_by_the_browser_the_present_comes_at_once_and_the_head_alone_takes_no_place(browser):
    for _ in range(5):
        response = browser.client.head("/events")
        assert response.status_code == 200
        response.close()

    response = browser.client.get("/events")
    parts = response.iter_encoded()
    assert (response.status_code, response.mimetype) == (200, "text/event-stream")
    assert response.headers["Cache-Control"] == "no-store"
    assert next(parts) == b"retry: 2000\n\n"
    assert told(next(parts))["state"] == "idle"
    response.close()


def test_beyond_the_places_of_a_device_or_of_all_the_answer_is_that_it_is_too_much(browser):
    greedy = [looks_on(browser, PHONE) for _ in range(3)]
    other, turned_away = looks_on(browser, TABLET), looks_on(browser, LAPTOP)

    assert [response.status_code for response in greedy] == [200, 503, 503]
    assert (other.status_code, turned_away.status_code) == (200, 503)
    assert "too much to do" in turned_away.get_data(as_text=True)
    greedy[0].close()
    again = looks_on(browser, LAPTOP)
    assert again.status_code == 200
    for response in (other, again):
        response.close()


def looks_on(browser, address):
    """The live stream, asked for from that address."""
    return browser.client.get("/events", environ_overrides={"REMOTE_ADDR": address})


# over the network


def next_event(client):
    """The next event of a chunked answer."""
    client.until(b"event: state\n")
    return json.loads(client.until(b"\n").removeprefix(b"data: "))


def test_over_the_network_each_change_comes_when_it_happens(browser, kiosk):
    with serving(browser.app, threads=3) as served:
        client = served.client().ask("/events")
        head = client.until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"Content-Type: text/event-stream" in head
        assert next_event(client)["state"] == "idle"
        kiosk.show(state=State.RUNNING, rep=1, reps=8, phase="hold", title="A start")
        assert next_event(client)["words"]["phase"] == "Hold"
        kiosk.session.feed.close()
        assert client.until(b"0\r\n\r\n").endswith(b"0\r\n\r\n")


def test_who_leaves_in_the_middle_frees_the_place(browser, kiosk):
    with serving(browser.app, threads=3) as served:
        viewers = [served.client(f"127.0.0.{n}").ask("/events") for n in (2, 3)]
        assert [next_event(viewer)["state"] for viewer in viewers] == ["idle", "idle"]
        assert served.client().ask("/events").answer()[0] == 503
        viewers[0].close()

        assert any(takes_a_place(served, kiosk) for _ in range(500))
        kiosk.show(state=State.PREPARING)
        while next_event(viewers[1])["state"] != "preparing":
            """Of those that came before, some may have been overtaken."""


def takes_a_place(served, kiosk):
    """Whether the stream can be had by now; something changes, so that it is noticed soon."""
    kiosk.show(state=State.IDLE)
    client = served.client("127.0.0.4").ask("/events")
    there = client.until(b"\r\n").startswith(b"HTTP/1.1 200 ")
    client.close()
    return there


def test_who_takes_nothing_holds_nobody_up_and_all_streams_end_with_the_server(browser, kiosk):
    with serving(browser.app, threads=3) as served:
        stalled = served.client(takes=4096).ask("/events")
        viewer = served.client("127.0.0.2").ask("/events")
        next_event(viewer)
        for rep in range(1, 200):
            kiosk.show(state=State.RUNNING, rep=rep, reps=200, phase="hold")
            assert next_event(viewer)["rep"] == rep
        served.settle(path="/room")
        assert stalled.socket.fileno() >= 0

        served.server.close()
        assert not viewer.until(b"never").endswith(b"never")
