"""A session as it comes out of the speaker: when each cue is heard."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from kiosk.app import make_environment, make_preparer
from kiosk.speech.preparer import PreparedSession
from kiosk.timeline.timeline import Cue
from tests.audio.recording import Recording

PATIENCE_MS = 4000.0
"""Of what is said, and waited, before a session that is not ready yet."""


def material_of(
    state: Path, program: str, settings: Mapping[str, str] = MappingProxyType({})
) -> PreparedSession:
    """What the kiosk will play; also has all speech rendered before the session."""
    preparer = make_preparer(make_environment(str(state), settings, {}))
    try:
        return preparer.prepare(program)
    finally:
        preparer.close()


def start_of(recording: Recording, material: PreparedSession) -> float:
    """Where in the recording the session begins; before that, a kiosk that has only just been
    started may ask for a moment's patience.
    """
    recording.wait_until(3000)
    onset = recording.sound_from(0)
    first = material.timeline.cues[0]
    recording.wait_until(onset + PATIENCE_MS + first.duration + 200)
    half = PATIENCE_MS / 2
    sound = material.bank.pcm(first.sound)
    return recording.find(sound, near_ms=onset + half, within_ms=half + 20)


def lateness(recording: Recording, material: PreparedSession, start: float, cue: Cue) -> float:
    """How many milliseconds after its moment `cue` is heard; negative where before."""
    pcm = material.bank.pcm(cue.sound)
    return recording.find(pcm, near_ms=start + cue.at, within_ms=40) - (start + cue.at)


def counts_of(material: PreparedSession) -> list[Cue]:
    return [cue for cue in material.timeline.cues if cue.kind.is_count]
