"""`kiosk cues`: everything that is said in a session, and when."""

import argparse
from dataclasses import asdict

from kiosk.cli.common import add_setting_options, environment_from, prepared_session, print_json
from kiosk.timeline.timeline import Place, Timeline
from kiosk.units import Millis

DESCRIPTION = """\
Print the cue sheet of a session: every word of it with the moment at which it is said.

PROGRAM is a program's id (see `kiosk programs`) or a file. The speech is rendered, where it has not
been before, because the moments follow from how long each clip really is.
"""

EXAMPLES = """\
  kiosk cues low-back-start
  kiosk cues my-program.toml --rate 140
  kiosk cues low-back-start --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk cues`."""
    parser.add_argument("program", metavar="PROGRAM", help="id or file of the program")
    parser.add_argument("--json", action="store_true", help="for programs to read; times in ms")
    add_setting_options(parser, ("voice", "rate"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the cue sheet."""
    session = prepared_session(environment_from(args), args.program)
    timeline = session.timeline
    if args.json:
        print_json(cue_sheet(timeline))
    else:
        _print_table(timeline)
    return 1 if session.problems else 0


def cue_sheet(timeline: Timeline) -> dict[str, object]:
    """The cue sheet as plain data; `null` where something does not apply."""
    return {
        "program": timeline.program,
        "title": timeline.title,
        "duration_ms": timeline.duration,
        "cues": [
            {
                "at_ms": cue.at,
                "duration_ms": cue.duration,
                "kind": cue.kind.value,
                "text": cue.text,
                **_place(timeline, cue.place),
            }
            for cue in timeline.cues
        ],
        "dropped": [
            {"at_ms": d.at, "kind": d.kind.value, "text": d.text, **_place(timeline, d.place)}
            for d in timeline.dropped
        ],
        "missing": list(timeline.missing),
    }


def _place(timeline: Timeline, place: Place) -> dict[str, object]:
    exercise = None if place.exercise is None else timeline.exercises[place.exercise].id
    return {**asdict(place), "exercise": exercise}


def _print_table(timeline: Timeline) -> None:
    exercise: int | None = None
    print(f"{timeline.title}, {_clock(timeline.duration)}")
    for cue in timeline.cues:
        if cue.place.exercise != exercise:
            exercise = cue.place.exercise
            print()
        rep = "" if cue.place.rep is None else f"{cue.place.rep} {cue.place.side or ''}"
        print(f"{_clock(cue.at)}  {cue.kind.value:<11} {rep:<10} {cue.text}")


def _clock(at: Millis) -> str:
    whole, millis = divmod(at, 1000)
    return f"{whole // 60:3}:{whole % 60:02}.{millis:03}"
