"""Programs for tests: one shipped (`shipped`), a folder for own ones, a service around both; and
documents of programs, any that are right, made by hypothesis.
"""

import tomllib
from datetime import UTC, date, datetime, time

from hypothesis import strategies as st

from kiosk.history.audit import Actor
from kiosk.levels.doses import Dose
from kiosk.programs.files import ProgramFiles
from kiosk.programs.model import PhaseName, Position
from kiosk.programs.service import ProgramService
from kiosk.schedule.model import EVERY_DAY, PlanEntry
from kiosk.settings.model import Settings
from kiosk.speech.cache import ClipCache
from kiosk.speech.preparer import SessionPreparer
from kiosk.speech.source import ClipSource
from tests.builders import ENGLISH
from tests.fakes.speech import FakeEngine
from tests.fakes.store import MemoryStore
from tests.fakes.wall_clock import FakeWallClock
from tests.programs.files import GOOD, changed

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)

SHIPPED = changed('id = "two-exercises"', 'id = "shipped"')


def a_document(**keys):
    """The content of the good file, with other `keys`."""
    return tomllib.loads(GOOD) | keys


class Programs:
    """The service of programs, with a real store on memory and a voice that hums."""

    def __init__(self, folder, engine=None):
        self.own = folder / "own"
        shipped = folder / "shipped"
        shipped.mkdir()
        (shipped / "shipped.toml").write_text(SHIPPED)
        self.files = ProgramFiles(shipped, self.own)
        self.store = MemoryStore()
        self.settings = Settings(default_program="shipped")
        clips = ClipCache(folder / "clips")
        speech = ClipSource(engine or FakeEngine(per_character=5), clips)
        self.preparer = SessionPreparer(self.files, speech, ENGLISH, lambda: self.settings)
        self.previewed = []
        self.service = ProgramService(
            self.files, self.store, FakeWallClock(NOW), lambda: self.settings, self.make
        )

    def make(self, program):
        self.previewed.append(program)
        return self.preparer.preview(program)

    def save(self, text=GOOD, **keys):
        """Save the program that `text` holds, with other `keys`, as one of the household's."""
        document = self.files.parse(text) | keys
        return self.service.save(document, self.files.version(document["id"]))

    def plan(self, program):
        entry = PlanEntry(0, program, EVERY_DAY, (time(9),), date(2026, 10, 5), None)
        return self.store.plan.add(entry, Actor.COMMAND, NOW)

    def dose(self, program, exercise, **values):
        self.store.doses.set(Dose(program, exercise, **values), Actor.COMMAND, NOW)


# --- documents -----------------------------------------------------------------------------------

SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)


def lines(most):
    """Texts on one line with something in them."""
    signs = st.characters(exclude_categories=["Cc", "Cs"])
    return st.text(signs, min_size=1, max_size=most).filter(lambda text: not text.isspace())


def spans(low, high, numbers):
    """Ranges from the smaller to the larger."""
    return st.lists(numbers(low, high), min_size=2, max_size=2).map(sorted)


def seconds(low, high):
    return st.one_of(
        st.integers(int(low) + 1, high),
        st.floats(low, high, allow_subnormal=False),
        st.integers(int(low * 10), high * 10).map(lambda tenths: tenths / 10),
    )


@st.composite
def exercises(draw, name, languages):
    """One exercise that is right, with the keys that may be left out there or not."""
    doing = draw(st.lists(st.sampled_from(list(PhaseName)), min_size=1, max_size=4))
    # Short enough for three exercises to stay below the most that a program may take.
    phases = [{"do": one.value, "seconds": draw(seconds(2, 9))} for one in doing]
    for phase in phases:
        if draw(st.booleans()):
            phase["range"] = [0, phase["seconds"]]
    side = draw(st.sampled_from(["both", "left-then-right", "alternate"]))
    exercise = {
        "id": name,
        "position": draw(st.sampled_from([one.value for one in Position])),
        "reps": 2 * draw(st.integers(1, 10)),
        "phases": phases,
        "source": draw(
            st.lists(
                st.fixed_dictionaries({"title": lines(300), "says": lines(300)}),
                min_size=1,
                max_size=3,
            )
        ),
        "text": {language: draw(exercise_texts(doing, side)) for language in languages},
    }
    if side != "both":
        exercise |= {"side": side, "reps_per_side": draw(st.booleans())}
    optional = {
        "equipment": st.lists(st.sampled_from(["mat", "chair", "wall"]), max_size=3),
        "sets": st.integers(1, 3),
        "reps_range": st.just([1, exercise["reps"]]),
        "rest_between_sets": seconds(0, 600),
        "change_sides": seconds(0, 600),
        "get_ready": seconds(0, 600),
    }
    return exercise | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def exercise_texts(draw, doing, side):
    words = {"phases": st.dictionaries(st.sampled_from([one.value for one in doing]), lines(40))}
    sides = {"left": lines(40), "right": lines(40)} if side != "both" else {}
    needed = {"name": lines(80), "how": lines(600)}
    return draw(st.fixed_dictionaries(needed, optional=words | sides))


@st.composite
def documents(draw):
    """A whole program that is right."""
    languages = draw(st.lists(st.sampled_from(["en", "nb", "pt_BR"]), min_size=1, unique=True))
    names = draw(st.lists(SLUGS, min_size=1, max_size=3, unique=True))
    text = {
        "title": lines(80),
        "summary": lines(600),
        "stop_rules": st.lists(lines(300), min_size=1, max_size=6),
    }
    document = {
        "schema": 1,
        "id": draw(SLUGS.filter(lambda name: name != "walk")),
        "level": draw(st.integers(1, 10)),
        "frequency": {
            "times_per_day": draw(spans(1, 24, st.integers)),
            "days_per_week": draw(spans(1, 7, st.integers)),
        },
        "text": {language: draw(st.fixed_dictionaries(text)) for language in languages},
        "exercise": [draw(exercises(name, languages)) for name in names],
    }
    if draw(st.booleans()):
        document["rest_between_exercises"] = draw(seconds(0, 600))
    return document
