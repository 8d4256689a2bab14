"""The speaker on a sound card, by way of PortAudio, and which card a setting means."""

import ctypes
import importlib.util
import logging
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from kiosk.audio.mixer import Mixer, mixer_of
from kiosk.clock import Clock
from kiosk.errors import AudioError
from kiosk.system.clock import SystemClock
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Frames, Millis, frames_of, millis_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """A sound card, or one way of reaching it, that can play."""

    index: int
    """Its number in PortAudio's list; good only until PortAudio is started anew."""

    name: str
    """What the system calls it, e.g. `USB Audio: - (plughw:1,0)`."""

    is_default: bool = False


def pick(devices: Sequence[OutputDevice], wanted: str) -> OutputDevice:
    """The device named by `wanted`: a part of its name, in any case of letters; empty for the
    system's default.

    Where several names contain it, one that equals it wins, else the first. Raises AudioError,
    naming the devices there are, where none does.
    """
    if not devices:
        raise AudioError(
            "There is no sound card. Plug one in; if there is one, see that the kiosk's user is in "
            "the group `audio` (`sudo usermod -aG audio USER`)."
        )
    if not wanted:
        return next((device for device in devices if device.is_default), devices[0])
    key = wanted.casefold()
    matches = [device for device in devices if key in device.name.casefold()]
    if not matches:
        names = ", ".join(repr(device.name) for device in devices)
        raise AudioError(
            f"No sound card's name contains {wanted!r}. There are: {names}. Set `audio_device` to "
            "a part of one of these names, or leave it empty for the system's default."
        )
    exact = [device for device in matches if device.name.casefold() == key]
    chosen = (exact or matches)[0]
    if len(matches) > 1:
        logger.info("%d sound cards match %r; taking %r", len(matches), wanted, chosen.name)
    return chosen


LATENCY = 0.1
"""Seconds of sound queued in the card. Less underruns on a small board; more delays a pause."""

CHUNK: Frames = frames_of(20)  # the most that is handed over at once

STUCK_AFTER = 5.0
"""Seconds without room for more sound after which a card counts as lost. A Bluetooth speaker
takes up to three to wake."""

MIXER_CHECK_EVERY = 0.5  # seconds between two checks of the mixer while sound is written


def load_sounddevice() -> ModuleType:
    """Import sounddevice, which starts PortAudio if it can. Raises OSError without the library."""
    # Read when PortAudio starts: it then reaches a card through ALSA's converting `plughw:` instead
    # of the bare `hw:`, and a card that knows only 44.1 or 48 kHz stereo plays our 22.05 kHz mono.
    os.environ.setdefault("PA_ALSA_PLUGHW", "1")
    name = "sounddevice"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except getattr(module, "PortAudioError", ()) as e:
        # It starts PortAudio in its last line. The usual import would throw away all there is, even
        # the name of this error; with the rest in hand, the start can be tried again.
        logger.debug("PortAudio does not start yet: %s", _cause_of(e))
    sys.modules[name] = module
    return module


class StderrCapture:
    """Catches what ALSA and PortAudio print to standard error, and hands it to the log.

    They print through the C library's `stderr` stream, which glibc lets a program point elsewhere.
    Python and child processes write to file descriptor 2 and are not touched, so no thread loses
    a log line, however long this goes on. On another C library nothing is caught.

    `begin`, `end` and `to_log` belong to one thread; any thread may print meanwhile.
    """

    def __init__(self) -> None:
        self._caught: int | None = None
        self._stream: int | None = None
        self._usual: int | None = None

    def begin(self) -> None:
        """Catch from now on; nothing happens where it does already."""
        if self._usual is not None or platform.libc_ver()[0] != "glibc":
            return
        if self._stream is None:
            self._open_stream()
        stderr = _c_stderr()
        self._usual = stderr.value
        stderr.value = self._stream

    def end(self) -> None:
        """Log what was caught and let the libraries print where they used to."""
        self.to_log()
        if self._usual is not None:
            _c_stderr().value = self._usual
            self._usual = None

    def to_log(self) -> None:
        """Log what was caught since the last time, line by line."""
        if self._caught is None:
            return
        text = os.pread(self._caught, 100_000, 0)
        os.ftruncate(self._caught, 0)
        os.lseek(self._caught, 0, os.SEEK_SET)
        for line in text.decode(errors="replace").splitlines():
            logger.debug("%s", line)

    def _open_stream(self) -> None:
        # Never closed again: another thread may be in the middle of printing to it.
        libc = ctypes.CDLL(None)
        libc.fdopen.restype = ctypes.c_void_p
        libc.setbuf.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self._caught = os.memfd_create("library-noise")
        self._stream = libc.fdopen(self._caught, b"w")
        libc.setbuf(self._stream, None)


def _c_stderr() -> ctypes.c_void_p:
    return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr")


class SoundCard:
    """A speaker on a sound card. Between `open` and `close` one thread uses it.

    PortAudio knows only the cards there were when it was started, so it runs only while the card is
    open, and each opening finds what is plugged in now. It is one for the whole process: have no
    two of these open at a time.
    """

    def __init__(
        self,
        device: str = "",
        *,
        clock: Clock | None = None,
        load: Callable[[], ModuleType] = load_sounddevice,
        open_mixer: Callable[[str], Mixer] = Mixer,
    ) -> None:
        """`device` is a part of the card's name; empty takes the system's default."""
        self._wanted = device
        self._clock = clock or SystemClock()
        self._load = load
        self._open_mixer = open_mixer
        self._mixer: Mixer | None = None
        self._check_at = 0.0
        self._noise = StderrCapture()
        self._portaudio: Any = None
        self._stream: Any = None
        self._found = ""
        self._running = False
        self._underruns = 0
        self._capacity: Frames = round(LATENCY * SAMPLE_RATE)
        """How much the open card can queue; before it is open, how much it will be asked to."""

    @property
    def name(self) -> str:
        """The card that was found, or, before that, what was asked for."""
        return self._found or self._wanted or "the default sound card"

    def outputs(self) -> tuple[OutputDevice, ...]:
        """Every device that can play now; the card must not be open. Raises AudioError."""
        self._start_portaudio()
        try:
            return self._list_outputs()
        finally:
            self._stop_portaudio()

    def open(self) -> None:
        """As of `Speaker`; a card that is muted or in use cannot be opened, too."""
        if self._stream is not None:
            return
        self._start_portaudio()
        try:
            self._open_stream(pick(self._list_outputs(), self._wanted))
        except AudioError:
            self._stop_portaudio()
            raise
        mixer = mixer_of(self._found)
        self._mixer = None if mixer is None else self._open_mixer(mixer)
        self._check_mixer()

    def write(self, pcm: bytes) -> None:
        """As of `Speaker`; a card that is muted is lost, too."""
        if self._stream is None:
            raise AudioError("The speaker is not open.")
        if self._clock.now() >= self._check_at:
            self._check_mixer()
        try:
            if not self._running:
                self._start_stream()
            size = CHUNK * BYTES_PER_FRAME
            for start in range(0, len(pcm), size):
                self._write_chunk(pcm[start : start + size])
        except self._portaudio.PortAudioError as e:
            cause = _cause_of(e)
            self._let_go()
            raise AudioError(f"The speaker {self.name!r} was lost: {cause}") from e

    def delay(self) -> Millis:
        """As of `Speaker`: how much the card can queue."""
        return millis_of(self._capacity)

    def abort(self) -> None:
        """Be silent now; the next `write` starts the card again."""
        if self._running:
            self._stream.abort()
            self._running = False

    def close(self) -> None:
        """Wait until everything written has been heard, and let go of the card."""
        if self._running:
            self._drain()
        if self._stream is not None:
            self._let_go()

    def _check_mixer(self) -> None:
        """Close a card that is muted: repetitions played on it would count as done, unheard."""
        self._check_at = self._clock.now() + MIXER_CHECK_EVERY
        control = self._mixer.silenced_by() if self._mixer is not None else None
        if control is not None:
            self._let_go()
            raise AudioError(
                f"The speaker {self.name!r} is muted: nothing gets through its control {control!r}."
                " Turn that up with `alsamixer` (M: unmute), then `sudo alsactl store`."
            )

    def _start_portaudio(self) -> None:
        self._noise.begin()
        try:
            self._portaudio = self._load()
        except OSError as e:
            self._noise.end()
            raise AudioError(
                "Sound needs the PortAudio library: install libportaudio2 "
                "(`sudo apt install libportaudio2`)."
            ) from e
        try:
            if not self._portaudio._initialized:
                self._portaudio._initialize()
        except self._portaudio.PortAudioError as e:
            self._noise.end()
            raise AudioError(
                f"PortAudio does not start: {_cause_of(e)} See that /etc/asound.conf and .asoundrc,"
                " if there are any, have no mistake."
            ) from e

    def _stop_portaudio(self) -> None:
        try:
            self._portaudio._terminate()
        except self._portaudio.PortAudioError as e:
            logger.debug("PortAudio did not end well: %s", _cause_of(e))
        self._noise.end()

    def _list_outputs(self) -> tuple[OutputDevice, ...]:
        portaudio, found = self._portaudio, []
        try:
            for api in portaudio.query_hostapis():
                for index in api["devices"]:
                    try:
                        device = portaudio.query_devices(index)
                    except UnicodeDecodeError:
                        logger.warning("leaving out a sound card whose name is not in UTF-8")
                        continue
                    if device["max_output_channels"] > 0:
                        is_default = index == api["default_output_device"]
                        found.append(OutputDevice(index, device["name"], is_default))
        except portaudio.PortAudioError as e:
            raise AudioError(f"The sound cards cannot be listed: {_cause_of(e)}") from e
        return tuple(found)

    def _open_stream(self, device: OutputDevice) -> None:
        self._found = device.name
        try:
            self._stream = self._portaudio.RawOutputStream(
                device=device.index,
                samplerate=SAMPLE_RATE,
                channels=1,
                dtype="int16",
                latency=LATENCY,
            )
            self._start_stream()
            self._capacity = self._stream.write_available
        except self._portaudio.PortAudioError as e:
            self._discard_stream()
            raise AudioError(
                f"The sound card {device.name!r} does not open: {_cause_of(e)} See whether another "
                "program uses it; for HDMI leave `audio_device` empty."
            ) from e
        self._underruns = 0
        logger.info("speaker: %s", device.name)

    def _start_stream(self) -> None:
        self._stream.start()
        self._running = True

    def _write_chunk(self, chunk: bytes) -> None:
        self._await_room(len(chunk) // BYTES_PER_FRAME)
        if self._stream.write(chunk):
            self._underruns += 1
            logger.debug("the speaker ran dry (%d times so far)", self._underruns)
            self._noise.to_log()

    def _await_room(self, frames: Frames) -> None:
        # PortAudio's own waiting has no limit: where a card stops taking sound without an error,
        # as HDMI does when the television is switched off, it would never come back.
        deadline = self._clock.now() + STUCK_AFTER
        while (missing := frames - self._stream.write_available) > 0:
            if self._clock.now() >= deadline:
                raise self._portaudio.PortAudioError("it takes no more sound")
            self._clock.sleep(missing / SAMPLE_RATE)

    def _drain(self) -> None:
        # PortAudio's stop() throws away what is queued on ALSA. As much silence as the card can
        # queue is accepted only when the last of the sound has left it.
        try:
            self.write(bytes(self._capacity * BYTES_PER_FRAME))
        except AudioError as e:
            logger.debug("the last of the sound may not have been heard: %s", e)

    def _let_go(self) -> None:
        self._discard_stream()
        self._stop_portaudio()

    def _discard_stream(self) -> None:
        if self._stream is not None:
            self._stream.abort()
            self._stream.close()
        self._stream = None
        self._running = False
        if self._mixer is not None:
            self._mixer.close()
        self._mixer = None


def _cause_of(error: Exception) -> str:
    """PortAudio's reason as one sentence, with the system's own words where it gives them."""
    text, *rest = error.args
    system = f" ({rest[1][2]})" if len(rest) > 1 and rest[1][2] else ""
    return f"{text}{system}."
