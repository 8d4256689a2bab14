"""Whether a sound card is muted in the mixer, so that nobody hears what is played on it.

ALSA takes sound for a muted card as for any other, without a word. Its library, which PortAudio
stands on, is asked here directly.
"""

import ctypes
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger(__name__)


WHOLE_CARD = ("Master", "PCM")  # controls that all sound goes through, whatever else there is

OUTPUTS = ("Speaker", "Headphone", "Headset", "Line Out", "Digital", "HDMI")
"""Controls of single ways out: the card is silent once none of those it has is open."""

NO_SOUND = -5000  # hundredths of a decibel at which nothing is left that a person hears

_CARD = re.compile(r"\((?:plug)?hw:(\d+)")
_CHANNELS = range(32)


@dataclass(frozen=True, slots=True)
class Control:
    """A control of the mixer, as it is set for playback."""

    name: str
    is_on: bool | None = None
    """Whether any channel is switched on; `None` where it has no switch."""

    loudness: int | None = None
    """Of its loudest channel, in hundredths of a decibel; `None` where it does not say."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing gets through."""
        return self.is_on is False or (self.loudness is not None and self.loudness <= NO_SOUND)


def silenced_by(controls: Sequence[Control]) -> str | None:
    """The name of the control that lets no sound through; `None` where sound may be heard."""
    for control in controls:
        if control.name in WHOLE_CARD and control.is_silent:
            return control.name
    outputs = [control for control in controls if control.name in OUTPUTS]
    if outputs and all(control.is_silent for control in outputs):
        return outputs[0].name
    return None


def mixer_of(device: str) -> str | None:
    """ALSA's name for the mixer of PortAudio's `device`; `None` for one of somebody's making."""
    if device in ("default", "sysdefault"):
        return "default"
    found = _CARD.search(device)
    return f"hw:{found[1]}" if found else None


class Mixer:
    """The mixer of one card, kept open. One thread uses it."""

    def __init__(self, name: str, library: str = "libasound.so.2") -> None:
        """Without the library, or where the card has no such mixer, nothing is known of it."""
        self._handle = ctypes.c_void_p()
        try:
            self._alsa: Any = ctypes.CDLL(library)
        except OSError as error:
            logger.debug("no mixer: %s", error)
            self._alsa = None
            return
        _declare(self._alsa)
        if not self._open(name):
            self.close()

    def silenced_by(self) -> str | None:
        """The control that lets no sound through now; `None` where there is none that is known."""
        if self._handle.value is None:
            return None
        if self._alsa.snd_mixer_handle_events(self._handle) < 0:
            self.close()
            return None
        return silenced_by(list(self._controls()))

    def close(self) -> None:
        """Close the mixer."""
        if self._handle.value is not None:
            self._alsa.snd_mixer_close(self._handle)
        self._handle = ctypes.c_void_p()

    def _open(self, name: str) -> bool:
        alsa = self._alsa
        if alsa.snd_mixer_open(ctypes.byref(self._handle), 0) < 0:
            self._handle = ctypes.c_void_p()
            return False
        return bool(
            alsa.snd_mixer_attach(self._handle, name.encode()) >= 0
            and alsa.snd_mixer_selem_register(self._handle, None, None) >= 0
            and alsa.snd_mixer_load(self._handle) >= 0
        )

    def _controls(self) -> Iterator[Control]:
        element = self._alsa.snd_mixer_first_elem(self._handle)
        while element:
            name = self._alsa.snd_mixer_selem_get_name(element).decode(errors="replace")
            yield Control(name, self._is_on(element), self._loudness(element))
            element = self._alsa.snd_mixer_elem_next(element)

    def _is_on(self, element: int) -> bool | None:
        if not self._alsa.snd_mixer_selem_has_playback_switch(element):
            return None
        get = self._alsa.snd_mixer_selem_get_playback_switch
        found = list(self._of_channels(element, get, ctypes.c_int))
        return any(found) if found else None

    def _loudness(self, element: int) -> int | None:
        if not self._alsa.snd_mixer_selem_has_playback_volume(element):
            return None
        get = self._alsa.snd_mixer_selem_get_playback_dB
        return max(self._of_channels(element, get, ctypes.c_long), default=None)

    def _of_channels(self, element: int, get: Any, kind: Any) -> Iterator[int]:
        for channel in _CHANNELS:
            value = kind()
            if (
                self._alsa.snd_mixer_selem_has_playback_channel(element, channel)
                and get(element, channel, ctypes.byref(value)) >= 0
            ):
                yield int(value.value)


def _declare(alsa: Any) -> None:
    """Say which values are pointers: by itself ctypes takes them for short numbers."""
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("snd_mixer_open", ctypes.c_int, (pointer, ctypes.c_int)),
        ("snd_mixer_attach", ctypes.c_int, (pointer, ctypes.c_char_p)),
        ("snd_mixer_selem_register", ctypes.c_int, (pointer, pointer, pointer)),
        ("snd_mixer_load", ctypes.c_int, (pointer,)),
        ("snd_mixer_close", ctypes.c_int, (pointer,)),
        ("snd_mixer_handle_events", ctypes.c_int, (pointer,)),
        ("snd_mixer_first_elem", pointer, (pointer,)),
        ("snd_mixer_elem_next", pointer, (pointer,)),
        ("snd_mixer_selem_get_name", ctypes.c_char_p, (pointer,)),
        ("snd_mixer_selem_has_playback_switch", ctypes.c_int, (pointer,)),
        ("snd_mixer_selem_has_playback_volume", ctypes.c_int, (pointer,)),
        ("snd_mixer_selem_has_playback_channel", ctypes.c_int, (pointer, ctypes.c_int)),
        ("snd_mixer_selem_get_playback_switch", ctypes.c_int, (pointer, ctypes.c_int, pointer)),
        ("snd_mixer_selem_get_playback_dB", ctypes.c_int, (pointer, ctypes.c_int, pointer)),
    ):
        function = getattr(alsa, name)
        function.restype, function.argtypes = result, arguments
