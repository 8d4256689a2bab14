"""Changed doses and declined steps: tables `dose` and `declined_step`."""

from datetime import datetime

from kiosk.history.audit import Actor, AuditEntry, Change, dose_values
from kiosk.levels.doses import Dose
from kiosk.store.audit import AuditedTable

_SET = "INSERT OR REPLACE INTO dose (program, exercise_id, sets, reps, hold) VALUES (?,?,?,?,?)"
_DELETE = "DELETE FROM dose WHERE program = ? AND exercise_id = ?"
_SELECT = "SELECT * FROM dose WHERE ?1 IS NULL OR program = ?1 ORDER BY program, exercise_id"
_DECLINE = """
    INSERT INTO declined_step (program, session) VALUES (?, ?)
    ON CONFLICT (program) DO UPDATE SET session = max(session, excluded.session)
"""
_DECLINED = "SELECT session FROM declined_step WHERE program = ?"


class DoseTable(AuditedTable):
    """The doses that differ from the program file. Any thread."""

    def of(self, program: str | None = None) -> tuple[Dose, ...]:
        """The changed doses of one program or of all, in the order of program and exercise."""
        with self._database.reading() as connection:
            return tuple(
                Dose(row["program"], row["exercise_id"], row["sets"], row["reps"], row["hold"])
                for row in connection.execute(_SELECT, (program,))
            )

    def set(self, dose: Dose, actor: Actor, now: datetime) -> None:
        """Store a dose, if it is another; one without any value takes the earlier change back."""
        with self._database.writing() as connection:
            key = dose.program, dose.exercise_id
            stored = {(d.program, d.exercise_id): d for d in self.of(dose.program)}
            earlier, nothing = stored.get(key), Dose(*key)
            if dose == (earlier or nothing):
                return
            subject = f"{dose.program}/{dose.exercise_id}"
            before = dose_values(earlier) if earlier else None
            if dose == nothing:
                connection.execute(_DELETE, key)
                self._audit.add(AuditEntry(now, actor, Change.DOSE_RESET, subject, before))
            else:
                connection.execute(_SET, (*key, dose.sets, dose.reps, dose.hold))
                after = dose_values(dose)
                self._audit.add(AuditEntry(now, actor, Change.DOSE_SET, subject, before, after))


class DeclinedStepTable(AuditedTable):
    """By program, the latest session when a step was declined; only later ones count."""

    def add(self, program: str, way: str, session: int, actor: Actor, now: datetime) -> None:
        """Store that a step (`up` or `back`) was declined after `session`; 0 before the first."""
        with self._database.writing() as connection:
            connection.execute(_DECLINE, (program, session))
            after = {"step": way, "session": session}
            self._audit.add(AuditEntry(now, actor, Change.LEVEL_DECLINED, program, after=after))

    def latest_session(self, program: str) -> int:
        """Id of the latest session when a step of `program` was last declined; 0 for never."""
        with self._database.reading() as connection:
            found = connection.execute(_DECLINED, (program,)).fetchone()
            return found["session"] if found else 0
