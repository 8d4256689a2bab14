"""Programs made and changed by a form that keeps everything typed, without JavaScript."""

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import ProgramFileError
from kiosk.programs.files import ProgramFiles, shipped_folder
from tests.programs.documents import documents
from tests.programs.files import GOOD, changed
from tests.web.kit import path_of
from tests.web.programs_house import (
    House,
    buttons,
    problems_at,
    shown_form,
    summary,
)
from web.programs.document import document_of, program_fields, slug
from web.programs.form import sent_program

NEW = "/programs/new/form"
EDIT = "/programs/two-exercises/edit"

FILLED = {
    "title": "Tea break",
    "summary": "For the kitchen.",
    "stop_rules": "Stop if it hurts.\nAsk somebody if you feel dizzy.\n",
    "times_per_day": ["1", "2"],
    "days_per_week": ["5", "7"],
    "level": "1",
    "exercise[0].name": "Heel raise",
    "exercise[0].how": "Hold on to the chair.\r\nRise on your toes.",
    "exercise[0].position": "standing",
    "exercise[0].equipment": ["chair"],
    "exercise[0].reps": "8",
    "exercise[0].reps_range": ["5", "10"],
    "exercise[0].sets": "1",
    "exercise[0].side": "both",
    "exercise[0].phases[0].do": "lift",
    "exercise[0].phases[0].seconds": "2,5",
    "exercise[0].phases[0].word": "up",
    "exercise[0].source[0].title": "A leaflet",
    "exercise[0].source[0].says": "5 to 10 times",
}


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def new_program(house, do="save", **fields):
    return house.browser.post(NEW, house.form(NEW) | FILLED | fields | {"do": do})


# Making


def test_a_program_is_made_by_filling_in_the_form(house):
    response = new_program(house)
    assert response.status_code == 200
    assert house.browser.answer() == "The program is saved."
    assert tomllib.loads(house.files.text("tea-break")) == {
        "schema": 1,
        "id": "tea-break",
        "level": 1,
        "frequency": {"times_per_day": [1, 2], "days_per_week": [5, 7]},
        "text": {
            "en": {
                "title": "Tea break",
                "summary": "For the kitchen.",
                "stop_rules": ["Stop if it hurts.", "Ask somebody if you feel dizzy."],
            }
        },
        "exercise": [
            {
                "id": "heel-raise",
                "position": "standing",
                "equipment": ["chair"],
                "sets": 1,
                "reps": 8,
                "reps_range": [5, 10],
                "side": "both",
                "phases": [{"do": "lift", "seconds": 2.5}],
                "source": [{"title": "A leaflet", "says": "5 to 10 times"}],
                "text": {
                    "en": {
                        "name": "Heel raise",
                        "how": "Hold on to the chair. Rise on your toes.",
                        "phases": {"lift": "up"},
                    }
                },
            }
        ],
    }


def test_a_disk_that_takes_no_file_loses_nothing_that_was_typed(house):
    house.own.touch()  # where the folder of programs would be
    response = new_program(house)
    assert response.status_code == 503
    assert "own cannot be used" in house.browser.text()
    shown = house.form()
    assert shown["title"] == ["Tea break"]
    assert shown["exercise[0].phases[0].seconds"] == ["2,5"]
    house.own.unlink()
    assert house.browser.post(NEW, shown | {"do": "save"}).status_code == 200
    assert house.browser.answer() == "The program is saved."


def test_after_saving_the_browser_is_led_to_the_program(house):
    form = house.form(NEW) | FILLED | {"do": "save"}
    response = house.browser.post(NEW, form, follow=False)
    assert (response.status_code, path_of(response)) == (303, "/programs/tea-break")


def test_everything_wrong_is_told_at_the_top_and_beside_its_field(house):
    fields = {
        "title": " ",
        "times_per_day": ["3", "1"],
        "exercise[0].reps": "12",
        "exercise[0].phases[0].seconds": "long",
        "exercise[0].source[0].says": "",
    }
    assert new_program(house, **fields).status_code == 422
    told = problems_at(house.browser.page)
    assert set(told) == {
        "title",
        "times_per_day",
        "exercise[0].reps",
        "exercise[0].phases[0].seconds",
        "exercise[0].source[0].says",
    }
    assert told["title"] == told["exercise[0].source[0].says"] == "Please fill this in."
    assert told["exercise[0].reps"] == "12 lies outside the cited range of 5 to 10."
    assert "Exercise 1, Source 1, The dose it gives : Please fill this in." in house.browser.text()
    assert sorted(summary(house.browser.page)) == sorted(told)
    for name in summary(house.browser.page):
        assert f'id="{name}"' in house.browser.page
    form = house.form()
    assert form["exercise[0].phases[0].seconds"] == ["long"]
    assert form["exercise[0].reps_range"] == ["5", "10"]
    assert dict(house.files.ids()).keys() == {"shipped"}


def test_a_taken_short_name_is_told_beside_it(house):
    assert new_program(house, id="shipped").status_code == 422
    assert problems_at(house.browser.page) == {
        "id": "There is a program 'shipped' already. Choose another id, or change that one."
    }
    assert house.form()["title"] == ["Tea break"]


def test_what_is_wrong_has_its_place_in_the_form_wherever_it_stands_in_the_file(house):
    fields = {
        "exercise[0].phases[0].word": "w" * 41,
        "exercise[0].name": "n" * 81,
        "summary": "",
        "exercise[0].reps_range": ["5", ""],
        "stop_rules": "",
        "previous": "nothing there",
        "exercise[0].others": json.dumps({"nb": {"name": "Bro"}}),
    }
    new_program(house, **fields)
    assert set(summary(house.browser.page)) == {
        "exercise[0].phases[0].word",
        "exercise[0].name",
        "summary",
        "exercise[0].reps_range",
        "stop_rules",
        "previous",
        "exercise[0]",
    }
    assert "Exercise 1 : exercise[0].text.nb.how: The key how is missing" in house.browser.text()


def test_a_program_needs_an_exercise_and_an_exercise_its_parts(house):
    new_program(house, do="remove exercise[0]")
    form = house.form()
    assert house.send(NEW, form).status_code == 422
    assert problems_at(house.browser.page) == {"exercises": "Add at least one exercise."}
    house.send(NEW, form, do="add exercise")
    house.send(NEW, house.form(), do="remove exercise[0].phases[0]")
    house.send(NEW, house.form())
    assert problems_at(house.browser.page)["exercise[0].phases"] == "Please fill this in."


# Buttons that keep what was typed


def test_an_added_exercise_leaves_everything_typed_in_place(house):
    response = new_program(house, do="add exercise", **{"exercise[0].reps": "a few"})
    assert response.status_code == 200
    form = house.form()
    assert form["title"] == ["Tea break"]
    assert form["exercise[0].reps"] == ["a few"]
    assert form["exercise[0].equipment"] == ["chair"]
    assert form["exercise[1].name"] == [""]
    assert problems_at(house.browser.page) == {}


def test_exercises_are_moved_and_taken_out(house):
    house.save(GOOD)
    house.send(EDIT, house.form(EDIT), do="down exercise[0]")
    form = house.form()
    assert [form["exercise[0].name"], form["exercise[1].name"]] == [["Knee to chest"], ["Bridge"]]
    house.send(EDIT, form, do="remove exercise[0]")
    house.send(EDIT, house.form())
    assert [one.id for one in house.files.load("two-exercises").exercises] == ["bridge"]


def test_the_parts_of_a_repetition_are_added_moved_and_taken_out(house):
    house.save(GOOD)
    house.send(EDIT, house.form(EDIT), do="add exercise[1].phases")
    form = house.form() | {"exercise[1].phases[1].seconds": ["3"]}
    house.send(EDIT, form, do="up exercise[1].phases[1]")
    house.send(EDIT, house.form(), do="remove exercise[0].phases[2]")
    house.send(EDIT, house.form())
    bridge, knee = house.files.load("two-exercises").exercises
    assert [(one.name.value, one.duration) for one in knee.phases] == [
        ("lift", 3000),
        ("hold", 20_000),
    ]
    assert [one.name.value for one in bridge.phases] == ["lift", "hold"]


def test_sources_are_added_and_taken_out(house):
    house.save(GOOD)
    house.send(EDIT, house.form(EDIT), do="add exercise[0].source")
    fields = {"exercise[0].source[1].title": "A book", "exercise[0].source[1].says": "8 times"}
    form = house.form() | fields
    house.send(EDIT, form, do="remove exercise[0].source[0]")
    house.send(EDIT, house.form())
    (source,) = house.files.load("two-exercises").exercises[0].sources
    assert (source.title, source.says) == ("A book", "8 times")


def test_every_button_of_the_form_does_something(house):
    house.save(GOOD)
    first = house.browser.read(EDIT)
    form = shown_form(first)
    wishes = set(buttons(first)) - {"save"}
    assert len(wishes) > 15
    for wish in wishes:
        house.send(EDIT, form, do=wish)
        assert house.form() != form, wish


@pytest.mark.parametrize(
    "wish", ["", "up exercise[0]", "remove exercise[99]", "add exercise[7].phases", "x" * 5000]
)
def test_a_button_that_means_nothing_changes_nothing(house, wish):
    house.save(GOOD)
    form = house.form(EDIT)
    assert house.send(EDIT, form, do=wish).status_code == 200
    assert house.form() == form


# Changing


def test_a_form_saved_as_it_was_shown_changes_nothing_of_the_program(house):
    before = house.save(GOOD)
    assert house.send(EDIT, house.form(EDIT)).status_code == 200
    assert house.files.load("two-exercises") == before


def test_a_changed_shipped_program_takes_its_place(house):
    house.browser.read("/programs/shipped/edit")
    assert "This program came with the kiosk." in house.browser.text()
    house.send("/programs/shipped/edit", house.form(), level="5")
    assert house.files.load("shipped").level == 5
    assert "Changed by you" in house.browser.text()


def test_the_short_name_stays_whatever_is_sent(house):
    house.save(GOOD)
    form = house.form(EDIT)
    house.send(EDIT, form, id="shipped", level="5")
    assert house.files.load("two-exercises").level == 5
    assert house.files.load("shipped").level == 2


def test_the_form_tells_of_doses_that_go_before_it(house):
    house.dose("shipped", "bridge", reps=9)
    house.browser.read("/programs/shipped/edit")
    assert "They go before what is set here." in house.browser.text()


def test_texts_of_other_languages_stay_as_they_are(house):
    norwegian = GOOD.replace(
        "[[exercise]]",
        '[text.nb]\ntitle = "To øvelser"\nsummary = "Prøve"\nstop_rules = ["Stopp."]\n[[exercise]]',
        1,
    ).replace(
        '[exercise.text.en]\nname = "Bridge"',
        '[exercise.text.nb]\nname = "Bro"\nhow = "Løft."\n[exercise.text.en]\nname = "Bridge"',
    )
    before = house.save(norwegian)
    form = house.form(EDIT)
    house.send(EDIT, form, level="5")
    after = house.files.load("two-exercises")
    assert after.level == 5
    assert after.text == before.text
    assert after.exercises == before.exercises


def test_of_two_who_edit_the_slower_one_is_told_and_loses_nothing(house):
    house.save(GOOD)
    form = house.form(EDIT) | {"title": "Mine", "level": "4"}
    house.save(changed("level = 2", "level = 3").replace("reps = 8", "reps = 9"))
    response = house.send(EDIT, form)
    assert response.status_code == 409
    text = house.browser.text()
    assert "was changed by somebody else meanwhile" in text
    assert "Level 3" in text
    assert "Bridge: Repetitions 9" in text
    assert house.form()["title"] == ["Mine"]
    assert house.files.load("two-exercises").level == 3
    house.send(EDIT, house.form())
    assert house.files.load("two-exercises").level == 4


def test_who_edits_what_somebody_removed_can_keep_it_all_the_same(house):
    house.save(GOOD)
    form = house.form(EDIT)
    house.files.remove("two-exercises", house.files.version("two-exercises"))
    assert house.send(EDIT, form).status_code == 409
    assert "Somebody has removed the program" in house.browser.text()
    house.send(EDIT, house.form())
    assert house.files.is_own("two-exercises")


def test_a_copy_begins_as_the_other_one_is(house):
    form = house.form("/programs/shipped/copy")
    assert form["title"] == ["Two exercises (own)"]
    assert form["id"] == [""]
    house.send(NEW, form)
    copy, original = house.files.load("two-exercises-own"), house.files.load("shipped")
    assert copy.exercises == original.exercises


# Bringing in


def bring_in(house, content):
    """Send a file as a browser does."""
    house.browser.read("/programs")
    field = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    body = (
        field % (b"csrf_token", b"", house.browser.csrf().encode())
        + field % (b"file", b'; filename="../program.toml"', content)
        + b"--x--\r\n"
    )
    response = house.browser.client.post(
        "/programs/import", data=body, content_type="multipart/form-data; boundary=x"
    )
    house.browser.page = response.get_data(as_text=True)
    return response


def test_a_file_is_shown_as_a_filled_form_and_kept_only_when_saved(house):
    assert bring_in(house, b"\xef\xbb\xbf" + GOOD.encode()).status_code == 200
    assert problems_at(house.browser.page) == {}
    assert dict(house.files.ids()).keys() == {"shipped"}
    house.send(NEW, house.form())
    assert house.files.load("two-exercises") == house.files.check(tomllib.loads(GOOD))


def test_a_file_with_mistakes_is_shown_with_them(house):
    wrong = changed("reps = 8", "reps = 80").replace("level = 2", "lvl = 2\nwhen = 2020-01-01")
    assert bring_in(house, wrong.encode()).status_code == 200
    assert set(problems_at(house.browser.page)) == {"level", "exercise[0].reps"}
    assert "lvl: There is no such key here." in house.browser.text()
    assert "Did you mean level?" in house.browser.text()
    assert house.form()["exercise[0].reps"] == ["80"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a file first."),
        (b"\xff\xfe\x00", "This is not a program file: it holds something other than text."),
        (b"level = x", "line 1, column 9: The file is not valid TOML: Invalid value."),
        (b"#" * 1_000_001, "The file is too large for a program: 1 MB is the most."),
        (b"a." * 3000, "line 1: The line is too long; 5,000 characters are the most."),
    ],
)
def test_what_is_no_program_file_is_told_beside_the_field(house, content, sentence):
    assert bring_in(house, content).status_code == 422
    assert problems_at(house.browser.page) == {"file": sentence}


def test_an_upload_far_too_large_is_turned_away(house):
    assert bring_in(house, b"#" * 3_000_000).status_code == 413


def test_a_program_of_more_exercises_than_the_form_takes_is_told(house):
    exercise = GOOD[GOOD.index("[[exercise]]") : GOOD.rindex("[[exercise]]")]
    many = "".join(exercise.replace('"bridge"', f'"bridge-{n}"') for n in range(61))
    whole = GOOD[: GOOD.index("[[exercise]]")] + many
    assert bring_in(house, whole.encode()).status_code == 422
    assert "more than 60 exercises" in house.browser.text()


def test_sixty_exercises_can_be_sent(house):
    exercise = GOOD[GOOD.index("[[exercise]]") : GOOD.rindex("[[exercise]]")]
    many = "".join(
        exercise.replace('"bridge"', f'"bridge-{n}"').replace("sets = 2", "sets = 1")
        for n in range(60)
    )
    house.save(GOOD[: GOOD.index("[[exercise]]")] + many)
    form = house.form(EDIT)
    assert house.send(EDIT, form, level="9").status_code == 200
    assert house.files.load("two-exercises").level == 9


# Checked while it is filled in


def check(house, **fields):
    form = house.form(NEW) | FILLED | fields
    response = house.browser.client.post(
        "/programs/check",
        data={"csrf_token": house.browser.csrf(), **form},
        headers={"Accept": "application/json"},
    )
    assert response.status_code == 200
    return {one["field"]: one["sentence"] for one in response.json["problems"]}


def test_a_form_is_checked_by_the_same_rules_and_nothing_is_kept(house):
    assert check(house) == {}
    told = check(house, **{"exercise[0].reps": "11"})
    assert told == {"exercise[0].reps": "11 lies outside the cited range of 5 to 10."}
    assert dict(house.files.ids()).keys() == {"shipped"}


def test_a_check_needs_the_forms_token(house):
    house.browser.read(NEW)
    assert house.browser.client.post("/programs/check", data=FILLED).status_code == 400


# Any form, any file


@settings(max_examples=30, deadline=None)
@given(documents())
def test_any_right_program_goes_through_the_form_unchanged(document):
    shelf = ProgramFiles(shipped_folder(), shipped_folder())
    document = _stripped(document)
    language = next(iter(document["text"]))
    back = document_of(program_fields(document, language), language)
    assert shelf.check(back) == shelf.check(document)


def _stripped(value):
    """Texts without space around them, which the form takes away."""
    match value:
        case str():
            return " ".join(value.split())
        case list():
            return [_stripped(entry) for entry in value]
        case dict():
            return {key: _stripped(entry) for key, entry in value.items()}
    return value


FILLED_LISTS = {name: [sent] if isinstance(sent, str) else sent for name, sent in FILLED.items()}
NAMES = st.sampled_from(
    [*FILLED, "others", "exercise[0].others", "exercise[9999].name", "exercise"]
)
VALUES = st.one_of(st.text(max_size=30), st.sampled_from(["[[", '{"en": 1}', "9" * 30, "-", "1e5"]))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, st.lists(VALUES, max_size=3)))
def test_whatever_is_sent_becomes_a_document_that_can_be_judged(fields):
    shelf = ProgramFiles(shipped_folder(), shipped_folder())
    document = document_of(sent_program(FILLED_LISTS | fields), "en")
    try:
        judged = shelf.check(document).id
    except ProgramFileError as error:
        judged = error.problems[0].code
    assert judged


def test_ids_are_made_of_names():
    assert slug("Brücke & Kniebeuge (2)", "x") == "brucke-kniebeuge-2"
    assert slug("体操", "exercise") == "exercise"
    assert slug("a" * 59 + " b", "x") == "a" * 59
