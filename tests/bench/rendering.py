"""What it takes to make a session: its speech, its cue sheet, and a sound file of it."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.app import make_environment, make_preparer
from kiosk.audio.export import write_sound_file
from kiosk.speech.preparer import PreparedSession, SessionPreparer
from kiosk.timeline.script import compile_timeline
from tests.bench.figures import Figures, Row, Section, Target

PROGRAMS = ("low-back-start", "low-back-next", "hip-stretching")
SHORTEST = "low-back-start"

METHOD = """\
In one process, program after program. Cold: with no speech rendered, the engine's own start
included. Warm: all speech is on disk, but this process has made nothing yet, from reading the
program's file on. Ready: what a press finds when the session has been made before it, as the
kiosk does at its start. Compile: from the program to the cue sheet, with the lengths of the clips
known. Export: the length of the session over the time it takes to write it as a sound file."""


def measure(tries: int = 9) -> Section:
    """Takes about 40 seconds."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for program in PROGRAMS:
            rows += _measure(program, Path(folder) / program, tries)
    return Section("Making a session", METHOD, rows)


def _measure(program: str, state: Path, tries: int) -> list[Row]:
    colds = []
    for place in range(3):
        preparer = _preparer(state / f"cold-{place}")
        colds.append(_ms(lambda preparer=preparer: preparer.prepare(program)))
        preparer.close()
    warms = []
    for _ in range(tries):
        preparer = _preparer(state / "cold-0")
        warms.append(_ms(lambda preparer=preparer: preparer.prepare(program)))
        preparer.close()
    preparer = _preparer(state / "cold-0")
    material = preparer.prepare(program)
    readies = [_ms(lambda: preparer.prepare(program)) for _ in range(tries)]
    compiles = [_compile(preparer, program, material) for _ in range(tries)]
    exports = [_export(material, state / "session.wav") for _ in range(3)]
    preparer.close()
    cold = Target("worst", 3000.0) if program == SHORTEST else None
    return [
        Row(f"{program}: cold", Figures(colds), cold),
        Row(f"{program}: warm", Figures(warms)),
        Row(f"{program}: ready", Figures(readies), Target("worst", 50.0)),
        Row(f"{program}: compile", Figures(compiles), Target("median", 20.0)),
        Row(
            f"{program}: export",
            Figures(exports, "times real time"),
            Target("median", 200.0, at_least=True),
        ),
    ]


def _preparer(state: Path) -> SessionPreparer:
    return make_preparer(make_environment(str(state), {}, {}))


def _compile(preparer: SessionPreparer, program: str, material: PreparedSession) -> float:
    read = preparer.programs.load(program)
    lengths = material.bank.length
    return _ms(lambda: compile_timeline(read, preparer.wording, preparer.settings, lengths))


def _export(material: PreparedSession, path: Path) -> float:
    took = _ms(lambda: write_sound_file(material.timeline, material.bank, path, 100))
    return material.timeline.duration / took


def _ms(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - begun)
