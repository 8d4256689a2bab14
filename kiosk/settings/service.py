"""The settings in force.

`SettingsService.current` is the one place that says which settings are in force: a frozen record
that is only ever replaced as a whole. A part of the kiosk that has nothing to do when a setting
changes reads `current` when it needs it; one that has to act subscribes to the settings that it
goes by, and is handed the new record when one of these has changed.

Settings change in two ways. A page calls `change`: the new values are checked together, stored in
the database, and come in force at once. Another process, a command such as `kiosk level accept`,
stores one in the same database; `refresh`, which a request begins with, notices that by the
database's count of changes, which costs no transaction, and reads the stored settings only then.

The settings `AT_START` stay as they were at the start whatever is stored meanwhile.
"""

import logging
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kiosk.errors import ConflictError, Problem, SettingsError, StoreError
from kiosk.history.audit import Actor
from kiosk.locale.problems import error_text
from kiosk.settings.model import Settings, setting_names, text_of
from kiosk.settings.sources import LayeredSettings, usable
from kiosk.system.time_zone import zone_of

if TYPE_CHECKING:
    from kiosk.store.store import Store

logger = logging.getLogger(__name__)

Listener: TypeAlias = Callable[[Settings], None]
"""Called with the settings in force, by the thread that changed or noticed them."""

Check: TypeAlias = Callable[[str], Iterable[Problem]]
"""The problems of a setting's text, which is right by its form."""

AT_START = frozenset(
    {
        *("language", "pin", "led_pin", "debounce_ms", "hold_ms"),
        *("host", "port", "host_names"),
    }
)
"""Settings that are in force from the kiosk's start to its end. They could keep it from starting or
everybody from its pages, and cannot be changed there."""

SOURCE = "settings"  # the source that the problems of a change name
_MARK = 8  # digits of the version for each setting


class SettingsView(NamedTuple):
    """The settings for a form that changes them."""

    settings: Settings
    fixed: Mapping[str, str]
    """Settings that were given with the command or in the environment, each with the option's or
    the variable's name: they cannot be changed here."""

    version: str
    """Differs after any change."""


class SettingsService:
    """The settings in force, and their change. Any thread; one change at a time."""

    def __init__(
        self,
        layers: LayeredSettings,
        store: "Store | None" = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Without `store` nothing ever changes; `now` is UTC. Raises SettingsError, StoreError."""
        self.layers = layers
        self.current = layers.load({})
        """The settings in force. Frozen; reading it costs nothing."""

        self._store = store
        self._now = now
        self._lock = RLock()
        self._listeners: list[tuple[Listener, Collection[str]]] = []
        self._checks: dict[str, Check] = {}
        self._change_count: int | None = None
        self._stored: Mapping[str, str] = {}
        self._usable: Mapping[str, str] = {}
        self._at_start: dict[str, object] = {}
        self.refresh()
        self._at_start = {name: getattr(self.current, name) for name in AT_START}

    def subscribe(self, listener: Listener, names: Collection[str] = setting_names()) -> None:
        """Call `listener`, which is quick and never raises, after each change of one of `names`."""
        self._listeners.append((listener, names))

    def add_checks(self, checks: Mapping[str, Check]) -> None:
        """Check new values of these settings before they are stored."""
        self._checks.update(checks)

    def refresh(self) -> Settings:
        """The settings in force, with what another process has stored. Raises StoreError."""
        if self._store is None:
            return self.current
        with self._lock:
            # Counted before it is read: what changes in between is noticed the next time.
            count = self._store.change_count()
            if count != self._change_count:
                stored = self._store.settings.stored()
                self._change_count = count
                if stored != self._stored:
                    self._put_in_force(stored)
            return self.current

    def view(self) -> SettingsView:
        """The settings for a form. Raises StoreError."""
        settings = self.refresh()
        return SettingsView(settings, self.layers.fixed(), _version(settings))

    def change(self, texts: Mapping[str, str], version: str | None = None) -> SettingsView:
        """Store settings, by name, and put them in force.

        With the `version` of the view that they were changed in, a setting that was changed
        meanwhile is not overwritten. Raises SettingsError with every problem, ConflictError,
        StoreError; nothing has changed then.
        """
        if self._store is None:
            raise StoreError("The kiosk's data cannot be used, so no setting can be changed.")
        wanted = {name: text.strip() for name, text in texts.items()}
        # A check may take seconds, in which no request may wait for the lock.
        self.refresh()
        self._checked(wanted, self._checks)
        with self._lock:
            while True:
                before = self.refresh()
                after = self._checked(wanted)
                _check_version(wanted, version, before, after)
                values = self._to_store(wanted, after)
                if not values:
                    return self.view()
                # Only the comparison and the write share a transaction: where another process has
                # written meanwhile, all begins anew.
                with self._store.writing():
                    if self._store.settings.stored() == self._stored:
                        # Not counted: nothing but the settings changes, and these are known here.
                        self._store.settings.set(values, Actor.PAGE, self._now(), counted=False)
                        break
                self._change_count = None
            stored = {**self._stored, **values}
            self._put_in_force({n: text for n, text in stored.items() if text is not None})
            return self.view()

    def _put_in_force(self, stored: Mapping[str, str]) -> None:
        self._stored = dict(stored)
        self._usable = _without_unknown_zone(usable(self.layers, stored))
        loaded = self.layers.load(self._usable)
        before, self.current = self.current, replace(loaded, **self._at_start)  # type: ignore[arg-type]
        for listener, names in self._listeners:
            if any(getattr(before, name) != getattr(self.current, name) for name in names):
                listener(self.current)

    def _checked(self, wanted: Mapping[str, str], checks: Mapping[str, Check] = {}) -> Settings:
        """The settings that `wanted` leads to. Raises SettingsError with every problem, also those
        that `checks` find.
        """
        problems = list(self._not_changeable(wanted))
        closed = {problem.path for problem in problems}
        free = {name: text for name, text in wanted.items() if name not in closed}
        after = self.current
        try:
            after = self.layers.load({**self._usable, **free})
        except SettingsError as error:
            problems += (_blamed_on(wanted, problem) for problem in error.problems)
        wrong = {problem.path for problem in problems}
        for name, text in free.items():
            if name in checks and name not in wrong and text != text_of(self.current, name):
                found = checks[name](text)
                problems += (replace(one, source=SOURCE, path=name) for one in found)
        if problems:
            raise SettingsError(problems)
        return after

    def _not_changeable(self, wanted: Mapping[str, str]) -> Iterator[Problem]:
        fixed = self.layers.fixed()
        for name, text in wanted.items():
            if name not in setting_names():
                yield Problem(SOURCE, name, "setting.unknown")
            elif text == text_of(self.current, name):
                continue
            elif name in fixed:
                yield Problem(SOURCE, name, "setting.fixed", {"by": fixed[name]})
            elif name in AT_START:
                yield Problem(SOURCE, name, "setting.of-start")

    def _to_store(self, wanted: Mapping[str, str], after: Settings) -> Mapping[str, str | None]:
        """The stored values that change; `None` drops one that the layers give anyway."""
        plain, fixed = self.layers.load({}), self.layers.fixed()
        values = {
            name: None if getattr(after, name) == getattr(plain, name) else text_of(after, name)
            for name in wanted
            if name not in fixed and name not in AT_START
        }
        return {name: text for name, text in values.items() if self._stored.get(name) != text}


def _without_unknown_zone(stored: Mapping[str, str]) -> Mapping[str, str]:
    """`stored` without a time zone that this system does not know (any more)."""
    try:
        if "time_zone" in stored:
            zone_of(stored["time_zone"] or "UTC")
    except SettingsError as error:
        logger.warning("A stored setting is passed over. %s", error_text(error))
        return {name: text for name, text in stored.items() if name != "time_zone"}
    return stored


def _blamed_on(wanted: Mapping[str, str], problem: Problem) -> Problem:
    """The same problem of one of `wanted`: the others were right before these came."""
    path = problem.path if problem.path in wanted else next(iter(wanted), "")
    return replace(problem, source=SOURCE, path=path)


def _check_version(
    wanted: Mapping[str, str], version: str | None, before: Settings, after: Settings
) -> None:
    """Raises ConflictError where a setting that is to be changed differs from `version`."""
    if version is None:
        return
    current = _version(before)
    for place, name in enumerate(setting_names()):
        mark = slice(place * _MARK, (place + 1) * _MARK)
        is_changed = getattr(after, name) != getattr(before, name)
        if name in wanted and is_changed and version[mark] != current[mark]:
            raise ConflictError("setting.changed-meanwhile")


def _version(settings: Settings) -> str:
    """A mark for each setting, in their order, that differs where the setting does."""
    texts = (text_of(settings, name) for name in setting_names())
    return "".join(f"{zlib.crc32(text.encode()):0{_MARK}x}" for text in texts)
