"""`install.sh` on a 64-bit ARM, and the kiosk that it leaves there."""

import json
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path

from kiosk.units import BYTES_PER_FRAME, frames_of
from tests.appliance import roots
from tests.appliance.machine import Machine

VENV = "/opt/kiosk/current/venv/bin"
QUIET = 1000
"""Of 32767: a sample louder than that is heard."""


def test_the_installer_makes_it_a_kiosk(kiosk: Machine, output: str):
    assert "(bookworm), arm64" in output or "(trixie), arm64" in output
    assert "[9/9]" in output
    assert "http://kiosk.local:8080/" in output
    assert kiosk.run("uname", "--machine") == "aarch64\n"
    assert kiosk.is_well()
    assert kiosk.property("StatusText") == "http://kiosk.local:8080/"


def test_every_pinned_package_is_there_in_its_pinned_version(kiosk: Machine):
    text = (roots.CHECKOUT / "requirements/runtime.txt").read_text()
    pins = {line.split()[0] for line in text.splitlines() if "==" in line}

    assert len(pins) > 20
    there = kiosk.run(f"{VENV}/python", "-m", "pip", "list", "--format=freeze")
    assert pins <= set(there.lower().replace("_", "-").split())
    assert "No broken" in kiosk.run(f"{VENV}/python", "-m", "pip", "check")


def test_every_compiled_part_is_for_this_processor(kiosk: Machine):
    compiled = list(kiosk.root.glob("opt/kiosk/*/venv/lib/python3*/site-packages/**/*.so*"))

    assert compiled
    assert {machine_of(path) for path in compiled} == {0xB7}


def machine_of(path: Path) -> int:
    """The kind of processor that a compiled file is for, as its header says; 0xB7 is 64-bit ARM."""
    return int.from_bytes(path.read_bytes()[18:20], "little")


def test_the_programs_are_checked(kiosk: Machine):
    shipped = sorted(path.stem for path in (roots.CHECKOUT / "programs").glob("*.toml"))
    said = kiosk.run("kiosk", "check").splitlines()

    assert [line.partition(":")[0] for line in said if line.startswith(tuple(shipped))] == shipped


def test_a_session_is_rendered_with_every_cue_at_its_moment(kiosk: Machine):
    kiosk.run("kiosk", "render", "low-back-start", "-o", "/var/lib/kiosk/session.wav")
    sheet = json.loads(kiosk.run("kiosk", "cues", "low-back-start", "--json"))
    with wave.open(str(kiosk.root / "var/lib/kiosk/session.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22050, 1, 2)
        samples = array("h", file.readframes(file.getnframes()))

    assert sheet["missing"] == []
    assert len(samples) == frames_of(sheet["duration_ms"])
    for begins, ends in spans(sheet["cues"]):
        assert max(samples[begins:ends]) > QUIET
        samples[begins:ends] = array("h", bytes(BYTES_PER_FRAME * (ends - begins)))
    assert not any(samples)  # nothing sounds that is no cue


def spans(cues: list[dict]) -> Iterator[tuple[int, int]]:
    """Of each cue the frames in which it sounds; its last millisecond may not be a whole one."""
    for cue in cues:
        yield frames_of(cue["at_ms"]), frames_of(cue["at_ms"] + cue["duration_ms"] + 1)
