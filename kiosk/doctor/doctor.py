"""The self-check: every check in order, the quick ones first.

Checks of software, card, data, board and network only read, and so may run beside a kiosk. Speaker,
button and light can belong to one process only: a running kiosk keeps them, and where none runs its
lock is held while they are tried, so that none can start meanwhile.

Modules that need a package from outside are imported only where they are used: a missing package
has to be reported, which is the second finding, before its absence ends the command.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.doctor import board, card, data, network, software
from kiosk.doctor.finding import Finding, skipped
from kiosk.errors import SettingsError, StoreError
from kiosk.hardware.board import is_raspberry_pi
from kiosk.locale.problems import line
from kiosk.settings.model import Settings
from kiosk.store.files import StateLock, is_running
from kiosk.system.clock import SystemClock

AskForPress = Callable[[int, int], None]
"""Asks a person to press the button on a GPIO (first) within some seconds (second)."""

_INSTEAD = {
    "speaker": "Test it on the page Settings.",
    "button": "Press it, and see on the page Now what it does.",
    "light": "See whether it shines as the kiosk's state wants it.",
}
"""How each part is checked while the kiosk runs."""

_NO_PINS = "This is no Raspberry Pi: it has no pins."


def run_checks(
    state: Path,
    environ: Mapping[str, str],
    *,
    quiet: bool = False,
    ask_for_press: AskForPress | None = None,
) -> Iterator[Finding]:
    """Check the kiosk of the state directory `state`; yields each finding as soon as it is known.

    With `quiet` nothing is played and nobody asked; `ask_for_press` is `None` where nobody is at a
    terminal. Nothing is changed.
    """
    runs, raspberry_pi = is_running(state), is_raspberry_pi()
    yield from software.check_packages(raspberry_pi=raspberry_pi)
    settings, problems = load_settings(state, environ)
    yield software.judge_settings(problems, str(state / "kiosk.toml"))
    yield software.check_service(kiosk_runs=bool(runs))
    yield from card.check_card(state)
    yield from data.check_data(state, datetime.now(UTC))
    yield from board.check_board(settings.time_zone, raspberry_pi=raspberry_pi)
    yield from network.check_network(settings.host, settings.port, kiosk_runs=bool(runs))
    yield _check_voice(settings)
    with ExitStack() as stack:
        reasons = _reasons_to_skip(state, runs, stack, quiet=quiet)
        if reasons:
            yield from (skipped(part, why) for part, why in reasons.items())
            return
        yield _check_speaker(settings)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="kiosk-doctor-")))
        yield from _check_pins(settings, folder, ask_for_press, raspberry_pi=raspberry_pi)


def load_settings(state: Path, environ: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings that a kiosk would start with now, the defaults where it would not start; and a
    sentence for each that cannot be used.
    """
    from kiosk.settings.sources import LayeredSettings, in_quotes, printable, usable

    source = LayeredSettings.read(state, environ, {}, forgiving=True)
    stored = data.read_stored_settings(state)
    try:
        source.load({})
    except SettingsError as error:
        return Settings(), [line(problem) for problem in error.problems]
    good = usable(source, stored)
    problems = [line(problem) for problem in source.passed_over]
    if problems:
        problems.append("The kiosk goes by those of its last good start.")
    problems += [
        f"The stored {printable(name)} = {in_quotes(text)} is passed over."
        for name, text in stored.items()
        if name not in good
    ]
    return source.load(good), problems


def _reasons_to_skip(
    state: Path, runs: bool | None, stack: ExitStack, *, quiet: bool
) -> dict[str, str]:
    """Why speaker, button and light are not tried, by part; empty where they are. Then no kiosk can
    start on `state` before `stack` is closed. `runs` is `None` where this user cannot see it.
    """
    if quiet:
        return dict.fromkeys(_INSTEAD, "Nothing is played and nobody asked (--quiet).")
    if runs is None:
        why = "This user cannot see whether the kiosk runs: sudo kiosk doctor"
        return dict.fromkeys(_INSTEAD, why)
    if not runs and not state.is_dir():
        return {}
    try:
        lock = None if runs else StateLock.take_if_free(state)
    except StoreError as error:
        return dict.fromkeys(_INSTEAD, str(error))
    if lock is None:
        return {part: f"The running kiosk has it. {do}" for part, do in _INSTEAD.items()}
    stack.enter_context(lock)
    return {}


def _check_voice(settings: Settings) -> Finding:
    from kiosk.app import make_engine
    from kiosk.doctor.sound import check_voice

    engine = make_engine()
    try:
        return check_voice(engine, settings.spoken_by, SystemClock())
    finally:
        engine.close()


def _check_speaker(settings: Settings) -> Finding:
    from kiosk.audio.speaker import NONE, open_speaker
    from kiosk.doctor.sound import check_speaker, judge_no_speaker

    if settings.audio_device.casefold() == NONE:
        return judge_no_speaker(chosen=True)
    clock = SystemClock()
    speaker, silent_because = open_speaker(settings.audio_device, clock)
    if silent_because is not None:
        return judge_no_speaker(chosen=False)
    return check_speaker(speaker, settings.volume, settings.lead_in_ms, clock)


def _check_pins(
    settings: Settings, folder: Path, ask_for_press: AskForPress | None, *, raspberry_pi: bool
) -> Iterator[Finding]:
    from kiosk.doctor import pins

    clock, factory = SystemClock(), partial(pins.real_pins, folder)
    if not raspberry_pi:
        yield skipped("button", _NO_PINS)
    elif ask_for_press is None:
        yield skipped("button", "Nobody is at a terminal to be asked to press it.")
    else:
        ask_for_press(settings.pin, pins.WAIT)
        yield pins.check_button(factory, settings.pin, clock)
    led_pin = settings.led_pin
    if led_pin is None:
        yield skipped("light", "No light is set (led_pin).")
    elif not raspberry_pi:
        yield skipped("light", _NO_PINS)
    else:
        yield pins.check_light(factory, led_pin, clock)
