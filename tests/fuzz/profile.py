"""How much is tried: the same few things in the ordinary tests, other ones each time for longer."""

import os

from hypothesis import HealthCheck, Phase, settings

VARIABLE = "KIOSK_FUZZ_TIMES"
"""How many times as much is tried, at random; unset, the ordinary little, always the same."""

NOT_MINDED = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.function_scoped_fixture,
    HealthCheck.large_base_example,
)

PHASES = tuple(phase for phase in Phase if phase is not Phase.explain)
"""Explaining takes longer than all the rest."""


def tried(examples: int, steps: int = 50) -> settings:
    """So many examples in the ordinary tests; of a machine, with so many steps each."""
    times = os.environ.get(VARIABLE)
    if times is None:
        return settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            phases=PHASES,
            database=None,
            deadline=None,
            suppress_health_check=NOT_MINDED,
        )
    return settings(
        max_examples=max(round(examples * float(times)), 1),
        stateful_step_count=steps,
        deadline=None,
        phases=PHASES,
        print_blob=True,
        suppress_health_check=NOT_MINDED,
    )
