"""What happens to the kiosk on a day by chance, and how a person exercises with it."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from random import Random

from kiosk.session.snapshot import State
from tests.kiosk import PASSPHRASE
from tests.soak.kiosk import SoakKiosk
from tests.soak.programs import ARMS, LOW_BACK, SIDES

Action = Callable[[SoakKiosk, Random], None]

MOST_ENTRIES = 8

PAGES = ("/", "/room", "/schedule", "/history", "/programs", "/settings", "/healthz")

MINUTE, HOUR = 60.0, 3600.0

EXERCISES = {ARMS: ("arm-lift", "arm-hold"), SIDES: ("leg-lift", "reach")}


# --- at the pages


def read_pages(soak: SoakKiosk, random: Random) -> None:
    for page in random.sample(PAGES, 3):
        soak.caregiver.get(page)


def open_live_pages(soak: SoakKiosk, random: Random) -> None:
    for _ in range(random.randint(1, 3) if soak.caregiver.port else 0):
        soak.open_live_page()
    soak.later(random.uniform(HOUR, 8 * HOUR), soak.close_live_pages)


def add_entry(soak: SoakKiosk, random: Random) -> None:
    if len(soak.plan()) >= MOST_ENTRIES:
        return
    days = random.sample(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), random.randint(2, 7))
    soak.caregiver.send_form(
        "/schedule/new",
        "/schedule/new",
        program=random.choice((ARMS, SIDES, "walk")),
        days=days,
        times=[_time(random) for _ in range(random.randint(1, 2))],
        weeks=random.choice(("", "1", "4")),
        do="save",
    )


def change_entry(soak: SoakKiosk, random: Random) -> None:
    for number in _entry(soak, random):
        times = {"times": [_time(random), _time(random)], "do": "save"}
        soak.caregiver.send_form(f"/schedule/{number}", f"/schedule/{number}", **times)


def pause_entry(soak: SoakKiosk, random: Random) -> None:
    for number in _entry(soak, random):
        # An entry whose weeks are over has nothing to be paused.
        soak.caregiver.send_form("/schedule", f"/schedule/{number}/pause", if_there=True)


def remove_entry(soak: SoakKiosk, random: Random) -> None:
    if len(soak.plan()) > len(PLAN):
        for number in _entry(soak, random):
            soak.caregiver.send_form("/schedule", f"/schedule/{number}/remove")


def undo_change(soak: SoakKiosk, _random: Random) -> None:
    """Take back the latest change to the plan, if the page still offers that."""
    soak.caregiver.send_form("/schedule", "/schedule/undo", if_there=True)


def change_dose(soak: SoakKiosk, random: Random) -> None:
    program = random.choice((ARMS, SIDES))
    dose = {f"{random.choice(EXERCISES[program])}.reps": str(random.randint(2, 6)), "insist": "1"}
    soak.caregiver.send_form(f"/programs/{program}", f"/programs/{program}/doses", **dose)


def save_program(soak: SoakKiosk, random: Random) -> None:
    program = random.choice((ARMS, SIDES))
    page = f"/programs/{program}/edit"
    changes = {"summary": f"For a whole year, {random.randint(1, 99)}.", "do": "save"}
    soak.caregiver.send_form(page, page, **changes)


def change_setting(soak: SoakKiosk, random: Random) -> None:
    form, changes = random.choice(
        (
            ("volume", {"volume": random.choice(("100", "100", "80"))}),
            ("voice", {"rate": random.choice(("155", "170"))}),
            ("button", {"default_program": random.choice((ARMS, SIDES))}),
            ("day", {"quiet_from": random.choice(("", "21:00", "22:30")), "quiet_to": "06:30"}),
            ("onlookers", {"now_seen_by": random.choice(("anyone", "caregivers"))}),
        )
    )
    soak.caregiver.send_form("/settings", f"/settings/{form}", **changes)


def take_backup(soak: SoakKiosk, _random: Random) -> None:
    answer = soak.caregiver.get("/settings/backup")
    if answer.status == 200 and not soak.disk.is_full:
        soak.backup = answer.body


def restore_backup(soak: SoakKiosk, _random: Random) -> None:
    if soak.backup:
        soak.caregiver.get("/settings")
        fields = {"sure": "yes", "passphrase": PASSPHRASE}
        soak.caregiver.upload("/settings/restore", "backup", soak.backup, **fields)


def play_test_sound(soak: SoakKiosk, _random: Random) -> None:
    soak.observer.sound_test_requested()
    soak.caregiver.send_form("/settings", "/settings/test-sound")


def start_session(soak: SoakKiosk, random: Random) -> None:
    program = random.choice((ARMS, SIDES, "no-such-program"))
    soak.caregiver.send_form("/", "/now/start", program=program)


def steer(soak: SoakKiosk, random: Random) -> None:
    wish = random.choice(("pause", "resume", "skip", "back", "repeat", "stop"))
    soak.observer.note(f"{wish} on the page")
    soak.caregiver.send_form("/", f"/now/{wish}")


# --- to the kiosk


def restart(soak: SoakKiosk, random: Random) -> None:
    soak.shut_down()
    _off_for(soak, random)


def cut_power(soak: SoakKiosk, random: Random) -> None:
    soak.cut_power(torn=random.random() < 0.5)
    _off_for(soak, random)


def _off_for(soak: SoakKiosk, random: Random) -> None:
    """Stay off for a while; the clock is not always right after it."""
    longest = random.choice((20.0, 5 * MINUTE, HOUR, 10 * HOUR))
    soak.clock.advance(random.uniform(2.0, longest))
    if random.random() < 0.35:
        shown = random.choice((timedelta(days=-20454), timedelta(seconds=-longest)))
        soak.set_clock(shown, trusted=False)
        soak.later(random.uniform(5.0, 2 * HOUR), lambda: soak.set_clock(timedelta()))
    else:
        soak.set_clock(timedelta())
    soak.start()


def clock_leaps(soak: SoakKiosk, random: Random) -> None:
    """The clock is set wrong for some hours, or only set right by a little."""
    hours = random.choice((-30, -3, -1, -0.01, 0.02, 1, 5, 26))
    soak.set_clock(timedelta(hours=hours))
    soak.later(random.uniform(MINUTE, 6 * HOUR), lambda: soak.set_clock(timedelta()))


def speaker_lost(soak: SoakKiosk, random: Random) -> None:
    soak.speaker.plugged_in = False
    soak.fault("speaker")

    def back() -> None:
        soak.speaker.plugged_in = True
        soak.fault_ends("speaker")

    soak.later(random.uniform(3.0, random.choice((60.0, HOUR))), back)


def disk_full(soak: SoakKiosk, random: Random) -> None:
    soak.disk.fill()
    soak.fault("disk")

    def room() -> None:
        soak.disk.free()
        soak.fault_ends("disk")
        if soak.kiosk.data is None:
            # The store is opened only at a start, and somebody unplugs the kiosk in the end.
            soak.later(random.uniform(0.0, HOUR), lambda: soak.do(restart, random))

    soak.later(random.uniform(20.0, random.choice((5 * MINUTE, 5 * HOUR))), room)


def button_flutters(soak: SoakKiosk, random: Random) -> None:
    at = 0.0
    for _ in range(random.randint(8, 40)):
        at += random.uniform(0.01, 0.12)
        soak.later(at, lambda: soak.press(0.03), in_this_run=True)
    soak.fault("button")
    soak.later(at + 1.0, lambda: soak.fault_ends("button"))


def button_is_stuck(soak: SoakKiosk, random: Random) -> None:
    seconds = random.uniform(62.0, 300.0)
    soak.press(seconds)
    soak.fault("button")
    soak.later(seconds, lambda: soak.fault_ends("button"))


def press(soak: SoakKiosk, _random: Random) -> None:
    soak.press()


def press_for_code(soak: SoakKiosk, _random: Random) -> None:
    soak.press(10.5)


ACTIONS: Mapping[Action, float] = {
    read_pages: 0.8,
    open_live_pages: 0.25,
    add_entry: 0.12,
    change_entry: 0.08,
    pause_entry: 0.08,
    remove_entry: 0.06,
    change_dose: 0.1,
    save_program: 0.05,
    change_setting: 0.12,
    take_backup: 0.08,
    restore_backup: 0.02,
    play_test_sound: 0.05,
    restart: 0.1,
    cut_power: 0.1,
    clock_leaps: 0.06,
    speaker_lost: 0.1,
    disk_full: 0.08,
    button_flutters: 0.05,
    button_is_stuck: 0.02,
    press: 0.8,
    press_for_code: 0.03,
    start_session: 0.1,
    steer: 0.1,
    undo_change: 0.05,
}
"""The actions, and how often each happens a day."""

IN_SESSION: Mapping[Action, float] = {
    press: 0.5,
    read_pages: 0.05,
    restart: 0.02,
    cut_power: 0.04,
    speaker_lost: 0.05,
    disk_full: 0.03,
    clock_leaps: 0.02,
    button_flutters: 0.02,
    open_live_pages: 0.02,
    change_setting: 0.03,
}
"""Those that happen while a session runs, and how often in a session."""


# --- the person


class Exerciser:
    """The person who exercises, and presses the button as chance has it."""

    def __init__(self, soak: SoakKiosk, without: Collection[Action] = ()) -> None:
        self._soak = soak
        self._without = without
        self.random = Random()  # noqa: S311
        soak.on_state = self._react

    def _react(self, state: State) -> None:
        """Do what the person does when the kiosk comes into `state`."""
        random = self.random
        if state is State.REMINDING:
            seconds = random.choice((0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 0.15, 2.6, None))
            if seconds is not None:
                self._press_in(random.uniform(1.0, 200.0), state, seconds)
        elif state is State.RUNNING:
            self._do_something()
        elif state is State.PAUSED and random.random() < 0.9:
            self._press_in(random.uniform(0.3, 90.0), state)
        elif state is State.ASKING and random.random() < 0.2:
            self._press_in(random.uniform(0.5, 8.0), state)
        elif state is State.CONFIRMING and random.random() < 0.4:
            self._press_in(random.uniform(1.0, 9.0), state)

    def _press_in(self, seconds: float, state: State, held: float = 0.15) -> None:
        soak = self._soak

        def press_if_still() -> None:
            if soak.observer.state is state:
                soak.press(held)

        soak.later(seconds, press_if_still, in_this_run=True)

    def _do_something(self) -> None:
        soak, random = self._soak, self.random
        for action, often in IN_SESSION.items():
            if random.random() < often / 2 and action not in self._without:
                soak.later(random.uniform(0.0, 90.0), lambda action=action: soak.do(action, random))
        if random.random() < 0.05:
            self._press_in(random.uniform(1.0, 60.0), State.RUNNING, 2.6)
        if random.random() < 0.15:
            at = random.uniform(0.0, 80.0)
            soak.later(at, lambda: soak.do(steer, random), in_this_run=True)


def _time(random: Random) -> str:
    return f"{random.randint(6, 21):02}:{random.choice((0, 15, 30, 45)):02}"


def _entry(soak: SoakKiosk, random: Random) -> list[int]:
    """One of the plan's entries, but for those that were there from the beginning."""
    later = [entry.id for entry in soak.plan()][len(PLAN) :]
    return [random.choice(later)] if later else []


PLAN = (
    {"program": ARMS, "times": ["08:00"]},
    {"program": SIDES, "times": ["13:00"]},
    {"program": LOW_BACK, "times": ["18:30"], "days": ["mon", "thu"]},
    {"program": "walk", "times": ["15:15"]},
    {"program": ARMS, "times": ["18:30"], "days": ["tue", "wed", "fri", "sat", "sun"]},
)
"""The plan at the beginning: three sessions a day, and a walk."""
