"""A WAV file is to the byte the same, however it is asked for."""

import io
import wave

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.timeline.render import HEADER_BYTES, PIECE, wav_bytes, wav_header, wav_size
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE

FRAMES = 2 * PIECE + 777
SOUND = b"".join((n * 31 % 65_536).to_bytes(2, "little") for n in range(FRAMES))


def pcm(start, count):
    assert 0 < count <= PIECE
    return SOUND[start * BYTES_PER_FRAME : (start + count) * BYTES_PER_FRAME]


WHOLE = b"".join(wav_bytes(pcm, FRAMES))


def test_the_standard_library_reads_the_file():
    with wave.open(io.BytesIO(WHOLE)) as file:
        assert file.getparams()[:4] == (1, BYTES_PER_FRAME, SAMPLE_RATE, FRAMES)
        assert file.readframes(FRAMES + 1) == SOUND


def test_the_header_is_what_the_standard_library_writes():
    for frames in (0, 1, FRAMES):
        written = io.BytesIO()
        with wave.open(written, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(BYTES_PER_FRAME)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(bytes(frames * BYTES_PER_FRAME))
        assert wav_header(frames) == written.getvalue()[:HEADER_BYTES]
        assert wav_size(frames) == len(written.getvalue())


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE) + 9), st.integers(0, len(WHOLE) + 9))
def test_any_part_is_that_part_of_the_whole(start, end):
    assert b"".join(wav_bytes(pcm, FRAMES, start, end)) == WHOLE[start:end]


@given(st.integers(0, HEADER_BYTES + 5), st.integers(0, HEADER_BYTES + 5))
def test_parts_may_begin_and_end_within_the_header(start, end):
    assert b"".join(wav_bytes(pcm, FRAMES, start, end)) == WHOLE[start:end]


def test_no_piece_is_longer_than_a_second_of_sound():
    assert max(map(len, wav_bytes(pcm, FRAMES))) == PIECE * BYTES_PER_FRAME
