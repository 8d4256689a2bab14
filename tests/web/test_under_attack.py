"""Everything that may go wrong at the pages at once, while a session runs: it goes on as if nothing
were, the owner gets in, and of those who do not belong there nobody does.

The sound is heard on a real audio path (`tests.audio.rig`). `-s` shows what was measured.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.figures import Figures
from tests.browser.clients import (
    Guesses,
    Tried,
    clients_that_drip,
    clients_that_sit,
    guessers,
    sign_in,
)
from tests.browser.household import PASSPHRASE
from tests.browser.watching import (
    IN_TIME,
    SPARE,
    HeardKiosk,
    Held,
    a_heard_kiosk,
    all_let_in,
    at_best,
    before_others,
    begin,
    is_let_go,
    meanwhile,
    off_their_moments,
    seconds_to_get,
    settled,
    start_of,
    state_seen_by,
    tell,
)

pytestmark = pytest.mark.browser

REPS = 8

OWN, NEW = "127.0.0.1", "127.0.0.7"
"""The address at which the owner signed in long ago, and that of a device of theirs that the kiosk
has not seen yet.
"""

SITTING, DRIPPING, GUESSING = 200, 24, 10

SITTERS = tuple(f"127.0.2.{n}" for n in range(1, 5))

AT_THE_LATEST = 2000.0
"""Milliseconds in which a page is there, and the owner let in."""

ONE_PASSPHRASE = 16 * 1024
"""Kilobytes that are needed while a passphrase is looked at."""


@pytest.fixture(autouse=True)
def _before_others():
    with before_others():
        yield


@dataclass(frozen=True)
class Attacked:
    """What was measured in a session under attack."""

    counts: Figures
    gets: dict[str, Figures]
    owner: Tried
    """Signing in meanwhile."""

    guesses: Guesses
    cut_off: int
    """Of those who only sat there."""

    peak: int
    """Kilobytes of the process at the most."""

    def is_good(self) -> bool:
        return (
            self.counts.worst <= IN_TIME
            and all(times.worst <= AT_THE_LATEST for times in self.gets.values())
            and 1000 * self.owner.seconds <= AT_THE_LATEST
        )


@pytest.mark.long
def test_a_session_goes_on_under_attack_and_all_is_as_before_when_it_is_over(tmp_path):
    with a_heard_kiosk(tmp_path, REPS) as room:
        usual = sign_in(room.address, OWN, PASSPHRASE)
        resident = peak_of(room.process)
        found = at_best(lambda: attacked(room), Attacked.is_good)
        after = settled(lambda: Held.by(room.process), lambda held: is_let_go(room.before, held))
        again = sign_in(room.address, OWN, PASSPHRASE)
        elsewhere = sign_in(room.address, NEW, PASSPHRASE)
        log = all_that_is_said(room)
    tell(f"Before: {room.before}, after: {after}; most resident {resident} and {found.peak} kB")
    tell(f"Signing in: before {usual}, meanwhile {found.owner}, after {again}, {elsewhere}")

    assert found.counts.worst <= IN_TIME
    assert all(times.worst <= AT_THE_LATEST for times in found.gets.values())

    assert set(found.guesses.statuses) == {"422", "429"}
    assert found.guesses.waits == found.guesses.statuses["429"] > 100
    assert found.guesses.statuses["422"] <= 30
    assert found.cut_off > 0
    assert found.peak <= resident + ONE_PASSPHRASE + SPARE

    assert [one.status for one in (usual, found.owner, again, elsewhere)] == [303] * 4
    assert all(1000 * one.seconds <= AT_THE_LATEST for one in (found.owner, again, elsewhere))
    assert is_let_go(room.before, after)
    assert not re.findall(r"^.*(?:Traceback|ERROR|CRITICAL|WARNING).*$", log, re.MULTILINE)


def attacked(room: HeardKiosk) -> Attacked:
    forget_peak(room.process)
    gets: dict[str, list[float]] = {"/": [], "/healthz": []}
    owner = None
    with (
        room.rig.record() as recording,
        all_let_in(room.address) as present,
        clients_that_sit(room.address, SITTING, SITTERS) as cut_off,
        clients_that_drip(room.address, DRIPPING, "127.0.0.3"),
        guessers(room.address, GUESSING) as guesses,
    ):
        begun = begin(recording, room.kiosk.press, lambda: state_seen_by(present[0]))
        for _ in meanwhile(lambda: state_seen_by(present[0])):
            for path, times in gets.items():
                times.append(1000 * seconds_to_get(room.address, path))
            if owner is None and len(times) > 20:
                owner = sign_in(room.address, OWN, PASSPHRASE)
        found_by_guessing = guesses()
        ended = cut_off()

    start = start_of(recording, room.material, begun)
    assert owner is not None
    found = Attacked(
        Figures(list(off_their_moments(recording, room.material, start))),
        {path: Figures(times) for path, times in gets.items()},
        owner,
        found_by_guessing,
        ended,
        peak_of(room.process),
    )
    for path, figures in found.gets.items():
        tell(f"GET {path}: {figures}")
    tell(f"Counts off their moment: {found.counts}")
    tell(f"{found.guesses}; cut off while sitting: {ended}")
    return found


def forget_peak(process: int) -> None:
    """Have the system note anew how much memory the process has at the most."""
    (Path("/proc") / str(process) / "clear_refs").write_text("5")


def peak_of(process: int) -> int:
    """Kilobytes that it had at the most."""
    found = re.search(
        r"^VmHWM:\s+(\d+)", (Path("/proc") / str(process) / "status").read_text(), re.MULTILINE
    )
    assert found is not None
    return int(found[1])


def all_that_is_said(room: HeardKiosk) -> str:
    """The kiosk's whole log, once it has ended."""
    kiosk = room.kiosk.kiosk
    kiosk.end()
    assert kiosk.process.stdout is not None
    return kiosk.log + kiosk.process.stdout.read().decode()
