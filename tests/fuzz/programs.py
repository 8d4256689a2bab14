"""The home's programs: very short ones, so that many sessions are soon done."""

from dataclasses import replace

from kiosk.programs.model import Side
from tests.builders import a_program, an_exercise, phase

ARMS = replace(
    a_program(
        an_exercise("Lift", reps=4, phases=(phase("lift", 2000),), get_ready=2000),
        an_exercise("Hold", reps=1, phases=(phase("lift", 1000), phase("hold", 2000)), get_ready=0),
        rest=1000,
    ),
    id="arms",
)
SIDES = replace(
    a_program(
        an_exercise(
            "Reach",
            reps=2,
            sets=2,
            side=Side.ALTERNATE,
            reps_per_side=False,
            phases=(phase("reach", 2000),),
            rest_between_sets=2000,
            get_ready=1000,
        ),
    ),
    id="sides",
)
PROGRAMS = (ARMS, SIDES)
