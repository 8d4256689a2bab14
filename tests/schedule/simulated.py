"""A kiosk with a plan, and the people around it, in simulated time.

What is kept survives a power cut, what is not does not: rows and `settled` are kept only where a
step says that something has changed, as the running kiosk does.
"""

import re
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from kiosk.schedule.checks import read_times
from kiosk.schedule.due import advance, ledger_days
from kiosk.schedule.ledger import broken_off, by_key, done, fulfilled, in_order, put_off_all
from kiosk.schedule.model import WALK, OccurrenceState
from kiosk.schedule.occurrences import Rules
from tests.schedule.plans import BERLIN, at

SESSION = timedelta(minutes=6)


class SimulatedKiosk:
    """Keeps a log of (wall clock, what happened) in `log`."""

    def __init__(self, plan, begin, *, zone=BERLIN, rules=None):
        self.plan = list(plan)
        self.zone = zone
        self.rules = rules or Rules()
        self.now = at(begin, zone)
        self.stored = {}
        self.stored_settled = None
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
        self.step()
        if self.row is not None and self.row.occurrence.program == WALK:
            self.store([done(self.row)])
            self.log_row("walked", self.row)
        elif self.session is None:
            self.begin(self.row.occurrence.program if self.row else "low-back-start")

    def begin(self, program, minutes=SESSION):
        self.step()
        self.sessions += 1
        self.session = (program, self.now + minutes, self.row)
        self.log.append((self.shown(), f"begins {program}"))

    def hold(self):
        """Hold the button: stops the session, else puts off what is called out."""
        self.step()
        if self.session is not None:
            self.log.append((self.shown(), f"stops {self.session[0]}"))
            row, self.session = self.session[2], None
            if row is not None and row.occurrence.key in self.stored:
                present = self.stored[row.occurrence.key]
                self.store([broken_off(present, self.now, self.rules)])
        else:
            for row in put_off_all(self.stored.values(), self.now, self.rules):
                self.store([row])
                self.log_row("put off", row)

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

    def set_zone(self, zone):
        """The kiosk is set to another time zone."""
        self.zone = zone

    # what befalls it

    def power_cut(self):
        self.on = False
        self.settled = self.session = self.answer_at = None

    def power_back(self):
        self.on = True
        self.settled = self.stored_settled

    def set_clock(self, moment):
        """The clock is set, as the network says."""
        if self.session is not None:
            program, end, row = self.session
            self.session = (program, end + (moment - self.now), row)
        self.now = moment
        self.step()

    def follow(self, script):
        """Carry out a script of June 2026, such as "08:01 press, 08:04 hold, 05 07:00".

        Each part is a moment (on the 4th, or the day that it names) and what happens then: `press`,
        `hold`, `begin` a session of so many minutes, power `cut` and `back`, the clock or its
        `zone` set, entry 1 of the plan changed.
        """

        def moment(text):
            return f"2026-06-{text if ' ' in text else f'04 {text}'}"

        acts = {
            "press": self.press,
            "hold": self.hold,
            "begin": lambda minutes: self.begin("hip-stretching", timedelta(minutes=int(minutes))),
            "cut": self.power_cut,
            "back": self.power_back,
            "set": lambda text: self.set_clock(at(moment(text), self.zone)),
            "remove": lambda: self.remove(1),
            "pause": lambda: self.change(1, paused=True),
            "resume": lambda: self.change(1, paused=False),
            "times": lambda text: self.change(1, times=read_times(text)),
            "program": lambda name: self.change(1, program=name),
            "zone": lambda name: self.set_zone(ZoneInfo(name)),
        }
        for part in script.split(", "):
            when, act, values = re.fullmatch(
                r"((?:\d\d )?[\d:]+)(?: ([a-z]+))?(?: (.+))?", part
            ).groups()
            self.until(moment(when))
            if act:
                acts[act](*[values] * bool(values))
        if self.on:
            self.step()

    # time

    def until(self, text):
        self.run(at(text, self.zone))
        return self

    def run(self, end):
        """Let the time come to `end`, waking up only when there is something to do."""
        while True:
            wake = self.step() if self.on else None
            moments = [wake, self.session and self.session[1], self.answer_at, end]
            self.now = max(self.now, min(m for m in moments if m is not None))
            if self.session is not None and self.session[1] <= self.now:
                self.complete()
            if self.answer_at is not None and self.answer_at <= self.now:
                self.answer_at = None
                self.press()
            if self.now >= end:
                if self.on:
                    self.step()
                return

    def complete(self):
        program = self.session[0]
        self.step()
        self.session = None
        self.log.append((self.shown(), f"completes {program}"))
        row = fulfilled(self.stored.values(), program)
        if row is not None:
            self.store([done(row, self.sessions)])

    def step(self):
        """One step, as the running kiosk takes it every second; when the next is due."""
        first, last = ledger_days(self.settled, self.now, self.zone)
        rows = [r for r in self.stored.values() if first <= r.occurrence.local_date <= last]
        step = advance(
            self.plan, rows, self.settled, self.now, self.zone, self.rules, self.session is not None
        )
        self.steps += 1
        self.log_step(step)
        self.settled = step.settled_until
        if step.changed or step.forget:
            for key in step.forget:
                del self.stored[key]
            self.store(step.changed)
        self.row = step.due
        return step.wake_at

    def log_step(self, step):
        for key in step.forget:
            self.log_row("forgotten", self.stored[key])
        for row in step.changed:
            if row.state is OccurrenceState.MISSED:
                self.log_row("missed", row)
        if step.remind is not None:
            self.log_row(f"called {step.remind.reminders}", step.remind)
            if self.answers_after is not None:
                self.answer_at = self.now + self.answers_after

    def store(self, rows):
        self.stored |= by_key(rows)
        self.stored_settled = self.settled

    def log_row(self, what, row):
        o = row.occurrence
        self.log.append(
            (self.shown(), f"{what}: {o.program} of {o.local_date:%d %b} {o.local_time:%H:%M}")
        )

    def shown(self):
        return f"{self.now.astimezone(self.zone):%Y-%m-%d %H:%M%z}"

    def states(self):
        """The ledger, in short."""
        return [
            (f"{r.occurrence.local_date:%d %b} {r.occurrence.local_time:%H:%M}", str(r.state))
            for r in in_order(self.stored.values())
        ]
