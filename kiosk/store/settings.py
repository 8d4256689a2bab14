"""Settings that were changed in the running kiosk: table `setting`."""

from collections.abc import Mapping
from datetime import datetime

from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.store.audit import AuditedTable

_SET = "INSERT OR REPLACE INTO setting VALUES (?, ?)"


class SettingTable(AuditedTable):
    """The stored settings, as text by name. Any thread."""

    def stored(self) -> dict[str, str]:
        """Every stored setting by its name, in the order of the names."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT name, value FROM setting ORDER BY name")
            return dict(map(tuple, found))

    def set(
        self,
        values: Mapping[str, str | None],
        actor: Actor,
        now: datetime,
        *,
        counted: bool = True,
    ) -> None:
        """Store settings by name, all of them or none; `None` removes one.

        A value that is stored already adds no entry to the audit log. `counted`: whether
        `change_count` changes, for those who read the settings anew by it.
        """
        with self._database.writing(counted=counted) as connection:
            before = self.stored()
            for name, value in values.items():
                earlier = before.get(name)
                if earlier == value:
                    continue
                old = None if earlier is None else {"value": earlier}
                if value is None:
                    connection.execute("DELETE FROM setting WHERE name = ?", (name,))
                    entry = AuditEntry(now, actor, Change.SETTING_RESET, name, old)
                else:
                    connection.execute(_SET, (name, value))
                    new = {"value": value}
                    entry = AuditEntry(now, actor, Change.SETTING_SET, name, old, new)
                self._audit.add(entry, counted=counted)
