"""From a program to what has to be rendered for it, and then to its timeline."""

from kiosk.locale.wording import Wording
from kiosk.programs.model import Program
from kiosk.settings.model import Settings
from kiosk.timeline.layout import LengthOf, lay_out
from kiosk.timeline.notices import lead_in_texts
from kiosk.timeline.score import texts_of
from kiosk.timeline.script import write_score
from kiosk.timeline.timeline import Timeline


def texts_to_render(program: Program, wording: Wording, settings: Settings) -> tuple[str, ...]:
    """Every text that a session of `program` may need, lead-ins included, once each.

    Raises WordingError as `compile_timeline` does.
    """
    score = write_score(program, wording, settings)
    outline = lay_out(score, lambda _sound: None)  # lengths do not matter to what may be said
    return tuple(dict.fromkeys((*texts_of(score), *lead_in_texts(outline, wording))))


def compile_timeline(
    program: Program, wording: Wording, settings: Settings, length_of: LengthOf
) -> Timeline:
    """The timeline of one session of `program`: pure, and the same for the same arguments.

    Raises WordingError where the program or the catalogue lacks a text in the language.
    """
    return lay_out(write_score(program, wording, settings), length_of)
