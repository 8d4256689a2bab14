"""The library that reaches the pins, where the kiosk expects it: among the system's packages."""

from tests.appliance.machine import Machine

VENV = "/opt/kiosk/current/venv/bin"
SYSTEM_PACKAGES = "/usr/local/lib/python3.11/dist-packages"

LOOK = """\
from pathlib import Path
from kiosk.hardware.gpio import edge_thread_alive, load_lgpio
print(load_lgpio(Path("/run/kiosk")).lgpio.__file__, edge_thread_alive())
"""


def test_the_kiosk_finds_lgpio_and_its_thread_begins(kiosk: Machine):
    wheels = ("--no-index", "--find-links", "/srv/lgpio", "--requirement", "/srv/lgpio/wanted.txt")
    into = ("--target", SYSTEM_PACKAGES, "--no-deps", "--require-hashes")
    kiosk.run(f"{VENV}/python", "-m", "pip", "install", *into, *wheels)

    assert kiosk.run(f"{VENV}/python", "-c", LOOK) == f"{SYSTEM_PACKAGES}/lgpio.py True\n"
