"""PCM as a WAV file, whole or any part of its bytes."""

import struct
from collections.abc import Callable, Iterator

from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Frames

HEADER_BYTES = 44

PIECE: Frames = SAMPLE_RATE
"""Asked for at a time: a second."""

_PCM = 1
_ONE_CHANNEL = 1


def wav_header(frames: Frames) -> bytes:
    """What stands in a WAV file before `frames` of sound in the format of `kiosk.units`."""
    size = frames * BYTES_PER_FRAME
    form = struct.pack(
        "<4sIHHIIHH",
        b"fmt ",
        16,
        _PCM,
        _ONE_CHANNEL,
        SAMPLE_RATE,
        SAMPLE_RATE * BYTES_PER_FRAME,
        BYTES_PER_FRAME,
        8 * BYTES_PER_FRAME,
    )
    riff = struct.pack("<4sI4s", b"RIFF", HEADER_BYTES - 8 + size, b"WAVE")
    return riff + form + struct.pack("<4sI", b"data", size)


def wav_size(frames: Frames) -> int:
    """Bytes of the whole file."""
    return HEADER_BYTES + frames * BYTES_PER_FRAME


def wav_bytes(
    pcm: Callable[[Frames, Frames], bytes], frames: Frames, start: int = 0, end: int | None = None
) -> Iterator[bytes]:
    """The bytes of the file from `start` up to, not including, `end` (without one, its end), in
    pieces of about a second; `pcm` gives any part of the sound by its first frame and how many.
    """
    size = wav_size(frames)
    end = size if end is None else min(end, size)
    if start < min(end, HEADER_BYTES):
        yield wav_header(frames)[start:end]
        start = HEADER_BYTES
    while start < end:
        first, skipped = divmod(start - HEADER_BYTES, BYTES_PER_FRAME)
        count = min(PIECE, frames - first)
        piece = pcm(first, count)[skipped : end - start + skipped]
        yield piece
        start += len(piece)
