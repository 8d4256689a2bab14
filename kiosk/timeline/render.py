"""How a timeline sounds: the one function behind the speaker, the sound file and the preview."""

from bisect import bisect_right

from kiosk.timeline.bank import ClipBank
from kiosk.timeline.timeline import Timeline
from kiosk.units import BYTES_PER_FRAME, Frames, frames_of


def render(timeline: Timeline, bank: ClipBank, start: Frames, frames: Frames) -> bytes:
    """The `frames` of sound from frame `start` on, as PCM in the format of `kiosk.units`.

    What is asked of it in pieces is to the byte what it gives in one; outside the timeline there is
    silence. Pure; any thread.
    """
    end = start + frames
    pieces: list[bytes] = []
    filled = start
    cues = timeline.cues
    index = max(bisect_right(cues, start, key=lambda cue: frames_of(cue.at)) - 1, 0)
    while index < len(cues) and (first := frames_of(cues[index].at)) < end:
        pcm = bank.pcm(cues[index].sound)
        from_frame, to_frame = max(first, filled), min(first + len(pcm) // BYTES_PER_FRAME, end)
        if from_frame < to_frame:
            pieces.append(bytes((from_frame - filled) * BYTES_PER_FRAME))
            pieces.append(
                pcm[(from_frame - first) * BYTES_PER_FRAME : (to_frame - first) * BYTES_PER_FRAME]
            )
            filled = to_frame
        index += 1
    pieces.append(bytes((end - filled) * BYTES_PER_FRAME))
    return b"".join(pieces)
