"""What may happen in the house on a day, apart from the person's exercises."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from random import Random

from kiosk.session.snapshot import State
from tests.soak.house import House
from tests.soak.programs import ARMS, LOW_BACK, SIDES

Deed = Callable[[House, Random], None]

MOST_ENTRIES = 8

PAGES = ("/", "/room", "/schedule", "/history", "/programs", "/settings", "/healthz")

MINUTE, HOUR = 60.0, 3600.0

EXERCISES = {ARMS: ("arm-lift", "arm-hold"), SIDES: ("leg-lift", "reach")}


# --- at the pages


def read_pages(house: House, random: Random) -> None:
    for page in random.sample(PAGES, 3):
        house.caregiver.get(page)


def look_on(house: House, random: Random) -> None:
    for _ in range(random.randint(1, 3) if house.caregiver.port else 0):
        house.look_on()
    house.later(random.uniform(HOUR, 8 * HOUR), lambda: close_pages(house))


def close_pages(house: House) -> None:
    for onlooker in house.onlookers:
        onlooker.close()
    house.onlookers.clear()


def add_entry(house: House, random: Random) -> None:
    if len(house.plan()) >= MOST_ENTRIES:
        return
    days = random.sample(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), random.randint(2, 7))
    house.caregiver.fill_in(
        "/schedule/new",
        "/schedule/new",
        {
            "program": random.choice((ARMS, SIDES, "walk")),
            "days": days,
            "times": [_time(random) for _ in range(random.randint(1, 2))],
            "weeks": random.choice(("", "1", "4")),
            "do": "save",
        },
    )


def change_entry(house: House, random: Random) -> None:
    for number in _entry(house, random):
        times = {"times": [_time(random), _time(random)], "do": "save"}
        house.caregiver.fill_in(f"/schedule/{number}", f"/schedule/{number}", times)


def pause_entry(house: House, random: Random) -> None:
    for number in _entry(house, random):
        # An entry whose weeks are over has nothing to be paused.
        house.caregiver.fill_in("/schedule", f"/schedule/{number}/pause", {}, if_there=True)


def remove_entry(house: House, random: Random) -> None:
    if len(house.plan()) > len(PLAN):
        for number in _entry(house, random):
            house.caregiver.fill_in("/schedule", f"/schedule/{number}/remove", {})


def change_dose(house: House, random: Random) -> None:
    program = random.choice((ARMS, SIDES))
    dose = {f"{random.choice(EXERCISES[program])}.reps": str(random.randint(2, 6)), "insist": "1"}
    house.caregiver.fill_in(f"/programs/{program}", f"/programs/{program}/doses", dose)


def save_program(house: House, random: Random) -> None:
    program = random.choice((ARMS, SIDES))
    page = f"/programs/{program}/edit"
    changes = {"summary": f"For a whole year, {random.randint(1, 99)}.", "do": "save"}
    house.caregiver.fill_in(page, page, changes)


def change_setting(house: House, random: Random) -> None:
    form, changes = random.choice(
        (
            ("volume", {"volume": random.choice(("100", "100", "80"))}),
            ("voice", {"rate": random.choice(("155", "170"))}),
            ("button", {"default_program": random.choice((ARMS, SIDES))}),
            ("day", {"quiet_from": random.choice(("", "21:00", "22:30")), "quiet_to": "06:30"}),
            ("onlookers", {"now_seen_by": random.choice(("anyone", "caregivers"))}),
        )
    )
    house.caregiver.fill_in("/settings", f"/settings/{form}", changes)


def take_backup(house: House, _random: Random) -> None:
    answer = house.caregiver.get("/settings/backup")
    if answer.status == 200 and not house.disk.is_full:
        house.backup = answer.body


def restore_backup(house: House, _random: Random) -> None:
    if house.backup:
        changes = {"sure": "yes", "passphrase": house.passphrase}
        house.caregiver.hand_in("/settings", "/settings/restore", house.backup, changes)


def say_something(house: House, _random: Random) -> None:
    house.witness.asks_for_a_sound()
    house.caregiver.fill_in("/settings", "/settings/test-sound", {})


# --- to the kiosk


def restart(house: House, random: Random) -> None:
    house.close()
    _off_for(house, random)


def kill(house: House, random: Random) -> None:
    house.kill(torn=random.random() < 0.5)
    _off_for(house, random)


def _off_for(house: House, random: Random) -> None:
    """Stay off for a while; what the clock shows then is not always the time."""
    longest = random.choice((20.0, 5 * MINUTE, HOUR, 10 * HOUR))
    house.clock.advance(random.uniform(2.0, longest))
    if random.random() < 0.35:
        shown = random.choice((timedelta(days=-20454), timedelta(seconds=-longest)))
        house.show_time(shown, trusted=False)
        house.later(random.uniform(5.0, 2 * HOUR), lambda: house.show_time(timedelta()))
    else:
        house.show_time(timedelta())
    house.open()


def clock_leaps(house: House, random: Random) -> None:
    """The clock is set wrong for some hours, or only set right by a little."""
    hours = random.choice((-30, -3, -1, -0.01, 0.02, 1, 5, 26))
    house.show_time(timedelta(hours=hours))
    house.later(random.uniform(MINUTE, 6 * HOUR), lambda: house.show_time(timedelta()))


def speaker_lost(house: House, random: Random) -> None:
    house.speaker.there = False
    house.fault("speaker")

    def back() -> None:
        house.speaker.there = True
        house.fault_ends("speaker")

    house.later(random.uniform(3.0, random.choice((60.0, HOUR))), back)


def disk_full(house: House, random: Random) -> None:
    house.disk.fill()
    house.fault("disk")

    def room() -> None:
        house.disk.free()
        house.fault_ends("disk")
        if house.kiosk.data is None:
            # It looks for its memory only when it starts, and somebody unplugs it in the end.
            house.later(random.uniform(0.0, HOUR), lambda: house.do(restart, random))

    house.later(random.uniform(20.0, random.choice((5 * MINUTE, 5 * HOUR))), room)


def button_flutters(house: House, random: Random) -> None:
    at = 0.0
    for _ in range(random.randint(8, 40)):
        at += random.uniform(0.01, 0.12)
        house.later(at, lambda: house.press(0.03), in_this_life=True)
    house.fault("button")
    house.later(at + 1.0, lambda: house.fault_ends("button"))


def button_is_stuck(house: House, random: Random) -> None:
    seconds = random.uniform(62.0, 300.0)
    house.press(seconds)
    house.fault("button")
    house.later(seconds, lambda: house.fault_ends("button"))


def press(house: House, _random: Random) -> None:
    house.press()


def press_for_code(house: House, _random: Random) -> None:
    house.press(10.5)


DEEDS: Mapping[Deed, float] = {
    read_pages: 0.8,
    look_on: 0.25,
    add_entry: 0.12,
    change_entry: 0.08,
    pause_entry: 0.08,
    remove_entry: 0.06,
    change_dose: 0.1,
    save_program: 0.05,
    change_setting: 0.12,
    take_backup: 0.08,
    restore_backup: 0.02,
    say_something: 0.05,
    restart: 0.1,
    kill: 0.1,
    clock_leaps: 0.06,
    speaker_lost: 0.1,
    disk_full: 0.08,
    button_flutters: 0.05,
    button_is_stuck: 0.02,
    press: 0.8,
    press_for_code: 0.03,
}
"""Each, and how often it happens a day."""

IN_SESSION: Mapping[Deed, float] = {
    press: 0.5,
    read_pages: 0.05,
    restart: 0.02,
    kill: 0.04,
    speaker_lost: 0.05,
    disk_full: 0.03,
    clock_leaps: 0.02,
    button_flutters: 0.02,
    look_on: 0.02,
    change_setting: 0.03,
}
"""The same while a session runs, a session."""


# --- the person


class Dweller:
    """Whoever exercises, with their own mind."""

    def __init__(self, house: House, without: Collection[Deed] = ()) -> None:
        self._house = house
        self._without = without
        self.random = Random()  # noqa: S311
        house.changed = self.sees

    def sees(self, state: State) -> None:
        """The kiosk has come into `state`."""
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
        house = self._house

        def act() -> None:
            if house.witness.state is state:
                house.press(held)

        house.later(seconds, act, in_this_life=True)

    def _do_something(self) -> None:
        house, random = self._house, self.random
        for deed, often in IN_SESSION.items():
            if random.random() < often / 2 and deed not in self._without:
                house.later(random.uniform(0.0, 90.0), lambda deed=deed: house.do(deed, random))
        if random.random() < 0.05:
            self._press_in(random.uniform(1.0, 60.0), State.RUNNING, 2.6)
        if random.random() < 0.15:
            wish = random.choice(("pause", "resume", "skip", "back", "repeat", "stop"))
            house.later(random.uniform(0.0, 80.0), lambda: self._wish(wish), in_this_life=True)

    def _wish(self, wish: str) -> None:
        self._house.witness.writes(f"somebody wishes to {wish}")
        self._house.caregiver.fill_in("/", f"/now/{wish}", {})


def _time(random: Random) -> str:
    return f"{random.randint(6, 21):02}:{random.choice((0, 15, 30, 45)):02}"


def _entry(house: House, random: Random) -> list[int]:
    """One of the plan's entries, but for those that were there from the beginning."""
    later = [entry.id for entry in house.plan()][len(PLAN) :]
    return [random.choice(later)] if later else []


PLAN = (
    {"program": ARMS, "times": ["08:00"]},
    {"program": SIDES, "times": ["13:00"]},
    {"program": LOW_BACK, "times": ["18:30"], "days": ["mon", "thu"]},
    {"program": "walk", "times": ["15:15"]},
    {"program": ARMS, "times": ["18:30"], "days": ["tue", "wed", "fri", "sat", "sun"]},
)
"""What the household begins with: three sessions a day, and a walk."""
