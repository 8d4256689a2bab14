"""The page of settings: every form saves, answers, and loses nothing that was typed."""

import io
import random
import re
import wave
from dataclasses import replace
from html import unescape

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Actor
from kiosk.session.snapshot import State
from kiosk.settings.model import Settings
from kiosk.store.restore import PENDING
from kiosk.store.service import BackupService
from kiosk.units import SAMPLE_RATE
from tests.audit_log import text_entry
from tests.kiosk import NOON, PASSPHRASE, USUAL, KioskKit, KitEngine, path_of
from tests.web.html_tree import read_html
from web.settings.views import FORMS, device_name, shortened

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Mobile Safari/537.36"
)
JSON = {"Accept": "application/json"}
FULL = StoreError("There is no room left on the disk.")


@pytest.fixture
def kiosk(tmp_path):
    return KioskKit(tmp_path)


@pytest.fixture
def page(kiosk):
    return kiosk.browser.sign_in()


def settings_of(page) -> Settings:
    return page.services.settings.refresh()


def undo_of(page) -> str:
    return unescape(re.search(r'name="change" value="([^"]+)"', page.page)[1])


def form_of(page, name):
    """What the form `name` of the last page would send as it stands."""
    form = read_html(page.page).one("form", data_form=name)
    return {field: values[0] for field, values in form.sent().items()}


def filled_in(page, form, **changes):
    """What is sent of the form `form` when `changes` were typed into it."""
    page.read("/settings")
    return {**form_of(page, form), **changes}


def save(page, form, **changes):
    return page.post(f"/settings/{form}", filled_in(page, form, **changes))


def test_a_full_disk_loses_nothing_that_was_typed(kiosk, page):
    assert re.search(r'<input type="range"[^>]* hidden>', page.read("/settings"))
    assert "Save the volume" in page.text(), "without JavaScript there are buttons"
    version = form_of(page, "voice")["version"]
    kiosk.store.disk.full = FULL
    response = save(page, "voice", voice="gmw/en-us", rate="140")
    assert response.status_code == 503
    assert "There is no room left on the disk." in page.text()
    shown = form_of(page, "voice")
    assert (shown["rate"], shown["voice"], shown["version"]) == ("140", "gmw/en-us", version)
    kiosk.store.disk.full = None
    assert page.post("/settings/voice", shown).status_code == 200
    assert settings_of(page) == replace(USUAL, voice="gmw/en-us", rate=140)


class TestSaving:
    @pytest.mark.parametrize("form", FORMS)
    def test_every_form_can_be_saved_as_it_stands(self, page, form):
        response = save(page, form)
        assert response.status_code == 200
        assert page.answer() == "Nothing was different, so nothing had to be saved."
        assert settings_of(page) == USUAL

    @pytest.mark.parametrize(
        ("form", "changes", "wanted"),
        [
            ("volume", {"volume": "65"}, {"volume": 65}),
            ("speaker", *[{"audio_device": "vc4-hdmi-0"}] * 2),
            ("speaker", {"lead_in": "1500"}, {"lead_in_ms": 1500}),
            ("speaker", {"lead_in": "own", "lead_in_ms": "700"}, {"lead_in_ms": 700}),
            ("voice", {"voice": "gmw/en-us", "rate": "140"}, {"voice": "gmw/en-us", "rate": 140}),
            ("day", *[{"quiet_from": "21:30", "quiet_to": "07:00", "time_zone": "Asia/Tokyo"}] * 2),
            ("button", *[{"default_program": "hip-stretching"}] * 2),
            ("onlookers", *[{"now_seen_by": "caregivers"}] * 2),
        ],
    )
    def test_what_was_changed_is_gone_by_and_shown_and_can_be_undone(
        self, page, form, changes, wanted
    ):
        fields = filled_in(page, form, **changes)
        response = page.post(f"/settings/{form}", fields, follow=False)
        assert (response.status_code, path_of(response)) == (303, f"/settings?at={form}")
        page.read(path_of(response))
        assert page.answer() == "Saved. The kiosk goes by it from now on."
        assert settings_of(page) == replace(USUAL, **wanted)
        assert changes.items() <= form_of(page, form).items()

        page.post("/settings/undo", {"change": undo_of(page)})
        assert page.answer() == "Taken back. It is as it was before."
        assert settings_of(page) == USUAL

    def test_undo_of_what_never_was_or_somebody_changed_since_changes_nothing(self, page):
        save(page, "volume", volume="65")
        undo = undo_of(page)
        page.services.settings.change({"volume": "30"})
        page.post("/settings/undo", {"change": undo})
        assert "Somebody else has changed this meanwhile" in page.answer()

        for change in (
            "",
            "[]",
            "7",
            "null",
            "[" * 50_000,
            '{"form": "volume"}',
            '{"form": "pins", "texts": {"pin": "3"}, "v": ""}',
            '{"form": "volume", "texts": {"volume": "loud"}, "v": ""}',
            '{"form": "volume", "texts": 7, "v": ""}',
        ):
            page.read("/settings")
            assert page.post("/settings/undo", {"change": change}).status_code == 200
            assert "cannot be undone" in page.answer(), change
        assert settings_of(page) == replace(USUAL, volume=30)

    def test_there_is_no_form_for_anything_else(self, page):
        page.read("/settings")
        shown = form_of(page, "volume")
        assert page.post("/settings/pins", {"pin": "3"}).status_code == 404
        page.post("/settings/volume", {"volume": "65", "pin": "3", "rate": "120"})
        assert settings_of(page) == USUAL
        page.post("/settings/volume", {**shown, "volume": "65", "rate": "120"})
        assert settings_of(page) == replace(USUAL, volume=65)


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
        assert settings_of(page) == USUAL
        assert page.page.count('class="problem"') == 1

    def test_an_own_lead_in_that_is_none_or_a_voice_that_is_not_there(self, page):
        assert save(page, "speaker", lead_in="own", lead_in_ms="long").status_code == 422
        assert 'id="lead_in_ms-problem"' in page.page
        assert form_of(page, "speaker")["lead_in"] == "own"
        assert form_of(page, "speaker")["lead_in_ms"] == "long"

        assert save(page, "voice", voice="Robbie<b>").status_code == 422
        assert "The speech engine has no voice" in page.text()
        assert "Robbie<b>" not in page.page


def test_the_second_caregiver_sees_what_the_first_has_set_and_can_save_on_top(page):
    fields = filled_in(page, "day", time_zone="Asia/Tokyo")
    page.services.settings.change({"time_zone": "Europe/Berlin"})
    response = page.post("/settings/day", fields)
    assert response.status_code == 409
    assert "Somebody else has changed this meanwhile" in page.text()
    assert "Now it is: Europe/Berlin." in page.text()
    assert form_of(page, "day")["time_zone"] == "Asia/Tokyo"
    assert settings_of(page) == replace(USUAL, time_zone="Europe/Berlin")

    page.post("/settings/day", form_of(page, "day"))
    assert settings_of(page) == replace(USUAL, time_zone="Asia/Tokyo")

    fields = filled_in(page, "voice", voice="gmw/en")
    page.services.settings.change({"voice": "gmw/en-us"})
    page.post("/settings/voice", fields)
    assert "Now it is: English (America)." in page.text(), "choices are told by their names"


def test_what_is_fixed_is_shown_with_why_and_refused_when_sent_all_the_same(tmp_path):
    environ = {"KIOSK_VOLUME": "50", "KIOSK_NOW_SEEN_BY": "caregivers"}
    page = KioskKit(tmp_path, environ=environ, options={"lead_in_ms": 700}).browser.sign_in()
    html = page.read("/settings")
    assert "Set by KIOSK_VOLUME where the kiosk is started" in page.text()
    assert re.search(r'<input id="volume"[^>]* disabled', html)
    assert re.search(r'<input id="lead_in_ms"[^>]* disabled', html)
    assert len(re.findall(r'<fieldset class="bare" disabled>', html)) == 2
    for button in ("Save the volume", "Save who may look on"):
        assert button not in page.text()
    assert "Save the speaker" in page.text()

    version = page.services.settings.view().version
    page.post("/settings/volume", {"volume": "60", "version": version})
    assert "This is set by KIOSK_VOLUME, and cannot be changed here." in page.text()


@pytest.mark.parametrize(
    ("typed", "theirs", "fault", "code", "answer"),
    [
        ("loud", None, None, 422, "Expected a whole number from 0 to 100"),
        ("65", "30", None, 409, "Now it is: 30."),
        ("65", None, FULL, 503, "There is no room left on the disk."),
        ("70", None, None, 200, "Saved. The kiosk goes by it from now on."),
    ],
)
def test_a_script_is_told_what_is_saved_or_refused_and_can_send_again(
    kiosk, page, typed, theirs, fault, code, answer
):
    fields = filled_in(page, "volume", volume=typed)
    if theirs:
        kiosk.settings.change({"volume": theirs})
    kiosk.store.disk.full = fault
    response = page.post("/settings/volume", fields, headers=JSON)
    assert response.status_code == code
    assert answer in response.json["answer"]

    kiosk.store.disk.full = None
    again = {**fields, "volume": "65", "version": response.json["version"]}
    response = page.post("/settings/volume", again, headers=JSON)
    assert response.status_code == 200
    assert response.json == {
        "answer": "Saved. The kiosk goes by it from now on.",
        "version": page.services.settings.view().version,
    }
    assert settings_of(page) == replace(USUAL, volume=65)


class TestHearing:
    def test_a_test_sound_is_asked_for_but_not_in_the_middle_of_a_session(self, kiosk, page):
        page.read("/settings")
        page.post("/settings/test-sound")
        assert kiosk.wishes == ["test_sound"]
        assert page.answer() == "Listen: the kiosk says a sentence now."

        kiosk.show(state=State.RUNNING)
        refusal = "A session is going on, so there is no test sound now."
        page.post("/settings/test-sound")
        assert page.answer() == refusal
        assert page.post("/settings/test-sound", headers=JSON).json["answer"] == refusal
        assert kiosk.wishes == ["test_sound"]

    def test_a_sample_is_a_sound_file_in_the_voice_that_is_chosen(self, page):
        page.read("/settings")
        assert 'src="/settings/sample.wav"' in page.page
        lengths = []
        for query in ("", "?rate=120", "?voice=gmw/en&rate=120"):
            response = page.get(f"/settings/sample.wav{query}")
            assert response.mimetype == "audio/wav"
            with wave.open(io.BytesIO(response.data)) as sound:
                assert sound.getframerate() == SAMPLE_RATE
                lengths.append(sound.getnframes())
        usual, slow, other = lengths
        assert usual < slow == other

    def test_a_part_can_be_asked_for_and_anything_again_and_again(self, page):
        whole = page.get("/settings/sample.wav").data
        part = page.get("/settings/sample.wav", headers={"Range": "bytes=0-99"})
        assert (part.status_code, part.data) == (206, whole[:100])
        for query in ("?rate=9999", "?voice=Robbie", "?rate=fast", "?voice=%00") * 3:
            with page.get(f"/settings/sample.wav{query}") as response:
                assert response.status_code in (200, 400)

    def test_without_a_speech_engine_the_page_says_so(self, tmp_path):
        kiosk = KioskKit(tmp_path, engine=KitEngine(no_engine="Install espeak-ng."))
        page = kiosk.browser.sign_in()
        page.read("/settings")
        assert "Install espeak-ng." in page.text()
        assert page.get("/settings/sample.wav").status_code == 400


class TestPassphrase:
    def test_it_is_changed_and_this_browser_stays_in(self, page):
        page.read("/settings")
        fields = {"old": PASSPHRASE, "new": "another calm walk"}
        page.post("/settings/passphrase", fields, headers={"User-Agent": PHONE})
        assert page.answer() == "The passphrase is changed. Everybody else was signed out."
        (session,) = page.services.auth.sessions()
        assert session.device == PHONE
        assert page.services.auth.sign_in(fields["new"], PHONE, "192.168.1.23")

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
        assert page.services.auth.sign_in(PASSPHRASE, PHONE, "192.168.1.23")
        for typed in fields.values():
            assert f'value="{typed}"' not in page.page


class TestWhoIsSignedIn:
    def test_all_are_listed_and_another_one_can_be_signed_out(self, page):
        page.services.auth.sign_in(PASSPHRASE, PHONE, "192.168.1.23")
        page.read("/settings")
        assert "a test This device 127.0.0.1, last seen today at 12:00" in page.text()
        assert "Chrome on Android 192.168.1.23, last seen today at 12:00" in page.text()
        assert page.page.count('name="visitor"') == 1

        page.press("/settings/sign-out")
        assert page.answer() == "Signed out."
        (own,) = page.services.auth.sessions()
        assert own.device == "a test"
        page.post("/settings/sign-out", {"visitor": own.id})
        assert page.services.auth.sessions() == (own,), "not signed out by mistake"

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
        assert shortened("curl/8") == "curl/8"
        assert len(shortened("x" * 200)) == 60


def test_the_address_of_the_calendar_is_shown_and_can_be_renewed(page):
    page.read("/settings")
    assert 'value="http://localhost/calendar/calendar-token.ics"' in page.page
    page.post("/settings/calendar")
    assert page.answer() == "There is a new address. The old one does not work any more."
    renewed = page.services.auth.calendar_token()
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

    def test_it_is_taken_away_and_brought_back_though_it_is_large(self, kiosk, page):
        noise = random.Random(7).randbytes(400_000).hex()  # noqa: S311 - to be repeated
        kiosk.store.audit.add(text_entry(NOON, Actor.KIOSK, noise))
        files = sorted(kiosk.state.iterdir())
        with page.get("/settings/backup") as response:
            taken = response.data
            assert response.content_length == len(taken) > 400_000
            assert response.headers["Content-Disposition"] == (
                "attachment; filename=kiosk-20260327-110000.backup"
            )
            assert response.headers["Cache-Control"] == "no-store"
        assert sorted(kiosk.state.iterdir()) == files

        answered = self.restore(page, backup=(io.BytesIO(taken), "kiosk.db"))
        assert answered.status_code == 200
        assert (kiosk.state / PENDING).read_bytes() == taken
        assert kiosk.restarts == 1
        assert "In about a minute the kiosk is back with it." in page.text()

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"backup": None}, "backup"),
            ({"backup": (io.BytesIO(b""), "")}, "backup"),
            ({"sure": None}, "sure"),
            ({"passphrase": "wrong"}, "passphrase"),
            ({"passphrase": None}, "passphrase"),
        ],
    )
    def test_what_cannot_be_restored_is_told_nor_without_file_passphrase_and_tick(
        self, kiosk, page, changes, name
    ):
        assert self.restore(page, **changes).status_code == 422
        assert f'id="{name}-problem"' in page.page
        assert self.restore(page).status_code == 422
        assert "kiosk.db cannot be restored" in page.text()
        kiosk.show(state=State.RUNNING)
        assert self.restore(page).status_code == 409
        assert "A session is going on." in page.text()
        assert not (kiosk.state / PENDING).exists()

    def test_no_other_page_waits_for_it(self, kiosk):
        order = []

        class Watched(BackupService):
            def make(self):
                order.append("make")
                return super().make()

            def restore(self, upload, name):
                order.append("restore")
                super().restore(upload, name)

        class Turn:
            """Stands for the turn that a request has among the others."""

            def end(self):
                order.append("others go on")

        session = kiosk.session
        backups = Watched(kiosk.state, kiosk.store, kiosk.wall, session.snapshot, lambda: None)
        page = kiosk.use(backups=backups).browser.sign_in()
        page.read("/settings")
        in_turn = {"environ_overrides": {"kiosk.turn": Turn()}}
        with page.client.get("/settings/backup", **in_turn) as answer:
            taken = answer.get_data()
        form = {"passphrase": PASSPHRASE, "sure": "yes", "backup": (io.BytesIO(taken), "kiosk.db")}
        assert page.post("/settings/restore", form, **in_turn).status_code == 200
        assert order == ["others go on", "make", "others go on", "restore"]
