"""From the first page to the first plan; signing in and out; a forgotten passphrase."""

import json
import re
from datetime import time

import pytest

from kiosk.errors import StoreError
from kiosk.schedule.model import EVERY_DAY, WALK, Weekday
from kiosk.session.snapshot import State
from tests.kiosk import PASSPHRASE, USUAL, ZONES, KioskKit, path_of

WRONG = "a calm walk in the rain"
NEW = "another calm walk"
AFTER = ("/welcome/speaker", "/welcome/time-zone", "/welcome/plan")
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class SetUpKit(KioskKit):
    """A kiosk, its button, and a phone: its browser."""

    def press(self):
        """The code that the kiosk says."""
        return self.services.auth.pressed()

    def ask_for_code(self):
        """The code that the kiosk says after the first step."""
        self.browser.get("/setup")
        self.browser.post("/setup/press")
        return self.press()

    def stored(self):
        """The settings that were changed."""
        return dict(self.store.settings.stored())


@pytest.fixture
def kiosk(request, tmp_path):
    """Set up where the test has a `first` device or a `welcomed` phone."""
    set_up = not {"first", "welcomed"}.isdisjoint(request.fixturenames)
    return SetUpKit(tmp_path, set_up=set_up)


@pytest.fixture
def first(kiosk):
    """The token of the device that set the kiosk up."""
    return kiosk.services.auth.sign_in(PASSPHRASE, "the first", "192.168.1.20")


@pytest.fixture
def phone(kiosk):
    return kiosk.browser


@pytest.fixture
def welcomed(kiosk):
    """The phone that has just chosen the passphrase."""
    kiosk.browser.sign_in().read("/welcome/speaker")
    return kiosk.browser


def text_at(phone, path):
    """The text of the page there."""
    phone.read(path)
    return phone.text()


def times_of(phone):
    return re.findall(r'name="times" value="([^"]*)"', phone.page)


def days_of(phone):
    """The days that are ticked."""
    return re.findall(r'name="days" value="(\w+)" checked', phone.page)


def shown(phone, path, name):
    """What stands in the field of the page at `path`, or of the last one, and of which version."""
    page = phone.page if path is None else phone.read(path)
    value = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    return {name: value[1], "version": re.search(r'name="version" value="(\w+)"', page)[1]}


class TestFromTheButtonToThePassphrase:
    def test_step_by_step(self, kiosk, phone):
        states = [phone.get("/setup/state").json["state"]]
        assert "Step 1 of 6 Set up the kiosk" in text_at(phone, "/setup")
        text_at(phone, "/setup?step=code")
        assert kiosk.press() is None, "a page that is only read awaits no press"

        phone.read("/setup")
        phone.post("/setup/press")
        assert "Press the button on the kiosk once." in phone.text()
        states.append(phone.get("/setup/state").json["state"])
        (link,) = re.findall(r'<a class="button" href="([^"]+)">I have heard the code', phone.page)

        code = kiosk.press()
        states.append(phone.get("/setup/state").json["state"])
        assert states == ["none", "awaited", "said"]
        assert "Type the code" in text_at(phone, link), "without script"
        assert "Step 2 of 6 Type the code" in text_at(phone, "/setup")

        phone.post("/setup/press")
        assert "Press the button on the kiosk once." in phone.text()
        assert kiosk.press() == code, "it is said again"

        phone.post("/setup/code", {"code": f"{code[:3]} {code[3:]}"})
        assert "Step 3 of 6 Choose a passphrase" in phone.text()

        answered = phone.post("/setup/passphrase", {"passphrase": PASSPHRASE}, follow=False)
        assert path_of(answered) == "/welcome/speaker"
        assert "Step 4 of 6" in text_at(phone, "/welcome/speaker")
        (session,) = kiosk.services.auth.sessions()
        assert session.address == "127.0.0.1"

    def test_a_code_heard_elsewhere_is_typed_at_once_and_a_wrong_one_told_beside_its_field(
        self, kiosk, phone
    ):
        code = kiosk.services.auth.held()
        phone.read("/setup?step=code")
        wrong = f"{(int(code) + 1) % 10**6:06}"
        assert phone.post("/setup/code", {"code": wrong}).status_code == 422
        assert "That is not the code the kiosk said. 4 tries are left." in phone.text()
        assert f'value="{wrong}"' in phone.page
        assert 'aria-invalid="true"' in phone.page

        phone.post("/setup/code", {"code": code})
        assert "Choose a passphrase" in phone.text()

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
        assert not kiosk.services.auth.is_set_up()
        phone.post("/setup/passphrase", {"passphrase": PASSPHRASE, "again": PASSPHRASE})
        assert kiosk.services.auth.is_set_up()

    def test_nobody_chooses_a_passphrase_without_a_code_or_long_after_it(self, kiosk, phone):
        phone.get("/setup")
        assert phone.post("/setup/passphrase", {"passphrase": PASSPHRASE}).status_code == 422

        phone.post("/setup/code", {"code": kiosk.ask_for_code()})
        kiosk.clock.advance(1800)
        assert phone.post("/setup/passphrase", {"passphrase": PASSPHRASE}).status_code == 422
        assert "Step 2 of 6 Type the code" in phone.text()
        assert "It is more than half an hour" in phone.text()
        assert "Step 1 of 6" in text_at(phone, "/setup")
        assert not kiosk.services.auth.is_set_up()


def test_what_comes_after_the_passphrase_can_be_skipped_to_the_end(welcomed):
    seen = [path_of(welcomed.get("/welcome"))]
    while seen[-1] != "/":
        page = welcomed.read(seen[-1])
        (skip,) = re.findall(r'<a href="([^"]+)">(?:Skip this|Finish without a plan)', page)
        seen.append(skip)
    assert seen == [*AFTER, "/"]


class TestTheSpeaker:
    def test_the_kiosk_says_something_but_not_into_a_session_and_a_changed_volume_is_saved(
        self, kiosk, welcomed
    ):
        welcomed.post("/welcome/speaker", {"volume": str(USUAL.volume)})
        assert (kiosk.stored(), kiosk.wishes) == ({}, ["test_sound"])

        fields = shown(welcomed, "/welcome/speaker", "volume")
        welcomed.post("/welcome/speaker", fields | {"volume": "60"})
        assert (kiosk.stored(), kiosk.wishes) == ({"volume": "60"}, ["test_sound"] * 2)
        assert welcomed.answer().startswith("The kiosk speaks now.")

        kiosk.show(state=State.RUNNING)
        welcomed.post("/welcome/speaker")
        assert "A session is going on" in welcomed.answer()
        assert kiosk.wishes == ["test_sound"] * 2

    def test_a_volume_given_with_the_command_is_shown_and_left_alone(self, tmp_path):
        kiosk = SetUpKit(tmp_path, options={"volume": 50})
        phone = kiosk.browser.sign_in()
        assert 'name="volume"' not in phone.read("/welcome/speaker")
        phone.post("/welcome/speaker", {"volume": "10"})
        assert kiosk.stored() == {}


@pytest.mark.parametrize(
    ("path", "name", "theirs", "typed"),
    [
        ("/welcome/speaker", "volume", "40", "60"),
        ("/welcome/time-zone", "time_zone", "Europe/Berlin", "America/New_York"),
    ],
)
def test_the_slower_of_two_at_set_up_is_told_and_may_insist_and_a_full_disk_loses_nothing(
    kiosk, welcomed, path, name, theirs, typed
):
    fields = shown(welcomed, path, name)
    kiosk.store.disk.full = StoreError("There is no room left on the disk.")
    assert welcomed.post(path, fields | {name: typed}, follow=False).status_code == 503
    assert "There is no room left on the disk." in welcomed.text()
    assert shown(welcomed, None, name) == fields | {name: typed}
    assert kiosk.wishes == []
    kiosk.store.disk.full = None

    kiosk.settings.change({name: theirs})
    assert welcomed.post(path, fields | {name: typed}, follow=False).status_code == 409
    assert f"Somebody else has changed this meanwhile. Now it is: {theirs}." in welcomed.text()
    assert kiosk.stored()[name] == theirs
    again = shown(welcomed, None, name)
    assert again[name] == typed
    assert welcomed.post(path, again, follow=False).status_code == 303
    assert kiosk.stored()[name] == typed


class TestTheTimeZone:
    def test_all_are_offered_and_the_present_one_stands_there_and_stays(self, kiosk, welcomed):
        page = welcomed.read("/welcome/time-zone")
        assert 'value="Europe/Oslo" list="zones"' in page
        assert tuple(re.findall(r'<option value="([^"]+)">', page)) == (*ZONES, "UTC")
        assert "it is Friday, 27 March, 12:00." in welcomed.text()
        kiosk.wall.believe(trusted=False)
        assert "The kiosk's clock is not set yet" in text_at(welcomed, "/welcome/time-zone")

        answered = welcomed.post("/welcome/time-zone", {"time_zone": "Europe/Oslo"}, follow=False)
        assert path_of(answered) == "/welcome/plan"
        assert kiosk.stored() == {}

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
    def test_it_is_found_as_people_type_it_or_told_beside_its_field(
        self, kiosk, welcomed, typed, kept
    ):
        fields = shown(welcomed, "/welcome/time-zone", "time_zone")
        answered = welcomed.post("/welcome/time-zone", fields | {"time_zone": "<Atlantis>"})
        assert answered.status_code == 422
        assert "There is no time zone '<Atlantis>'." in welcomed.text()
        assert 'value="&lt;Atlantis&gt;"' in welcomed.page

        welcomed.post("/welcome/time-zone", fields | {"time_zone": typed})
        assert kiosk.stored() == {"time_zone": kept}


class TestTheFirstPlan:
    def test_it_is_proposed_from_how_often_the_program_is_done(self, kiosk, welcomed):
        page = welcomed.read("/welcome/plan")
        assert '<option value="low-back-start" selected>' in page
        assert "Usually 2\u20133 times a day, 7 days a week." in welcomed.text()
        assert times_of(welcomed) == ["09:00", "18:00", ""]
        assert days_of(welcomed) == DAYS

        walk = {"program": WALK, "times": ["07:30"], "do": "propose"}
        assert welcomed.post("/welcome/plan", walk).status_code == 200
        assert '<option value="walk" selected>' in welcomed.page
        assert times_of(welcomed) == ["10:00", "", ""]
        assert kiosk.store.plan.entries() == ()

    def test_as_proposed_and_who_comes_back_is_told_of_it(self, kiosk, welcomed):
        welcomed.read("/welcome/plan")
        fields = {"program": "low-back-start", "times": ["09:00", "18:00", ""], "days": DAYS}
        answered = welcomed.post("/welcome/plan", {**fields, "do": "save"})
        (entry,) = kiosk.store.plan.entries()
        assert (entry.program, entry.days, entry.weeks) == ("low-back-start", EVERY_DAY, None)
        assert entry.times == (time(9), time(18))
        assert entry.starts.isoformat() == "2026-03-27"
        assert answered.request.path == "/"
        assert "All set." in welcomed.answer()

        told = text_at(welcomed, "/welcome/plan")
        assert "The plan has one entry already; this will be added." in told

    def test_every_shipped_program_has_a_proposal_that_can_be_kept(self, kiosk, welcomed):
        for listing in kiosk.services.programs.all():
            welcomed.read(f"/welcome/plan?program={listing.id}")
            times, days = times_of(welcomed), days_of(welcomed)
            frequency = listing.program.frequency
            assert len([one for one in times if one]) in frequency.times_per_day
            assert len(days) in frequency.days_per_week
            fields = {"program": listing.id, "times": times, "days": days, "do": "save"}
            assert welcomed.post("/welcome/plan", fields, follow=False).status_code == 303

    def test_all_that_is_missing_is_told_and_nothing_typed_is_lost(self, kiosk, welcomed):
        welcomed.read("/welcome/plan")
        fields = {"program": "low-back-start", "times": ["", ""], "do": "save"}
        assert welcomed.post("/welcome/plan", fields).status_code == 422
        assert "Type at least one time of day." in welcomed.text()
        assert "Tick at least one day." in welcomed.text()

        fields |= {"times": ["25:00"], "days": ["wed"]}
        assert welcomed.post("/welcome/plan", fields).status_code == 422
        assert (times_of(welcomed)[0], days_of(welcomed)) == ("25:00", ["wed"])

        for program in ("", "no-such", "../../etc/passwd"):
            fields = {"program": program, "times": ["09:00"], "days": ["mon"], "do": "save"}
            assert welcomed.post("/welcome/plan", fields).status_code == 422
            assert 'id="program-problem"' in welcomed.page
        assert kiosk.store.plan.entries() == ()

    def test_a_full_disk_or_plan_loses_nothing_that_was_typed(self, kiosk, welcomed):
        welcomed.read("/welcome/plan")
        fields = {"program": WALK, "times": ["09:30", "17:15"], "days": ["wed"], "do": "save"}
        kiosk.store.disk.full = StoreError("There is no room left on the disk.")
        assert welcomed.post("/welcome/plan", fields).status_code == 503
        assert "There is no room left on the disk." in welcomed.text()
        assert (times_of(welcomed), days_of(welcomed)) == (["09:30", "17:15", ""], ["wed"])
        kiosk.store.disk.full = None
        assert welcomed.post("/welcome/plan", fields, follow=False).status_code == 303
        (entry,) = kiosk.store.plan.entries()
        assert entry.days == {Weekday.WED}

        for _ in range(49):
            kiosk.services.schedule.add(entry)
        welcomed.read("/welcome/plan")
        assert welcomed.post("/welcome/plan", fields).status_code == 422
        assert "The plan has 50 entries, and cannot have more." in welcomed.text()


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


def type_passphrase(phone, passphrase=PASSPHRASE):
    phone.get("/sign-in")
    return phone.post("/sign-in", {"passphrase": passphrase}, follow=False)


def cookie(phone):
    with phone.client.session_transaction() as session:
        return dict(session)


@pytest.mark.usefixtures("first")
class TestSigningIn:
    def test_with_the_passphrase_one_comes_to_now_until_signed_out(self, kiosk, phone, first):
        assert path_of(type_passphrase(phone)) == "/"
        token = cookie(phone)["token"]
        assert kiosk.services.auth.session_of(token).address == "127.0.0.1"
        assert path_of(phone.get("/sign-in?next=/history")) == "/history", "in already"

        phone.read("/")
        phone.post("/sign-out")
        assert phone.answer() == "You are signed out on this device."
        assert kiosk.services.auth.session_of(token) is None
        assert "token" not in cookie(phone)
        assert kiosk.services.auth.session_of(first)

    @pytest.mark.parametrize("wanted", ["/schedule/3?week=2026-W14", "/settings?x=//y;z=http://w"])
    def test_or_to_where_one_wanted_to_go(self, phone, wanted):
        led_to = path_of(phone.get(wanted))
        assert led_to.startswith("/sign-in?next=")
        phone.get(led_to)
        assert f'name="next" value="{wanted}"' in phone.page
        answered = phone.post("/sign-in", {"passphrase": PASSPHRASE, "next": wanted}, follow=False)
        assert path_of(answered) == wanted

    def test_a_wrong_one_is_told_beside_the_field_and_not_sent_back(self, phone):
        phone.get("/sign-in?next=/history")
        for fields in ({}, {"passphrase": ""}, {"passphrase": "x" * 50_000}):
            assert phone.post("/sign-in", fields).status_code == 422
        phone.get("/sign-in?next=/history")
        answered = phone.post("/sign-in", {"passphrase": WRONG, "next": "/history"})
        assert answered.status_code == 422
        assert phone.text().count("That is not the passphrase.") == 1
        assert WRONG not in phone.page
        assert 'name="next" value="/history"' in phone.page
        assert cookie(phone).get("token") is None

    def test_too_many_are_told_when_to_come_back(self, kiosk, phone):
        answered = [type_passphrase(phone, WRONG) for _ in range(6)]
        assert [one.status_code for one in answered] == [422] * 4 + [429] * 2
        assert answered[-1].headers["Retry-After"] == "2"
        assert "Try again in 1 second." in answered[-1].get_data(as_text=True)
        kiosk.clock.advance(1)
        assert type_passphrase(phone).status_code == 303


@pytest.mark.usefixtures("first")
class TestAForgottenPassphrase:
    def test_the_button_helps(self, kiosk, phone, first):
        phone.get("/sign-in")
        assert 'href="/forgotten"' in phone.page
        phone.read("/forgotten")
        assert "Hold its button down for ten seconds, until it says a code." in phone.text()

        phone.post("/forgotten/code", {"code": kiosk.services.auth.held()})
        assert "Choose a new passphrase" in phone.text()

        answered = phone.post("/forgotten/passphrase", {"passphrase": NEW})
        assert answered.request.path == "/"
        assert phone.answer() == "The passphrase is changed, and everybody else is signed out."
        assert kiosk.services.auth.session_of(first) is None
        phone.client.delete_cookie("kiosk")
        assert type_passphrase(phone, PASSPHRASE).status_code == 422
        assert type_passphrase(phone, NEW).status_code == 303

    def test_without_a_code_or_long_after_it_nothing_is_changed(self, kiosk, phone):
        phone.read("/forgotten")
        assert phone.post("/forgotten/code", {"code": "000000"}).status_code == 422
        assert "There is no code that counts now" in phone.text()
        assert phone.post("/forgotten/passphrase", {"passphrase": NEW}).status_code == 422

        phone.post("/forgotten/code", {"code": kiosk.services.auth.held()})
        kiosk.clock.advance(1800)
        phone.post("/forgotten/passphrase", {"passphrase": NEW})
        assert "Hold its button down for ten seconds" in phone.text()
        assert type_passphrase(phone).status_code == 303
