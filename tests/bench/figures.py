"""What was measured often, as the few numbers that tell it; and what they have to keep to."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """What was measured often; in milliseconds, unless `unit` says another."""

    values: Sequence[float]
    unit: str = "ms"

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        return self.percentile(95)

    @property
    def p99(self) -> float:
        return self.percentile(99)

    @property
    def worst(self) -> float:
        return max(self.values)

    def percentile(self, share: int) -> float:
        """The smallest value that is not less than `share` percent of them."""
        ordered = sorted(self.values)
        return ordered[max(math.ceil(len(ordered) * share / 100), 1) - 1]

    def __str__(self) -> str:
        found = f"median {self.median:.1f}, p99 {self.p99:.1f}, worst {self.worst:.1f} {self.unit}"
        return f"{found} ({len(self.values)})"


@dataclass(frozen=True)
class Target:
    """What a figure has to keep to: `statistic` of it at most, or at least, `bound`."""

    statistic: str
    bound: float
    at_least: bool = False

    def is_kept(self, figures: Figures) -> bool:
        found = getattr(figures, self.statistic)
        return bool(found >= self.bound if self.at_least else found <= self.bound)

    def __str__(self) -> str:
        return f"{self.statistic} {'≥' if self.at_least else '≤'} {self.bound:g}"


@dataclass(frozen=True)
class Row:
    """One thing that was measured."""

    what: str
    figures: Figures
    target: Target | None = None

    @property
    def kept(self) -> bool | None:
        """Whether the target is kept; `None` where there is none."""
        return None if self.target is None else self.target.is_kept(self.figures)


@dataclass(frozen=True)
class Plot:
    """How a time grows: for the documentation, drawn as SVG."""

    name: str
    """Of its file, without an ending."""

    title: str
    across: str
    """What the sizes count."""

    lines: dict[str, list[tuple[float, float]]]
    """By name: (size, milliseconds)."""


@dataclass(frozen=True)
class Section:
    """What one round of measuring gave."""

    title: str
    method: str
    """How it was measured, for whoever reads the figures."""

    rows: list[Row]
    plots: tuple[Plot, ...] = ()


def drift(moments: Sequence[float], errors: Sequence[float]) -> float:
    """By how many milliseconds the error grows from the first moment to the last, on the straight
    line that fits best.
    """
    slope = statistics.linear_regression(moments, errors).slope
    return slope * (moments[-1] - moments[0])


def growth(points: Iterable[tuple[float, float]]) -> float:
    """The power of the size that a time grows with: 0 is flat, 1 linear, 2 quadratic."""
    sizes, times = zip(*points, strict=True)
    return statistics.linear_regression(
        [math.log(size) for size in sizes], [math.log(time) for time in times]
    ).slope
