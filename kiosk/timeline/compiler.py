"""From a program to its timeline, in one step."""

from kiosk.model.program import Program
from kiosk.model.settings import Settings
from kiosk.model.wording import Wording
from kiosk.timeline.layout import LengthOf, lay_out
from kiosk.timeline.script import write_score
from kiosk.timeline.timeline import Timeline


def compile_timeline(
    program: Program, wording: Wording, settings: Settings, length_of: LengthOf
) -> Timeline:
    """The timeline of one session of `program`: pure, and the same for the same arguments.

    Raises WordingError where the program or the catalogue lacks a text in the language.
    """
    return lay_out(write_score(program, wording, settings), length_of)
