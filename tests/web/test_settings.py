"""The page of settings: every form saves, answers, and loses nothing that was typed."""

import io
import re
import wave
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from kiosk.errors import ConflictError, StoreError
from kiosk.session.snapshot import State
from kiosk.settings.model import Settings
from kiosk.units import SAMPLE_RATE
from tests.fakes.speech import FakeEngine
from tests.settings.kit import SettingsBench
from tests.web.kit import PASSPHRASE, Browser, FakeApi, path_of
from web.settings.views import FORMS, device_name, shortened

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Mobile Safari/537.36"
)
JSON = {"Accept": "application/json"}


@dataclass
class FakeBackups:
    """Gives one file, and keeps what it is given, or refuses it."""

    folder: object
    refusal: Exception | None = None
    restored: list[tuple[str, bytes]] = field(default_factory=list)

    @contextmanager
    def make(self):
        path = self.folder / "kiosk-20260327-110000.db"
        path.write_bytes(b"all that is kept")
        yield path
        path.unlink()

    def restore(self, upload, name):
        if self.refusal:
            raise self.refusal
        self.restored.append((name, upload.read()))


def the_page(tmp_path, **bench):
    bench = SettingsBench(tmp_path, **bench)
    backups = FakeBackups(tmp_path)
    page = Browser(FakeApi(settings=bench.service, choices=bench.choices, backups=backups))
    page.store = bench.store
    return page.sign_in()


@pytest.fixture
def page(tmp_path):
    return the_page(tmp_path)


def settings_of(page) -> Settings:
    return page.api.settings.refresh()


def form_of(page, name):
    """What the form `name` of the last page would send as it stands."""
    found = re.search(rf'<form[^>]*data-form="{name}".*?</form>', page.page, re.DOTALL)
    assert found, f"there is no form {name}"
    return fields_in(found[0])


def fields_in(html):
    fields = {}
    for tag in re.findall(r"<input[^>]*>", html):
        attributes = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        ticked = attributes.get("type") not in ("radio", "checkbox") or " checked" in tag
        if "name" in attributes and ticked and " disabled" not in tag:
            fields[attributes["name"]] = attributes.get("value", "")
    for tag, options in re.findall(r"(<select[^>]*>)(.*?)</select>", html, re.DOTALL):
        if " disabled" not in tag:
            chosen = re.search(r'value="([^"]*)" selected', options)
            fields[re.search(r'name="(\w+)"', tag)[1]] = chosen[1] if chosen else ""
    return fields


def save(page, form, **changes):
    page.read("/settings")
    return page.post(f"/settings/{form}", {**form_of(page, form), **changes})


class TestAFullDisk:
    FULL = StoreError("There is no room left on the disk.")

    def test_nothing_that_was_typed_is_lost(self, page):
        page.read("/settings")
        version = form_of(page, "voice")["version"]
        page.store.disk.full = self.FULL
        response = save(page, "voice", voice="gmw/en-us", rate="140")
        assert response.status_code == 503
        assert "There is no room left on the disk." in page.text()
        shown = form_of(page, "voice")
        assert (shown["rate"], shown["voice"], shown["version"]) == ("140", "gmw/en-us", version)
        page.store.disk.full = None
        assert page.post("/settings/voice", shown).status_code == 200
        assert settings_of(page) == Settings(voice="gmw/en-us", rate=140)

    def test_the_page_s_script_is_told_as_well(self, page):
        page.read("/settings")
        fields = {**form_of(page, "volume"), "volume": "65"}
        page.store.disk.full = self.FULL
        response = page.post("/settings/volume", fields, headers=JSON)
        assert response.status_code == 503
        assert response.json["answer"] == "There is no room left on the disk."


class TestSaving:
    @pytest.mark.parametrize("form", FORMS)
    def test_every_form_can_be_saved_as_it_stands(self, page, form):
        response = save(page, form)
        assert response.status_code == 200
        assert page.answer() == "Nothing was different, so nothing had to be saved."
        assert settings_of(page) == Settings()

    @pytest.mark.parametrize(
        ("form", "changes", "wanted"),
        [
            ("volume", {"volume": "65"}, Settings(volume=65)),
            ("speaker", {"audio_device": "vc4-hdmi-0"}, Settings(audio_device="vc4-hdmi-0")),
            ("speaker", {"lead_in": "1500"}, Settings(lead_in_ms=1500)),
            ("speaker", {"lead_in": "own", "lead_in_ms": "700"}, Settings(lead_in_ms=700)),
            ("voice", {"voice": "gmw/en-us", "rate": "140"}, Settings(voice="gmw/en-us", rate=140)),
            (
                "day",
                {"quiet_from": "21:30", "quiet_to": "07:00", "time_zone": "Europe/Oslo"},
                Settings(quiet_from="21:30", quiet_to="07:00", time_zone="Europe/Oslo"),
            ),
            (
                "button",
                {"default_program": "hip-stretching"},
                Settings(default_program="hip-stretching"),
            ),
            ("onlookers", {"now_seen_by": "caregivers"}, Settings(now_seen_by="caregivers")),
        ],
    )
    def test_what_was_changed_is_gone_by_and_shown_and_can_be_undone(
        self, page, form, changes, wanted
    ):
        page.read("/settings")
        fields = {**form_of(page, form), **changes}
        page.read("/settings")
        response = page.post(f"/settings/{form}", fields, follow=False)
        assert (response.status_code, path_of(response)) == (303, f"/settings?at={form}")
        page.read(path_of(response))
        assert page.answer() == "Saved. The kiosk goes by it from now on."
        assert settings_of(page) == wanted
        assert changes.items() <= form_of(page, form).items()

        undo = re.search(r'name="change" value="([^"]+)"', page.page)[1].replace("&#34;", '"')
        page.post("/settings/undo", {"change": undo})
        assert page.answer() == "Taken back. It is as it was before."
        assert settings_of(page) == Settings()

    def test_undo_does_not_overwrite_what_somebody_changed_since(self, page):
        save(page, "volume", volume="65")
        undo = re.search(r'name="change" value="([^"]+)"', page.page)[1].replace("&#34;", '"')
        page.api.settings.change({"volume": "30"})
        page.post("/settings/undo", {"change": undo})
        assert "Somebody else has changed this meanwhile" in page.answer()
        assert settings_of(page).volume == 30

    @pytest.mark.parametrize(
        "change",
        [
            "",
            "[]",
            "7",
            "null",
            "[" * 50_000,
            '{"form": "volume"}',
            '{"form": "pins", "texts": {"pin": "3"}, "v": ""}',
            '{"form": "volume", "texts": {"volume": "loud"}, "v": ""}',
            '{"form": "volume", "texts": 7, "v": ""}',
        ],
    )
    def test_undo_of_what_never_was_changes_nothing(self, page, change):
        page.read("/settings")
        assert page.post("/settings/undo", {"change": change}).status_code == 200
        assert "cannot be undone" in page.answer()
        assert settings_of(page) == Settings()

    def test_there_is_no_form_for_anything_else(self, page):
        page.read("/settings")
        assert page.post("/settings/pins", {"pin": "3"}).status_code == 404
        page.read("/settings")
        page.post("/settings/volume", {"volume": "65", "pin": "3", "rate": "120"})
        assert settings_of(page) == Settings()
        page.read("/settings")
        page.post("/settings/volume", {**form_of(page, "volume"), "volume": "65", "rate": "120"})
        assert settings_of(page) == Settings(volume=65)

    def test_without_javascript_there_are_buttons_and_no_slider(self, page):
        html = page.read("/settings")
        assert re.search(r'<input type="range"[^>]* hidden>', html)
        assert "Save the volume" in page.text()


class TestWhatIsWrong:
    def test_it_is_told_beside_its_field_and_what_was_typed_stays(self, page):
        response = save(page, "day", quiet_from="21:30", time_zone="Europe/Berlin")
        assert response.status_code == 422
        sentence = "Quiet hours need both ends: when they begin and when they end."
        assert f'<p class="problem" id="quiet_from-problem">{sentence}</p>' in page.page
        assert f'<a href="#quiet_from">{sentence}</a>' in page.page
        assert {"quiet_from": "21:30", "quiet_to": "", "time_zone": "Europe/Berlin"}.items() <= (
            form_of(page, "day").items()
        )
        assert settings_of(page) == Settings()
        assert page.page.count('class="problem"') == 1

    def test_an_own_lead_in_that_is_none(self, page):
        assert save(page, "speaker", lead_in="own", lead_in_ms="long").status_code == 422
        assert 'id="lead_in_ms-problem"' in page.page
        assert form_of(page, "speaker")["lead_in"] == "own"
        assert form_of(page, "speaker")["lead_in_ms"] == "long"

    def test_a_voice_that_is_not_there_stays_chosen_and_is_told(self, page):
        assert save(page, "voice", voice="Robbie<b>").status_code == 422
        assert "The speech engine has no voice" in page.text()
        assert "Robbie<b>" not in page.page

    def test_without_a_speech_engine_the_page_says_so(self, tmp_path):
        page = the_page(tmp_path, no_engine="There is no speech engine.")
        page.read("/settings")
        assert "There is no speech engine." in page.text()


class TestTwoCaregivers:
    def test_the_second_sees_what_the_first_has_set_and_can_save_on_top(self, page):
        page.read("/settings")
        fields = {**form_of(page, "day"), "time_zone": "Europe/Oslo"}
        page.api.settings.change({"time_zone": "Europe/Berlin"})
        response = page.post("/settings/day", fields)
        assert response.status_code == 409
        assert "Somebody else has changed this meanwhile" in page.text()
        assert "Now it is: Europe/Berlin." in page.text()
        assert form_of(page, "day")["time_zone"] == "Europe/Oslo"
        assert settings_of(page) == Settings(time_zone="Europe/Berlin")

        page.post("/settings/day", form_of(page, "day"))
        assert settings_of(page) == Settings(time_zone="Europe/Oslo")

    def test_choices_are_told_by_their_names(self, page):
        page.read("/settings")
        fields = {**form_of(page, "voice"), "voice": ""}
        page.api.settings.change({"voice": "gmw/en-us"})
        page.post("/settings/voice", {**fields, "voice": "gmw/en"})
        assert "Now it is: English (America)." in page.text()

    def test_different_forms_do_not_get_in_each_others_way(self, page):
        page.read("/settings")
        fields = {**form_of(page, "volume"), "volume": "65"}
        page.api.settings.change({"rate": "140"})
        page.post("/settings/volume", fields)
        assert settings_of(page) == Settings(volume=65, rate=140)


class TestWhatIsFixed:
    @pytest.fixture
    def page(self, tmp_path):
        environ = {"KIOSK_VOLUME": "50", "KIOSK_NOW_SEEN_BY": "caregivers"}
        return the_page(tmp_path, environ=environ, options={"lead_in_ms": 700})

    def test_it_is_shown_with_why_and_cannot_be_typed_over(self, page):
        html = page.read("/settings")
        assert "Set by KIOSK_VOLUME where the kiosk is started" in page.text()
        assert re.search(r'<input id="volume"[^>]* disabled', html)
        assert re.search(r'<input id="lead_in_ms"[^>]* disabled', html)
        assert len(re.findall(r'<fieldset class="bare" disabled>', html)) == 2
        for button in ("Save the volume", "Save who may look on"):
            assert button not in page.text()
        assert "Save the speaker" in page.text()

    def test_sent_all_the_same_it_is_refused(self, page):
        page.read("/settings")
        page.post("/settings/volume", {"volume": "60", "version": page.api.settings.view().version})
        assert "This is set by KIOSK_VOLUME, and cannot be changed here." in page.text()


class TestAtOnce:
    """What the script of the page sends and is told."""

    def test_the_volume_is_saved_as_it_is_moved(self, page):
        page.read("/settings")
        fields = {**form_of(page, "volume"), "volume": "65"}
        response = page.post("/settings/volume", fields, headers=JSON)
        assert response.json == {
            "answer": "Saved. The kiosk goes by it from now on.",
            "version": page.api.settings.view().version,
        }
        again = {**fields, "volume": "70", "version": response.json["version"]}
        assert page.post("/settings/volume", again, headers=JSON).status_code == 200
        assert settings_of(page) == Settings(volume=70)

    def test_what_is_wrong_is_told_in_a_sentence(self, page):
        page.read("/settings")
        fields = {**form_of(page, "volume"), "volume": "loud"}
        response = page.post("/settings/volume", fields, headers=JSON)
        assert response.status_code == 422
        assert response.json["answer"].startswith("Expected a whole number from 0 to 100")

    def test_somebody_elses_volume_is_told(self, page):
        page.read("/settings")
        fields = {**form_of(page, "volume"), "volume": "65"}
        page.api.settings.change({"volume": "30"})
        response = page.post("/settings/volume", fields, headers=JSON)
        assert response.status_code == 409
        assert response.json["answer"].endswith("Now it is: 30.")
        fields["version"] = response.json["version"]
        assert page.post("/settings/volume", fields, headers=JSON).status_code == 200

    def test_a_form_without_its_token_changes_nothing(self, page):
        response = page.client.post("/settings/volume", data={"volume": "1"}, headers=JSON)
        assert response.status_code == 400
        assert settings_of(page) == Settings()


class TestHearing:
    def test_a_test_sound_is_asked_for(self, page):
        page.read("/settings")
        page.post("/settings/test-sound")
        assert page.api.session.wishes == ["test_sound"]
        assert page.answer() == "Listen: the kiosk says a sentence now."

    @pytest.mark.parametrize("headers", [{}, JSON])
    def test_not_in_the_middle_of_a_session(self, page, headers):
        page.read("/settings")
        page.api.session.show(state=State.RUNNING)
        response = page.post("/settings/test-sound", headers=headers)
        assert page.api.session.wishes == []
        told = response.json["answer"] if headers else page.answer()
        assert told == "A session is going on, so there is no test sound now."

    def test_a_sample_is_a_sound_file_in_the_voice_that_is_chosen(self, page):
        page.read("/settings")
        assert 'src="/settings/sample.wav"' in page.page
        lengths = []
        for query in ("", "?rate=120", "?voice=hum/en&rate=120"):
            response = page.get(f"/settings/sample.wav{query}")
            assert response.mimetype == "audio/wav"
            with wave.open(io.BytesIO(response.data)) as sound:
                assert sound.getframerate() == SAMPLE_RATE
                lengths.append(sound.getnframes())
        usual, slow, other = lengths
        assert usual < slow == other

    def test_players_that_ask_for_a_part_get_it(self, page):
        whole = page.get("/settings/sample.wav").data
        part = page.get("/settings/sample.wav", headers={"Range": "bytes=0-99"})
        assert (part.status_code, part.data) == (206, whole[:100])

    def test_it_may_be_asked_for_again_and_again_whatever_comes_of_it(self, page):
        for query in ("?rate=9999", "?voice=Robbie", "?rate=fast", "?voice=%00") * 3:
            with page.get(f"/settings/sample.wav{query}") as response:
                assert response.status_code in (200, 400)

    def test_where_nothing_can_be_spoken_it_is_no_crash(self, tmp_path):
        page = the_page(tmp_path, engine=FakeEngine(no_engine="Install espeak-ng."))
        assert page.get("/settings/sample.wav").status_code == 400


class TestPassphrase:
    def test_it_is_changed_and_this_browser_stays_in(self, page):
        page.read("/settings")
        fields = {"old": PASSPHRASE, "new": "another calm walk"}
        page.post("/settings/passphrase", fields, headers={"User-Agent": PHONE})
        assert page.answer() == "The passphrase is changed. Everybody else was signed out."
        (visitor,) = page.api.auth.sessions()
        assert visitor.device == PHONE
        assert page.api.auth.sign_in(fields["new"], PHONE, "192.168.1.23")

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"old": "wrong", "new": "another calm walk"}, "old"),
            ({"old": PASSPHRASE, "new": "short"}, "new"),
            ({}, "new"),
        ],
    )
    def test_where_it_is_not_it_is_told_and_nothing_typed_is_shown(self, page, fields, name):
        page.read("/settings")
        assert page.post("/settings/passphrase", fields).status_code == 422
        assert f'id="{name}-problem"' in page.page
        assert page.api.auth.sign_in(PASSPHRASE, PHONE, "192.168.1.23")
        for typed in fields.values():
            assert f'value="{typed}"' not in page.page

    def test_too_many_tries_have_to_wait(self, page):
        page.read("/settings")
        for _ in range(5):
            page.post("/settings/passphrase", {"old": "wrong", "new": "another calm walk"})
        response = page.post("/settings/passphrase", {"old": PASSPHRASE, "new": "another one"})
        assert response.status_code == 429
        assert "There were too many wrong passphrases of late." in page.text()


class TestWhoIsSignedIn:
    @pytest.fixture
    def page(self, page):
        page.api.auth.sign_in(PASSPHRASE, PHONE, "192.168.1.23")
        return page

    def test_they_are_listed_and_this_one_is_marked(self, page):
        page.read("/settings")
        assert "a test This device 127.0.0.1, last seen today at 12:00" in page.text()
        assert "Chrome on Android 192.168.1.23, last seen today at 12:00" in page.text()
        assert page.page.count('name="visitor"') == 1

    def test_another_can_be_signed_out(self, page):
        page.read("/settings")
        wanted = re.search(r'name="visitor" value="([^"]+)"', page.page)[1]
        page.post("/settings/sign-out", {"visitor": wanted})
        assert page.answer() == "Signed out."
        assert [visitor.device for visitor in page.api.auth.sessions()] == ["a test"]

    def test_this_one_is_not_signed_out_by_mistake(self, page):
        page.read("/settings")
        (own,) = (s for s in page.api.auth.sessions() if s.device == "a test")
        page.post("/settings/sign-out", {"visitor": own.id})
        assert len(page.api.auth.sessions()) == 2

    @pytest.mark.parametrize(
        ("told", "name"),
        [
            (PHONE, ("Chrome", "Android")),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Edg/126.0", ("Edge", "Windows")),
            ("Mozilla/5.0 (iPhone; like Mac OS X) Version/17 Safari/604.1", ("Safari", "iPhone")),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0", ("Firefox", "Linux")),
            ("curl/8", ("", "")),
        ],
    )
    def test_a_browser_is_called_what_people_call_it(self, told, name):
        assert device_name(told) == name

    def test_one_that_nobody_knows_by_a_short_name_of_its_own(self):
        assert shortened("curl/8") == "curl/8"
        assert len(shortened("x" * 200)) == 60


class TestCalendar:
    def test_its_address_is_shown_and_can_be_renewed(self, page):
        page.read("/settings")
        assert 'value="http://localhost/calendar/calendar-token.ics"' in page.page
        page.post("/settings/calendar")
        assert page.answer() == "There is a new address. The old one does not work any more."
        renewed = page.api.auth.calendar_token()
        assert renewed != "calendar-token"
        assert f'value="http://localhost/calendar/{renewed}.ics"' in page.page


class TestBackup:
    def restore(self, page, **changes):
        page.read("/settings")
        fields = {
            "backup": (io.BytesIO(b"a backup"), "kiosk.db"),
            "passphrase": PASSPHRASE,
            "sure": "yes",
            **changes,
        }
        sent = {name: value for name, value in fields.items() if value is not None}
        return page.post("/settings/restore", sent)

    def test_it_can_be_taken_away(self, page, tmp_path):
        response = page.get("/settings/backup")
        assert response.data == b"all that is kept"
        assert response.content_length == 16
        assert response.headers["Content-Disposition"] == (
            "attachment; filename=kiosk-20260327-110000.db"
        )
        assert response.headers["Cache-Control"] == "no-store"
        response.close()
        assert not list(tmp_path.glob("*.db"))

    def test_it_can_be_brought_back(self, page):
        assert self.restore(page).status_code == 200
        assert page.api.backups.restored == [("kiosk.db", b"a backup")]
        assert "In about a minute the kiosk is back with it." in page.text()

    def test_a_large_one_too(self, page):
        content = b"x" * 1_000_000
        page.read("/settings")
        file = FileStorage(io.BytesIO(content), "kiosk.db")
        fields = {"csrf_token": page.csrf(), "passphrase": PASSPHRASE, "sure": "yes"}
        boundary, body = encode_multipart({**fields, "backup": file})
        kind = f"multipart/form-data; boundary={boundary}"
        assert (
            page.client.post("/settings/restore", data=body, content_type=kind).status_code == 200
        )
        assert page.api.backups.restored == [("kiosk.db", content)]

    @pytest.mark.parametrize(
        ("changes", "name", "code"),
        [
            ({"backup": None}, "backup", 422),
            ({"backup": (io.BytesIO(b""), "")}, "backup", 422),
            ({"sure": None}, "sure", 422),
            ({"passphrase": "wrong"}, "passphrase", 422),
            ({"passphrase": None}, "passphrase", 422),
        ],
    )
    def test_not_without_a_file_the_passphrase_and_a_tick(self, page, changes, name, code):
        assert self.restore(page, **changes).status_code == code
        assert f'id="{name}-problem"' in page.page
        assert page.api.backups.restored == []

    @pytest.mark.parametrize(
        ("refusal", "code"),
        [
            (StoreError("kiosk.db cannot be restored: it is none of the kiosk's files."), 422),
            (ConflictError("A session is going on."), 409),
        ],
    )
    def test_what_cannot_be_restored_is_told(self, page, refusal, code):
        page.api.backups.refusal = refusal
        assert self.restore(page).status_code == code
        assert str(refusal) in page.text()

    def test_a_film_is_not_even_looked_at(self, page):
        page.read("/settings")
        token = page.csrf()
        response = page.client.post(
            "/settings/restore",
            content_type="multipart/form-data; boundary=x",
            headers={"X-CSRFToken": token},
            environ_overrides={"CONTENT_LENGTH": "60000000"},
        )
        assert response.status_code == 413

    def test_other_forms_stay_small(self, page):
        page.read("/settings")
        assert page.post("/settings/volume", {"volume": "1" * 300_000}).status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "/backup"),
        ("get", "/sample.wav"),
        ("post", "/volume"),
        ("post", "/undo"),
        ("post", "/test-sound"),
        ("post", "/passphrase"),
        ("post", "/sign-out"),
        ("post", "/calendar"),
        ("post", "/restore"),
    ],
)
def test_none_of_it_is_for_who_is_not_signed_in(tmp_path, method, path):
    page = the_page(tmp_path)
    page.read("/settings")
    token = page.csrf()
    (session,) = page.api.auth.sessions()
    page.api.auth.sign_out_device(session.id)
    response = getattr(page.client, method)(
        f"/settings{path}", headers={"Accept": "text/html", "X-CSRFToken": token}
    )
    assert response.status_code in (302, 401)
    assert page.api.auth.calendar_token() == "calendar-token"
    assert page.api.session.wishes == []
