"""In a minute: does the kiosk keep time better than what else there is, and grow no faster?

Only ratios of what is measured side by side count here, so that a slow or busy machine does not.
"""

from concurrent.futures import ThreadPoolExecutor

from tests.bench import beside, cadence, growth
from tests.bench.figures import Figures, Row, Section, Target

PEERS = ("espeak_on_deadline", "aplay_on_deadline")
"""The best two of them."""

BETTER = 0.2
"""How much of the best peer's worst error the kiosk's may be."""

LISTENS_FOR = 55.0
"""Seconds of the session, with the first repetitions in it."""

METHOD = """\
The worst error of a count in the first minute of a session, as a share of that of the best other
way to count, which runs beside it; and the power of the size that some times grow with."""


def measure() -> Section:
    """Once more, where a ratio is missed: something else may have had the machine."""
    section = _measure()
    return section if all(row.kept for row in section.rows) else _measure()


def _measure() -> Section:
    with ThreadPoolExecutor(1) as other:
        session = other.submit(cadence.measure, LISTENS_FOR)
        peers = beside.measure(PEERS, with_pauses=False)
        plots = (growth.history((1 / 12, 1)), growth.exercises((30, 100, 300)))
        counts = session.result().rows[0]
    best = min(row.figures.worst for row in peers.rows if row.what.endswith("error"))
    share = Figures([counts.figures.worst / best], "of the best peer's")
    rows = [Row("a count's worst error", share, Target("worst", BETTER))]
    for plot in plots:
        for name, points in plot.lines.items():
            law = Figures([growth.growth(points)], "th power")
            rows.append(Row(f"{name}: grows with", law, Target("worst", growth.MOST)))
    return Section("Ratios", METHOD, rows)
