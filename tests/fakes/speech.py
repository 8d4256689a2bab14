"""A speech engine that hums instead of speaking, and fails where it is to."""

import wave
from array import array
from collections.abc import Collection, Mapping
from math import pi, sin
from pathlib import Path

from kiosk.errors import SpeechError, quoted
from kiosk.speech.model import SpeechEngineError, Voice
from kiosk.units import SAMPLE_RATE, Millis, frames_of

USUAL_RATE = 155


class FakeEngine:
    """Renders a tone between two silences; its length goes with that of the text and the rate.

    `no_engine` is what it says where there is to be none. `failures` names texts that cannot be
    rendered, and `always` fails all of them though the engine is known.
    """

    def __init__(
        self,
        identity: str = "hum 1",
        *,
        no_engine: str = "",
        failures: Mapping[str, SpeechError] | None = None,
        always: SpeechError | None = None,
        voices: Collection[str] = ("", "hum/en"),
        per_character: Millis = 50,
        silence: Millis = 100,
    ) -> None:
        self._identity = identity
        self._no_engine = no_engine
        self._failures = failures or {}
        self._always = always
        self._voices = voices
        self._per_character = per_character
        self._silence = silence
        self.closed = False
        self.asked_for: list[str] = []

    @property
    def identity(self) -> str:
        if self._no_engine:
            raise SpeechEngineError(self._no_engine)
        return self._identity

    def render(self, text: str, voice: Voice, into: Path) -> None:
        self.asked_for.append(text)
        failure = self._always or self._failures.get(text)
        if self._no_engine or self.closed:
            raise SpeechEngineError(self._no_engine or "The speech engine was closed.")
        if voice.name not in self._voices:
            raise SpeechEngineError(f"The speech engine has no voice {voice.name!r}.")
        if failure is not None:
            raise failure
        if not text.strip():
            raise SpeechError(f"There is nothing to say in {quoted(text)}.")
        length = len(text) * self._per_character * USUAL_RATE // voice.rate
        self._write(hum(length, self._silence), into)

    def close(self) -> None:
        self.closed = True

    @staticmethod
    def _write(pcm: bytes, into: Path) -> None:
        try:
            with into.open("wb") as opened, wave.open(opened) as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(SAMPLE_RATE)
                file.writeframes(pcm)
        except OSError as error:
            raise SpeechEngineError(f"The sound file {into} cannot be written: {error}.") from error


def hum(length: Millis, silence: Millis = 0) -> bytes:
    """A steady tone of 200 Hz at half of full scale, with `silence` before and after it."""
    quiet = array("h", bytes(2 * frames_of(silence)))
    tone = (round(16_000 * sin(2 * pi * 200 * n / SAMPLE_RATE)) for n in range(frames_of(length)))
    return (quiet + array("h", tone) + quiet).tobytes()
