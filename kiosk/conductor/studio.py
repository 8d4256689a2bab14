"""Makes what a session is played from: program, speech and timeline, before it begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from kiosk.agenda.doses import dose_text, with_doses
from kiosk.conductor.reel import Take
from kiosk.errors import ProgramFileError, UnknownProgramError
from kiosk.model.history import Dose
from kiosk.model.program import Program
from kiosk.model.settings import Settings
from kiosk.model.wording import Wording
from kiosk.ports import ProgramSource, Progress, SpeechSource
from kiosk.timeline.asides import Notice, lead_in_score, notice_score, notice_timeline
from kiosk.timeline.bank import ClipBank
from kiosk.timeline.compiler import compile_timeline, texts_to_render
from kiosk.timeline.layout import lay_out
from kiosk.timeline.score import Score, texts_of
from kiosk.timeline.timeline import Timeline, state_at
from kiosk.units import Millis


@dataclass(frozen=True)
class SessionMaterial:
    """Everything one session needs; frozen, any thread."""

    program: str
    timeline: Timeline
    bank: ClipBank
    problems: tuple[str, ...] = ()
    """Why some speech is missing; empty where none is."""

    level: int = 1
    """Of the program."""

    dose: str = ""
    """What of its doses differs from the program file, as JSON; empty for nothing."""


@dataclass
class Studio:
    """Prepares sessions and notices. `prepare` is slow and runs on one thread at a time; the rest
    is quick and belongs to the conductor.
    """

    programs: ProgramSource
    speech: SpeechSource
    wording: Wording
    settings: Settings
    doses: Callable[[str], Sequence[Dose]] = field(default=lambda _program: ())
    """The caregivers' changes to a program's doses."""

    _notices: ClipBank = field(default_factory=ClipBank, init=False)
    _last: tuple[Program, SessionMaterial] | None = field(default=None, init=False)

    def prepare(self, program_id: str, progress: Progress | None = None) -> SessionMaterial:
        """The material for a session of the program of that id.

        Raises UnknownProgramError, ProgramFileError or WordingError where it cannot be used.
        """
        program, doses = self.programs.load(program_id), self.doses(program_id)
        material = self.make(with_doses(program, doses), progress)
        return replace(material, dose=dose_text(program, doses))

    def make(self, program: Program, progress: Progress | None = None) -> SessionMaterial:
        """The material for a session of `program`. Raises WordingError for a missing language.

        What was made last is kept, so that the usual session begins at once on a slow board, too.
        """
        if self._last is not None and self._last[0] == program:
            return self._last[1]
        texts = texts_to_render(program, self.wording, self.settings)
        speech = self.speech.prepare(texts, self.settings.spoken_by, progress)
        timeline = compile_timeline(program, self.wording, self.settings, speech.bank.length)
        material = SessionMaterial(
            program.id, timeline, speech.bank, speech.problems, program.level
        )
        # What is missing now may be there the next time.
        self._last = None if speech.problems else (program, material)
        return material

    def prepare_notices(self) -> tuple[str, ...]:
        """Have the notices ready; slow. Returns why some are missing, as `SessionMaterial` does."""
        scores = (notice_score(notice, self.wording) for notice in Notice)
        texts = [text for score in scores for text in texts_of(score)]
        speech = self.speech.prepare(texts, self.settings.spoken_by)
        self._notices = speech.bank
        return speech.problems

    def notice(self, notice: Notice) -> Take:
        """What says `notice`; a short tone as long as its speech is not there."""
        return Take(notice_timeline(notice, self.wording, self._notices), self._notices)

    def announcement(self, score: Score) -> Take:
        """What says `score`; slow."""
        speech = self.speech.prepare(texts_of(score), self.settings.spoken_by)
        return Take(lay_out(score, speech.bank.length), speech.bank)

    def title_of(self, program_id: str) -> str:
        """What the program is called, for the person; its id where it cannot be read."""
        try:
            program = self.programs.load(program_id)
        except (ProgramFileError, UnknownProgramError):
            return program_id
        text = program.text.get(self.wording.language)
        return text.title if text else program_id

    def lead_in(self, material: SessionMaterial, at: Millis) -> Take | None:
        """What leads back into the session at `at`; `None` where there is nothing to say."""
        moment = state_at(material.timeline, at)
        timeline = lay_out(lead_in_score(moment, self.wording), material.bank.length)
        return Take(timeline, material.bank) if timeline.cues else None

    def close(self) -> None:
        """Let go of the speech engine."""
        self.speech.close()
