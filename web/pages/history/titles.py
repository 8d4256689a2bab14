"""What programs and exercises are called."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kiosk.api import ProgramDesk
from kiosk.errors import UnknownProgramError
from kiosk.model.plan import WALK
from kiosk.model.program import Exercise, Program
from web.texts import t


@dataclass
class Titles:
    """Knows programs by their titles as long as a page is made; each file is read once."""

    desk: ProgramDesk
    language: str
    known: dict[str, Program | None] = field(default_factory=dict)

    def know(self, programs: Iterable[Program]) -> None:
        """Take over what was read already."""
        self.known.update((program.id, program) for program in programs)

    def __call__(self, program: str) -> str:
        """The program's title; its id where there is none any more."""
        if program == WALK:
            return t("pages.walk")
        found = self.program(program)
        texts = found.text if found else {}
        text = texts.get(self.language) or next(iter(texts.values()), None)
        return text.title if text else program

    def exercise(self, program: str, exercise: str) -> str:
        """The exercise's name; its id where the program has none of it any more."""
        found = self.program(program)
        own = [e for e in found.exercises if e.id == exercise] if found else []
        return self.name_of(own[0]) if own else exercise

    def name_of(self, exercise: Exercise) -> str:
        """What an exercise is called."""
        text = exercise.text.get(self.language) or next(iter(exercise.text.values()), None)
        return text.name if text else exercise.id

    def program(self, program: str) -> Program | None:
        """The program of that id; `None` where it cannot be used."""
        if program not in self.known:
            try:
                self.known[program] = self.desk.listing(program).program
            except UnknownProgramError:
                self.known[program] = None
        return self.known[program]
