"""The programs' pages: read, heard, taken away, removed; doses; and the form, which keeps all that
was typed, without JavaScript.
"""

import io
import json
import re
import tomllib
import wave
from dataclasses import replace
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import ProgramFileError, StoreError
from kiosk.levels.doses import Dose
from kiosk.levels.service import LevelService
from kiosk.programs.files import ProgramFiles, shipped_folder
from kiosk.schedule.snapshot import Snapshots
from kiosk.timeline.render import wav_bytes
from tests.fakes.speech import FakeEngine
from tests.fakes.wall_clock import FakeWallClock
from tests.kiosk import KioskKit, path_of
from tests.programs.files import GOOD, changed
from tests.programs.kit import NOW, SHIPPED, Programs, documents
from tests.web.html_tree import read_html
from web.audio import MOST_AT_ONCE
from web.programs.document import document_of, program_fields, slug
from web.programs.form import sent_program

NEW = "/programs/new/form"
EDIT = "/programs/two-exercises/edit"


class ProgramsKit(Programs):
    """A browser, signed in, at a kiosk with one shipped program, `shipped`."""

    def __init__(self, folder, engine=None):
        super().__init__(folder, engine)
        snapshots = Snapshots(
            *(self.store, self.files, FakeWallClock(NOW), SimpleNamespace(current=self.settings)),
            *(lambda _settings: ZoneInfo("UTC"), lambda: False),
        )
        kiosk = KioskKit(folder / "state", store=self.store)
        levels = LevelService(snapshots.take, lambda _: None)
        kiosk.use(programs=self.service, levels=levels, snapshots=snapshots)
        self.browser = kiosk.browser.sign_in()

    def form(self, path=None):
        """What the browser would send of the form at `path`, or of the last page."""
        page = read_html(self.browser.read(path) if path else self.browser.page)
        return page.one("form", **{"class": "program"}).sent()

    def send(self, path, form, do="save", **changes):
        """Send the form as it was shown, but for `changes`."""
        return self.browser.post(path, {**form, "do": do, **changes})

    def post(self, path, fields=(), **options):
        return self.browser.post(path, fields, **options)

    def version(self):
        """The version that the form on the last page was filled from."""
        return self.browser.page.partition('name="version" value="')[2].partition('"')[0]


@pytest.fixture
def kit(tmp_path):
    return ProgramsKit(tmp_path)


def problems_at(page):
    """The sentences at fields, by the fields' names."""
    found = re.findall(r'<p class="problem" id="([^"]+)-problem">(.*?)</p>', page, re.DOTALL)
    return {name: sentence.replace("&#39;", "'") for name, sentence in found}


def summary(page):
    """Where the lines of the summary at the top lead."""
    box = re.search(r'id="problems">(.*?)</div>', page, re.DOTALL)
    return re.findall(r'<a href="#([^"]+)">', box[1]) if box else []


# Reading


def test_the_list_tells_each_program_what_asks_for_it_and_which_cannot_be_used(kit):
    kit.save(changed('title = "Two exercises"', 'title = "Our own"'))
    kit.plan("two-exercises")
    (kit.own / "broken.toml").write_text('schema = 1\nid = "broken"\nlvl = 3')
    kit.browser.read("/programs")
    assert "Our own In the schedule Your own Something to test with." in kit.browser.text()
    assert "Two exercises Starts with the button Something to test" in kit.browser.text()
    assert "Cannot be used" in kit.browser.text()

    kit.browser.read("/programs/broken")
    assert "level: The key level is missing" in kit.browser.text()
    assert "Did you mean level?" in kit.browser.text()


def test_a_program_is_read_as_a_person_would_and_its_file_can_be_taken_away(kit):
    kit.browser.read("/programs/shipped")
    text = kit.browser.text()
    for words in (
        "Two exercises Something to test with.",
        "How often 1 to 3 times a day, 5 to 7 days a week",
        "Stop or ask somebody first Stop if it hurts.",
        "1. Bridge Lift your hips. Hold. Lower them. How much 2 sets of 8 repetitions",
        "One repetition lift for 2 seconds, hold for 3.5 seconds, rest for 4 seconds",
        "Start from Lying on your back Left and right Both sides move together",
        "Have at hand Mat Where the dose comes from A leaflet : 5 to 10 times",
        "The source gives 1 to 3 sets; 5 to 10 repetitions; hold: 3 to 5 seconds; rest: 3 to 5",
        "2. Knee to chest Draw one knee to your chest. How much 3 repetitions on each side",
    ):
        assert words in text

    response = kit.browser.get("/programs/shipped.toml")
    assert response.get_data(as_text=True) == SHIPPED
    assert response.headers["Content-Disposition"] == "attachment; filename=shipped.toml"
    assert response.mimetype == "application/toml"


@pytest.mark.parametrize("path", ["", "/edit", "/copy", "/remove", "/preview.wav", ".toml"])
@pytest.mark.parametrize("program", ["nothing", "..", "%2e%2e%2fsecret", "a%00b", "x" * 300])
def test_what_is_no_program_is_not_found(kit, path, program):
    assert kit.browser.get(f"/programs/{program}{path}").status_code == 404


# Hearing


@pytest.fixture
def whole(kit):
    sound = kit.service.preview("shipped")
    return b"".join(wav_bytes(sound.pcm, sound.frames))


def listen(kit, wanted=None, **headers):
    if wanted is not None:
        headers["Range"] = wanted
    return kit.browser.client.get("/programs/shipped/preview.wav", headers=headers)


def test_the_preview_is_the_whole_session_as_a_sound_file(kit, whole):
    response = listen(kit)
    assert (response.status_code, response.mimetype) == (200, "audio/wav")
    assert response.content_length == len(whole)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.data == whole
    with wave.open(io.BytesIO(response.data)) as file:
        assert file.getnframes() == kit.service.preview("shipped").frames

    for wanted in ("lines=1-2", "bytes=x", "bytes=0-1,5-6", "bytes=9-3", ""):
        with listen(kit, wanted) as response:
            assert (response.status_code, len(response.data)) == (200, len(whole)), wanted
    response = listen(kit, f"bytes={len(whole)}-")
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(whole)}"
    head = kit.browser.client.head("/programs/shipped/preview.wav")
    assert (head.status_code, head.content_length, head.data) == (200, len(whole), b"")


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-", 0, None),
        ("bytes=0-0", 0, 1),
        ("bytes=10-60", 10, 61),
        ("bytes=45-99999999999", 45, None),
        ("bytes=-7", -7, None),
    ],
)
def test_a_part_of_it_is_that_part(kit, whole, wanted, start, end):
    part = whole[start:end]
    first = start % len(whole)
    response = listen(kit, wanted)
    assert response.status_code == 206
    assert response.data == part
    assert response.content_length == len(part)
    shown = f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
    assert response.headers["Content-Range"] == shown


def test_a_part_of_what_has_changed_meanwhile_is_not_mixed_with_the_old(kit):
    tag = listen(kit).headers["ETag"]
    assert listen(kit, "bytes=0-9", **{"If-Range": tag}).status_code == 206
    kit.dose("shipped", "bridge", reps=5)
    response = listen(kit, "bytes=0-9", **{"If-Range": tag})
    assert response.status_code == 200
    assert response.headers["ETag"] != tag


def test_only_so_many_listen_at_once_and_no_place_is_lost_to_who_fails_or_only_asks(kit):
    path = "/programs/shipped/preview.wav"
    for _ in range(MOST_AT_ONCE + 1):
        listen(kit, "bytes=99999999999-").close()
        kit.browser.get("/programs/nothing/preview.wav")
        kit.browser.client.head(path).close()
        listen(kit).close()
    listeners = [listen(kit) for _ in range(MOST_AT_ONCE)]
    for listener in listeners:
        next(iter(listener.response))
    refused = listen(kit)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    listeners[0].close()
    assert listen(kit).status_code == 200


def test_where_nothing_can_be_spoken_the_page_says_so(tmp_path):
    kit = ProgramsKit(tmp_path, FakeEngine(no_engine="There is no voice. Install one."))
    for _ in range(MOST_AT_ONCE + 1):
        response = kit.browser.get("/programs/shipped/preview.wav")
    assert response.status_code == 503
    assert "There is no voice. Install one." in kit.browser.text()


# Doses


def doses_form(kit, **changes):
    page = read_html(kit.browser.read("/programs/shipped"))
    fields = page.one("form", method="post", action="/programs/shipped/doses").sent()
    return fields | {name.replace("__", ".").replace("_", "-"): v for name, v in changes.items()}


def test_doses_are_changed_within_the_cited_range_and_taken_back_one_by_one_or_all(kit):
    path = "/programs/shipped/doses"
    kit.post(path, doses_form(kit))
    assert kit.browser.answer() == "Nothing has changed: this is the dose already."
    assert kit.store.doses.of() == ()

    response = kit.post(path, doses_form(kit, bridge__reps="10", bridge__hold="4,5"))
    assert response.status_code == 200
    assert kit.browser.answer() == "Saved. It counts from the next session on."
    assert kit.store.doses.of() == (Dose("shipped", "bridge", reps=10, hold=4500),)
    assert "How much 2 sets of 10 repetitions changed" in kit.browser.text()
    assert "In the program: 2 sets of 8 repetitions." in kit.browser.text()

    kit.post(path, doses_form(kit, bridge__reps=""))
    assert kit.store.doses.of() == (Dose("shipped", "bridge", hold=4500),)
    assert kit.post(f"{path}/reset").status_code == 409
    kit.browser.press(f"{path}/reset")
    assert kit.browser.answer() == "The doses are those of the program again."
    assert kit.store.doses.of() == ()


def test_a_dose_that_is_no_number_is_told_and_one_outside_its_range_has_to_be_insisted_on(kit):
    path = "/programs/shipped/doses"
    fields = doses_form(kit, bridge__reps="many", bridge__hold="1.2.3", bridge__sets="²")
    assert kit.post(path, fields).status_code == 422
    assert problems_at(kit.browser.page) == {
        "bridge.sets": "Type a whole number, such as 8.",
        "bridge.reps": "Type a whole number, such as 8.",
        "bridge.hold": "Type a number of seconds, such as 5 or 2.5.",
    }
    assert 'value="many"' in kit.browser.page

    fields = doses_form(kit, bridge__reps="12")
    assert kit.post(path, fields).status_code == 422
    assert set(problems_at(kit.browser.page)) == {"bridge.reps"}
    assert 'name="bridge.reps" type="text" value="12"' in kit.browser.page
    assert kit.store.doses.of() == ()
    kit.post(path, fields | {"insist": "yes"})
    assert kit.store.doses.of() == (Dose("shipped", "bridge", reps=12),)


def test_a_full_disk_loses_nothing_of_the_doses_that_were_typed(kit):
    fields = doses_form(kit, bridge__reps="10", bridge__hold="4,5")
    kit.store.disk.full = StoreError("There is no room left on the disk.")
    response = kit.post("/programs/shipped/doses", fields)
    assert response.status_code == 503
    assert "There is no room left on the disk." in kit.browser.text()
    assert 'name="bridge.reps" type="text" value="10"' in kit.browser.page
    assert 'name="bridge.hold" type="text" value="4,5"' in kit.browser.page
    assert kit.store.doses.of() == ()


def test_of_two_who_change_or_take_back_doses_the_slower_one_is_told(kit):
    kit.dose("shipped", "bridge", reps=7)
    fields = doses_form(kit, bridge__reps="10")
    kit.dose("shipped", "bridge", reps=6)
    for refused in (
        kit.browser.press("/programs/shipped/doses/reset"),
        kit.post("/programs/shipped/doses", fields),
    ):
        assert refused.status_code == 409
        assert "Somebody else has changed these doses meanwhile" in refused.text
        assert kit.store.doses.of() == (Dose("shipped", "bridge", reps=6),)
    assert "Now: 2 sets of 6 repetitions." in kit.browser.text()
    assert 'name="bridge.reps" type="text" value="10"' in kit.browser.page
    kit.post("/programs/shipped/doses", fields | {"version": kit.version()})
    assert kit.store.doses.of() == (Dose("shipped", "bridge", reps=10),)


# Removing


def remove(kit, program):
    kit.browser.read(f"/programs/{program}/remove")
    return kit.browser.press(f"/programs/{program}/remove")


def test_an_own_program_is_removed_once_that_is_confirmed_unless_it_changed_meanwhile(kit):
    kit.save(GOOD)
    assert 'href="/programs/two-exercises/remove"' in kit.browser.read("/programs/two-exercises")
    kit.browser.read("/programs/two-exercises/remove")
    kit.save(changed("level = 2", "level = 3"))
    assert kit.browser.press("/programs/two-exercises/remove").status_code == 409
    assert "was changed by somebody else meanwhile" in kit.browser.text()
    assert kit.files.is_own("two-exercises")

    assert remove(kit, "two-exercises").status_code == 200
    assert kit.browser.answer() == "The program is removed."
    assert dict(kit.files.ids()).keys() == {"shipped"}


def test_back_to_the_one_that_came_with_the_kiosk_which_cannot_be_removed(kit):
    kit.save(SHIPPED.replace("level = 2", "level = 7"))
    remove(kit, "shipped")
    assert kit.browser.answer() == "The program is again as it came with the kiosk."
    assert "Level 2 of 10" in kit.browser.text()

    assert "/programs/shipped/remove" not in kit.browser.page
    assert remove(kit, "shipped").status_code == 422
    assert "came with the kiosk, so it cannot be removed" in kit.browser.text()


# The form


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


def new_program(kit, do="save", *, follow=True, **fields):
    return kit.post(NEW, kit.form(NEW) | FILLED | fields | {"do": do}, follow=follow)


# Making


def test_a_program_is_made_by_filling_in_the_form(kit):
    response = new_program(kit, follow=False)
    assert (response.status_code, path_of(response)) == (303, "/programs/tea-break")
    kit.browser.read("/programs/tea-break")
    assert kit.browser.answer() == "The program is saved."
    assert tomllib.loads(kit.files.text("tea-break")) == {
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


def test_a_disk_that_takes_no_file_loses_nothing_that_was_typed(kit):
    kit.own.touch()  # where the folder of programs would be
    response = new_program(kit)
    assert response.status_code == 503
    assert "own cannot be used" in kit.browser.text()
    shown = kit.form()
    assert shown["title"] == ["Tea break"]
    assert shown["exercise[0].phases[0].seconds"] == ["2,5"]
    kit.own.unlink()
    assert kit.post(NEW, shown | {"do": "save"}).status_code == 200
    assert kit.browser.answer() == "The program is saved."


def test_everything_wrong_is_told_at_the_top_and_beside_its_field(kit):
    fields = {
        "title": " ",
        "times_per_day": ["3", "1"],
        "exercise[0].reps": "12",
        "exercise[0].phases[0].seconds": "long",
        "exercise[0].source[0].says": "",
    }
    assert new_program(kit, **fields).status_code == 422
    told = problems_at(kit.browser.page)
    assert set(told) == {
        "title",
        "times_per_day",
        "exercise[0].reps",
        "exercise[0].phases[0].seconds",
        "exercise[0].source[0].says",
    }
    assert told["title"] == told["exercise[0].source[0].says"] == "Please fill this in."
    assert told["exercise[0].reps"] == "12 lies outside the cited range of 5 to 10."
    assert "Exercise 1, Source 1, The dose it gives : Please fill this in." in kit.browser.text()
    assert sorted(summary(kit.browser.page)) == sorted(told)
    for name in summary(kit.browser.page):
        assert f'id="{name}"' in kit.browser.page
    form = kit.form()
    assert form["exercise[0].phases[0].seconds"] == ["long"]
    assert form["exercise[0].reps_range"] == ["5", "10"]
    assert dict(kit.files.ids()).keys() == {"shipped"}


def test_what_is_wrong_has_its_place_in_the_form_wherever_it_stands_in_the_file(kit):
    fields = {
        "exercise[0].phases[0].word": "w" * 41,
        "exercise[0].name": "n" * 81,
        "summary": "",
        "exercise[0].reps_range": ["5", ""],
        "stop_rules": "",
        "previous": "nothing there",
        "exercise[0].others": json.dumps({"nb": {"name": "Bro"}}),
    }
    new_program(kit, **fields)
    assert set(summary(kit.browser.page)) == {
        "exercise[0].phases[0].word",
        "exercise[0].name",
        "summary",
        "exercise[0].reps_range",
        "stop_rules",
        "previous",
        "exercise[0]",
    }
    assert "Exercise 1 : exercise[0].text.nb.how: The key how is missing" in kit.browser.text()


def test_a_program_needs_a_name_of_its_own_an_exercise_and_an_exercise_its_parts(kit):
    assert new_program(kit, id="shipped").status_code == 422
    assert problems_at(kit.browser.page) == {
        "id": "There is a program 'shipped' already. Choose another id, or change that one."
    }
    assert kit.form()["title"] == ["Tea break"]

    new_program(kit, do="remove exercise[0]")
    form = kit.form()
    assert kit.send(NEW, form).status_code == 422
    assert problems_at(kit.browser.page) == {"exercises": "Add at least one exercise."}
    kit.send(NEW, form, do="add exercise")
    kit.send(NEW, kit.form(), do="remove exercise[0].phases[0]")
    kit.send(NEW, kit.form())
    assert problems_at(kit.browser.page)["exercise[0].phases"] == "Please fill this in."


# Buttons that keep what was typed


def test_an_added_exercise_leaves_everything_typed_in_place(kit):
    response = new_program(kit, do="add exercise", **{"exercise[0].reps": "a few"})
    assert response.status_code == 200
    form = kit.form()
    assert form["title"] == ["Tea break"]
    assert form["exercise[0].reps"] == ["a few"]
    assert form["exercise[0].equipment"] == ["chair"]
    assert form["exercise[1].name"] == [""]
    assert problems_at(kit.browser.page) == {}


def test_exercises_their_phases_and_sources_are_added_moved_and_taken_out(kit):
    kit.save(GOOD)
    kit.send(EDIT, kit.form(EDIT), do="add exercise[1].phases")
    form = kit.form() | {"exercise[1].phases[1].seconds": ["3"]}
    kit.send(EDIT, form, do="up exercise[1].phases[1]")
    kit.send(EDIT, kit.form(), do="remove exercise[0].phases[2]")
    kit.send(EDIT, kit.form(), do="add exercise[0].source")
    fields = {"exercise[0].source[1].title": "A book", "exercise[0].source[1].says": "8 times"}
    kit.send(EDIT, kit.form() | fields, do="remove exercise[0].source[0]")
    kit.send(EDIT, kit.form(), do="down exercise[0]")
    form = kit.form()
    assert [form["exercise[0].name"], form["exercise[1].name"]] == [["Knee to chest"], ["Bridge"]]
    kit.send(EDIT, form)

    knee, bridge = kit.files.load("two-exercises").exercises
    assert [(one.name.value, one.duration) for one in knee.phases] == [
        ("lift", 3000),
        ("hold", 20_000),
    ]
    assert [one.name.value for one in bridge.phases] == ["lift", "hold"]
    assert [(one.title, one.says) for one in bridge.sources] == [("A book", "8 times")]

    kit.send(EDIT, kit.form(EDIT), do="remove exercise[0]")
    kit.send(EDIT, kit.form())
    assert [one.id for one in kit.files.load("two-exercises").exercises] == ["bridge"]


def test_every_button_of_the_form_does_something_and_any_other_changes_nothing(kit):
    kit.save(GOOD)
    first = kit.browser.read(EDIT)
    form = kit.form()
    wishes = set(re.findall(r'name="do" value="([^"]+)"', first)) - {"save"}
    assert len(wishes) > 15
    for wish in wishes:
        kit.send(EDIT, form, do=wish)
        assert kit.form() != form, wish
    for wish in ("", "up exercise[0]", "remove exercise[99]", "add exercise[7].phases", "x" * 5000):
        assert kit.send(EDIT, form, do=wish).status_code == 200
        assert kit.form() == form, wish


# Changing


def test_a_copy_begins_as_a_shipped_program_is_and_a_changed_one_takes_its_place(kit):
    form = kit.form("/programs/shipped/copy")
    assert form["title"] == ["Two exercises (own)"]
    assert form["id"] == [""]
    kit.send(NEW, form)
    copy, original = kit.files.load("two-exercises-own"), kit.files.load("shipped")
    assert copy.exercises == original.exercises

    kit.dose("shipped", "bridge", reps=9)
    kit.browser.read("/programs/shipped/edit")
    assert "This program came with the kiosk." in kit.browser.text()
    assert "They go before what is set here." in kit.browser.text()
    kit.send("/programs/shipped/edit", kit.form(), level="5")
    assert kit.files.load("shipped").level == 5
    assert "Changed by you" in kit.browser.text()


def test_what_was_not_changed_in_the_form_and_the_short_name_stay_in_every_language(kit):
    norwegian = GOOD.replace(
        "[[exercise]]",
        '[text.nb]\ntitle = "To øvelser"\nsummary = "Prøve"\nstop_rules = ["Stopp."]\n[[exercise]]',
        1,
    ).replace(
        '[exercise.text.en]\nname = "Bridge"',
        '[exercise.text.nb]\nname = "Bro"\nhow = "Løft."\n[exercise.text.en]\nname = "Bridge"',
    )
    before = kit.save(norwegian)
    assert kit.send(EDIT, kit.form(EDIT)).status_code == 200
    assert kit.files.load("two-exercises") == before
    kit.send(EDIT, kit.form(EDIT), id="shipped", level="5")
    assert kit.files.load("two-exercises") == replace(before, level=5)
    assert kit.files.load("shipped").level == 2


def test_of_two_who_edit_the_slower_one_is_told_and_loses_nothing(kit):
    kit.save(GOOD)
    form = kit.form(EDIT) | {"title": "Mine", "level": "4"}
    kit.save(changed("level = 2", "level = 3").replace("reps = 8", "reps = 9"))
    response = kit.send(EDIT, form)
    assert response.status_code == 409
    text = kit.browser.text()
    assert "was changed by somebody else meanwhile" in text
    assert "Level 3" in text
    assert "Bridge: Repetitions 9" in text
    assert kit.form()["title"] == ["Mine"]
    assert kit.files.load("two-exercises").level == 3
    kit.send(EDIT, kit.form())
    assert kit.files.load("two-exercises").level == 4

    form = kit.form(EDIT)
    kit.files.remove("two-exercises", kit.files.version("two-exercises"))
    assert kit.send(EDIT, form).status_code == 409
    assert "Somebody has removed the program" in kit.browser.text()
    kit.send(EDIT, kit.form())
    assert kit.files.is_own("two-exercises"), "kept all the same"


# Bringing in


def bring_in(kit, content):
    """Send a file as a browser does."""
    kit.browser.read("/programs")
    field = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    body = (
        field % (b"csrf_token", b"", kit.browser.csrf().encode())
        + field % (b"file", b'; filename="../program.toml"', content)
        + b"--x--\r\n"
    )
    response = kit.browser.client.post(
        "/programs/import", data=body, content_type="multipart/form-data; boundary=x"
    )
    kit.browser.page = response.get_data(as_text=True)
    return response


def test_a_file_is_shown_as_a_filled_form_with_its_mistakes_and_kept_only_when_saved(kit):
    wrong = changed("reps = 8", "reps = 80").replace("level = 2", "lvl = 2\nwhen = 2020-01-01")
    assert bring_in(kit, wrong.encode()).status_code == 200
    assert set(problems_at(kit.browser.page)) == {"level", "exercise[0].reps"}
    assert "lvl: There is no such key here." in kit.browser.text()
    assert "Did you mean level?" in kit.browser.text()
    assert kit.form()["exercise[0].reps"] == ["80"]

    assert bring_in(kit, b"\xef\xbb\xbf" + GOOD.encode()).status_code == 200
    assert problems_at(kit.browser.page) == {}
    assert dict(kit.files.ids()).keys() == {"shipped"}
    kit.send(NEW, kit.form())
    assert kit.files.load("two-exercises") == kit.files.check(tomllib.loads(GOOD))


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
def test_what_is_no_program_file_is_told_beside_the_field(kit, content, sentence):
    assert bring_in(kit, content).status_code == 422
    assert problems_at(kit.browser.page) == {"file": sentence}


def with_exercises(count):
    """The good file with its first exercise so many times instead of its two."""
    first = GOOD.index("[[exercise]]")
    exercise = GOOD[first : GOOD.rindex("[[exercise]]")].replace("sets = 2", "sets = 1")
    return GOOD[:first] + "".join(
        exercise.replace('"bridge"', f'"bridge-{n}"') for n in range(count)
    )


def test_sixty_exercises_can_be_sent_and_more_are_too_many_for_the_form(kit):
    assert bring_in(kit, with_exercises(61).encode()).status_code == 422
    assert "more than 60 exercises" in kit.browser.text()

    kit.save(with_exercises(60))
    assert kit.send(EDIT, kit.form(EDIT), level="9").status_code == 200
    assert kit.files.load("two-exercises").level == 9


# Checked while it is filled in


def test_a_form_is_checked_by_the_same_rules_and_nothing_is_kept(kit):
    problem = {"exercise[0].reps": "11 lies outside the cited range of 5 to 10."}
    for fields, problems in (({}, {}), ({"exercise[0].reps": "11"}, problem)):
        form = kit.form(NEW) | FILLED | fields
        response = kit.post("/programs/check", form, headers={"Accept": "application/json"})
        assert response.status_code == 200
        assert {one["field"]: one["sentence"] for one in response.json["problems"]} == problems
    assert dict(kit.files.ids()).keys() == {"shipped"}


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
