"""What can be set, for whoever sets it.

The settings, for who changes them while the kiosk runs.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from kiosk.audio.export import TimelineSound
from kiosk.clock import WallClock
from kiosk.errors import (
    ConflictError,
    Problem,
    ProgramFileError,
    SettingsError,
    SpeechError,
    UnknownProgramError,
)
from kiosk.history.audit import Actor
from kiosk.programs.files import ProgramSource
from kiosk.settings.choices import SettingChoices
from kiosk.settings.model import Settings, limits_of, setting_names
from kiosk.settings.sources import LayeredSettings, usable
from kiosk.speech.model import Voice
from kiosk.speech.preparer import SessionPreparer
from kiosk.store.store import Store


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """A voice that can be chosen."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The settings, and what of them can be changed here."""

    settings: Settings
    fixed: Mapping[str, str]
    """Settings that were given with the command or in the environment, and by what (an option's or
    a variable's name): they cannot be changed here."""

    version: str
    """Differs after any change."""


AT_START = frozenset(
    {
        *("language", "pin", "led_pin", "debounce_ms", "hold_ms"),
        *("host", "port", "host_names"),
    }
)
"""Settings that the kiosk goes by from its start to its end, and that could keep it from starting
or everybody from its pages: they are not changed here."""

SOURCE = "settings"

_MARK = 8
"""Digits of the version for each setting."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was kept, and the settings it leads to."""

    kept: Mapping[str, str]
    good: Mapping[str, str]
    settings: Settings
    version: str


@dataclass
class SettingsService:
    """Implements `kiosk.settings.service.SettingsDesk`. Any thread; one change at a time."""

    source: LayeredSettings
    store: Store
    clock: WallClock
    programs_there: ProgramSource
    choices: SettingChoices
    preparer: SessionPreparer
    apply: Callable[[Settings], None]
    """Told of the new settings after each change, by the thread that made it; quick."""

    _lock: Lock = field(default_factory=Lock, init=False)
    _seen: _Seen | None = field(default=None, init=False)
    _gone_by: Settings | None = field(default=None, init=False)
    """What the running kiosk goes by, as far as is known here."""

    def view(self) -> SettingsView:
        """The settings as they are now; cheap while nothing changes."""
        seen = self._look()
        return SettingsView(seen.settings, self.source.fixed(), seen.version)

    def change(self, texts: Mapping[str, str], version: str | None = None) -> SettingsView:
        """Keep settings, and go by all that are kept from now on, these and those that others have
        kept. Raises SettingsError, ConflictError.
        """
        with self._lock:
            before = self._look()
            wanted = {name: text.strip() for name, text in texts.items()}
            after = self._checked(wanted, before)
            self._check_version(wanted, version, before, after)
            values = self._to_keep(wanted, before, after)
            if values:
                self.store.settings.set(values, Actor.PAGE, self.clock.utc())
            now = self._look()
            if now.settings != self._gone_by:
                self._gone_by = now.settings
                self.apply(now.settings)
            return SettingsView(now.settings, self.source.fixed(), now.version)

    def voices(self) -> tuple[VoiceChoice, ...]:
        """The voices for the kiosk's language. Raises SpeechError where there is no engine."""
        found = self.choices.voices(self._language)
        return tuple(VoiceChoice(id_, name) for id_, name in found)

    def devices(self) -> tuple[str, ...]:
        """Names of the sound cards there are now."""
        return tuple(self.choices.devices())

    def zones(self) -> tuple[str, ...]:
        """Names of the time zones."""
        return tuple(self.choices.zones())

    def programs(self) -> tuple[tuple[str, str], ...]:
        """Id and title of each usable program."""
        return tuple(self._usable_programs())

    def sample(self, voice: str, rate: int) -> TimelineSound:
        """A sentence in that voice; slow. Raises SettingsError, SpeechError."""
        limits = limits_of("rate")
        if limits and not limits.low <= rate <= limits.high:
            message = f"Expected {limits.low} to {limits.high} {limits.unit}, not {rate}."
            raise SettingsError([Problem.plain(SOURCE, "rate", message)])
        text = self.preparer.wording.say("sound.test")
        take = self.preparer.sample(text, Voice(self._language, voice, rate))
        return TimelineSound(take.timeline, take.bank)

    @property
    def _language(self) -> str:
        return self.preparer.wording.language

    def _look(self) -> _Seen:
        kept = self.store.settings.stored()
        seen = self._seen
        if seen is None or seen.kept != kept:
            good = usable(self.source, kept)
            settings = self.source.load(good)
            self._seen = seen = _Seen(dict(kept), good, settings, _version(settings))
            self._gone_by = self._gone_by or settings
        return seen

    def _checked(self, wanted: Mapping[str, str], before: _Seen) -> Settings:
        """What the settings would be. Raises SettingsError with all that is wrong."""
        problems = list(self._not_to_be_changed(wanted, before.settings))
        closed = {problem.path for problem in problems}
        free = {name: text for name, text in wanted.items() if name not in closed}
        after = before.settings
        try:
            after = self.source.load({**before.good, **free})
        except SettingsError as error:
            problems += (_told_of(problem, wanted) for problem in error.problems)
        told = {problem.path for problem in problems}
        for name, text in free.items():
            if name not in told and text != _text(before.settings, name):
                problems += self._not_there(name, text)
        if problems:
            raise SettingsError(problems)
        return after

    def _not_to_be_changed(
        self, wanted: Mapping[str, str], settings: Settings
    ) -> Iterator[Problem]:
        fixed = self.source.fixed()
        for name, text in wanted.items():
            if name not in setting_names():
                yield Problem.plain(SOURCE, name, "There is no such setting.")
            elif text == _text(settings, name):
                continue
            elif name in fixed:
                message = f"This is set by {fixed[name]}, and cannot be changed here."
                yield Problem.plain(SOURCE, name, message)
            elif name in AT_START:
                message = "This is set in kiosk.toml, and counts from the kiosk's next start."
                yield Problem.plain(SOURCE, name, message)

    def _not_there(self, name: str, text: str) -> Iterator[Problem]:
        """Why `text`, right by its form, cannot be gone by."""
        try:
            if name == "time_zone":
                self.choices.check_zone(text)
            elif name == "voice" and text:
                self.choices.check_voice(Voice(self._language, text, 0))
            elif name == "default_program":
                self.programs_there.load(text)
        except SettingsError as error:
            yield from (replace(one, source=SOURCE, path=name) for one in error.problems)
        except ProgramFileError:
            message = "The file of this program has mistakes. Mend it, or choose another program."
            yield Problem.plain(SOURCE, name, message)
        except (SpeechError, UnknownProgramError) as error:
            yield Problem.plain(SOURCE, name, str(error))

    def _check_version(
        self, wanted: Mapping[str, str], version: str | None, before: _Seen, after: Settings
    ) -> None:
        """Raises ConflictError where one that is to be changed is not what it was then."""
        if version is None:
            return
        for place, name in enumerate(setting_names()):
            mark = slice(place * _MARK, (place + 1) * _MARK)
            is_changed = getattr(after, name) != getattr(before.settings, name)
            if name in wanted and is_changed and version[mark] != before.version[mark]:
                raise ConflictError(
                    "Somebody else has changed this meanwhile; nothing was overwritten."
                )

    def _to_keep(
        self, wanted: Mapping[str, str], before: _Seen, after: Settings
    ) -> Mapping[str, str | None]:
        """What of the kept settings changes; one that is as it would be anyway is taken back."""
        plain = self.source.load({})
        fixed = self.source.fixed()
        values = {
            name: None if getattr(after, name) == getattr(plain, name) else _text(after, name)
            for name in wanted
            if name not in fixed and name not in AT_START
        }
        return {name: text for name, text in values.items() if before.kept.get(name) != text}

    def _usable_programs(self) -> Iterator[tuple[str, str]]:
        for id_ in self.programs_there.ids():
            try:
                program = self.programs_there.load(id_)
            except (ProgramFileError, UnknownProgramError):
                continue
            yield id_, program.title(self._language)


def _text(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return "none" if value is None else str(value)


def _told_of(problem: Problem, wanted: Mapping[str, str]) -> Problem:
    """The same, about one of what is `wanted`: the others were right before these came."""
    path = problem.path if problem.path in wanted else next(iter(wanted), "")
    return replace(problem, source=SOURCE, path=path)


def _version(settings: Settings) -> str:
    """A mark for each setting, in their order, that differs where the setting does."""
    texts = (_text(settings, name) for name in setting_names())
    return "".join(hashlib.sha256(text.encode()).hexdigest()[:_MARK] for text in texts)
