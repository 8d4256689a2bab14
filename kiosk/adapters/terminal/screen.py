"""Shows the kiosk on a terminal, redrawn in place."""

import threading
from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from kiosk.adapters.terminal.words import (
    exercise_line,
    minutes,
    plan_line,
    rep_line,
    state_line,
    trouble_line,
)
from kiosk.model.snapshot import IN_SESSION, Snapshot, State

REDRAWN_EVERY = 0.1
"""Seconds; enough for a countdown to look alive."""

_WIDTH = 64
_STYLES = {State.RUNNING: "green", State.PAUSED: "yellow", State.FAILED: "red"}


class Screen:
    """Redraws the snapshot until it is closed. `run` is the body of a thread of its own."""

    def __init__(self, console: Console, snapshot: Callable[[], Snapshot], hint: str) -> None:
        self._console = console
        self._snapshot = snapshot
        self._hint = hint
        self._closed = threading.Event()

    def run(self) -> None:
        """The thread's body; leaves the cursor below the last picture."""
        with Live(
            picture(self._snapshot(), self._hint), console=self._console, auto_refresh=False
        ) as live:
            while not self._closed.wait(REDRAWN_EVERY):
                live.update(picture(self._snapshot(), self._hint), refresh=True)

    def close(self) -> None:
        """Let `run` return."""
        self._closed.set()


def picture(snapshot: Snapshot, hint: str) -> RenderableType:
    """`snapshot` as a panel; `hint` is the line below it."""
    style = _STYLES.get(snapshot.state, "cyan")
    lines: list[RenderableType] = [Text(state_line(snapshot), style=f"bold {style}")]
    if snapshot.state in IN_SESSION:
        lines += [Text(exercise_line(snapshot)), Text(rep_line(snapshot)), _session_bar(snapshot)]
        lines.append(_phase_bar(snapshot))
    elif snapshot.prepared is not None:
        lines.append(_bar(snapshot.prepared, "speech", f"{snapshot.prepared:.0%}"))
    elif plan_line(snapshot):
        lines.append(Text(plan_line(snapshot)))
    if snapshot.trouble:
        lines.append(Text(trouble_line(snapshot), style="bold red"))
    title = snapshot.title or "Exercise kiosk"
    panel = Panel(Group(*lines), title=title, width=_WIDTH, border_style=style)
    return Group(panel, Text(hint, style="dim"))


def _session_bar(snapshot: Snapshot) -> RenderableType:
    share = snapshot.position_ms / snapshot.duration_ms if snapshot.duration_ms else 0.0
    return _bar(
        share, "session", f"{minutes(snapshot.position_ms)} of {minutes(snapshot.duration_ms)}"
    )


def _phase_bar(snapshot: Snapshot) -> RenderableType:
    whole = snapshot.phase_duration_ms
    share = 1 - snapshot.phase_ends_in_ms / whole if whole else 0.0
    return _bar(share, snapshot.phase or "", f"{-(-snapshot.phase_ends_in_ms // 1000)} s left")


def _bar(share: float, label: str, text: str) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=11)
    row.add_column(width=30)
    row.add_column()
    row.add_row(label, ProgressBar(total=1.0, completed=share, width=30), text)
    return row
