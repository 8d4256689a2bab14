"""What a kiosk uses while nobody does anything."""

import tempfile
import threading
from pathlib import Path

from tests.bench.figures import Figures, Row, Section, Target
from tests.bench.stage import HERE, Usage, rendered
from tests.service.running import a_plain_kiosk

SETTLES_WITHIN = 75.0
"""Seconds after a start: the speech engine is let go after a minute without work."""

METHOD = f"""\
A kiosk without a speaker, {SETTLES_WITHIN:.0f} seconds after its start, while the other
measurements go on around it. Memory is what the process and its children have to themselves, and
their share of what others use, too (PSS)."""


def measure(seconds: float = 120.0) -> Section:
    """Takes that long, after it has settled."""
    pause = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        rendered(Path(folder), "low-back-start")
        with a_plain_kiosk(Path(folder), "--audio-device", "none", settings=HERE) as kiosk:
            kiosk.wait_for("The pages are at")
            pause.wait(SETTLES_WITHIN)
            before = Usage.of(kiosk.process.pid)
            pause.wait(seconds)
            after = Usage.of(kiosk.process.pid)
    written = (after.written - before.written) / (after.at - before.at) * 3600
    return Section(
        "Idle",
        METHOD,
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
