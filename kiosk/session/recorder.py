"""Has the scheduler write down what is done, as it is done."""

from functools import partial

from kiosk.history.model import Effort, Ending, ExerciseDone, Spot
from kiosk.history.recorder import RowChange, SessionWriter
from kiosk.schedule.model import LedgerRow
from kiosk.schedule.scheduler import Scheduler
from kiosk.speech.preparer import PreparedSession


class SessionRecorder:
    """The controller's access to the record of a session. The controller's thread only.

    Before `report_to`, as in a kiosk without a store, no method does anything.
    """

    def __init__(self) -> None:
        self._scheduler: Scheduler | None = None
        self._session: SessionWriter | None = None

    def report_to(self, scheduler: Scheduler) -> None:
        """Have everything written by `scheduler` from now on."""
        self._scheduler = scheduler

    # --- of a session ------------------------------------------------------------------------

    def began(self, material: PreparedSession, row: LedgerRow | None) -> None:
        """A session has begun to be heard; `row` is what was due of the plan."""
        if self._scheduler is not None:
            self._session = self._scheduler.begin_session(
                material.program, material.level, material.dose, row
            )

    def progressed(self, spot: Spot, done: tuple[ExerciseDone, ...]) -> None:
        """The session has reached `spot`: the next start goes on there, if the kiosk ends now."""
        if self._scheduler is not None and self._session is not None:
            self._scheduler.write(partial(self._session.progress, spot, done))

    def ended(self, ending: Ending, spot: Spot, done: tuple[ExerciseDone, ...]) -> None:
        """The session was completed or stopped."""
        if self._scheduler is not None and self._session is not None:
            self._scheduler.end_session(self._session, ending, spot, done)

    def taken_back(self) -> None:
        """The session was begun by mistake."""
        if self._scheduler is not None and self._session is not None:
            self._scheduler.write(self._session.take_back)
        self._session = None

    def close(self) -> None:
        """Nothing more comes of the last session: something else has begun."""
        self._session = None

    def effort(self, effort: Effort) -> None:
        """The session's `effort`, as the person has answered."""
        if self._scheduler is not None and self._session is not None:
            self._scheduler.write(partial(self._session.effort, effort))

    # --- of the plan -------------------------------------------------------------------------

    def occupied(self, is_occupied: bool) -> None:
        """Somebody is busy with a session, or is no longer: reminders wait meanwhile."""
        if self._scheduler is not None:
            self._scheduler.set_occupied(is_occupied)

    def change_row(self, change: RowChange, row: LedgerRow) -> None:
        """Change the ledger as a method of `LedgerWriter` does; `row` is the one that was due."""
        if self._scheduler is not None:
            self._scheduler.change_row(change, row)
