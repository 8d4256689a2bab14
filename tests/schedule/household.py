"""A kiosk with a plan, and the people around it, in simulated time.

What is kept survives a power cut, what is not does not: rows and `settled` are kept only where a
step says that something has changed, as the running kiosk does.
"""

import re
from dataclasses import replace
from datetime import timedelta

from kiosk.schedule.due import advance, ledger_days
from kiosk.schedule.ledger import broken_off, by_key, done, fulfilled, in_order, put_off_all
from kiosk.schedule.model import WALK, OccurrenceState
from kiosk.schedule.occurrences import Rules
from tests.schedule.plans import BERLIN, at

SESSION = timedelta(minutes=6)


class Household:
    """Keeps a log of (wall clock, what happened) in `log`."""

    def __init__(self, plan, begin, *, zone=BERLIN, rules=None):
        self.plan = list(plan)
        self.zone = zone
        self.rules = rules or Rules()
        self.now = at(begin, zone)
        self.kept = {}
        self.kept_settled = None
        self.settled = None
        self.on = True
        self.session = None
        """What is exercised: the program, when it will be completed, and the row it began with."""
        self.sessions = 0
        self.row = None
        """What a press would start."""
        self.answers_after = None
        """How long after a call somebody presses the button; `None` for nobody there."""
        self.answer_at = None
        self.log = []
        self.steps = 0

    # what people do

    def press(self):
        self.look()
        if self.row is not None and self.row.occurrence.program == WALK:
            self.keep([done(self.row)])
            self.note("walked", self.row)
        elif self.session is None:
            self.begin(self.row.occurrence.program if self.row else "low-back-start")

    def begin(self, program, minutes=SESSION):
        self.look()
        self.sessions += 1
        self.session = (program, self.now + minutes, self.row)
        self.log.append((self.wall(), f"begins {program}"))

    def hold(self):
        """Hold the button: stops the session, else puts off what is called out."""
        self.look()
        if self.session is not None:
            self.log.append((self.wall(), f"stops {self.session[0]}"))
            row, self.session = self.session[2], None
            if row is not None and row.occurrence.key in self.kept:
                present = self.kept[row.occurrence.key]
                self.keep([broken_off(present, self.now, self.rules)])
        else:
            for row in put_off_all(self.kept.values(), self.now, self.rules):
                self.keep([row])
                self.note("put off", row)

    def change(self, number, **changes):
        """A caregiver changes an entry."""
        self.plan = [
            replace(e, **changes, since=self.now, version=e.version + 1) if e.id == number else e
            for e in self.plan
        ]

    def add(self, entry):
        self.plan.append(replace(entry, since=self.now))

    def remove(self, number):
        self.plan = [entry for entry in self.plan if entry.id != number]

    def move(self, zone):
        """The kiosk is set to another time zone."""
        self.zone = zone

    # what befalls it

    def power_cut(self):
        self.on = False
        self.settled = self.session = self.answer_at = None

    def power_back(self):
        self.on = True
        self.settled = self.kept_settled

    def leap(self, moment):
        """The clock is set, as the network says."""
        if self.session is not None:
            program, end, row = self.session
            self.session = (program, end + (moment - self.now), row)
        self.now = moment
        self.look()

    def follow(self, script):
        """Carry out a script of June 2026, such as "08:01 press, 08:04 hold, 05 07:00".

        Each part is a moment (on the 4th, or the day that it names) and what happens then: `press`,
        `hold`, `begin` a session of so many minutes, power `cut` and `back`, the clock `set`.
        """

        def moment(text):
            return f"2026-06-{text if ' ' in text else f'04 {text}'}"

        acts = {
            "press": self.press,
            "hold": self.hold,
            "begin": lambda minutes: self.begin("hip-stretching", timedelta(minutes=int(minutes))),
            "cut": self.power_cut,
            "back": self.power_back,
            "set": lambda text: self.leap(at(moment(text), self.zone)),
        }
        for part in script.split(", "):
            when, act, values = re.fullmatch(
                r"((?:\d\d )?[\d:]+)(?: ([a-z]+))?(?: (.+))?", part
            ).groups()
            self.until(moment(when))
            if act:
                acts[act](*[values] * bool(values))
        if self.on:
            self.look()

    # time

    def until(self, text):
        self.run(at(text, self.zone))
        return self

    def run(self, end):
        """Let the time come to `end`, waking up only when there is something to do."""
        while True:
            wake = self.look() if self.on else None
            moments = [wake, self.session and self.session[1], self.answer_at, end]
            self.now = max(self.now, min(m for m in moments if m is not None))
            if self.session is not None and self.session[1] <= self.now:
                self.complete()
            if self.answer_at is not None and self.answer_at <= self.now:
                self.answer_at = None
                self.press()
            if self.now >= end:
                if self.on:
                    self.look()
                return

    def complete(self):
        program = self.session[0]
        self.look()
        self.session = None
        self.log.append((self.wall(), f"completes {program}"))
        row = fulfilled(self.kept.values(), program)
        if row is not None:
            self.keep([done(row, self.sessions)])

    def look(self):
        """One step, as the running kiosk takes it every second; when the next is due."""
        first, last = ledger_days(self.settled, self.now, self.zone)
        rows = [r for r in self.kept.values() if first <= r.occurrence.local_date <= last]
        step = advance(
            self.plan, rows, self.settled, self.now, self.zone, self.rules, self.session is not None
        )
        self.steps += 1
        self.tell(step)
        self.settled = step.settled_until
        if step.changed or step.forget:
            for key in step.forget:
                del self.kept[key]
            self.keep(step.changed)
        self.row = step.due
        return step.wake_at

    def tell(self, step):
        for key in step.forget:
            self.note("forgotten", self.kept[key])
        for row in step.changed:
            if row.state is OccurrenceState.MISSED:
                self.note("missed", row)
        if step.remind is not None:
            self.note(f"called {step.remind.reminders}", step.remind)
            if self.answers_after is not None:
                self.answer_at = self.now + self.answers_after

    def keep(self, rows):
        self.kept |= by_key(rows)
        self.kept_settled = self.settled

    def note(self, what, row):
        o = row.occurrence
        self.log.append(
            (self.wall(), f"{what}: {o.program} of {o.local_date:%d %b} {o.local_time:%H:%M}")
        )

    def wall(self):
        return f"{self.now.astimezone(self.zone):%Y-%m-%d %H:%M%z}"

    def states(self):
        """The ledger, in short."""
        return [
            (f"{r.occurrence.local_date:%d %b} {r.occurrence.local_time:%H:%M}", str(r.state))
            for r in in_order(self.kept.values())
        ]
