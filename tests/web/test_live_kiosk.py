"""Many look on while a session runs: the pages go with the voice, the voice never waits for them.

The sound is heard on a real audio path (`tests.audio.rig`). `-s` shows what was measured.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from kiosk.app import Kiosk, make_environment, make_kiosk
from kiosk.service.service import Service
from kiosk.speech.preparer import PreparedSession
from tests.audio.rig import AudioRig
from tests.bench.figures import Figures
from tests.browser.clients import (
    clients_that_die,
    clients_that_drip,
    clients_that_never_read,
    flood,
)
from tests.browser.watching import (
    IN_TIME,
    MANY,
    HeardKiosk,
    Held,
    a_heard_kiosk,
    a_household,
    all_let_in,
    at_best,
    before_others,
    begin,
    is_let_go,
    listening,
    meanwhile,
    off_the_voice,
    off_their_moments,
    seconds_to_get,
    settled,
    start_of,
    state_seen_by,
    tell,
)
from tests.kiosk import Browser
from tests.service.running import QUICK
from tests.web.serving import ServerKit, serving
from web.context import Access, open_to

pytestmark = pytest.mark.browser

REPS = 6

WITH_THE_VOICE = 100.0
"""Milliseconds that a page may be off the voice."""

AT_ONCE = 50.0
"""Milliseconds in which a page is there."""


@pytest.fixture(autouse=True, scope="module")
def _before_others():
    with before_others():
        yield


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    with a_heard_kiosk(tmp_path_factory.mktemp("room"), REPS) as heard:
        yield heard


@dataclass(frozen=True)
class Among:
    """What was measured in a session among clients that behave badly."""

    counts: Figures
    pages: Figures
    gets: dict[str, Figures]
    died: int

    def is_good(self) -> bool:
        return (
            self.counts.worst <= IN_TIME
            and self.pages.worst <= WITH_THE_VOICE
            and all(times.median <= AT_ONCE for times in self.gets.values())
        )


def test_24_live_pages_go_with_the_voice_among_clients_that_behave_badly(heard):
    found = at_best(lambda: among_bad_clients(heard), Among.is_good)

    assert len(found.pages.values) == MANY * REPS
    assert found.is_good(), found
    assert found.died > 100


def among_bad_clients(heard: HeardKiosk) -> Among:
    gets: dict[str, list[float]] = {"/": [], "/healthz": []}
    with (
        heard.rig.record() as recording,
        listening(recording) as ear,
        all_let_in(heard.address) as present,
        clients_that_never_read(heard.address, 9, "127.0.0.2"),
        clients_that_drip(heard.address, 6, "127.0.0.3"),
        clients_that_die(heard.address, "127.0.0.4") as died,
    ):
        begun = begin(recording, heard.kiosk.press, lambda: state_seen_by(present[0]))
        for _ in meanwhile(lambda: state_seen_by(present[0])):
            for path, times in gets.items():
                times.append(1000 * seconds_to_get(heard.address, path))
        deaths = died()

    start = start_of(recording, heard.material, begun)
    off = [ms for one in present for ms in off_the_voice(ear, heard.material, start, one)]
    found = Among(
        Figures(list(off_their_moments(recording, heard.material, start))),
        Figures(off),
        {path: Figures(times) for path, times in gets.items()},
        deaths,
    )
    tell(f"Pages off the voice: {found.pages}")
    for path, figures in found.gets.items():
        tell(f"GET {path}: {figures}")
    tell(f"Counts off their moment: {found.counts}")
    tell(f"Clients that died: {deaths}")
    return found


@pytest.mark.long
def test_a_flood_is_not_heard_in_the_session(heard):
    counts, answers = at_best(lambda: in_a_flood(heard), lambda found: found[0].worst <= IN_TIME)

    assert counts.worst <= IN_TIME
    assert answers > 100


def in_a_flood(heard: HeardKiosk) -> tuple[Figures, int]:
    """How the counts were heard, and how many pages were asked for meanwhile."""
    with heard.rig.record() as recording, all_let_in(heard.address) as present:
        begun = begin(recording, heard.kiosk.press, lambda: state_seen_by(present[0]))
        with flood(heard.address, "/", 40, "127.0.0.2") as answers:
            for _ in meanwhile(lambda: state_seen_by(present[0])):
                """The flood goes on."""
            many = answers()
    start = start_of(recording, heard.material, begun)
    counts = Figures(list(off_their_moments(recording, heard.material, start)))
    tell(f"Counts off their moment in a flood of {many} pages: {counts}")
    return counts, many


def test_when_all_have_gone_nothing_is_held_for_them(heard):
    with all_let_in(heard.address):
        """Nobody who left has kept their place."""
    after = settled(lambda: Held.by(heard.process), lambda held: is_let_go(heard.before, held))

    tell(f"Before: {heard.before}, after: {after}")
    assert is_let_go(heard.before, after)


@pytest.mark.long
def test_a_page_that_fails_is_not_heard_in_the_session(tmp_path, caplog):
    material = a_household(tmp_path, "few", reps=3)
    # A real kiosk has no page that fails: this one stands in front of its session, in its process.
    with (
        AudioRig() as rig,
        rig.in_this_process(),
        a_kiosk_in_this_process(tmp_path, "few") as kiosk,
        serving(pages_that_fail(kiosk)) as house,
    ):
        counts, failures = at_best(
            lambda: while_a_page_fails(rig, kiosk, house, material),
            lambda found: found[0].worst <= IN_TIME,
        )

    assert counts.worst <= IN_TIME
    assert failures > 100
    assert caplog.text.count("a page failed: GET /fails") >= failures


def while_a_page_fails(
    rig: AudioRig, kiosk: Kiosk, house: ServerKit, material: PreparedSession
) -> tuple[Figures, int]:
    """How the counts were heard, and how often the page failed meanwhile."""
    failures = 0
    client = house.client()
    with rig.record() as recording:
        button = kiosk.pins.simulated_button
        begun = begin(recording, button.press, lambda: kiosk.session.snapshot().state)
        for _ in meanwhile(lambda: kiosk.session.snapshot().state):
            for _ in range(3):
                assert client.ask("/fails").answer()[0] == 500
                failures += 1
    start = start_of(recording, material, begun)
    counts = Figures(list(off_their_moments(recording, material, start)))
    tell(f"Counts off their moment while a page failed {failures} times: {counts}")
    return counts, failures


@contextmanager
def a_kiosk_in_this_process(state: Path, program: str) -> Iterator[Kiosk]:
    base = make_environment(str(state), QUICK, {"default_program": program})
    kiosk = make_kiosk(base, simulate=True)
    service = Service(kiosk)
    service.start()
    try:
        yield kiosk
    finally:
        service.stop()


def pages_that_fail(kiosk: Kiosk) -> Flask:
    """Pages in front of the session that runs; `/fails` breaks while it looks at it."""
    app = Browser(kiosk.services).app

    @app.get("/fails")
    @open_to(Access.ANYONE)
    def fails() -> str:
        raise RuntimeError(f"in the middle of {kiosk.session.snapshot().state}")

    return app
