"""The clips of a session: kept ones from the cache, the others rendered now and then kept."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.adapters.speech.cache import ClipCache
from kiosk.adapters.speech.failures import SpeechChildError, SpeechEngineError, quoted
from kiosk.adapters.speech.wav import read_clip, trim
from kiosk.errors import SpeechError
from kiosk.model.voice import Voice
from kiosk.ports import PreparedSpeech, Progress, SpeechEngine
from kiosk.timeline.bank import ClipBank

logger = logging.getLogger(__name__)

CHILD_FAILURES_IN_A_ROW = 2
"""After so many the engine is taken to be broken, not the texts to be difficult."""

PROBLEMS_TOLD = 5
"""How many texts are told of each by itself; the others are only counted."""


@dataclass
class Job:
    """One call of `prepare`: what is wanted, what there is of it, and why the rest is missing."""

    wanted: Sequence[str]
    voice: Voice
    progress: Progress | None
    clips: dict[str, bytes] = field(default_factory=dict)
    failures: dict[str, SpeechError] = field(default_factory=dict)

    def have(self, text: str, pcm: bytes) -> None:
        """The clip of `text` is `pcm`, even if it failed before."""
        self.clips[text] = pcm
        if text not in self.failures:
            self._tell()

    def fail(self, texts: Iterable[str], error: SpeechError) -> None:
        """None of `texts` can be rendered."""
        for text in texts:
            self.failures[text] = error
            self._tell()

    def missing(self) -> tuple[str, ...]:
        """The texts without a clip, in their order."""
        return tuple(text for text in self.wanted if text not in self.clips)

    def problems(self) -> tuple[str, ...]:
        """A sentence for each cause, for so many as are told; none for a text that has a clip."""
        causes = tuple(dict.fromkeys(str(self.failures[text]) for text in self.missing()))
        told, more = causes[:PROBLEMS_TOLD], len(causes) - PROBLEMS_TOLD
        return (*told, f"{more} more texts cannot be spoken.") if more > 0 else told

    def _tell(self) -> None:
        if self.progress is not None:
            done = len(self.clips) + len(self.failures)
            self.progress(done, len(self.wanted))


class CachedSpeech:
    """Speech that is rendered once and kept. Any thread, one at a time."""

    def __init__(self, engine: SpeechEngine, cache: ClipCache) -> None:
        self._engine = engine
        self._cache = cache

    def prepare(
        self, texts: Iterable[str], voice: Voice, progress: Progress | None = None
    ) -> PreparedSpeech:
        """All of `texts` that can be had, ready to be played; `progress` hears of each.

        Never raises for a broken engine: what could not be rendered is missing from the bank. No
        further text is tried once the engine itself turns out to be the trouble.
        """
        job = Job(tuple(dict.fromkeys(texts)), voice, progress)
        try:
            engine = self._engine.identity
        except SpeechError as error:
            job.fail(self._take_kept(job, self._cache.last_engine()), error)
            causes = {str(error)}
        else:
            self._take_or_render(job, engine)
            causes = {str(error) for error in job.failures.values()}
        if causes and not job.missing():
            logger.warning(
                "All there is to say was rendered before, but: %s", " ".join(sorted(causes))
            )
        return PreparedSpeech(ClipBank(job.clips), job.problems())

    def close(self) -> None:
        """End the engine; what is being rendered then fails. Any thread; never raises."""
        self._engine.close()

    def _take_or_render(self, job: Job, engine: str) -> None:
        missing = self._take_kept(job, engine)
        if missing:
            self._render(job, engine, missing)
            self._cache.prune()
        works = bool(job.clips)
        self._take_kept(job, self._cache.last_engine())
        if works:
            self._cache.remember_engine(engine)

    def _take_kept(self, job: Job, engine: str | None) -> tuple[str, ...]:
        """Take from the cache what `engine` rendered before; the texts still missing then."""
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
        with folder as path:
            self._render_into(Path(path) / "clip.wav", job, engine, texts)

    def _render_into(self, file: Path, job: Job, engine: str, texts: Sequence[str]) -> None:
        child_failures = 0
        for place, text in enumerate(texts):
            try:
                pcm = self._rendered(text, job.voice, file)
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

    def _rendered(self, text: str, voice: Voice, file: Path) -> bytes:
        self._engine.render(text, voice, file)
        try:
            return trim(read_clip(file))
        except SpeechError as error:
            raise SpeechError(f"The text {quoted(text)} cannot be spoken. {error}") from error
