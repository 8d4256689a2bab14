"""A timeline as a sound file, or as PCM for the pages, rendered piece by piece."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import AudioError
from kiosk.speech.model import Progress
from kiosk.timeline.render import ClipBank, render, scale, wav_bytes
from kiosk.timeline.timeline import Timeline
from kiosk.units import SAMPLE_RATE, Frames, frames_of


def write_sound_file(
    timeline: Timeline, bank: ClipBank, path: Path, volume: int, progress: Progress | None = None
) -> None:
    """Write `timeline` at `volume` percent to `path` as WAV; the file appears when it is whole.

    Raises AudioError where it cannot be written, or where `path` is no place for a file (a device,
    a folder); what was there before is then still there.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise AudioError(f"{path} is not a file that could be replaced. Choose another name.")
    whole = frames_of(timeline.duration)

    def pcm(start: Frames, count: Frames) -> bytes:
        if progress is not None:
            progress((start + count) // SAMPLE_RATE, whole // SAMPLE_RATE)
        return scale(render(timeline, bank, start, count), volume)

    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".kiosk-", delete=False) as part:
            try:
                with Path(part.name).open("wb") as file:
                    file.writelines(wav_bytes(pcm, whole))
                mask = os.umask(0)  # it can only be read by setting it
                os.umask(mask)
                Path(part.name).chmod(0o666 & ~mask)
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise AudioError(f"{path} cannot be written: {error.strerror or error}.") from error


@dataclass(frozen=True)
class TimelineSound:
    """The PCM that the speaker would play of `timeline`, whole or in pieces. Any thread."""

    timeline: Timeline
    bank: ClipBank

    @property
    def frames(self) -> Frames:
        """The length in frames."""
        return frames_of(self.timeline.duration)

    def pcm(self, start: Frames, count: Frames) -> bytes:
        """The `count` frames from frame `start` on; fewer only at the end."""
        first = min(max(start, 0), self.frames)
        end = min(max(start + count, first), self.frames)
        return render(self.timeline, self.bank, first, end - first)
