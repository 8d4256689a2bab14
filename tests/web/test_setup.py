"""A caregiver's stories at set-up, from the first page to the first plan."""

import json
import re
from datetime import time

import pytest

from kiosk.errors import Problem, SettingsError, StoreError
from kiosk.programs.files import ProgramFiles, shipped_folder
from kiosk.programs.service import ProgramService
from kiosk.schedule.model import EVERY_DAY, WALK, Weekday
from kiosk.schedule.service import ScheduleService, checked_entry
from kiosk.schedule.snapshot import Snapshots
from kiosk.session.snapshot import State
from kiosk.settings.model import Settings
from kiosk.settings.service import SettingsView
from tests.auth.kit import AuthKit
from tests.schedule.past import NOON, OSLO
from tests.web.full import a_full_api
from tests.web.kit import PASSPHRASE, Browser, FakeApi, path_of

ZONES = ("America/Indiana/Knox", "America/New_York", "Asia/Tokyo", "Europe/Oslo", "UTC")
AFTER = ("/welcome/speaker", "/welcome/time-zone", "/welcome/plan")


class SettingsOfTest:
    """Settings that change by name, and refuse what is no time zone."""

    def __init__(self, fixed=()):
        self.current = Settings()
        self.fixed = dict.fromkeys(fixed, "--option")
        self.changes = []

    def refresh(self):
        return self.current

    def view(self):
        return SettingsView(self.current, self.fixed, str(len(self.changes)))

    def change(self, texts, _version=None):
        if texts.get("time_zone", "UTC") not in ZONES:
            message = f"There is no time zone {texts['time_zone']!r}."
            raise SettingsError([Problem.plain("page", "time_zone", message)])
        self.changes.append(dict(texts))
        return self.view()


class FewZones:
    def zones(self):
        return ZONES


class SetUpKit(AuthKit):
    """A kiosk, its button, and a phone. Without a passphrase nobody has set it up; with one, the
    phone has just done so.
    """

    def __init__(self, own_programs, passphrase=None, fixed=()):
        super().__init__(passphrase=passphrase, now=NOON)
        self.settings = SettingsOfTest(fixed)
        shelf = ProgramFiles(shipped_folder(), own_programs)

        snapshots = Snapshots(
            *(self.store, shelf, self.wall, self.settings),
            *(lambda _settings: OSLO, lambda: False),
        )
        self.api = FakeApi(
            snapshots=snapshots,
            schedule=ScheduleService(snapshots),
            programs=ProgramService(shelf, self.store, self.wall, Settings, None),
            settings=self.settings,
            choices=FewZones(),
            auth=self.auth,
        )
        self.phone = Browser(self.api)
        if passphrase:
            self.phone.sign_in().read("/welcome/speaker")

    def press(self):
        """The code that the kiosk says."""
        return self.auth.pressed()

    def ask_for_code(self):
        """The code that the kiosk says after the first step."""
        self.phone.get("/setup")
        self.phone.post("/setup/press")
        return self.press()


@pytest.fixture
def kiosk(request, tmp_path):
    """Set up where the test has a `welcomed` phone."""
    return SetUpKit(tmp_path, PASSPHRASE if "welcomed" in request.fixturenames else None)


@pytest.fixture
def phone(kiosk):
    return kiosk.phone


@pytest.fixture
def welcomed(kiosk):
    """The phone that has just chosen the passphrase."""
    return kiosk.phone


class TestFromTheButtonToThePassphrase:
    def test_step_by_step(self, kiosk, phone):
        assert "Step 1 of 6 Set up the kiosk" in (phone.read("/setup"), phone.text())[1]

        phone.post("/setup/press")
        assert "Press the button on the kiosk once." in phone.text()

        code = kiosk.press()
        assert "Step 2 of 6 Type the code" in (phone.read("/setup"), phone.text())[1]

        phone.post("/setup/code", {"code": f"{code[:3]} {code[3:]}"})
        assert "Step 3 of 6 Choose a passphrase" in phone.text()

        answered = phone.post("/setup/passphrase", {"passphrase": PASSPHRASE}, follow=False)
        assert path_of(answered) == "/welcome/speaker"
        assert phone.read("/welcome/speaker")
        assert "Step 4 of 6" in phone.text()
        (session,) = kiosk.auth.sessions()
        assert session.address == "127.0.0.1"

    def test_looking_at_a_page_awaits_no_press(self, kiosk, phone):
        phone.read("/setup")
        phone.read("/setup?step=code")
        assert kiosk.press() is None

    def test_who_heard_the_code_elsewhere_can_type_it_at_once(self, kiosk, phone):
        code = kiosk.auth.held()
        phone.read("/setup?step=code")
        phone.post("/setup/code", {"code": code})
        assert "Choose a passphrase" in phone.text()

    def test_without_script_a_link_leads_on(self, kiosk, phone):
        kiosk.ask_for_code()
        (link,) = re.findall(r'<a class="button" href="([^"]+)">I have heard the code', phone.page)
        assert "Type the code" in (phone.read(link), phone.text())[1]

    def test_the_page_asks_where_the_code_stands(self, kiosk, phone):
        states = [phone.get("/setup/state").json]
        phone.get("/setup")
        phone.post("/setup/press")
        states.append(phone.get("/setup/state").json)
        kiosk.press()
        states.append(phone.get("/setup/state").json)
        assert [one["state"] for one in states] == ["none", "awaited", "said"]

    def test_a_wrong_code_is_told_beside_its_field_and_stays_there(self, kiosk, phone):
        code = kiosk.ask_for_code()
        wrong = f"{(int(code) + 1) % 10**6:06}"
        answered = phone.post("/setup/code", {"code": wrong})
        assert answered.status_code == 422
        assert "That is not the code the kiosk said. 4 tries are left." in phone.text()
        assert f'value="{wrong}"' in phone.page
        assert 'aria-invalid="true"' in phone.page

    def test_a_code_can_be_said_again(self, kiosk, phone):
        first = kiosk.ask_for_code()
        phone.read("/setup")
        phone.post("/setup/press")
        assert "Press the button on the kiosk once." in phone.text()
        assert kiosk.press() == first

    @pytest.mark.parametrize(
        ("fields", "sentence", "field"),
        [
            ({"passphrase": "short"}, "That is too short.", "passphrase"),
            ({"passphrase": "12 34 56 78"}, "one of the first that others would try", "passphrase"),
            ({}, "That is too short.", "passphrase"),
            ({"passphrase": PASSPHRASE, "again": "other"}, "not the same as above", "again"),
        ],
    )
    def test_a_passphrase_that_will_not_do(self, kiosk, phone, fields, sentence, field):
        phone.post("/setup/code", {"code": kiosk.ask_for_code()})
        assert phone.post("/setup/passphrase", fields).status_code == 422
        typed = fields.get("passphrase", "")
        assert " " not in typed or typed not in phone.page, "what was typed is never sent back"
        assert sentence in phone.text()
        assert f'id="{field}-problem"' in phone.page
        assert not kiosk.auth.is_set_up()
        phone.post("/setup/passphrase", {"passphrase": PASSPHRASE, "again": PASSPHRASE})
        assert kiosk.auth.is_set_up()

    def test_who_takes_too_long_begins_with_another_code(self, kiosk, phone):
        phone.post("/setup/code", {"code": kiosk.ask_for_code()})
        kiosk.wait(1800)
        answered = phone.post("/setup/passphrase", {"passphrase": PASSPHRASE})
        assert answered.status_code == 422
        assert "Step 2 of 6 Type the code" in phone.text()
        assert "It is more than half an hour" in phone.text()
        assert "Step 1 of 6" in (phone.read("/setup"), phone.text())[1]

    def test_nobody_chooses_a_passphrase_without_a_code(self, kiosk, phone):
        phone.get("/setup")
        answered = phone.post("/setup/passphrase", {"passphrase": PASSPHRASE})
        assert answered.status_code == 422
        assert not kiosk.auth.is_set_up()


class TestAfterIt:
    def test_they_can_be_skipped_to_the_end(self, welcomed):
        seen = ["/welcome/speaker"]
        while seen[-1] != "/":
            page = welcomed.read(seen[-1])
            (skip,) = re.findall(r'<a href="([^"]+)">(?:Skip this|Finish without a plan)', page)
            seen.append(skip)
        assert seen == [*AFTER, "/"]

    def test_the_address_of_all_of_them_leads_to_the_first(self, welcomed):
        assert path_of(welcomed.get("/welcome")) == "/welcome/speaker"


class TestTheSpeaker:
    def test_the_kiosk_says_something(self, kiosk, welcomed):
        welcomed.post("/welcome/speaker", {"volume": "60"})
        assert kiosk.api.session.wishes == ["test_sound"]
        assert kiosk.settings.changes == [{"volume": "60"}]
        assert welcomed.answer().startswith("The kiosk speaks now.")

    def test_a_volume_that_stays_is_not_saved_again(self, kiosk, welcomed):
        welcomed.post("/welcome/speaker", {"volume": str(Settings().volume)})
        assert kiosk.settings.changes == []
        assert kiosk.api.session.wishes == ["test_sound"]

    def test_it_says_nothing_into_a_session(self, kiosk, welcomed):
        kiosk.api.session.show(state=State.RUNNING)
        welcomed.post("/welcome/speaker")
        assert kiosk.api.session.wishes == []
        assert "A session is going on" in welcomed.answer()

    def test_a_volume_given_with_the_command_is_shown_and_left_alone(self, tmp_path):
        kiosk = SetUpKit(tmp_path, PASSPHRASE, fixed=["volume"])
        assert 'name="volume"' not in kiosk.phone.read("/welcome/speaker")
        kiosk.phone.post("/welcome/speaker", {"volume": "10"})
        assert kiosk.settings.changes == []


class TestTwoWhoSetTheKioskUp:
    """Neither overwrites what the other has set without being told."""

    @pytest.fixture
    def api(self, tmp_path):
        return a_full_api(tmp_path)

    @pytest.fixture
    def phone(self, api):
        return Browser(api).sign_in()

    def now(self, phone, path, name):
        """What stands in the field, and the version it is of."""
        page = phone.page if path is None else phone.read(path)
        value = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
        return {name: value[1], "version": re.search(r'name="version" value="(\w+)"', page)[1]}

    @pytest.mark.parametrize(
        ("path", "name", "theirs", "typed"),
        [
            ("/welcome/speaker", "volume", "40", "60"),
            ("/welcome/time-zone", "time_zone", "Europe/Berlin", "America/New_York"),
        ],
    )
    def test_the_slower_one_is_told_and_may_insist(self, api, phone, path, name, theirs, typed):
        fields = self.now(phone, path, name)
        api.settings.change({name: theirs})

        response = phone.post(path, fields | {name: typed}, follow=False)

        assert response.status_code == 409
        assert f"Somebody else has changed this meanwhile. Now it is: {theirs}." in phone.text()
        assert api.store.settings.stored()[name] == theirs
        again = self.now(phone, None, name)
        assert again[name] == typed
        assert phone.post(path, again, follow=False).status_code == 303
        assert api.store.settings.stored()[name] == typed

    @pytest.mark.parametrize(
        ("path", "name", "typed"),
        [
            ("/welcome/speaker", "volume", "60"),
            ("/welcome/time-zone", "time_zone", "America/New_York"),
        ],
    )
    def test_a_full_disk_loses_nothing_that_was_typed(self, api, phone, path, name, typed):
        fields = self.now(phone, path, name)
        api.store.disk.full = StoreError("There is no room left on the disk.")

        response = phone.post(path, fields | {name: typed}, follow=False)

        assert response.status_code == 503
        assert "There is no room left on the disk." in phone.text()
        assert self.now(phone, None, name) == fields | {name: typed}
        assert api.session.wishes == []


class TestTheTimeZone:
    def test_the_present_one_stands_there_and_stays(self, kiosk, welcomed):
        assert 'value="Europe/Oslo" list="zones"' in welcomed.read("/welcome/time-zone")
        assert "it is Friday, 27 March, 12:00." in welcomed.text()
        answered = welcomed.post("/welcome/time-zone", {"time_zone": "Europe/Oslo"}, follow=False)
        assert path_of(answered) == "/welcome/plan"
        assert kiosk.settings.changes == []

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("Asia/Tokyo", "Asia/Tokyo"),
            ("tokyo", "Asia/Tokyo"),
            (" new york ", "America/New_York"),
            ("america/new_york", "America/New_York"),
            ("Knox", "America/Indiana/Knox"),
        ],
    )
    def test_it_is_found_as_people_type_it(self, kiosk, welcomed, typed, kept):
        welcomed.read("/welcome/time-zone")
        welcomed.post("/welcome/time-zone", {"time_zone": typed})
        assert kiosk.settings.changes == [{"time_zone": kept}]

    def test_one_that_is_none_is_told_beside_the_field(self, welcomed):
        welcomed.read("/welcome/time-zone")
        answered = welcomed.post("/welcome/time-zone", {"time_zone": "<Atlantis>"})
        assert answered.status_code == 422
        assert "There is no time zone '<Atlantis>'." in welcomed.text()
        assert 'value="&lt;Atlantis&gt;"' in welcomed.page

    def test_all_of_them_are_offered(self, welcomed):
        page = welcomed.read("/welcome/time-zone")
        assert tuple(re.findall(r'<option value="([^"]+)">', page)) == ZONES

    def test_a_clock_that_is_not_set_is_not_shown(self, kiosk, welcomed):
        kiosk.wall.believe(trusted=False)
        welcomed.read("/welcome/time-zone")
        assert "The kiosk's clock is not set yet" in welcomed.text()


class TestTheFirstPlan:
    def test_it_is_proposed_from_how_often_the_program_is_done(self, welcomed):
        page = welcomed.read("/welcome/plan")
        assert '<option value="low-back-start" selected>' in page
        assert "Usually 2\u20133 times a day, 7 days a week." in welcomed.text()
        assert re.findall(r'name="times" value="([^"]*)"', page) == ["09:00", "18:00", ""]
        assert len(re.findall(r'name="days" value="\w+" checked', page)) == 7

    def test_as_proposed(self, kiosk, welcomed):
        welcomed.read("/welcome/plan")
        answered = welcomed.post(
            "/welcome/plan",
            {
                "program": "low-back-start",
                "times": ["09:00", "18:00", ""],
                "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "do": "save",
            },
        )
        (entry,) = kiosk.store.plan.entries()
        assert (entry.program, entry.days, entry.weeks) == ("low-back-start", EVERY_DAY, None)
        assert entry.times == (time(9), time(18))
        assert entry.starts.isoformat() == "2026-03-27"
        assert answered.request.path == "/"
        assert "All set." in welcomed.answer()

    def test_another_program_brings_its_own_proposal_and_saves_nothing(self, kiosk, welcomed):
        welcomed.read("/welcome/plan")
        answered = welcomed.post(
            "/welcome/plan", {"program": WALK, "times": ["07:30"], "do": "propose"}
        )
        assert answered.status_code == 200
        assert '<option value="walk" selected>' in welcomed.page
        assert re.findall(r'name="times" value="([^"]*)"', welcomed.page) == ["10:00", "", ""]
        assert kiosk.store.plan.entries() == ()

    def test_every_shipped_program_has_a_proposal_that_can_be_kept(self, kiosk, welcomed):
        for listing in kiosk.api.programs.all():
            page = welcomed.read(f"/welcome/plan?program={listing.id}")
            times = re.findall(r'name="times" value="([^"]*)"', page)
            days = re.findall(r'name="days" value="(\w+)" checked', page)
            frequency = listing.program.frequency
            assert len([one for one in times if one]) in frequency.times_per_day
            assert len(days) in frequency.days_per_week
            fields = {"program": listing.id, "times": times, "days": days, "do": "save"}
            assert welcomed.post("/welcome/plan", fields, follow=False).status_code == 303

    def test_all_that_is_missing_is_told_and_nothing_typed_is_lost(self, kiosk, welcomed):
        welcomed.read("/welcome/plan")
        answered = welcomed.post(
            "/welcome/plan", {"program": "low-back-start", "times": ["", ""], "do": "save"}
        )
        assert answered.status_code == 422
        assert "Type at least one time of day." in welcomed.text()
        assert "Tick at least one day." in welcomed.text()

        answered = welcomed.post(
            "/welcome/plan",
            {"program": "low-back-start", "times": ["25:00"], "days": ["wed"], "do": "save"},
        )
        assert answered.status_code == 422
        assert 'name="times" value="25:00"' in welcomed.page
        assert re.findall(r'name="days" value="(\w+)" checked', welcomed.page) == ["wed"]
        assert kiosk.store.plan.entries() == ()

    def test_a_full_disk_loses_nothing_that_was_typed(self, kiosk, welcomed):
        welcomed.read("/welcome/plan")
        fields = {"program": WALK, "times": ["09:30", "17:15"], "days": ["wed"], "do": "save"}
        kiosk.store.disk.full = StoreError("There is no room left on the disk.")
        assert welcomed.post("/welcome/plan", fields).status_code == 503
        assert "There is no room left on the disk." in welcomed.text()
        times = re.findall(r'name="times" value="([^"]*)"', welcomed.page)
        assert times == ["09:30", "17:15", ""]
        assert re.findall(r'name="days" value="(\w+)" checked', welcomed.page) == ["wed"]
        kiosk.store.disk.full = None
        assert welcomed.post("/welcome/plan", fields, follow=False).status_code == 303

    def test_a_plan_that_is_full_is_told_at_the_top(self, kiosk, welcomed):
        fields = {"program": WALK, "times": "09:30", "days": "wed"}
        for _ in range(50):
            kiosk.api.schedule.add(checked_entry(kiosk.api.snapshots.take(), fields))
        welcomed.read("/welcome/plan")
        assert welcomed.post("/welcome/plan", {**fields, "do": "save"}).status_code == 422
        assert "The plan has 50 entries, and cannot have more." in welcomed.text()

    @pytest.mark.parametrize("program", ["", "no-such", "../../etc/passwd"])
    def test_a_program_that_is_none(self, welcomed, program):
        welcomed.read("/welcome/plan")
        fields = {"program": program, "times": ["09:00"], "days": ["mon"], "do": "save"}
        assert welcomed.post("/welcome/plan", fields).status_code == 422
        assert 'id="program-problem"' in welcomed.page

    def test_who_comes_back_is_told_of_what_is_planned(self, kiosk, welcomed):
        welcomed.read("/welcome/plan")
        fields = {"program": WALK, "times": ["09:00"], "days": ["mon"], "do": "save"}
        welcomed.post("/welcome/plan", fields)
        welcomed.read("/welcome/plan")
        assert "The plan has one entry already; this will be added." in welcomed.text()
        assert kiosk.store.plan.entries()[0].days == {Weekday.MON}


def test_no_page_holds_anything_secret(kiosk, phone):
    """And what the cookie holds opens only what its owner may do."""
    code = kiosk.ask_for_code()
    pages = [phone.read("/setup"), json.dumps(phone.get("/setup/state").json)]
    phone.post("/setup/code", {"code": code})
    pages.append(phone.page)
    with phone.client.session_transaction() as session:
        grant = session["grant"]
    phone.post("/setup/passphrase", {"passphrase": PASSPHRASE})
    pages.append(phone.page)
    with phone.client.session_transaction() as session:
        token = session["token"]
        assert "grant" not in session
    for page in pages:
        for secret in (code, grant, token, PASSPHRASE):
            assert secret not in page
