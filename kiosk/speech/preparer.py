"""Prepares sessions: from a program and its doses to clips and timeline, before it begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from kiosk.audio.playlist import Segment
from kiosk.errors import DataError, ProgramFileError, SpeechError, UnknownProgramError, WordingError
from kiosk.levels.doses import Dose, dose_text, with_doses
from kiosk.locale.wording import Wording
from kiosk.programs.files import ProgramSource
from kiosk.programs.model import Program
from kiosk.settings.model import Settings
from kiosk.speech.model import PreparedSpeech, Progress, Voice
from kiosk.speech.source import ClipSource
from kiosk.timeline.layout import lay_out
from kiosk.timeline.notices import (
    Notice,
    aside_timeline,
    code_texts,
    lead_in_score,
    notice_score,
    spoken_score,
)
from kiosk.timeline.render import ClipBank
from kiosk.timeline.score import Score, texts_of
from kiosk.timeline.script import compile_timeline, texts_to_render
from kiosk.timeline.timeline import Speech, Timeline, state_at
from kiosk.units import Millis

UNUSABLE = (DataError, UnknownProgramError, WordingError)
"""What `SessionPreparer.prepare` raises where a program cannot be used."""


_Sound = tuple[Voice, Millis]
"""The settings that decide how a session sounds: its voice, and the pause after each sentence."""


@dataclass(frozen=True)
class PreparedSession:
    """Timeline and clips of one session; frozen, any thread."""

    program: str
    timeline: Timeline
    bank: ClipBank
    problems: tuple[str, ...] = ()
    level: int = 1
    dose: str = ""
    """What of its doses differs from the program file, as JSON; empty for nothing."""


@dataclass
class SessionPreparer:
    """Prepares sessions and notices.

    `prepare`, `make`, `prepare_notices`, `announcement` and `title_of` read files or render speech:
    they are slow, and run on one thread at a time. `preview` and `sample` are slow, too, and run on
    any thread, beside those. The rest is quick and belongs to the controller. What they share is
    frozen and only ever replaced as a whole, each piece with what it was made of: whoever reads it
    sees whether it still fits the settings.
    """

    programs: ProgramSource
    speech: ClipSource
    wording: Wording
    settings: Callable[[], Settings]
    """The settings in force; asked once by each piece of work."""

    doses: Callable[[str], Sequence[Dose]] = field(default=lambda _program: ())
    """The caregivers' changes to a program's doses."""

    _notices: tuple[Voice, PreparedSpeech] | None = field(default=None, init=False)
    _last: tuple[Program, _Sound, PreparedSession] | None = field(default=None, init=False)

    def prepare(self, program_id: str, progress: Progress | None = None) -> PreparedSession:
        """The material for a session of the program of that id. Raises one of `UNUSABLE`."""
        program, doses = self.programs.load(program_id), self.doses(program_id)
        material = self.make(with_doses(program, doses), progress)
        return replace(material, dose=dose_text(program, doses))

    def make(self, program: Program, progress: Progress | None = None) -> PreparedSession:
        """The material for a session of `program`. Raises WordingError for a missing language.

        What was made last is kept, so that the usual session begins at once on a slow board, too.
        """
        settings = self.settings()
        ready = self._ready(program, settings)
        if ready is not None:
            return ready
        material = self._make(program, settings, progress)
        # What is missing now may be there the next time.
        self._last = None if material.problems else (program, _sound_of(settings), material)
        return material

    def preview(self, program: Program) -> PreparedSession:
        """As `make`, for somebody who can wait: sessions and notices are rendered first."""
        settings = self.settings()
        ready = self._ready(program, settings)
        return ready or self._make(program, settings, patient=True)

    def sample(self, text: str, voice: Voice) -> Segment:
        """The segment for `text` in any `voice`, as patient as `preview`. Raises SpeechError."""
        score = spoken_score(text)
        speech = self.speech.prepare(texts_of(score), voice, patient=True)
        if speech.problems:
            raise SpeechError(" ".join(speech.problems))
        return Segment(lay_out(score, speech.bank.length), speech.bank)

    def prepare_notices(self) -> tuple[str, ...]:
        """Render the notices; slow. Returns why some are missing, as `PreparedSession` does."""
        voice = self.settings().spoken_by
        scores = (notice_score(notice, self.wording) for notice in Notice)
        texts = [text for score in scores for text in texts_of(score)]
        speech = self.speech.prepare([*texts, *code_texts(self.wording)], voice)
        self._notices = voice, speech
        return speech.problems

    @property
    def lacks_notices(self) -> bool:
        """Whether some could not be rendered when that was last tried."""
        return self._notices is not None and bool(self._notices[1].problems)

    def notice(self, notice: Notice) -> Segment:
        """The segment that says `notice`; a short tone as long as its speech is not rendered."""
        bank = self._notice_bank()
        return Segment(aside_timeline(notice_score(notice, self.wording), bank), bank)

    def rendered_segment(self, score: Score) -> Segment | None:
        """The segment that says `score`; `None` where it needs more than the notices' clips."""
        bank = self._notice_bank()
        if any(Speech(text) not in bank for text in texts_of(score)):
            return None
        return Segment(lay_out(score, bank.length), bank)

    def announcement(self, score: Score) -> Segment:
        """The segment that says `score`; a short tone where it cannot be rendered. Slow."""
        speech = self.speech.prepare(texts_of(score), self.settings().spoken_by)
        return Segment(aside_timeline(score, speech.bank), speech.bank)

    def title_of(self, program_id: str) -> str:
        """The program's title; its id where it cannot be read. Slow."""
        try:
            return self.programs.load(program_id).title(self.wording.language)
        except (ProgramFileError, UnknownProgramError):
            return program_id

    def lead_in(self, material: PreparedSession, at: Millis) -> Segment | None:
        """The segment that leads back into the session at `at`; `None` where nothing is said."""
        moment = state_at(material.timeline, at)
        timeline = lay_out(lead_in_score(moment, self.wording), material.bank.length)
        return Segment(timeline, material.bank) if timeline.cues else None

    def close(self) -> None:
        """Close the speech engine."""
        self.speech.close()

    def _ready(self, program: Program, settings: Settings) -> PreparedSession | None:
        """The session made last, where it is just what would be made now."""
        last = self._last
        return last[2] if last and last[:2] == (program, _sound_of(settings)) else None

    def _make(
        self,
        program: Program,
        settings: Settings,
        progress: Progress | None = None,
        *,
        patient: bool = False,
    ) -> PreparedSession:
        texts = texts_to_render(program, self.wording, settings)
        speech = self.speech.prepare(texts, settings.spoken_by, progress, patient=patient)
        timeline = compile_timeline(program, self.wording, settings, speech.bank.length)
        return PreparedSession(program.id, timeline, speech.bank, speech.problems, program.level)

    def _notice_bank(self) -> ClipBank:
        """The notices' clips, where they were rendered by the voice in force."""
        voice, speech = self._notices or (None, None)
        return speech.bank if speech and voice == self.settings().spoken_by else ClipBank()


def _sound_of(settings: Settings) -> _Sound:
    return settings.spoken_by, settings.sentence_pause_ms
