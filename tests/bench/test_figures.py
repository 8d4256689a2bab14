"""What the benchmarks make of what they measured."""

import xml.etree.ElementTree as ET

import pytest

from tests.bench.figures import (
    Figures,
    Plot,
    Row,
    Section,
    Target,
    drawing,
    drift,
    growth,
    page,
    table,
)

HUNDRED = Figures([float(value) for value in range(100, 0, -1)])


def test_figures_tell_the_middle_and_the_tail():
    assert HUNDRED.median == 50.5
    assert HUNDRED.p95 == 95.0
    assert HUNDRED.p99 == 99.0
    assert HUNDRED.worst == 100.0


def test_of_a_few_values_the_tail_is_the_worst():
    few = Figures([3.0, 1.0, 2.0])
    assert (few.median, few.p95, few.p99, few.worst) == (2.0, 3.0, 3.0, 3.0)


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        (Target("worst", 100.0), True),
        (Target("worst", 99.9), False),
        (Target("median", 50.5, at_least=True), True),
        (Target("median", 50.6, at_least=True), False),
    ],
)
def test_a_target_is_kept_or_not(target, kept):
    assert Row("it", HUNDRED, target).kept is kept


def test_without_a_target_nothing_is_kept_or_missed():
    assert Row("it", HUNDRED).kept is None


def test_drift_is_what_an_error_grows_by_and_not_how_it_jumps():
    assert drift([0, 1000, 2000, 3000], [5.0, 5.0, 5.0, 5.0]) == pytest.approx(0)
    assert drift([0, 1000, 2000], [0.0, 0.5, 1.0]) == pytest.approx(1.0)


@pytest.mark.parametrize("power", [0, 1, 2])
def test_growth_is_the_power_of_the_size(power):
    assert growth([(size, 3.0 * size**power) for size in (1, 10, 100)]) == pytest.approx(power)


def test_the_table_says_what_is_missed():
    rows = [Row("short", HUNDRED, Target("worst", 1.0)), Row("long enough", Figures([0.0], "MB"))]
    assert table(rows).splitlines() == [
        "             median   p95   p99   worst  times     target  kept",
        "short          50.5  95.0  99.0  100 ms    100  worst ≤ 1    NO",
        "long enough                        0 MB      1",
    ]


def test_the_page_has_each_section_with_its_method_and_its_drawings():
    plot = Plot("growth-x", "X & Y", "sizes", {"flat": [(1, 2.0), (10, 2.0)]})
    text = page([Section("Counts", "How it was done.", [Row("error", HUNDRED)], (plot,))])
    assert "## Counts\n\nHow it was done.\n" in text
    assert "| error | 50.5 | 95.0 | 99.0 | 100 ms | 100 |  |  |" in text
    assert "![X & Y](../images/growth-x.svg)" in text


def test_a_drawing_is_well_formed_and_its_lines_go_up_with_the_time():
    lines = {
        "linear": [(1.0, 1.0), (10.0, 10.0), (100.0, 100.0)],
        "flat": [(1.0, 5.0), (100.0, 5.0)],
    }
    root = ET.fromstring(drawing(Plot("g", "A & B", "sizes", lines)))  # noqa: S314 - our own
    paths = [element.get("d") for element in root.iter() if element.get("stroke-width") == "2"]
    assert len(paths) == 2
    heights = [float(part.split()[1]) for part in paths[0].removeprefix("M").split("L")]
    assert heights == sorted(heights, reverse=True)
    flat = [float(part.split()[1]) for part in paths[1].removeprefix("M").split("L")]
    assert flat[0] == flat[1]
    assert "linear: 100 ms" in list(root.itertext())
