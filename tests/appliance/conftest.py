"""These tests need root, and minutes: `make appliance-test` alone runs them."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.appliance import roots
from tests.appliance.machine import Machine, booted
from tests.processes import output_of
from tests.service.running import SHORT_PROGRAM

if "KIOSK_APPLIANCE" not in os.environ:
    collect_ignore_glob = ["test_*.py"]

INSTALL = ("/srv/release/install.sh", "--offline", "/srv/wheels")

SIMULATED = """\
[Service]
Environment=KIOSK_AUDIO_DEVICE=none KIOSK_DEFAULT_PROGRAM=short KIOSK_RATE=200
ExecStartPre=/usr/bin/mkfifo %t/kiosk/presses
ExecStart=
ExecStart=/bin/sh -c 'exec /opt/kiosk/current/venv/bin/kiosk run --simulate 0<>%t/kiosk/presses'
"""
"""Presses come from a pipe and sound goes nowhere; all the rest is the unit's own."""


@pytest.fixture(scope="session")
def room() -> Iterator[Path]:
    """For the cards: in memory, where there is so much of it."""
    memory = Path("/dev/shm")  # noqa: S108 - only as the place for a folder of our own
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def card(room) -> Iterator[Path]:
    """Where one test has its card."""
    yield room / "card"
    (room / "card").unlink(missing_ok=True)


@pytest.fixture
def fresh(card) -> Iterator[Machine]:
    """A system without a kiosk; an unpacked release and the Python packages lie ready in it."""
    with roots.mounted(roots.copy_of(roots.base_card(), card)) as root:
        provide(root)
        with booted(root) as machine:
            yield machine


@pytest.fixture(scope="session")
def installed_card(room) -> Path:
    """The card of a system that `install.sh` has made a kiosk, switched off again."""
    card = roots.copy_of(roots.base_card(), room / "installed")
    with roots.mounted(card) as root:
        provide(root)
        with booted(root) as machine:
            machine.run(*INSTALL)
            machine.run("systemctl", "stop", "kiosk")
    return card


@pytest.fixture
def kiosk(installed_card, card) -> Iterator[Machine]:
    """A kiosk that has just been switched on, with a simulated button and the short program."""
    with a_kiosk_on(roots.copy_of(installed_card, card)) as machine:
        yield machine


@contextmanager
def a_kiosk_on(
    card: Path, prepare: Callable[[Path], None] = lambda _root: None, limits: Path | None = None
) -> Iterator[Machine]:
    """That card in a machine which is switched on, with a simulated button and the short program.

    `prepare` is given the card's files before that; `limits`: a control group to put it into.
    """
    with roots.mounted(card) as root:
        simulate(root)
        prepare(root)
        with booted(root, limits) as machine:
            machine.until(machine.is_well)
            yield machine


def simulate(root: Path) -> None:
    drop_in(root, "simulated", SIMULATED)
    programs = root / "var/lib/kiosk/programs"
    programs.mkdir(exist_ok=True)
    programs.chmod(0o755)
    (programs / "short.toml").write_text(SHORT_PROGRAM)


def provide(root: Path) -> None:
    roots.unpack_release(root / "srv/release")
    output_of("cp", "-r", roots.wheels(), root / "srv/wheels")


def drop_in(root: Path, name: str, text: str, unit: str = "kiosk.service") -> None:
    """Changes the unit as an administrator would."""
    folder = root / f"etc/systemd/system/{unit}.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.conf").write_text(text)
