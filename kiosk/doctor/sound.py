"""The sound: whether the speech engine renders, and whether the speaker plays what it is given.

Where this machine can record what it plays itself (a loopback card, or the monitor of a sound
server), the speaker's tone is recorded while it is played, so a muted mixer is found, too.
"""

import os
import subprocess
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from sys import byteorder
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from kiosk.audio.speaker import Speaker
from kiosk.clock import Clock
from kiosk.doctor.finding import Finding, Run, bad, ok, run, warn
from kiosk.errors import AudioError, SpeechError
from kiosk.speech.engine import SpeechEngine
from kiosk.speech.model import Voice
from kiosk.speech.wav import read_clip, trim
from kiosk.timeline.render import scale, tone
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Millis, frames_of

WORD = "Ready."

SLOW_RENDERING = 5.0  # seconds for a word; a small board takes one
SHORTEST_WORD = 0.05  # seconds of sound; less is silence

TONE = tone(660, 600, 0.5)
TAIL = 0.4  # seconds that are recorded after the tone, as the sound comes a little late
WAKES_WITHIN = 2.0  # seconds that a recording has to begin in
FAINT = 100  # a sample that large, of 32 767, is what a mixer turned almost down leaves of a tone

FORMAT = ("--format=s16le", "--channels=1", f"--rate={SAMPLE_RATE}")
MONITOR = ("parec", "--raw", "--device=@DEFAULT_MONITOR@", "--latency-msec=20", *FORMAT)
LOOPBACK = (
    *("arecord", "--quiet", "--device=plughw:Loopback,1,0", "--file-type=raw"),
    *("--format=S16_LE", "--channels=1", f"--rate={SAMPLE_RATE}"),
)


def check_voice(engine: SpeechEngine, voice: Voice, clock: Clock) -> Finding:
    """Whether `voice` speaks, and fast enough: has `engine` render a word into a temporary file."""
    name = "voice"
    began = clock.now()
    try:
        with TemporaryDirectory(prefix="kiosk-doctor-") as folder:
            file = Path(folder) / "word.wav"
            engine.render(WORD, voice, file)
            sound = trim(read_clip(file))
    except SpeechError as error:
        do = "sudo apt install espeak-ng, or choose another voice on the page Settings."
        return bad(name, f"The voice cannot speak. {error}", do)
    # The start of the engine included.
    took = clock.now() - began
    if len(sound) < SHORTEST_WORD * SAMPLE_RATE * BYTES_PER_FRAME:
        return bad(name, "The voice renders silence.", "Choose another voice on the page Settings.")
    what = f"The voice renders a word in {took:.1f} s."
    if took > SLOW_RENDERING:
        do = "See what else keeps this machine busy (top), and whether it is too warm."
        return warn(name, f"{what} That is slow: a new program takes long to prepare.", do)
    return ok(name, what)


def find_recorder(ask: Run = run, root: Path = Path("/")) -> Sequence[str] | None:
    """The command that records what this machine plays; `None` where there is none."""
    if (root / "proc/asound/Loopback").exists():
        return LOOPBACK
    return MONITOR if ask(["pactl", "info"]) is not None else None


def check_speaker(
    speaker: Speaker,
    volume: int,
    lead_in: Millis,
    clock: Clock,
    find_recorder: Callable[[], Sequence[str] | None] = find_recorder,
) -> Finding:
    """Whether a tone on `speaker` at the kiosk's `volume` (percent) is played and, as far as that
    can be recorded, heard.
    """
    name = "speaker"
    silence = bytes(frames_of(lead_in) * BYTES_PER_FRAME)
    try:
        with _recording(find_recorder(), clock) as recording:
            speaker.open()
            speaker.write(silence + scale(TONE, volume))
            speaker.close()
    except AudioError as error:
        do = "Look at its plug; `kiosk say hello --audio-device NAME` tries another."
        return bad(name, str(error), do)
    what = f"A tone was played on {speaker.name}"
    samples = array("h", recording[: len(recording) // BYTES_PER_FRAME * BYTES_PER_FRAME])
    if byteorder == "big":
        samples.byteswap()
    loudest = max(map(abs, samples), default=None)
    if loudest is None:
        return ok(name, f"{what}. Nothing here can listen, so do that yourself.")
    if loudest == 0:
        do = "Turn the mixer up: alsamixer (F6: card, M: unmute), then: sudo alsactl store"
        return bad(name, f"{what}, and nothing of it was heard.", do)
    if loudest < FAINT:
        do = "Turn the mixer up: alsamixer, then: sudo alsactl store"
        return warn(name, f"{what}, and heard very faintly.", do)
    return ok(name, f"{what}, and heard.")


@contextmanager
def _recording(command: Sequence[str] | None, clock: Clock) -> Iterator[bytearray]:
    """Record while the context lasts, by a command that writes samples to its standard output.

    The samples are there once the context is left; none where there is no command, or it fails.
    """
    samples = bytearray()
    # A file, not a pipe: it takes whatever comes while nobody reads.
    with TemporaryFile() as file:
        process = None
        with suppress(OSError):
            process = command and subprocess.Popen(  # noqa: S603 - a fixed command
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.DEVNULL
            )
        if not process:
            yield samples
            return
        try:
            _await_samples(file, process, clock)
            yield samples
            clock.sleep(TAIL)
        finally:
            process.kill()
            process.wait()
        file.seek(0)
        samples += file.read()


def _await_samples(file: IO[bytes], process: "subprocess.Popen[bytes]", clock: Clock) -> None:
    # A sound server that sleeps records nothing until something is played: hence the limit.
    until = clock.now() + WAKES_WITHIN
    while not os.fstat(file.fileno()).st_size and process.poll() is None and clock.now() < until:
        clock.sleep(0.02)


def judge_no_speaker(*, chosen: bool) -> Finding:
    """Where no tone is played: silence was `chosen`, or there is no sound card."""
    if chosen:
        return ok("speaker", "None is wanted (audio_device is none): the kiosk stays silent.")
    do = "Plug one in; if there is one: sudo usermod -aG audio USER, for the kiosk's user."
    return bad("speaker", "There is no sound card, so nothing is heard.", do)
