"""The kiosk's own tests, on the installed kiosk.

An emulated processor is about ten times slower. So those folders are left out whose tests wait
or measure in real time (a session, sound, the service and its pages, processes that are killed), or
look at the checkout itself.
"""

import pytest

from tests.appliance.machine import Machine

VENV = "/opt/kiosk/current/venv/bin"

UNIT_TESTS = (
    *("session", "timeline", "schedule", "system", "settings", "programs", "locale", "hardware"),
    "speech",
)
"""Folders of `tests`."""

TOO_SLOW = "that_hangs"
"""Of them, tests that give a process a second; an emulated Python takes that long to begin."""


@pytest.fixture(scope="module")
def with_tests(kiosk: Machine) -> Machine:
    """What the tests need lies in a folder of its own: the release stays as it was installed."""
    wheels = ("--no-index", "--find-links", "wheels", "--requirement", "wheels/wanted.txt")
    install = (f"{VENV}/python", "-m", "pip", "install", "--no-deps", "--require-hashes")
    kiosk.run("env", "--chdir=/srv/tests", *install, "--target", "with", *wheels)
    return kiosk


@pytest.mark.parametrize("folder", UNIT_TESTS)
def test_they_pass(folder: str, with_tests: Machine):
    command = (f"{VENV}/python", "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-k")
    # In this profile hypothesis sets no time limit to an example.
    there = {"PYTHONPATH": "with", "CI": "true", "LANG": "C.UTF-8"}
    with_tests.run(
        "env", "--chdir=/srv/tests", *command, f"not ({TOO_SLOW})", f"tests/{folder}", **there
    )
