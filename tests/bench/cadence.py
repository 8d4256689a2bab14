"""How exactly the counts of a whole session come, and what the session costs meanwhile."""

import tempfile
from pathlib import Path

from tests.audio.heard import counts_of, lateness, start_of
from tests.audio.rig import AudioRig
from tests.bench.figures import Figures, Row, Section, Target, drift
from tests.bench.stage import Usage, a_kiosk_heard, rendered

PROGRAM = "low-back-start"

METHOD = """\
The whole session of `low-back-start`, with the settings as they come, played by a kiosk in a
process of its own through ALSA into a sound server's null sink, whose monitor is recorded. Each
count is found in the recording by correlation, to the sample, and compared with its moment in the
cue sheet, reckoned from the session's first word."""


def measure(seconds: float = 0.0) -> Section:
    """Play it, or the first `seconds` of it. Takes as long as that."""
    with tempfile.TemporaryDirectory() as folder, AudioRig() as rig:
        state = Path(folder)
        material = rendered(state, PROGRAM)
        until = min(seconds * 1000 or material.timeline.duration, material.timeline.duration)
        with a_kiosk_heard(rig, state, PROGRAM) as kiosk:
            process = kiosk.kiosk.process.pid
            with rig.record() as recording:
                kiosk.press()
                start = start_of(recording, material)
                before = Usage.of(process)
                recording.wait_until(start + until)
                after = Usage.of(process)
    counts = [cue for cue in counts_of(material) if cue.at + 1000 < until]
    errors = [lateness(recording, material, start, cue) for cue in counts]
    grown = drift([cue.at for cue in counts], errors)
    return Section(
        "Counts of a whole session",
        METHOD,
        [
            Row("a count's error", Figures([abs(error) for error in errors]), Target("worst", 2.0)),
            Row("drift over the session", Figures([abs(grown)]), Target("worst", 0.1)),
            Row(
                "processor in the session",
                Figures([after.load_since(before)], "% of a core"),
                Target("worst", 3.0),
            ),
            Row("memory in the session", Figures([after.memory], "MB"), Target("worst", 80.0)),
            Row("written in the session", Figures([(after.written - before.written) / 1024], "kB")),
        ],
    )
