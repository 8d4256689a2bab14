"""These tests need root, and many minutes: `make arm64-test` alone runs them."""

import os
from collections.abc import Iterator

import pytest

from tests.appliance import roots
from tests.appliance.conftest import INSTALL, drop_in, room
from tests.appliance.machine import Machine, booted
from tests.arm64 import supplies
from tests.arm64.emulation import ARCHITECTURE, emulated

__all__ = ["room"]

collect_ignore_glob = []
if "KIOSK_ARM64" not in os.environ:
    collect_ignore_glob += ["test_*.py"]
elif roots.SUITE not in supplies.LGPIO:
    collect_ignore_glob += ["test_pins.py"]

EMULATED = """\
[Service]
PrivateIPC=no
PrivateUsers=no
"""
"""What qemu cannot do for systemd; a Raspberry Pi's own kernel can."""


@pytest.fixture(scope="session")
def machine(room) -> Iterator[Machine]:
    """A 64-bit ARM without a kiosk; a release, its packages and the tests lie ready in it."""
    with (
        emulated(),
        roots.mounted(roots.copy_of(roots.base_card(ARCHITECTURE), room / "arm64")) as root,
    ):
        roots.unpack_release(root / "srv/release")
        roots.run("cp", "-r", roots.wheels(ARCHITECTURE), root / "srv/wheels")
        supplies.provide(root / "srv/tests", root / "srv/lgpio")
        drop_in(root, "emulated", EMULATED)
        with booted(root) as started:
            yield started


@pytest.fixture(scope="session")
def told(machine: Machine) -> str:
    """What the installer said."""
    return machine.tells(*INSTALL)


@pytest.fixture(scope="session")
def kiosk(machine: Machine, told: str) -> Machine:
    """The same machine, with a kiosk."""
    assert told
    return machine
