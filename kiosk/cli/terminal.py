"""The kiosk on a terminal: a screen of its state, a progress bar, no echo of typed lines.

Where there is no terminal, `StateLog` writes the same lines to the log. Everything that is shown
comes from a `Snapshot`; nothing here keeps state of its own but the last lines logged.
"""

from __future__ import annotations

import logging
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kiosk.session.snapshot import IN_SESSION, Fault, Snapshot, State

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from kiosk.session.service import Feed
    from kiosk.speech.model import Progress as Report
    from kiosk.units import Millis

logger = logging.getLogger(__name__)

REDRAWN_EVERY = 0.1  # seconds; enough for a countdown to look alive

_WIDTH = 64
_STYLES = {State.RUNNING: "green", State.PAUSED: "yellow", State.FAILED: "red"}

_STATES = {
    State.IDLE: "ready: press the button to begin",
    State.PREPARING: "getting the voice ready",
    State.RUNNING: "running",
    State.PAUSED: "paused: press the button to carry on",
    State.FINISHED: "finished: well done",
    State.STOPPED: "ended: press the button to begin again",
    State.FAILED: "this did not work: see the message above",
    State.REMINDING: "it is time: press the button to begin, hold it to be asked again later",
    State.CONFIRMING: "all done for today: press the button again for more",
    State.ASKING: "was it harder than usual? then press the button",
}

_FAULTS = {
    Fault.NO_SPEECH: "some speech is missing; tones count instead",
    Fault.NO_SPEAKER: "no sound card; keeping time in silence",
    Fault.SPEAKER_LOST: "the speaker is lost; looking for it",
    Fault.NO_PROGRAM: "the program cannot be used",
    Fault.CLOCK: "the time of day is not known yet; reminders wait",
    Fault.STORE: "what is done cannot be kept",
    Fault.BUTTON: "the button cannot be used; the pages can",
    Fault.SETTINGS: "the settings file cannot be used; going by the last good one",
}


def state_line(snapshot: Snapshot) -> str:
    """The state of the kiosk, and what a press does in it."""
    return _STATES[snapshot.state]


def exercise_line(snapshot: Snapshot) -> str:
    """Number and name of the exercise; empty outside any."""
    if snapshot.exercise is None:
        return ""
    return f"exercise {snapshot.exercise} of {snapshot.exercises}: {snapshot.exercise_name}"


def rep_line(snapshot: Snapshot) -> str:
    """Set, repetition, side and phase, as far as each applies."""
    parts = []
    if snapshot.set is not None and (snapshot.sets or 1) > 1:
        parts.append(f"set {snapshot.set} of {snapshot.sets}")
    if snapshot.rep is not None:
        parts.append(f"repetition {snapshot.rep} of {snapshot.reps}")
    if snapshot.side is not None:
        parts.append(snapshot.side)
    if snapshot.leading_in:
        parts.append("carrying on")
    elif snapshot.phase is not None:
        parts.append(snapshot.phase)
    return ", ".join(parts)


def fault_line(snapshot: Snapshot) -> str:
    """The present faults; empty where there is none."""
    return "; ".join(_FAULTS[fault] for fault in sorted(snapshot.faults))


def plan_line(snapshot: Snapshot) -> str:
    """The program that is due, or when the next one is; empty without a plan."""
    if snapshot.due is not None:
        return f"due now: {snapshot.due}"
    if snapshot.next_due is not None:
        return f"next: {snapshot.next_due:%A %H:%M}"
    return ""


def format_minutes(millis: Millis) -> str:
    """`millis` as minutes and seconds, e.g. `4:05`."""
    minutes, seconds = divmod(millis // 1000, 60)
    return f"{minutes}:{seconds:02}"


class StateLog:
    """Logs each change from one snapshot to the next; `run` is the body of a thread."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._lines = ("", "", "")

    def run(self) -> None:
        """The thread's body: returns when the feed is closed."""
        subscription = self._feed.subscribe()
        while (snapshot := subscription.next()) is not None:
            self.log_changes(snapshot)

    def log_changes(self, snapshot: Snapshot) -> None:
        """Log the lines of `snapshot` that differ from those before: faults as warnings."""
        lines = (fault_line(snapshot), exercise_line(snapshot), rep_line(snapshot))
        levels = (logging.WARNING, logging.INFO, logging.DEBUG)
        for level, line, before in zip(levels, lines, self._lines, strict=True):
            if line and line != before:
                logger.log(level, "%s", line)
        self._lines = lines


class Screen:
    """Draws the latest snapshot over and over; `run` is the body of a thread."""

    def __init__(self, console: Console, snapshot: Callable[[], Snapshot], hint: str) -> None:
        self._console = console
        self._snapshot = snapshot
        self._hint = hint
        self._closed = threading.Event()

    def run(self) -> None:
        """The thread's body: returns after `close`, with the cursor below the last picture."""
        from rich.live import Live

        with Live(
            picture(self._snapshot(), self._hint), console=self._console, auto_refresh=False
        ) as live:
            while not self._closed.wait(REDRAWN_EVERY):
                live.update(picture(self._snapshot(), self._hint), refresh=True)

    def close(self) -> None:
        """End the screen's thread; any thread."""
        self._closed.set()


def picture(snapshot: Snapshot, hint: str) -> RenderableType:
    """`snapshot` as a panel; `hint` is the line below it, which says what can be typed."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    style = _STYLES.get(snapshot.state, "cyan")
    lines: list[RenderableType] = [Text(state_line(snapshot), style=f"bold {style}")]
    if snapshot.state in IN_SESSION:
        at, end = snapshot.position_ms, snapshot.duration_ms
        left, phase = snapshot.phase_ends_in_ms, snapshot.phase_duration_ms
        session = f"{format_minutes(at)} of {format_minutes(end)}"
        lines += [
            Text(exercise_line(snapshot)),
            Text(rep_line(snapshot)),
            _bar(at / end if end else 0.0, "session", session),
            _bar(
                1 - left / phase if phase else 0.0,
                snapshot.phase or "",
                f"{-(-left // 1000)} s left",
            ),
        ]
    elif snapshot.prepared is not None:
        lines.append(_bar(snapshot.prepared, "speech", f"{snapshot.prepared:.0%}"))
    elif plan_line(snapshot):
        lines.append(Text(plan_line(snapshot)))
    if snapshot.faults:
        lines.append(Text(fault_line(snapshot), style="bold red"))
    title = snapshot.title or "Exercise kiosk"
    panel = Panel(Group(*lines), title=title, width=_WIDTH, border_style=style)
    return Group(panel, Text(hint, style="dim"))


def _bar(share: float, label: str, text: str) -> RenderableType:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    row = Table.grid(padding=(0, 1))
    row.add_column(width=11)
    row.add_column(width=30)
    row.add_column()
    row.add_row(label, ProgressBar(total=1.0, completed=share, width=30), text)
    return row


@contextmanager
def progress_bar(label: str) -> Iterator[Report]:
    """A bar on standard error, if a terminal; gives the function to call with (done, total)."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(file=sys.stderr)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(label, total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report


@contextmanager
def without_echo(terminal: int) -> Iterator[None]:
    """Switch the echo of a terminal (a file descriptor) off meanwhile; Ctrl-C still interrupts."""
    before = termios.tcgetattr(terminal)
    quiet = termios.tcgetattr(terminal)
    quiet[3] &= ~(termios.ECHO | termios.ECHONL)
    termios.tcsetattr(terminal, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
