"""The programs' pages: read, heard, taken away, removed; and doses changed."""

import io
import wave

import pytest

from kiosk.errors import StoreError
from kiosk.levels.doses import Dose
from kiosk.timeline.render import wav_bytes
from tests.fakes.speech import FakeEngine
from tests.programs.files import GOOD, changed
from tests.programs.kit import SHIPPED
from tests.web.kit import path_of
from tests.web.programs_house import House, problems_at
from web.audio import MOST_AT_ONCE


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


# Reading


def test_the_list_tells_each_program_and_what_asks_for_it(house):
    house.save(changed('title = "Two exercises"', 'title = "Our own"'))
    house.plan("two-exercises")
    house.browser.read("/programs")
    assert "Our own In the schedule Your own Something to test with." in house.browser.text()
    assert "Two exercises Starts with the button Something to test" in house.browser.text()


def test_a_program_is_read_as_a_person_would(house):
    house.browser.read("/programs/shipped")
    text = house.browser.text()
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


def test_a_program_that_cannot_be_used_says_why(house):
    house.own.mkdir()
    (house.own / "broken.toml").write_text('schema = 1\nid = "broken"\nlvl = 3')
    assert "Cannot be used" in house.browser.read("/programs")
    house.browser.read("/programs/broken")
    assert "level: The key level is missing" in house.browser.text()
    assert "Did you mean level?" in house.browser.text()


@pytest.mark.parametrize("path", ["", "/edit", "/copy", "/remove", "/preview.wav", ".toml"])
@pytest.mark.parametrize("program", ["nothing", "..", "%2e%2e%2fsecret", "a%00b", "x" * 300])
def test_what_is_no_program_is_not_found(house, path, program):
    assert house.browser.get(f"/programs/{program}{path}").status_code == 404


def test_who_is_not_signed_in_sees_and_hears_nothing(house):
    house.browser.client.delete_cookie("kiosk")
    for path in ("", "/shipped", "/shipped/edit", "/new/form", "/shipped.toml"):
        response = house.browser.get(f"/programs{path}")
        assert (response.status_code, path_of(response).partition("?")[0]) == (302, "/sign-in")
    sound = house.browser.get("/programs/shipped/preview.wav", headers={"Accept": "audio/*"})
    assert sound.status_code == 401


def test_the_file_can_be_taken_away(house):
    response = house.browser.get("/programs/shipped.toml")
    assert response.get_data(as_text=True) == SHIPPED
    assert response.headers["Content-Disposition"] == "attachment; filename=shipped.toml"
    assert response.mimetype == "application/toml"


# Hearing


@pytest.fixture
def whole(house):
    sound = house.service.preview("shipped")
    return b"".join(wav_bytes(sound.pcm, sound.frames))


def listen(house, wanted=None, **headers):
    if wanted is not None:
        headers["Range"] = wanted
    return house.browser.client.get("/programs/shipped/preview.wav", headers=headers)


def test_the_preview_is_the_whole_session_as_a_sound_file(house, whole):
    response = listen(house)
    assert (response.status_code, response.mimetype) == (200, "audio/wav")
    assert response.content_length == len(whole)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.data == whole
    with wave.open(io.BytesIO(response.data)) as file:
        assert file.getnframes() == house.service.preview("shipped").frames


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
def test_a_part_of_it_is_that_part(house, whole, wanted, start, end):
    part = whole[start:end]
    first = start % len(whole)
    response = listen(house, wanted)
    assert response.status_code == 206
    assert response.data == part
    assert response.content_length == len(part)
    shown = f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
    assert response.headers["Content-Range"] == shown


def test_a_part_beyond_the_end_cannot_be_had(house, whole):
    response = listen(house, f"bytes={len(whole)}-")
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(whole)}"


@pytest.mark.parametrize("wanted", ["lines=1-2", "bytes=x", "bytes=0-1,5-6", "bytes=9-3", ""])
def test_what_asks_for_no_one_part_gets_the_whole(house, whole, wanted):
    response = listen(house, wanted)
    assert (response.status_code, len(response.data)) == (200, len(whole))


def test_a_part_of_what_has_changed_meanwhile_is_not_mixed_with_the_old(house):
    tag = listen(house).headers["ETag"]
    assert listen(house, "bytes=0-9", **{"If-Range": tag}).status_code == 206
    house.dose("shipped", "bridge", reps=5)
    response = listen(house, "bytes=0-9", **{"If-Range": tag})
    assert response.status_code == 200
    assert response.headers["ETag"] != tag


def test_its_length_can_be_asked_for_alone(house, whole):
    response = house.browser.client.head("/programs/shipped/preview.wav")
    assert (response.status_code, response.content_length) == (200, len(whole))
    assert response.data == b""


def test_only_so_many_listen_at_once(house):
    path = "/programs/shipped/preview.wav"
    listeners = [house.browser.client.get(path) for _ in range(MOST_AT_ONCE)]
    for listener in listeners:
        next(iter(listener.response))
    refused = house.browser.client.get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    listeners[0].close()
    assert house.browser.client.get(path).status_code == 200


def test_no_place_is_lost_to_whoever_fails_or_only_asks(house):
    for _ in range(MOST_AT_ONCE + 1):
        listen(house, "bytes=99999999999-").close()
        house.browser.get("/programs/nothing/preview.wav")
        house.browser.client.head("/programs/shipped/preview.wav").close()
        listen(house).close()
    assert listen(house).status_code == 200


def test_where_nothing_can_be_spoken_the_page_says_so(tmp_path):
    house = House(tmp_path, FakeEngine(no_engine="There is no voice. Install one."))
    for _ in range(MOST_AT_ONCE + 1):
        response = house.browser.get("/programs/shipped/preview.wav")
    assert response.status_code == 503
    assert "There is no voice. Install one." in house.browser.text()


# Doses


def version_of(house):
    """The version of the program or its doses that the form on the page was filled from."""
    return house.browser.page.partition('name="version" value="')[2].partition('"')[0]


def doses_form(house, **changes):
    house.browser.read("/programs/shipped")
    fields = {
        "version": version_of(house),
        "bridge.sets": "2",
        "bridge.reps": "8",
        "bridge.hold": "3.5",
        "knee-to-chest.sets": "1",
        "knee-to-chest.reps": "3",
        "knee-to-chest.hold": "20",
    }
    return fields | {name.replace("__", ".").replace("_", "-"): v for name, v in changes.items()}


def test_doses_are_changed_within_the_cited_range(house):
    response = house.browser.post(
        "/programs/shipped/doses", doses_form(house, bridge__reps="10", bridge__hold="4,5")
    )
    assert response.status_code == 200
    assert house.browser.answer() == "Saved. It counts from the next session on."
    assert house.store.doses.of() == (Dose("shipped", "bridge", reps=10, hold=4500),)
    assert "How much 2 sets of 10 repetitions changed" in house.browser.text()
    assert "In the program: 2 sets of 8 repetitions." in house.browser.text()


def test_a_dose_outside_the_cited_range_has_to_be_insisted_on(house):
    fields = doses_form(house, bridge__reps="12")
    response = house.browser.post("/programs/shipped/doses", fields)
    assert response.status_code == 422
    assert set(problems_at(house.browser.page)) == {"bridge.reps"}
    assert 'name="bridge.reps" type="text" value="12"' in house.browser.page
    assert house.store.doses.of() == ()
    house.browser.post("/programs/shipped/doses", fields | {"insist": "yes"})
    assert house.store.doses.of() == (Dose("shipped", "bridge", reps=12),)


def test_what_is_no_number_is_told_beside_its_field_and_kept(house):
    fields = doses_form(house, bridge__reps="many", bridge__hold="1.2.3", bridge__sets="²")
    response = house.browser.post("/programs/shipped/doses", fields)
    assert response.status_code == 422
    assert problems_at(house.browser.page) == {
        "bridge.sets": "Type a whole number, such as 8.",
        "bridge.reps": "Type a whole number, such as 8.",
        "bridge.hold": "Type a number of seconds, such as 5 or 2.5.",
    }
    assert 'value="many"' in house.browser.page


def test_a_dose_left_empty_is_that_of_the_program_again(house):
    house.dose("shipped", "bridge", reps=9)
    house.browser.post("/programs/shipped/doses", doses_form(house, bridge__reps=""))
    assert house.store.doses.of() == ()


def test_nothing_is_changed_where_nothing_was(house):
    house.browser.post("/programs/shipped/doses", doses_form(house))
    assert house.browser.answer() == "Nothing has changed: this is the dose already."
    assert house.store.doses.of() == ()


def test_a_full_disk_loses_nothing_of_the_doses_that_were_typed(house):
    fields = doses_form(house, bridge__reps="10", bridge__hold="4,5")
    house.store.disk.full = StoreError("There is no room left on the disk.")
    response = house.browser.post("/programs/shipped/doses", fields)
    assert response.status_code == 503
    assert "There is no room left on the disk." in house.browser.text()
    assert 'name="bridge.reps" type="text" value="10"' in house.browser.page
    assert 'name="bridge.hold" type="text" value="4,5"' in house.browser.page
    assert house.store.doses.of() == ()


def test_of_two_who_change_doses_the_slower_one_is_told(house):
    fields = doses_form(house, bridge__reps="10")
    house.dose("shipped", "bridge", reps=6)
    response = house.browser.post("/programs/shipped/doses", fields)
    assert response.status_code == 409
    assert "Somebody else has changed these doses meanwhile" in house.browser.text()
    assert "Now: 2 sets of 6 repetitions." in house.browser.text()
    assert 'name="bridge.reps" type="text" value="10"' in house.browser.page
    assert house.store.doses.of() == (Dose("shipped", "bridge", reps=6),)
    house.browser.post("/programs/shipped/doses", fields | {"version": version_of(house)})
    assert house.store.doses.of() == (Dose("shipped", "bridge", reps=10),)


def test_all_doses_can_be_taken_back(house):
    house.dose("shipped", "bridge", reps=9)
    house.browser.read("/programs/shipped")
    house.browser.post("/programs/shipped/doses/reset")
    assert house.browser.answer() == "The doses are those of the program again."
    assert house.store.doses.of() == ()


# Removing


def remove(house, program):
    house.browser.read(f"/programs/{program}/remove")
    return house.browser.post(f"/programs/{program}/remove", {"version": version_of(house)})


def test_an_own_program_is_removed_once_that_is_confirmed(house):
    house.save(GOOD)
    assert 'href="/programs/two-exercises/remove"' in house.browser.read("/programs/two-exercises")
    response = remove(house, "two-exercises")
    assert response.status_code == 200
    assert house.browser.answer() == "The program is removed."
    assert dict(house.files.ids()).keys() == {"shipped"}


def test_back_to_the_one_that_came_with_the_kiosk(house):
    house.save(SHIPPED.replace("level = 2", "level = 7"))
    remove(house, "shipped")
    assert house.browser.answer() == "The program is again as it came with the kiosk."
    assert "Level 2 of 10" in house.browser.text()


def test_a_shipped_program_offers_no_removal_and_refuses_it(house):
    assert "/programs/shipped/remove" not in house.browser.read("/programs/shipped")
    response = remove(house, "shipped")
    assert response.status_code == 422
    assert "came with the kiosk, so it cannot be removed" in house.browser.text()


def test_a_program_in_the_plan_is_not_removed(house):
    house.save(GOOD)
    house.plan("two-exercises")
    assert remove(house, "two-exercises").status_code == 422
    assert "Take it out of the schedule first." in house.browser.text()
    assert house.files.is_own("two-exercises")


def test_a_program_that_changed_meanwhile_is_not_removed(house):
    house.save(GOOD)
    house.browser.read("/programs/two-exercises/remove")
    version = version_of(house)
    house.save(changed("level = 2", "level = 3"))
    response = house.browser.post("/programs/two-exercises/remove", {"version": version})
    assert response.status_code == 409
    assert "was changed by somebody else meanwhile" in house.browser.text()
    assert house.files.is_own("two-exercises")
