"""How long it takes until a command answers, and until a kiosk is ready."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figures, Row, Section, Target
from tests.bench.stage import HERE, rendered
from tests.service.running import a_plain_kiosk

METHOD = """\
Whole processes, from their being asked for to their end (`kiosk --help`, `kiosk plan list`) or
until the log says where the pages are (`kiosk run`, its speech rendered before). Python's own
start is in all of them."""


def measure(tries: int = 11) -> Section:
    """Takes about 20 seconds."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        rendered(state, "low-back-start")
        python = [_run([sys.executable, "-c", "pass"], state) for _ in range(tries)]
        helps = [_run([sys.executable, "-m", "kiosk", "--help"], state) for _ in range(tries)]
        plan = [_run([sys.executable, "-m", "kiosk", "plan", "list"], state) for _ in range(tries)]
        ready = [_ready(state) for _ in range(tries)]
    return Section(
        "Start",
        METHOD,
        [
            Row("Python alone", Figures(python)),
            Row("`kiosk --help`", Figures(helps), Target("median", 250.0)),
            Row("`kiosk plan list`", Figures(plan)),
            Row("`kiosk run` until ready, warm", Figures(ready), Target("median", 1500.0)),
        ],
    )


def _run(command: list[str], state: Path) -> float:
    environ = {**os.environ, "KIOSK_STATE_DIR": str(state)}
    begun = time.perf_counter()
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return 1000 * (time.perf_counter() - begun)


def _ready(state: Path) -> float:
    begun = time.perf_counter()
    with a_plain_kiosk(state, "--audio-device", "none", settings=HERE) as kiosk:
        kiosk.wait_for("The pages are at")
        took = 1000 * (time.perf_counter() - begun)
        kiosk.end()
    return took
