"""The clips of a session: from the cache, or rendered now and put there."""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.errors import SpeechError, quoted
from kiosk.speech.cache import ClipCache
from kiosk.speech.engine import SpeechEngine
from kiosk.speech.model import PreparedSpeech, Progress, SpeechChildError, SpeechEngineError, Voice
from kiosk.speech.wav import read_clip, trim
from kiosk.timeline.render import ClipBank

logger = logging.getLogger(__name__)

CHILD_FAILURES_IN_A_ROW = 2
"""After so many the engine is taken to be broken, not the texts to be difficult."""

PROBLEMS_LISTED = 5  # how many causes are listed; the others are only counted


@dataclass
class Job:
    """One call of `prepare`: the texts wanted, the clips so far, and why others failed."""

    wanted: Sequence[str]
    voice: Voice
    progress: Progress | None
    patient: bool = False
    clips: dict[str, bytes] = field(default_factory=dict)
    failures: dict[str, SpeechError] = field(default_factory=dict)

    def have(self, text: str, pcm: bytes) -> None:
        """The clip of `text` is `pcm`, even if it failed before."""
        self.clips[text] = pcm
        if text not in self.failures:
            self._report()

    def fail(self, texts: Iterable[str], error: SpeechError) -> None:
        """None of `texts` can be rendered."""
        for text in texts:
            self.failures[text] = error
            self._report()

    def missing(self) -> tuple[str, ...]:
        """The texts without a clip, in their order."""
        return tuple(text for text in self.wanted if text not in self.clips)

    def problems(self) -> tuple[str, ...]:
        """A sentence for each cause of a missing clip, or for the first, and how many more."""
        causes = tuple(dict.fromkeys(str(self.failures[text]) for text in self.missing()))
        listed, more = causes[:PROBLEMS_LISTED], len(causes) - PROBLEMS_LISTED
        return (*listed, f"{more} more texts cannot be spoken.") if more > 0 else listed

    def _report(self) -> None:
        if self.progress is not None:
            done = len(self.clips) + len(self.failures)
            self.progress(done, len(self.wanted))


class Turns:
    """Lets one thread at a time use the engine; who is patient lets all the others go first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._impatient = 0
        self._taken = False

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """While this lasts, no patient one gets a turn."""
        with self._changed:
            self._impatient += 1
        try:
            yield
        finally:
            with self._changed:
                self._impatient -= 1
                self._changed.notify_all()

    @contextmanager
    def turn(self, *, patient: bool) -> Iterator[None]:
        """Wait for a turn with the engine; it lasts as long as this does."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken and not (patient and self._impatient))
            self._taken = True
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify_all()


class ClipSource:
    """Speech that is rendered once and cached. Any thread; the engine renders one text at a time.

    A whole preview takes a small board a minute, and the person who presses the button meanwhile
    must not wait for it. So who is patient waits before each text until nobody else is at work.
    """

    def __init__(self, engine: SpeechEngine, cache: ClipCache) -> None:
        self._engine = engine
        self._cache = cache
        self._turns = Turns()

    def prepare(
        self,
        texts: Iterable[str],
        voice: Voice,
        progress: Progress | None = None,
        *,
        patient: bool = False,
    ) -> PreparedSpeech:
        """The clips of `texts`; `progress` is called for each.

        Never raises for a broken engine: what could not be rendered is missing from the bank. No
        further text is tried once the engine itself turns out to be at fault.
        """
        job = Job(tuple(dict.fromkeys(texts)), voice, progress, patient)
        if patient:
            return self._prepare(job)
        with self._turns.impatient():
            return self._prepare(job)

    def _prepare(self, job: Job) -> PreparedSpeech:
        try:
            engine = self._engine.identity
        except SpeechError as error:
            job.fail(self._take_cached(job, self._cache.last_engine()), error)
            causes = {str(error)}
        else:
            missing = self._take_cached(job, engine)
            if missing:
                self._render(job, engine, missing)
                self._cache.prune()
            works = bool(job.clips)
            self._take_cached(job, self._cache.last_engine())
            if works:
                self._cache.remember_engine(engine)
            causes = {str(error) for error in job.failures.values()}
        if causes and not job.missing():
            logger.warning(
                "All there is to say was rendered before, but: %s", " ".join(sorted(causes))
            )
        return PreparedSpeech(ClipBank(job.clips), job.problems())

    def close(self) -> None:
        """End the engine; what is being rendered then fails. Any thread; never raises."""
        self._engine.close()

    def _take_cached(self, job: Job, engine: str | None) -> tuple[str, ...]:
        """Take the clips that `engine` rendered before; returns the texts still missing then."""
        if engine is None:
            return job.missing()
        for text in job.missing():
            pcm = self._cache.get(self._cache.key(engine, job.voice, text))
            if pcm is not None:
                job.have(text, pcm)
        return job.missing()

    def _render(self, job: Job, engine: str, texts: Sequence[str]) -> None:
        try:
            folder = TemporaryDirectory(prefix="kiosk-speech-", ignore_cleanup_errors=True)
        except OSError as error:
            problem = f"There is no room to render speech ({error}). Make room on the disk."
            job.fail(texts, SpeechEngineError(problem))
            return
        child_failures = 0
        with folder as path:
            file = Path(path) / "clip.wav"
            for place, text in enumerate(texts):
                try:
                    with self._turns.turn(patient=job.patient):
                        self._engine.render(text, job.voice, file)
                    pcm = self._read(text, file)
                except SpeechEngineError as error:
                    job.fail(texts[place:], error)
                    return
                except SpeechChildError as error:
                    child_failures += 1
                    if child_failures == CHILD_FAILURES_IN_A_ROW:
                        job.fail(texts[place:], error)
                        return
                    job.fail([text], error)
                except SpeechError as error:
                    job.fail([text], error)
                else:
                    child_failures = 0
                    self._cache.put(self._cache.key(engine, job.voice, text), pcm)
                    job.have(text, pcm)

    def _read(self, text: str, file: Path) -> bytes:
        try:
            return trim(read_clip(file))
        except SpeechError as error:
            raise SpeechError(f"The text {quoted(text)} cannot be spoken. {error}") from error
