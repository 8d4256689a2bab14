"""Changed doses: table `dose`."""

from datetime import datetime

from kiosk.history.audit import Actor, AuditEntry, dose_set, is_unchanged
from kiosk.levels.doses import Dose
from kiosk.store.audit import AuditTable
from kiosk.store.database import Transactions

_SET = "INSERT OR REPLACE INTO dose (program, exercise_id, sets, reps, hold) VALUES (?,?,?,?,?)"
_DELETE = "DELETE FROM dose WHERE program = ? AND exercise_id = ?"
_SELECT = "SELECT * FROM dose WHERE ?1 IS NULL OR program = ?1 ORDER BY program, exercise_id"


class DoseTable:
    """The doses that differ from the program file. Any thread."""

    def __init__(self, database: Transactions) -> None:
        self._database = database
        self._audit = AuditTable(database)

    def of(self, program: str | None = None) -> tuple[Dose, ...]:
        """The changed doses of one program or of all, in the order of program and exercise."""
        with self._database.reading() as connection:
            return tuple(
                Dose(row["program"], row["exercise_id"], row["sets"], row["reps"], row["hold"])
                for row in connection.execute(_SELECT, (program,))
            )

    def set(self, dose: Dose, actor: Actor, now: datetime) -> None:
        """Store a changed dose; one without any value takes the earlier change back.

        What changes nothing leaves no entry in the audit.
        """
        with self._database.writing() as connection:
            if dose in self.of(dose.program):
                return
            key = dose.program, dose.exercise_id
            if not is_unchanged(dose):
                connection.execute(_SET, (*key, dose.sets, dose.reps, dose.hold))
            elif connection.execute(_DELETE, key).rowcount == 0:
                return
            self._audit.add(AuditEntry(now, actor, dose_set(dose)))
