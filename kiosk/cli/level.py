"""`kiosk level`: the doses, and the steps to harder or easier ones."""

import argparse
import math

from kiosk.cli import level_actions as acts
from kiosk.cli.common import Subparsers, add_command, add_setting_options
from kiosk.cli.data import Act, run

DESCRIPTION = """\
Show how much of each exercise is done, and decide about steps to a harder or an easier level.

After sessions that went well the kiosk proposes a step up, after hard ones a step back. It only
proposes: a caregiver accepts a step, or declines it. A dose can also be set by hand, within the
range that the source of the exercise gives. The program files stay as they are.

Without an action, it shows.
"""

EXAMPLES = """\
  kiosk level
  kiosk level accept
  kiosk level set low-back-next long-bridge --reps 12
  kiosk level set low-back-start glute-bridge --hold 5
  kiosk level reset low-back-start glute-bridge
"""

SHOW = """\
Show the doses of the programs in use, or of PROGRAM, with the ranges that their sources give, and
the step that is proposed. A value that a caregiver has changed has a star.
"""

ACCEPT = """\
Accept the step that is proposed. Either doses change, or the entries of the plan and the default
program change to the harder or easier program. It holds good from the next session on.
"""

DECLINE = """\
Decline the step that is proposed. Only sessions from now on count for the next one.
"""

SET = """\
Change the dose of an exercise. What is not named stays as it is. A dose outside the range that the
exercise's source gives is refused, unless --force is given: only where a doctor or physiotherapist
has said so.
"""

RESET = """\
Take changed doses back, of one exercise or of the whole program: they are again as in its file.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the command its arguments and options."""
    _add_show_options(parser)
    _complete(parser, acts.show)
    parser.set_defaults(program=None)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    _add_show(actions)
    _add_decision(actions, "accept", "accept the proposed step", ACCEPT, acts.accept)
    _add_decision(actions, "decline", "decline the proposed step", DECLINE, acts.decline)
    _add_set(actions)
    _add_reset(actions)


def run_set(args: argparse.Namespace) -> int:
    """Change a dose, where the command line says in which way."""
    if args.reps is None and args.sets is None and args.hold is None:
        args.usage_error("name what to change: --reps, --sets or --hold")
    return run(args)


def _add_show(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "show", "show doses and the proposed step", SHOW)
    text = "id of a program; without, those in use"
    parser.add_argument("program", metavar="PROGRAM", nargs="?", help=text)
    _as_before(parser)
    _add_show_options(parser)
    _complete(parser, acts.show)


def _add_decision(
    actions: "Subparsers[argparse.ArgumentParser]", name: str, summary: str, text: str, act: Act
) -> None:
    parser = add_command(actions, name, summary, text)
    which = "id of the program; needed where steps are proposed for several"
    parser.add_argument("program", metavar="PROGRAM", nargs="?", help=which)
    _as_before(parser)
    _complete(parser, act)


def _add_set(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "set", "change the dose of an exercise", SET)
    parser.add_argument("program", metavar="PROGRAM", help="id of the program")
    parser.add_argument("exercise", metavar="EXERCISE", help="id of the exercise")
    parser.add_argument("--reps", metavar="N", type=int, help="repetitions in a set")
    parser.add_argument("--sets", metavar="N", type=int, help="sets")
    text = "length of its holds"
    parser.add_argument("--hold", metavar="SECONDS", type=_milliseconds, help=text)
    text = "also outside the range that the source gives"
    parser.add_argument("--force", action="store_true", help=text)
    _as_before(parser)
    _complete(parser, acts.set_dose)
    parser.set_defaults(run=run_set)


def _add_reset(actions: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = add_command(actions, "reset", "take changed doses back", RESET)
    parser.add_argument("program", metavar="PROGRAM", help="id of the program")
    text = "id of the exercise; without, all of them"
    parser.add_argument("exercise", metavar="EXERCISE", nargs="?", help=text)
    _as_before(parser)
    _complete(parser, acts.reset)


def _add_show_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs to read")


def _as_before(parser: argparse.ArgumentParser) -> None:
    """Options added from now on leave what was given before the action, unless they are given."""
    parser.argument_default = argparse.SUPPRESS


def _complete(parser: argparse.ArgumentParser, act: Act) -> None:
    add_setting_options(parser, ())
    parser.set_defaults(run=run, act=act, usage_error=parser.error)


def _milliseconds(text: str) -> int:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise argparse.ArgumentTypeError(f"expected seconds, such as 4.5, not {text!r}")
    return round(seconds * 1000)
