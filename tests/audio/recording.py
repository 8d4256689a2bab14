"""What was heard, and when: sounds and silences found in a recording, to the sample."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE

ALIKE = 0.9
"""Correlation from which on a stretch of the recording is taken for the sound that is sought."""

QUIET = 8
"""Samples up to this size are silence."""


class Recording:
    """A stretch of a tape that may still be running. Times are milliseconds from its start."""

    def __init__(self, tape: Path, wait_for: Callable[[Callable[[], bool]], None]) -> None:
        """`wait_for` returns once what it is given is true, and fails when it will not be."""
        self._tape = tape
        self._wait_for = wait_for
        self._start = tape.stat().st_size // BYTES_PER_FRAME
        self._ended: NDArray[np.int16] | None = None
        """All of it, once it has ended; the tape may then be gone."""

    def length_ms(self) -> float:
        """How long it is by now, to within the 20 ms that the server plays at a time."""
        return _ms(self._frames())

    def wait_until(self, ms: float) -> None:
        """Return once it is at least `ms` long."""
        while (length := self.length_ms()) < ms:
            # In short stretches, so that a tape that stands still is noticed soon.
            goal = min(ms, length + 5000)
            self._wait_for(lambda goal=goal: self.length_ms() >= goal)

    def end(self) -> None:
        """It ends here, whatever the tape goes on to record."""
        self._ended = self.samples()

    def samples(self, first: int = 0, last: int | None = None) -> NDArray[np.int16]:
        """From frame `first` to before frame `last`, or as much of that as there is by now."""
        last = self._frames() if last is None else min(last, self._frames())
        if self._ended is not None:
            return self._ended[first:last]
        offset = (self._start + first) * BYTES_PER_FRAME
        return np.fromfile(self._tape, "<i2", count=max(last - first, 0), offset=offset)

    def find(self, pcm: bytes, *, near_ms: float, within_ms: float) -> float:
        """When `pcm` begins, whatever its volume: the best match among the onsets from
        `near_ms - within_ms` to `near_ms + within_ms`.

        Raises AssertionError where nothing in that window is like it.
        """
        sought = np.frombuffer(pcm, "<i2").astype(np.float64)
        first = max(_frames(near_ms - within_ms), 0)
        last = _frames(near_ms + within_ms) + len(sought)
        window = self.samples(first, last).astype(np.float64)
        assert len(window) >= len(sought), (
            f"The recording is over ({self.length_ms():.0f} ms) before the sound at {near_ms:.0f} "
            "ms could be."
        )
        likeness = _likeness(window, sought)
        best = int(np.argmax(likeness))
        assert likeness[best] >= ALIKE, (
            f"The sound is not heard within {within_ms:.0f} ms of {near_ms:.0f} ms: the best match "
            f"is {likeness[best]:.2f}, at {_ms(first + best):.1f} ms."
        )
        return _ms(first + best)

    def sound_from(self, ms: float) -> float:
        """The first moment from `ms` on at which anything is heard."""
        first = _frames(ms)
        loud = _loud(self.samples(first))
        assert len(loud), f"Nothing is heard after {ms:.0f} ms."
        return _ms(first + int(loud[0]))

    def silent_from(self, ms: float, *, for_ms: float = 200) -> float:
        """The first moment from `ms` on that `for_ms` of silence begin with."""
        first = _frames(ms)
        samples = self.samples(first)
        edges = np.concatenate(([-1], _loud(samples), [len(samples)]))
        silences = np.diff(edges) - 1
        long_enough = np.flatnonzero(silences >= _frames(for_ms))
        assert len(long_enough), f"It is never silent for {for_ms:.0f} ms after {ms:.0f} ms."
        return _ms(first + int(edges[long_enough[0]]) + 1)

    def _frames(self) -> int:
        if self._ended is not None:
            return len(self._ended)
        return self._tape.stat().st_size // BYTES_PER_FRAME - self._start


def _loud(samples: NDArray[np.int16]) -> NDArray[np.intp]:
    """Where the samples are that are no silence."""
    return np.flatnonzero((samples > QUIET) | (samples < -QUIET))


def _likeness(window: NDArray[np.float64], sought: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normalised cross-correlation of `sought` with each stretch of `window` of its length."""
    size = 1 << (len(window) + len(sought)).bit_length()
    spectrum = np.fft.rfft(window, size) * np.conj(np.fft.rfft(sought, size))
    products = np.fft.irfft(spectrum, size)[: len(window) - len(sought) + 1]
    energy = np.concatenate(([0.0], np.cumsum(window**2)))
    energies = energy[len(sought) :] - energy[: -len(sought)]
    # Of a silent stretch nothing is alike; the 1 only keeps the division defined.
    return products / np.sqrt(np.maximum(energies * np.sum(sought**2), 1.0))


def _frames(ms: float) -> int:
    return round(ms * SAMPLE_RATE / 1000)


def _ms(frames: int) -> float:
    return frames * 1000 / SAMPLE_RATE
