"""Tells a storm of edges from a person's presses: a pure function of their number and times.

A pin whose wire has come off picks up whatever hums around it, and a worn contact flutters. Nobody
presses that often. What such a storm has led to, before it was known for one, is led back.
"""

from dataclasses import dataclass

from kiosk.model.snapshot import AT_REST, UNDER_WAY, State
from kiosk.session.transitions import Input

PRESSES_A_SECOND = 1.5
"""Presses that nobody minds, however long they go on."""

PRESSES_AT_ONCE = 5.0
"""Presses beyond those that an impatient or trembling hand makes."""

EDGES_A_SECOND = 100.0
EDGES_AT_ONCE = 150.0
"""The same for edges: old contacts chatter with each press."""

CALM_AFTER = 5.0
"""Seconds without another sign of a storm after which the button is believed again."""

CALM = float("-inf")
"""Until when there is a storm, where there is none."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much has come from the contacts of late. Each count runs off as time goes by."""

    presses: float = 0.0
    edges: float = 0.0
    at: float = 0.0
    stormy_until: float = CALM

    def is_stormy(self, now: float) -> bool:
        """Whether the contacts are not to be believed."""
        return now < self.stormy_until


def after(traffic: Traffic, at: float, *, edges: int, presses: int) -> Traffic:
    """So many edges came at `at`, and what would be so many presses if a person had made them."""
    passed = max(at - traffic.at, 0.0)
    all_presses = max(traffic.presses - passed * PRESSES_A_SECOND, 0.0) + presses
    all_edges = max(traffic.edges - passed * EDGES_A_SECOND, 0.0) + edges
    is_too_much = all_presses > PRESSES_AT_ONCE or all_edges > EDGES_AT_ONCE
    until = at + CALM_AFTER if is_too_much else traffic.stormy_until
    # It never holds more than that, so that it runs off soon once the storm is over.
    return Traffic(min(all_presses, PRESSES_AT_ONCE), min(all_edges, EDGES_AT_ONCE), at, until)


def way_back(before: State, now: State) -> tuple[Input, ...]:
    """What leads from `now` back to how it was `before` a storm."""
    if before in AT_REST and now in UNDER_WAY:
        return (Input.STOP, Input.TAKE_BACK)
    if before in AT_REST and now is State.CONFIRMING:
        return (Input.TIME_UP,)
    if (before, now) == (State.RUNNING, State.PAUSED):
        return (Input.RESUME,)
    if (before, now) == (State.PAUSED, State.RUNNING):
        return (Input.PAUSE,)
    return ()
