"""What a home has that is not the kiosk: a voice of noise, and a memory card."""

import tempfile
from array import array
from collections.abc import Iterable
from pathlib import Path
from random import Random

from kiosk.speech.model import PreparedSpeech, Progress, Voice
from kiosk.store.files import FILE_NAME
from kiosk.timeline.render import ClipBank
from kiosk.timeline.timeline import Speech
from kiosk.units import SAMPLE_RATE
from tests.builders import ten_ms_a_letter
from tests.soak.disk import Disk
from tests.store.kit import MEMORY


class NoisyVoice:
    """Renders each text as noise of its own, 10 ms a letter: any piece of it can be told."""

    def __init__(self) -> None:
        self._clips: dict[str, bytes] = {}

    def prepare(
        self,
        texts: Iterable[str],
        voice: Voice,  # noqa: ARG002
        progress: Progress | None = None,  # noqa: ARG002
        *,
        patient: bool = False,  # noqa: ARG002
    ) -> PreparedSpeech:
        return PreparedSpeech(ClipBank({text: self._clip(text) for text in texts}), ())

    def close(self) -> None:
        """Nothing runs."""

    def _clip(self, text: str) -> bytes:
        if text not in self._clips:
            frames = ten_ms_a_letter(Speech(text)) * SAMPLE_RATE // 1000
            noise = array("b", Random(text).randbytes(frames))  # noqa: S311
            self._clips[text] = array("h", [sample * 64 or 1 for sample in noise]).tobytes()
        return self._clips[text]


class Card:
    """The memory card: a folder, which outlives the kiosk."""

    tear = Disk.tear

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.state = Path(self._folder.name)
        self.data = self.state / FILE_NAME

    def files(self) -> dict[Path, bytes]:
        """The data as it would be found if the power went now."""
        return {path: path.read_bytes() for path in self.state.glob(f"{FILE_NAME}*")}

    def close(self) -> None:
        self._folder.cleanup()
