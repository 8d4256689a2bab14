"""Program documents for tests: any that are right, made by hypothesis."""

from hypothesis import strategies as st

from kiosk.programs.model import PhaseName, Position

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
    phases = [{"do": one.value, "seconds": draw(seconds(2, 30))} for one in doing]
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
