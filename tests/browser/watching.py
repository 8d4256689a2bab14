"""A session watched and heard: what viewers see of it over the network, what a person in the room
hears on a real audio path, and when, by this machine's clock. `-s` shows what was measured.
"""

import http.client
import math
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from kiosk.app import make_environment, make_preparer
from kiosk.session.snapshot import State
from kiosk.speech.preparer import PreparedSession
from kiosk.timeline.timeline import Cue, CueKind
from tests.audio.heard import counts_of, lateness
from tests.audio.recording import Recording
from tests.audio.rig import AudioRig
from tests.browser.clients import Seen, Viewer, viewers
from tests.browser.household import RunningKioskWithPages, set_up, store_of
from tests.service.running import PATIENCE, QUICK, SHORT_PROGRAM, a_kiosk
from web.now.live import POLL_SECONDS

BLOCK_MS = 20.0
"""What the rig's server plays at a time."""

MANY = 24
"""Live pages at the same time; there is no place for more."""

LOOKED_FOR = 40.0
"""Milliseconds around its moment within which a count is looked for."""

LONGEST = 120.0
"""Seconds after which a session is given up."""

ROUND = 0.1
"""Seconds between two rounds of asking for pages."""


class Ear:
    """Knows at what moment which part of a recording was played.

    The server plays a block at a time, and has all of it recorded as its first sample is played.
    When a block is seen, some milliseconds have passed, now more, now fewer; the fewest of many
    looks are reckoned with.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._begun = float("inf")

    def listen(self) -> None:
        """Look how long the recording is by now."""
        length = self.recording.length_ms()
        self._begun = min(self._begun, time.monotonic() - (length - BLOCK_MS) / 1000)

    def moment(self, ms: float) -> float:
        """Seconds of this machine's monotonic clock at which that part was heard."""
        return self._begun + ms / 1000

    def ms(self, moment: float) -> float:
        """Which part of the recording was heard at that moment; the opposite of `moment`."""
        return (moment - self._begun) * 1000


@contextmanager
def listening(recording: Recording, every: float = 0.005) -> Iterator[Ear]:
    """An ear that listens all the time."""
    ear, over = Ear(recording), threading.Event()

    def go_on() -> None:
        while not over.wait(every):
            ear.listen()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield ear
    finally:
        over.set()
        thread.join()


def repetitions(material: PreparedSession) -> list[Cue]:
    """The counts that begin a repetition each."""
    return [cue for cue in material.timeline.cues if cue.kind is CueKind.REP]


def a_program(name: str, reps: int) -> str:
    program = SHORT_PROGRAM.replace('id = "short"', f'id = "{name}"')
    program = program.replace('"Go"', '"Arms up and down"').replace('"Go."', '"Stop if it hurts."')
    program = program.replace("reps = 1\n", f"reps = {reps}\n")
    lift = '{ do = "lift", seconds = 1 }'
    return program.replace(lift, f'{lift}, {{ do = "hold", seconds = 1 }}')


def a_household(state: Path, name: str, reps: int) -> PreparedSession:
    """A kiosk that has been set up, and what it will play; its speech is rendered already."""
    (state / "programs").mkdir()
    (state / "programs" / f"{name}.toml").write_text(a_program(name, reps))
    with store_of(state) as store:
        set_up(store)
    preparer = make_preparer(make_environment(str(state), QUICK, {}))
    try:
        return preparer.prepare(name)
    finally:
        preparer.close()


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


def settled(
    look: Callable[[], Any], wanted: Callable[[Any], bool], patience: float = PATIENCE
) -> Any:
    """What `look` finds once it is as wanted, or when it has had time enough for that."""
    deadline, pause = time.monotonic() + patience, threading.Event()
    while not wanted(found := look()) and time.monotonic() < deadline:
        pause.wait(0.1)
    return found


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
    ear: Ear, material: PreparedSession, start: float, viewer: Viewer
) -> Iterator[float]:
    """How far what a viewer sees is from what is heard, at each repetition."""
    seen = since_running(viewer)
    for cue in repetitions(material):
        first = next(s for s in seen if s.shot["rep"] == cue.place.rep)
        sound = material.bank.pcm(cue.sound)
        heard = ear.moment(ear.recording.find(sound, near_ms=start + cue.at, within_ms=LOOKED_FOR))
        # When the number changes, and when by the position that came with it this is its moment.
        shown = first.at + (cue.at - first.shot["position_ms"]) / 1000
        yield max(abs(first.at - heard), abs(shown - heard)) * 1000


def start_of(recording: Recording, material: PreparedSession, pressed: float) -> float:
    """Where in the recording the session begins; a notice may come before."""
    first = material.bank.pcm(material.timeline.cues[0].sound)
    return recording.find(first, near_ms=pressed + 4000, within_ms=4000)


def since_running(viewer: Viewer) -> list[Seen]:
    """What a viewer has seen from the beginning of the session on."""
    return list(dropwhile(lambda seen: seen.shot["state"] != "running", viewer.seen()))


def state_seen_by(viewer: Viewer) -> str:
    seen = viewer.seen()
    return seen[-1].shot["state"] if seen else ""


UNDER_WAY = (State.PREPARING, State.RUNNING)

DEAF_FOR = 5.0
"""Seconds after a session in which a press may still answer how it was, or mean nothing."""


def begin(recording: Recording, press: Callable[[], None], state: Callable[[], str]) -> float:
    """Press until a session begins; how long the recording was then."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        begun = recording.length_ms()
        press()
        if settled(state, lambda found: found in UNDER_WAY, DEAF_FOR) in UNDER_WAY:
            return begun
    raise AssertionError("no session begins")


def meanwhile(state: Callable[[], str]) -> Iterator[None]:
    """Again and again until the session is over."""
    deadline = time.monotonic() + LONGEST
    while state() in UNDER_WAY:
        assert time.monotonic() < deadline, "the session does not end"
        yield
        threading.Event().wait(ROUND)


@contextmanager
def many_viewers(address: str, many: int = MANY) -> Iterator[list[Viewer]]:
    """As many viewers as there may be; no more than half of them may come from one address."""
    half = many // 2
    with viewers(address, half) as some, viewers(address, many - half, "127.0.0.5") as others:
        yield [*some, *others]


@contextmanager
def all_let_in(address: str, many: int = MANY) -> Iterator[list[Viewer]]:
    """As many viewers as there may be. Of those before them it may not have been noticed yet that
    they are gone; so, as a browser does, they come again.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        with many_viewers(address, many) as present:
            statuses = settled(lambda: [viewer.status for viewer in present], all)
            if set(statuses) == {200}:
                yield present
                return
        assert time.monotonic() < deadline, f"not all are let in: {statuses}"
        threading.Event().wait(POLL_SECONDS)


# --- a kiosk that is heard while its pages are read ---------------------------------------------


IN_TIME = 5.0
"""Milliseconds that a count may be off its moment."""

SPARE = 12 * 1024
"""Kilobytes by which what a process holds may differ."""


@dataclass(frozen=True)
class HeardKiosk:
    """A kiosk, its pages and the rig that hears it."""

    rig: AudioRig
    kiosk: RunningKioskWithPages
    material: PreparedSession
    before: Held
    """When nobody was there."""

    @property
    def address(self) -> str:
        return self.kiosk.address

    @property
    def process(self) -> int:
        return self.kiosk.kiosk.process.pid


@contextmanager
def a_heard_kiosk(state: Path, reps: int) -> Iterator[HeardKiosk]:
    """A household with a program of so many repetitions; its kiosk runs."""
    material = a_household(state, "many", reps)
    with (
        AudioRig() as rig,
        rig.in_this_process(),
        a_kiosk(state, "--program", "many") as process,
    ):
        kiosk = RunningKioskWithPages(process)
        yield HeardKiosk(rig, kiosk, material, all_pages_seen_once(kiosk))


@contextmanager
def before_others() -> Iterator[None]:
    """A kiosk has its machine to itself. Here others may be at work; so, where that is allowed, it
    goes before them.
    """
    was = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, was - 10)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, was)


def off_their_moments(
    recording: Recording, material: PreparedSession, start: float
) -> Iterator[float]:
    """How far each count is from where it belongs; without end where it is not near there."""
    for cue in counts_of(material):
        try:
            yield abs(lateness(recording, material, start, cue))
        except AssertionError:
            yield math.inf


Shown = TypeVar("Shown")


def at_best(session: Callable[[], Shown], good: Callable[[Shown], bool]) -> Shown:
    """What a session shows; where that is not good, what another one shows. Something else may have
    had the machine meanwhile, which a kiosk has to itself.
    """
    with suppress(AssertionError):  # where so much is missing that nothing can be measured
        found = session()
        if good(found):
            return found
    return session()


def tell(line: str) -> None:
    print(line)  # noqa: T201 - shown by `-s`


def all_pages_seen_once(kiosk: RunningKioskWithPages) -> Held:
    """What the kiosk holds when all that it loads late has been loaded, and nobody is there."""
    address, process = kiosk.address, kiosk.kiosk.process.pid
    with many_viewers(address) as first:
        settled(lambda: [viewer.seen() for viewer in first], all)
        for path in ("/", "/healthz", "/room", "/static/style.css"):
            seconds_to_get(address, path)
        many = Held.by(process).files
    return settled(lambda: Held.by(process), lambda held: held.files <= many - MANY)


def is_let_go(before: Held, now: Held) -> bool:
    """Whether no more is held now than before."""
    return (
        now.threads <= before.threads
        and now.files <= before.files
        and now.memory <= before.memory + SPARE
    )
