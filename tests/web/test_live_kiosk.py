"""Many look on while a session runs: the pages go with the voice, the voice never waits for them.

The sound is heard on a real audio path (`tests.audio.rig`). `-s` shows what was measured.
"""

import http.client
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from kiosk.bootstrap.base import make_base, make_studio
from kiosk.bootstrap.kiosk import Kiosk, make_kiosk
from kiosk.conductor.studio import SessionMaterial
from kiosk.service.service import Service
from tests.audio.recording import Recording
from tests.audio.rig import AudioRig
from tests.audio.test_session_heard import counts_of, lateness
from tests.browser.crowd import (
    Viewer,
    clients_that_die,
    clients_that_drip,
    clients_that_never_read,
    flood,
    viewers,
)
from tests.browser.hearing import Ear, listening, repetitions
from tests.browser.household import set_up, store_of
from tests.browser.running import RunningKioskWithPages
from tests.service.running import PATIENCE, QUICK, SHORT_PROGRAM, a_kiosk
from tests.web.kit import Browser, FakeApi
from tests.web.serving import serving
from web.guard.access import Access, open_to

pytestmark = pytest.mark.browser

MANY = 24
"""Live pages at the same time; there is no place for more."""

WITH_THE_VOICE = 100.0
"""Milliseconds that a page may be off the voice."""

AT_ONCE = 50.0
"""Milliseconds in which a page is there."""

IN_TIME = 5.0
"""Milliseconds that a count may be off its moment."""

ROUND = 0.1
"""Seconds between two rounds of asking for pages."""


def a_program(name: str, reps: int) -> str:
    program = SHORT_PROGRAM.replace('id = "short"', f'id = "{name}"')
    program = program.replace('"Go"', '"Arms up and down"').replace('"Go."', '"Stop if it hurts."')
    program = program.replace("reps = 1\n", f"reps = {reps}\n")
    lift = '{ do = "lift", seconds = 1 }'
    return program.replace(lift, f'{lift}, {{ do = "hold", seconds = 1 }}')


def a_household(state: Path, name: str, reps: int) -> SessionMaterial:
    """A kiosk that has been set up, and what it will play; its speech is rendered already."""
    (state / "programs").mkdir()
    (state / "programs" / f"{name}.toml").write_text(a_program(name, reps))
    with store_of(state) as store:
        set_up(store)
    studio = make_studio(make_base(str(state), QUICK, {}))
    try:
        return studio.prepare(name)
    finally:
        studio.close()


# what the process holds


@dataclass(frozen=True)
class Held:
    """What a process holds of the machine."""

    threads: int
    files: int
    memory: int
    """Kilobytes that are its own."""

    @classmethod
    def by(cls, process: int) -> "Held":
        folder = Path("/proc") / str(process)
        memory = re.search(r"^Pss: +(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)
        assert memory is not None
        counts = (len(list((folder / name).iterdir())) for name in ("task", "fd"))
        return cls(*counts, int(memory[1]))


def settled(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """What `look` finds once it is as wanted, or when it has had time enough for that."""
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not wanted(found := look()) and time.monotonic() < deadline:
        pause.wait(0.1)
    return found


# what is measured


@dataclass(frozen=True)
class Figures:
    """Of what was measured often, in milliseconds."""

    values: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p99(self) -> float:
        return sorted(self.values)[-(len(self.values) // 100) - 1]

    @property
    def worst(self) -> float:
        return max(self.values)

    def __str__(self) -> str:
        found = f"median {self.median:.1f}, p99 {self.p99:.1f}, worst {self.worst:.1f} ms"
        return f"{found} ({len(self.values)})"


def seconds_to_get(address: str, path: str) -> float:
    """On a connection of its own."""
    began = time.monotonic()
    asking = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    asking.request("GET", path, headers={"Connection": "close"})
    answer = asking.getresponse()
    answer.read()
    asking.close()
    assert answer.status == 200
    return time.monotonic() - began


def off_the_voice(
    ear: Ear, material: SessionMaterial, start: float, viewer: Viewer
) -> Iterator[float]:
    """How far what a viewer sees is from what is heard, at each repetition."""
    seen = viewer.seen()
    for cue in repetitions(material):
        first = next(s for s in seen if s.shot["rep"] == cue.place.rep)
        sound = material.bank.pcm(cue.sound)
        heard = ear.moment(ear.recording.find(sound, near_ms=start + cue.at, within_ms=40))
        # When the number changes, and when by the position that came with it this is its moment.
        shown = first.at + (cue.at - first.shot["position_ms"]) / 1000
        yield max(abs(first.at - heard), abs(shown - heard)) * 1000


def start_of(recording: Recording, material: SessionMaterial) -> float:
    """Where in the recording the session begins; a notice may come before."""
    first = material.timeline.cues[0]
    return recording.find(material.bank.pcm(first.sound), near_ms=4000, within_ms=4000)


def tell(line: str) -> None:
    print(line)  # noqa: T201 - shown by `-s`


def assert_heard_in_time(recording: Recording, material: SessionMaterial, start: float) -> None:
    late = [lateness(recording, material, start, cue) for cue in counts_of(material)]
    tell(f"Counts off their moment: {Figures([abs(ms) for ms in late])}")
    assert max(late, key=abs) == pytest.approx(0, abs=IN_TIME)


# the stories


def test_24_live_pages_go_with_the_voice_among_clients_that_behave_badly(tmp_path):
    material = a_household(tmp_path, "many", reps=6)
    with ExitStack() as house:
        rig = house.enter_context(AudioRig())
        house.enter_context(rig.in_this_process())
        kiosk = RunningKioskWithPages(house.enter_context(a_kiosk(tmp_path, "--program", "many")))
        address, process = kiosk.address, kiosk.kiosk.process.pid
        before = all_pages_seen_once(address, process)

        gets: dict[str, list[float]] = {"/": [], "/healthz": []}
        with (
            rig.record() as recording,
            listening(recording) as ear,
            all_let_in(address) as present,
            clients_that_never_read(address, 9, "127.0.0.2"),
            clients_that_drip(address, 6, "127.0.0.3"),
            clients_that_die(address, "127.0.0.4") as died,
        ):
            kiosk.press()
            while not is_over(present[0]):
                for path, times in gets.items():
                    times.append(1000 * seconds_to_get(address, path))
                threading.Event().wait(ROUND)
            deaths = died()
        start = start_of(recording, material)
        off = Figures([ms for v in present for ms in off_the_voice(ear, material, start, v)])
        answers = {path: Figures(times) for path, times in gets.items()}
        after = settled(lambda: Held.by(process), lambda held: is_let_go(before, held))
        with all_let_in(address):
            """Nobody who left has kept their place."""

    tell(f"Pages off the voice: {off}")
    for path, times in answers.items():
        tell(f"GET {path}: {times}")
    tell(f"Clients that died: {deaths}. Before: {before}, after: {after}")
    assert_heard_in_time(recording, material, start)
    assert len(off.values) == MANY * 6
    assert off.worst <= WITH_THE_VOICE
    assert all(times.median <= AT_ONCE for times in answers.values())
    assert deaths > 100
    assert is_let_go(before, after)


def test_neither_a_flood_nor_a_page_that_fails_is_heard_in_the_session(tmp_path, caplog):
    material = a_household(tmp_path, "few", reps=4)
    # A real kiosk has no page that fails: this one stands beside its own, in the same process.
    with (
        AudioRig() as rig,
        rig.in_this_process(),
        a_kiosk_in_this_process(tmp_path, "few") as kiosk,
        serving(pages_that_fail(kiosk)) as failing,
        rig.record() as recording,
        all_let_in(kiosk.pages.addresses[0]) as present,
    ):
        kiosk.pins.simulated_button.press()
        while "running" not in kiosk.remote.snapshot().state:
            threading.Event().wait(ROUND)
        with (
            flood(kiosk.pages.addresses[0], "/", 60, ["127.0.0.2", "127.0.0.3"]) as pages,
            flood(f"http://127.0.0.1:{failing.port}", "/fails", 4, ["127.0.0.4"]) as failures,
        ):
            while not is_over(present[0]):
                threading.Event().wait(ROUND)
            many = (pages(), failures())

    tell(f"Pages and failures during the session: {many}")
    assert min(many) > 50
    assert caplog.text.count("a page failed: GET /fails") >= many[1]
    assert_heard_in_time(recording, material, start_of(recording, material))


@contextmanager
def a_kiosk_in_this_process(state: Path, program: str) -> Iterator[Kiosk]:
    base = make_base(str(state), QUICK, {"default_program": program})
    kiosk = make_kiosk(base, simulate=True)
    service = Service(kiosk)
    service.start()
    try:
        yield kiosk
    finally:
        service.stop()


def pages_that_fail(kiosk: Kiosk) -> Flask:
    """Pages in front of the session that runs; `/fails` breaks while it looks at it."""
    app = Browser(FakeApi(remote=kiosk.remote)).app

    @app.get("/fails")
    @open_to(Access.ANYONE)
    def fails() -> str:
        raise RuntimeError(f"in the middle of {kiosk.remote.snapshot().state}")

    return app


def all_pages_seen_once(address: str, process: int) -> Held:
    """What the kiosk holds when all that it loads late has been loaded, and nobody is there."""
    with viewers(address, MANY) as first:
        settled(lambda: [viewer.seen() for viewer in first], all)
        for path in ("/", "/healthz", "/room", "/static/style.css"):
            seconds_to_get(address, path)
        many = Held.by(process).files
    return settled(lambda: Held.by(process), lambda held: held.files <= many - MANY)


def is_over(viewer: Viewer) -> bool:
    return any(b'"state": "finished"' in data for _, data in viewer.came[-3:])


def is_let_go(before: Held, now: Held) -> bool:
    spare = 12 * 1024
    return (
        now.threads <= before.threads
        and now.files <= before.files
        and now.memory <= before.memory + spare
    )


@contextmanager
def all_let_in(address: str) -> Iterator[list[Viewer]]:
    """As many viewers as there may be. Of those before them it may not have been noticed yet that
    they are gone; so, as a browser does, they come again.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        with viewers(address, MANY) as present:
            statuses = settled(lambda: [viewer.status for viewer in present], all)
            if set(statuses) == {200}:
                yield present
                return
        assert time.monotonic() < deadline, f"not all are let in: {statuses}"
