"""What was measured often, as the few numbers that tell it, and what they have to keep to; as a
table for the terminal, as a page of the documentation, and as drawings.
"""

import math
import os
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from kiosk import __version__


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


HEADINGS = ("", "median", "p95", "p99", "worst", "times", "target", "kept")

INTRODUCTION = """\
# Benchmarks

What the kiosk was measured to do, by `make bench`, which writes this page. The figures are of the
machine below, and of its load at the time; on another they differ. What matters is how they stand
to each other and to their targets.
"""


def table(rows: Sequence[Row]) -> str:
    """For a terminal."""
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def page(sections: Iterable[Section]) -> str:
    """For the documentation, in Markdown."""
    parts = [INTRODUCTION, _machine()]
    for section in sections:
        parts.append(f"## {section.title}\n\n{section.method}\n")
        parts.append(_markdown(section.rows))
        parts += [f"![{plot.title}](../images/{plot.name}.svg)\n" for plot in section.plots]
    return "\n".join(parts)


def _markdown(rows: Sequence[Row]) -> str:
    head = "| " + " | ".join(HEADINGS) + " |\n|---" + "|--:" * (len(HEADINGS) - 1) + "|\n"
    return head + "".join("| " + " | ".join(_cells(row)) + " |\n" for row in rows)


def _cells(row: Row) -> tuple[str, ...]:
    figures = row.figures
    unit = f" {figures.unit}" if figures.unit else ""
    several = len(figures.values) > 1
    middle = [_number(value) for value in (figures.median, figures.p95, figures.p99)]
    # Of what is better the larger it is, the worst is the smallest.
    turned = row.target is not None and row.target.at_least
    worst = min(figures.values) if turned else figures.worst
    return (
        row.what,
        *(middle if several else ("", "", "")),
        _number(worst) + unit,
        str(len(figures.values)),
        str(row.target or ""),
        {None: "", True: "yes", False: "NO"}[row.kept],
    )


def _number(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = (
        ("machine", f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB"),
        ("system", _pretty_name()),
        ("load at the end", load),
        ("kiosk", __version__),
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
        ("espeak-ng", _espeak()),
    )
    return "| | |\n|---|---|\n" + "".join(f"| {name} | {what} |\n" for name, what in lines)


def _pretty_name() -> str:
    return platform.freedesktop_os_release()["PRETTY_NAME"]


def _espeak() -> str:
    said = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split(":")[1].split()[0]


WIDTH, HEIGHT = 440, 320
LEFT, RIGHT, TOP, BOTTOM = 74, 24, 44, 52
LINE = 20
"""From one name below the plot to the next."""

COLOURS = ("#1b4f9c", "#b3261e", "#1e6b42", "#7a4a00", "#5b2a86", "#006d77", "#444444", "#a0216b")
DASHES = ("", "6 3", "2 3")
"""So that more lines than there are colours can be told apart, and by those who see none."""


def drawing(plot: Plot) -> str:
    """The plot as SVG; both axes are logarithmic, so that a straight line is a law of growth."""
    points = [point for line in plot.lines.values() for point in line]
    across = _Axis(min(x for x, _ in points), max(x for x, _ in points), LEFT, WIDTH - RIGHT)
    up = _Axis(min(y for _, y in points), max(y for _, y in points), HEIGHT - BOTTOM, TOP)
    parts = [*_paper(plot), *_grid(plot, across, up)]
    for place, (name, line) in enumerate(plot.lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        manner = f'stroke="{colour}" stroke-dasharray="{DASHES[place % len(DASHES)]}"'
        path = "L".join(f"{across.place(x):.1f} {up.place(y):.1f}" for x, y in line)
        y = HEIGHT + LINE * place + 8
        parts += [
            f'<path d="M{path}" fill="none" stroke-width="2" {manner}/>',
            f'<path d="M{LEFT} {y - 4}h34" stroke-width="3" {manner}/>',
            _text(LEFT + 44, y, f"{name}: {_number(line[-1][1])} ms", "start"),
        ]
    return "\n".join([*parts, "</svg>", ""])


def _paper(plot: Plot) -> list[str]:
    height = HEIGHT + LINE * len(plot.lines) + 4
    title, name = escape(plot.title), escape(plot.name)
    lines = ", ".join(
        f"{escape(line)} {_number(points[0][1])} to {_number(points[-1][1])} milliseconds"
        for line, points in plot.lines.items()
    )
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"',
        f' aria-labelledby="{name}-title {name}-desc" style="font: 13px sans-serif">',
        f'<title id="{name}-title">{title}</title>',
        f'<desc id="{name}-desc">By {escape(plot.across)}: {lines}.</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="26" style="font-size: 16px" fill="#222222">{title}</text>',
    ]


def _grid(plot: Plot, across: "_Axis", up: "_Axis") -> list[str]:
    parts = []
    for decade in up.decades():
        y = up.place(decade)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(_text(LEFT - 6, y + 4, f"{decade:g} ms", "end"))
    for size in sorted({x for line in plot.lines.values() for x, _ in line}):
        x = across.place(size)
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eeeeee"/>')
        parts.append(_text(x, HEIGHT - BOTTOM + 18, f"{size:,.0f}", "middle"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    return [*parts, _text(middle, HEIGHT - BOTTOM + 36, plot.across, "middle")]


def _text(x: float, y: float, text: str, anchor: str) -> str:
    at = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text {at} text-anchor="{anchor}" fill="#333333">{escape(text)}</text>'


class _Axis:
    """From a size to its place in the drawing."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low, self._high = math.log10(low), math.log10(high)
        self._start, self._end = start, end

    def place(self, value: float) -> float:
        share = (math.log10(value) - self._low) / ((self._high - self._low) or 1)
        return self._start + share * (self._end - self._start)

    def decades(self) -> list[float]:
        return [10.0**power for power in range(math.ceil(self._low), math.floor(self._high) + 1)]


def write(sections: Sequence[Section], docs: Path) -> None:
    """The page and its drawings, in the folder `docs`."""
    (docs / "reference/benchmarks.md").write_text(page(sections))
    for section in sections:
        for plot in section.plots:
            (docs / f"images/{plot.name}.svg").write_text(drawing(plot))
