"""Doses and levels, for whoever decides on them."""

from dataclasses import dataclass
from typing import Protocol

from kiosk.agenda.levels import Kind, Proposal, Reason
from kiosk.errors import Problem
from kiosk.model.history import Dose
from kiosk.model.program import Program

__all__ = [
    "DosesView",
    "Kind",
    "LevelDesk",
    "LevelView",
    "Proposal",
    "Reason",
]


@dataclass(frozen=True, slots=True)
class DosesView:
    """A program, and how it is done."""

    program: Program
    """As it is in its file."""

    dosed: Program
    """As it is done: with the changed doses."""

    doses: tuple[Dose, ...]
    """The changes."""

    version: str
    """Differs after any change to its doses."""


@dataclass(frozen=True, slots=True)
class LevelView(DosesView):
    """A program that is in use, and where the person stands in it."""

    proposal: Proposal | None
    """A step that the latest sessions ask for."""


class LevelDesk(Protocol):
    """Everything raises StoreError where what is kept cannot be read or written,
    UnknownProgramError and ProgramFileError where a program cannot be used.
    """

    def in_use(self) -> tuple[tuple[LevelView, ...], tuple[Problem, ...]]:
        """The default program and those of the plan, and what is wrong with others of them."""
        ...

    def of(self, program: str) -> LevelView:
        """Where the person stands in a program."""
        ...

    def doses_of(self, program: str) -> DosesView:
        """How a program is done; what was done of it is not read for that."""
        ...

    def accept(self, program: str, proposal: Proposal) -> None:
        """Take the step. Raises ConflictError where another one, or none, is proposed by now."""
        ...

    def decline(self, program: str, proposal: Proposal) -> None:
        """Put the step aside. Raises ConflictError as `accept` does."""
        ...

    def check_doses(self, doses: tuple[Dose, ...], *, insist: bool = False) -> tuple[Problem, ...]:
        """What speaks against doses of one program; paths end in `sets`, `reps` or `hold`. What is
        outside the cited range is no problem where the caregiver insists on it.
        """
        ...

    def set_doses(self, doses: tuple[Dose, ...], version: str, *, insist: bool = False) -> None:
        """Keep the doses of one program; one without a value takes the earlier change back.

        Raises PlanError with all that speaks against them, ConflictError where somebody was
        quicker.
        """
        ...

    def reset(self, program: str, version: str | None = None) -> None:
        """Take every changed dose of the program back.

        Raises ConflictError where they have another than the `version` that was looked at.
        """
        ...
