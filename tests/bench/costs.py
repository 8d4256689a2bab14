"""What a kiosk costs: until a command answers and a kiosk is ready, while nobody does anything, and
to make a session: its speech, its cue sheet and a sound file of it.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.app import make_environment, make_preparer
from kiosk.audio.export import write_sound_file
from kiosk.speech.preparer import PreparedSession, SessionPreparer
from kiosk.timeline.script import compile_timeline
from tests.audio.heard import material_of
from tests.bench.figures import Figures, Row, Section, Target
from tests.bench.stage import HERE, Usage
from tests.service.running import a_plain_kiosk

START_METHOD = """\
Whole processes, from their being asked for to their end (`kiosk --help`, `kiosk plan list`) or
until the log says where the pages are (`kiosk run`, its speech rendered before). Python's own
start is in all of them."""


def start(tries: int = 11) -> Section:
    """Takes about 20 seconds."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        material_of(state, "low-back-start", HERE)
        python = [_run(state, "-c", "pass") for _ in range(tries)]
        helps = [_run(state, "-m", "kiosk", "--help") for _ in range(tries)]
        plan = [_run(state, "-m", "kiosk", "plan", "list") for _ in range(tries)]
        ready = [_ready(state) for _ in range(tries)]
    return Section(
        "Start",
        START_METHOD,
        [
            Row("Python alone", Figures(python)),
            Row("`kiosk --help`", Figures(helps), Target("median", 250.0)),
            Row("`kiosk plan list`", Figures(plan)),
            Row("`kiosk run` until ready, warm", Figures(ready), Target("median", 1500.0)),
        ],
    )


def _run(state: Path, *options: str) -> float:
    environ = {**os.environ, "KIOSK_STATE_DIR": str(state)}
    command = [sys.executable, *options]
    return _ms(lambda: subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL))


def _ready(state: Path) -> float:
    begun = time.perf_counter()
    with a_plain_kiosk(state, "--audio-device", "none", settings=HERE) as kiosk:
        kiosk.wait_for("The pages are at")
        took = 1000 * (time.perf_counter() - begun)
        kiosk.end()
    return took


# --- idle ----------------------------------------------------------------------------------------

SETTLES_WITHIN = 75.0
"""Seconds after a start: the speech engine is let go after a minute without work."""

IDLE_METHOD = f"""\
A kiosk without a speaker, {SETTLES_WITHIN:.0f} seconds after its start, while the other
measurements go on around it. Memory is what the process and its children have to themselves, and
their share of what others use, too (PSS)."""


def idle(seconds: float = 120.0) -> Section:
    """Takes that long, after it has settled."""
    pause = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        material_of(Path(folder), "low-back-start", HERE)
        with a_plain_kiosk(Path(folder), "--audio-device", "none", settings=HERE) as kiosk:
            kiosk.wait_for("The pages are at")
            pause.wait(SETTLES_WITHIN)
            before = Usage.of(kiosk.process.pid)
            pause.wait(seconds)
            after = Usage.of(kiosk.process.pid)
    written = (after.written - before.written) / (after.at - before.at) * 3600
    return Section(
        "Idle",
        IDLE_METHOD,
        [
            Row(
                "processor",
                Figures([after.load_since(before)], "% of a core"),
                Target("worst", 0.3),
            ),
            Row("memory", Figures([after.memory], "MB"), Target("worst", 80.0)),
            Row("threads", Figures([after.threads], "")),
            Row("handles", Figures([after.files], "")),
            Row("written", Figures([written / 1024], "kB an hour")),
        ],
    )


# --- making a session ----------------------------------------------------------------------------

PROGRAMS = ("low-back-start", "low-back-next", "hip-stretching")
SHORTEST = "low-back-start"

MAKING_METHOD = """\
In one process, program after program. Cold: with no speech rendered, the engine's own start
included. Warm: all speech is on disk, but this process has made nothing yet, from reading the
program's file on. Ready: what a press finds when the session has been made before it, as the
kiosk does at its start. Compile: from the program to the cue sheet, with the lengths of the clips
known. Export: the length of the session over the time it takes to write it as a sound file."""


def making(tries: int = 9) -> Section:
    """Takes about 40 seconds."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for program in PROGRAMS:
            rows += _making(program, Path(folder) / program, tries)
    return Section("Making a session", MAKING_METHOD, rows)


def _making(program: str, state: Path, tries: int) -> list[Row]:
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
