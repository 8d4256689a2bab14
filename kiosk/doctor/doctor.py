"""Goes from one thing to the next, as `kiosk doctor` does: finds the facts, and what they mean."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kiosk import __version__
from kiosk.doctor.finding import Finding, skipped
from kiosk.errors import SettingsError, StoreError
from kiosk.locale.problems import line, sentence
from kiosk.settings.model import Settings

if TYPE_CHECKING:
    from gpiozero.pins import Factory

    from kiosk.doctor.card import Mount
    from kiosk.doctor.data import StoreFacts


NO_SAYING = "This user cannot see whether the kiosk runs: sudo kiosk doctor"
QUIETLY = "Nothing is played and nobody asked (--quiet)."


def ask_for_press(pin: int, seconds: int) -> None:
    """Ask for a press of the button."""
    print(f"Press the button on GPIO {pin} within {seconds} seconds…", file=sys.stderr)


@dataclass(frozen=True)
class Doctor:
    """Goes round, from one thing to the next."""

    state: Path
    environ: Mapping[str, str]
    quiet: bool = False
    asks: bool = False
    """Whether somebody is there who can press the button."""

    ask_for_press: Callable[[int, int], None] = ask_for_press

    def round(self) -> Iterator[Finding]:
        """Every finding, the quick ones first."""
        yield from self._software()
        yield from self._card()
        yield from self._data()
        yield from self._board()
        yield from self._reach()
        yield from self._parts()

    @cached_property
    def _runs(self) -> bool | None:
        from kiosk.store.files import is_running

        return is_running(self.state)

    @property
    def _settings(self) -> Settings:
        return self._settings_and_problems[0]

    @cached_property
    def _settings_and_problems(self) -> tuple[Settings, list[str]]:
        """What a kiosk that starts goes by, and what of it cannot be used; the defaults where it
        would not start.
        """
        from kiosk.doctor.data import kept_settings
        from kiosk.settings.checks import in_words, printable
        from kiosk.settings.sources import LayeredSettings, usable

        source = LayeredSettings.read(self.state, self.environ, {}, forgiving=True)
        kept = kept_settings(self.state)
        try:
            source.load({})
        except SettingsError as error:
            return Settings(), [line(problem) for problem in error.problems]
        good = usable(source, kept)
        passed_over = [name for name in kept if name not in good]
        problems = [str(problem) for problem in source.passed_over]
        if problems:
            problems.append("The kiosk goes by those of its last good start.")
        problems += [
            f"The kept {printable(name)} = {in_words(kept[name])} is passed over."
            for name in passed_over
        ]
        return source.load(good), problems

    @cached_property
    def _raspberry_pi(self) -> bool:
        from kiosk.hardware.board import is_raspberry_pi

        return is_raspberry_pi()

    def _software(self) -> Iterator[Finding]:
        from kiosk.doctor import software
        from kiosk.doctor.software import (
            missing,
            python_version,
            required,
            service_facts,
            system_name,
        )
        from kiosk.hardware.board import board_name

        names = required()
        yield software.version(__version__, system_name(), board_name())
        gone = missing(names, raspberry_pi=self._raspberry_pi)
        yield software.packages(python_version(), gone, len(names))
        yield software.settings(self._settings_and_problems[1], str(self.state / "kiosk.toml"))
        yield software.service(service_facts(), kiosk_runs=bool(self._runs))

    def _card(self) -> Iterator[Finding]:
        from kiosk.doctor import card
        from kiosk.doctor.card import may_write, mount_of, room_in, wear_of

        mount: Mount | None = mount_of(self.state)
        yield card.place(str(self.state), mount, writable=may_write(self.state))
        yield card.room(*room_in(self.state))
        yield card.wear(wear_of(mount))

    def _data(self) -> Iterator[Finding]:
        from kiosk.doctor import data as keeping
        from kiosk.doctor.data import look_into_store, newest_backup

        facts: StoreFacts = look_into_store(self.state)
        now = datetime.now(UTC)
        yield keeping.store(facts)
        yield keeping.losses(facts.notices, now)
        yield keeping.backup(newest_backup(self.state), now, kept_something=facts.there)

    def _board(self) -> Iterator[Finding]:
        from kiosk.doctor import board
        from kiosk.doctor.board import board_facts
        from kiosk.system.clock import SystemWallClock
        from kiosk.system.time_zone import zone_of

        wall = SystemWallClock(raspberry_pi=self._raspberry_pi)
        chosen = self._settings.time_zone
        try:
            zone = zone_of(chosen)
        except SettingsError as error:
            zone = zone_of("UTC")
            yield board.time_zone(chosen, chosen=True, error=sentence(error.problems[0]))
        else:
            yield board.time_zone(zone.key, chosen=bool(chosen))
        shown = f"{wall.utc().astimezone(zone):%Y-%m-%d %H:%M}"
        yield board.clock(trusted=wall.trusted(), shown=shown)
        facts = board_facts()
        yield board.temperature(facts)
        yield board.power(facts)

    def _reach(self) -> Iterator[Finding]:
        from kiosk.doctor import network as reach
        from kiosk.doctor.network import is_announced, look_at_port, resolves
        from kiosk.system.network import own_name

        settings, host = self._settings, own_name()
        facts = look_at_port(settings.host, settings.port)
        yield reach.port(facts, __version__, kiosk_runs=bool(self._runs))
        yield reach.name_at_home(
            host, settings.port, announced=is_announced(), resolves=resolves(host)
        )

    def _parts(self) -> Iterator[Finding]:
        yield self._voice()
        with ExitStack() as stack:
            why = self._why_not(stack)
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="kiosk-doctor-")))
            yield why("speaker") or self._speaker()
            yield why("button") or self._button(folder)
            yield why("light") or self._light(folder)

    def _why_not(self, stack: ExitStack) -> Callable[[str], Finding | None]:
        """Why a part is not tried. Where it is, no kiosk can start before the stack is left."""
        from kiosk.doctor.pins import in_use
        from kiosk.store.files import StateLock

        instead = {
            "speaker": "Test it on the page Settings.",
            "button": "Press it, and see on the page Now what it does.",
            "light": "See whether it shines as the kiosk's state wants it.",
        }
        if self.quiet:
            return lambda name: skipped(name, QUIETLY)
        if self._runs is None:
            return lambda name: skipped(name, NO_SAYING)
        if self.state.is_dir() and not self._runs:
            try:
                lock = StateLock.take_if_free(self.state)
            except StoreError as error:
                told = str(error)
                return lambda name: skipped(name, told)
            if lock is not None:
                stack.enter_context(lock)
                return lambda _name: None
        elif not self._runs:
            return lambda _name: None
        return lambda name: in_use(name, instead[name])

    def _voice(self) -> Finding:
        from kiosk.app import make_engine
        from kiosk.doctor import software
        from kiosk.doctor.voice import length_of, say_a_word
        from kiosk.system.clock import SystemClock

        engine = make_engine()
        try:
            spoken = say_a_word(engine, self._settings.spoken_by, SystemClock())
        finally:
            engine.close()
        return software.voice(spoken.error, spoken.took, length_of(spoken.sound))

    def _speaker(self) -> Finding:
        from kiosk.app import make_speaker
        from kiosk.audio.speaker import NONE
        from kiosk.doctor import pins as parts
        from kiosk.doctor.sound import play_a_tone
        from kiosk.system.clock import SystemClock

        settings, clock = self._settings, SystemClock()
        if settings.audio_device.casefold() == NONE:
            return parts.no_speaker(chosen=True)
        speaker, silent_because = make_speaker(settings, clock)
        if silent_because is not None:
            return parts.no_speaker(chosen=False)
        return parts.speaker(play_a_tone(speaker, settings.volume, settings.lead_in_ms, clock))

    def _button(self, folder: Path) -> Finding:
        if not self._raspberry_pi:
            return skipped("button", "This is no Raspberry Pi: it has no pins.")
        if not self.asks:
            return skipped("button", "Nobody is at a terminal to be asked to press it.")
        from kiosk.doctor import pins as parts
        from kiosk.doctor.pins import WAITS_S, watch_the_button
        from kiosk.system.clock import SystemClock

        self.ask_for_press(self._settings.pin, WAITS_S)
        facts = watch_the_button(partial(_pins, folder), self._settings.pin, SystemClock())
        return parts.button(facts, WAITS_S)

    def _light(self, folder: Path) -> Finding:
        from kiosk.doctor import pins as parts
        from kiosk.doctor.pins import light_up
        from kiosk.system.clock import SystemClock

        pin = self._settings.led_pin
        if pin is None:
            return parts.light(None, "")
        if not self._raspberry_pi:
            return skipped("light", "This is no Raspberry Pi: it has no pins.")
        return parts.light(pin, light_up(partial(_pins, folder), pin, SystemClock()))


def _pins(folder: Path) -> "Factory":
    """The board's pins; the pipe of their library lies in `folder`, not in that of the service."""
    from kiosk.hardware.gpio import pin_factory

    os.environ["LG_WD"] = str(folder)
    return pin_factory(False, folder)
