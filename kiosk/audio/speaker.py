"""The speaker of the player: what it must do, the silent one, and the one that a setting means."""

import re
from pathlib import Path
from typing import Protocol

from kiosk.audio.sound_card import SoundCard
from kiosk.clock import Clock
from kiosk.errors import AudioError
from kiosk.hardware.board import is_raspberry_pi
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Frames, Millis, seconds


class Speaker(Protocol):
    """Plays PCM in the format of `kiosk.units`. Only the player's thread touches it."""

    @property
    def name(self) -> str:
        """The speaker's name for a person."""
        ...

    def open(self) -> None:
        """Make it ready to be written to. Raises AudioError where it cannot be opened now."""
        ...

    def write(self, pcm: bytes) -> None:
        """Queue `pcm` at the pace of the sound. Raises AudioError where it has to be reopened."""
        ...

    def delay(self) -> Millis:
        """The latency from `write` to the speaker, while writing goes on steadily."""
        ...

    def abort(self) -> None:
        """Be silent now, throwing away what is queued. It stays open; never raises."""
        ...

    def close(self) -> None:
        """Close the sound card after the queued sound has been heard; never raises."""
        ...


_CARD = re.compile(r"^ *(\d+) \[[^\]]*\]: .*? - (.+)$", re.MULTILINE)
_OUTPUT = re.compile(r"^(\d+)-\d+: .*: playback \d+", re.MULTILINE)


def cards_that_play(folder: Path = Path("/proc/asound")) -> tuple[str, ...]:
    """The names of the sound cards that can play, each once, in the order of their numbers; none
    where there is no ALSA. PortAudio is not asked, for it may be playing.

    PortAudio's name for a card begins with it, so each is what `audio_device` may be set to.
    """
    try:
        cards = (folder / "cards").read_text(encoding="utf-8", errors="replace")
        outputs = (folder / "pcm").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    playing = {int(number) for number in _OUTPUT.findall(outputs)}
    names = (name.strip() for number, name in _CARD.findall(cards) if int(number) in playing)
    return tuple(dict.fromkeys(name for name in names if name.isprintable()))


QUEUE: Millis = 100  # how far writing may run ahead of what would be heard, as with a real card


class SilentSpeaker:
    """Keeps the pace of the sound on a clock. One thread at a time uses it."""

    name = "no speaker"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = 0.0
        self._queued: Frames = 0
        """Frames written since `_began`. Counted, not summed up in seconds, lest errors add up."""

    def open(self) -> None:
        """Ready at once."""

    def write(self, pcm: bytes) -> None:
        """Return when no more than `QUEUE` of everything written is still to be heard."""
        now = self._clock.now()
        if now >= self._heard_at():
            self._began, self._queued = now, 0
        self._queued += len(pcm) // BYTES_PER_FRAME
        self._clock.sleep(self._heard_at() - seconds(QUEUE) - now)

    def delay(self) -> Millis:
        """How long after it was written a frame would be heard."""
        return QUEUE

    def abort(self) -> None:
        """Forget what is queued."""
        self._began, self._queued = self._clock.now(), 0

    def close(self) -> None:
        """Wait until what is queued would have been heard."""
        self._clock.sleep(self._heard_at() - self._clock.now())

    def _heard_at(self) -> float:
        """When everything written would have been heard."""
        return self._began + self._queued / SAMPLE_RATE


NONE = "none"  # the device that plays nothing


def open_speaker(
    device: str, clock: Clock, *, must_sound: bool = False
) -> tuple[Speaker, str | None]:
    """The speaker that `device` means, not yet opened, and a sentence that says why where it is
    silent against anybody's wish.

    Who names a card wants it: one that is not there is taken for lost (unplugged, not yet
    awake), and opening it goes on failing until it comes. Who names none takes what there is; on a
    machine that has none there is nothing to wait for, and the kiosk runs in silence, as it does
    without the library that reaches the cards, whichever is named.

    With `must_sound` a card that is not there is lost in any case, and only who has chosen silence
    has it: sessions that nobody hears would count as done.
    """
    if device.casefold() == NONE:
        return SilentSpeaker(clock), None
    card = SoundCard(device, clock=clock)
    if must_sound:
        return card, None
    try:
        outputs = card.outputs()
    except AudioError as error:
        return SilentSpeaker(clock), f"Running without sound. {error}"
    if outputs or device:
        return card, None
    return SilentSpeaker(clock), (
        "Running without sound: there is no sound card. If there should be one, see that the "
        "kiosk's user is in the group `audio` (`sudo usermod -aG audio USER`), and start again."
    )


def speaker_while_playing(device: str, clock: Clock) -> tuple[Speaker, bool]:
    """The speaker for a `device` that is chosen while the kiosk runs, when only the player's thread
    may ask PortAudio for the cards; and whether it is silent against anybody's wish.
    """
    wanted = device.casefold() != NONE
    if wanted and (device or cards_that_play() or is_raspberry_pi()):
        return SoundCard(device, clock=clock), False
    return SilentSpeaker(clock), wanted
