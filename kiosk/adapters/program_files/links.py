"""The easier and harder levels that programs name: are they there, and are they what they say?"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from kiosk.errors import Problem
from kiosk.model.program import Program
from kiosk.quoting import nearest, quoted


def link_problems(
    programs: Mapping[str, Program], sources: Mapping[str, Path]
) -> Iterator[Problem]:
    """Every easier or harder level named in `programs` that is not there, or is not what it says.

    `sources` has every id there is, whether its file is usable or not.
    """
    for own in programs.values():
        for key, wanted in (("previous", own.previous_level), ("next", own.next_level)):
            if wanted is None:
                continue
            source = str(sources[own.id])
            if wanted not in sources:
                message = f"There is no program {quoted(wanted)}."
                yield Problem(source, key, message, nearest(wanted, sources))
            elif wanted in programs and not _leads_on(key, own, programs[wanted]):
                message = (
                    f"This program has level {own.level} and {quoted(wanted)} has level "
                    f"{programs[wanted].level}; previous has to be lower and next higher."
                )
                yield Problem(source, key, message)


def _leads_on(key: str, own: Program, other: Program) -> bool:
    return other.level < own.level if key == "previous" else other.level > own.level
