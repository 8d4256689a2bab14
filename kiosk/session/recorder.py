"""Has the scheduler write down what is done, as it is done. The controller's thread only."""

from collections.abc import Callable

from kiosk.history.model import Effort, Ending
from kiosk.schedule.model import LedgerRow
from kiosk.schedule.notes import (
    EffortTold,
    LeftUndone,
    Note,
    Occupied,
    PutBack,
    PutOff,
    SessionBegan,
    SessionEnded,
    SessionTakenBack,
    SessionWentOn,
    Walked,
)
from kiosk.session.playback import SessionPlayback

PostNote = Callable[[Note], None]
"""Hands a note to the scheduler; any thread, returns at once."""


class SessionRecorder:
    """The diary of one session after another, and what becomes of the plan."""

    def __init__(self) -> None:
        self._tell: PostNote = lambda _note: None
        self._ticket: int | None = None
        self._noted: object = None

    def report_to(self, tell: PostNote) -> None:
        """Hand the notes to `tell` from now on; until then nobody has them."""
        self._tell = tell

    # --- of a session ------------------------------------------------------------------------

    def occupied(self, by_session: bool) -> None:
        """Whether the person is in a session, or about to be."""
        self._tell(Occupied(by_session))

    def began(self, ticket: int, performance: SessionPlayback, row: LedgerRow | None) -> None:
        """A session has begun to be heard."""
        material = performance.material
        self._ticket = ticket
        self._noted = None
        self._tell(SessionBegan(ticket, material.program, material.level, row, material.dose))

    def went_on(self, performance: SessionPlayback) -> None:
        """More of it was heard; noted whenever another repetition is reached."""
        spot = performance.spot()
        if self._ticket is not None and spot.rep_pass != self._noted:
            self._noted = spot.rep_pass
            self._tell(SessionWentOn(self._ticket, spot, performance.done()))

    def ended(self, performance: SessionPlayback, ending: Ending) -> None:
        """It was completed or stopped."""
        if self._ticket is not None:
            self._tell(SessionEnded(self._ticket, ending, performance.spot(), performance.done()))

    def interrupted(self, performance: SessionPlayback) -> None:
        """The kiosk ends in the middle of it: how far it got is kept, for the next start."""
        if self._ticket is not None:
            self._tell(SessionWentOn(self._ticket, performance.spot(), performance.done()))

    def taken_back(self) -> None:
        """It was not meant."""
        if self._ticket is not None:
            self._tell(SessionTakenBack(self._ticket))
        self.close()

    def close(self) -> None:
        """Nothing more will be told of the last session: something else has begun."""
        self._ticket = None

    def effort(self, effort: Effort) -> None:
        """How hard it was."""
        if self._ticket is not None:
            self._tell(EffortTold(self._ticket, effort))

    # --- of the plan -------------------------------------------------------------------------

    def walked(self, row: LedgerRow) -> None:
        """The walk that was due is done."""
        self._tell(Walked(row))

    def put_off(self, row: LedgerRow) -> None:
        """What was called out shall be called out later."""
        self._tell(PutOff(row))

    def left_undone(self, row: LedgerRow) -> None:
        """What was due was given up before anything of it was heard."""
        self._tell(LeftUndone(row))

    def put_back(self, row: LedgerRow) -> None:
        """What a press has made of what was due is undone: `row` is how it was before."""
        self._tell(PutBack(row))
