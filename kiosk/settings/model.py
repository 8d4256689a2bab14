"""The settings of a household or an installer, in one frozen record that documents itself.

The docstring under a field is its entry in the settings reference; its annotation gives its type,
`Within` its limits, `OneOf` the words it takes. `kiosk.settings.sources` reads values from their
sources and checks them against these.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar, get_args, get_type_hints

from kiosk.units import Millis

if TYPE_CHECKING:
    from kiosk.speech.model import Voice


class Within(NamedTuple):
    """The smallest and largest value a setting takes, both included, and its unit."""

    low: int
    high: int
    unit: str


class OneOf(NamedTuple):
    """The words that a setting takes, and no others."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Every field has a default that suits a new kiosk."""

    language: str = "en"
    """Language of everything spoken, as the name of a catalogue in `kiosk/locale`."""

    voice: str = ""
    """Voice of the speech engine, by id, name or language (`gmw/en-us`, `English (America)`,
    `en-us`), with a variant if one is wanted (`en-us+f3`); empty takes the engine's own for the
    language. `espeak-ng --voices` and `--voices=variant` list them."""

    rate: Annotated[int, Within(120, 200, "words a minute")] = 155
    """How fast the voice speaks. Older listeners find about 155 easiest; slower synthetic speech is
    harder, not easier, to follow."""

    sentence_pause_ms: Annotated[Millis, Within(200, 3000, "milliseconds")] = 500
    """Silence between spoken sentences. To give a listener more time, lengthen this, not the
    words."""

    volume: Annotated[int, Within(0, 100, "percent")] = 80
    """Loudness of the kiosk, on top of whatever the sound card's own mixer does."""

    audio_device: str = ""
    """Sound card to play on, by a part of its name; empty takes the system's default, `none` plays
    nothing and keeps time in silence."""

    lead_in_ms: Annotated[Millis, Within(0, 3000, "milliseconds")] = 300
    """Silence played before the first word, which wakes the speaker: 0 for a wired one, 300 for
    HDMI, 1500 for Bluetooth."""

    default_program: str = "low-back-start"
    """Id of the program that a press of the button starts."""

    pin: Annotated[int, Within(0, 27, "BCM number")] = 17
    """GPIO pin of the button, which connects it to ground."""

    led_pin: Annotated[int | None, Within(0, 27, "BCM number")] = None
    """GPIO pin of the light in or beside the button; leave it out where there is none."""

    debounce_ms: Annotated[Millis, Within(5, 200, "milliseconds")] = 30
    """How long after an edge the button's contacts may chatter before they are believed again."""

    hold_ms: Annotated[Millis, Within(1000, 10_000, "milliseconds")] = 2000
    """How long the button is held down to end a session."""

    paused_reminder_s: Annotated[int, Within(10, 3600, "seconds")] = 120
    """After how long a pause the kiosk first reminds the person that it waits."""

    paused_again_s: Annotated[int, Within(10, 3600, "seconds")] = 300
    """How long after a reminder the next one follows."""

    paused_limit_s: Annotated[int, Within(60, 7200, "seconds")] = 1200
    """After how long a pause the session ends as stopped."""

    time_zone: str = ""
    """Time zone of the plan, e.g. `Europe/Oslo`; empty takes the one the system is set to."""

    remind_again_min: Annotated[int, Within(1, 240, "minutes")] = 5
    """After how many minutes something that is due is called out a second time."""

    remind_last_min: Annotated[int, Within(1, 240, "minutes")] = 10
    """After how many minutes it is called out for the last time."""

    grace_min: Annotated[int, Within(5, 720, "minutes")] = 60
    """For how long something that is due can still be begun; then it counts as missed."""

    put_off_min: Annotated[int, Within(5, 240, "minutes")] = 30
    """How much later it is called out again after the button was held on."""

    quiet_from: str = ""
    """From what time of day on the kiosk does not call, e.g. `21:30`; empty for no quiet hours."""

    quiet_to: str = ""
    """Until what time of day the kiosk does not call, e.g. `07:00`."""

    host: str = "0.0.0.0"  # noqa: S104 - the pages are for every device in the house
    """Address that the pages listen on: `0.0.0.0` for every device in the house, `127.0.0.1` for
    this machine alone."""

    port: Annotated[int, Within(0, 65535, "TCP port")] = 8080
    """Port that the pages listen on; 0 takes any free one."""

    host_names: str = ""
    """Further names, separated by commas, by which the pages may be asked for. The kiosk's own
    name, that name with `.local`, `localhost` and addresses always work."""

    now_seen_by: Annotated[str, OneOf(("anyone", "caregivers"))] = "anyone"
    """Who may see how the session goes, on the pages Now and Room: everybody in the house, or only
    who is signed in."""

    @property
    def spoken_by(self) -> "Voice":
        """The voice that the settings ask for."""
        # Settings are read by commands that say nothing, too.
        from kiosk.speech.model import Voice  # noqa: PLC0415

        return Voice(self.language, self.voice, self.rate)


_Mark = TypeVar("_Mark")

_HOST_NAME = r"(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*"


def setting_names() -> tuple[str, ...]:
    """The name of every setting, in the order of the reference."""
    return tuple(_hints())


def types_of(name: str) -> tuple[type, ...]:
    """The types of the setting's values: `str`, `int`, or `int` and `NoneType`."""
    hint = _hints()[name]
    plain = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    return get_args(plain) or (plain,)


def text_of(settings: Settings, name: str) -> str:
    """The value of the setting as text, as it is stored and sent by a form."""
    value = getattr(settings, name)
    return "none" if value is None else str(value)


def is_optional(name: str) -> bool:
    """Whether the setting may be `None`."""
    return NoneType in types_of(name)


def limits_of(name: str) -> Within | None:
    """The limits of a number; `None` for a text."""
    return _mark(name, Within)


def words_of(name: str) -> tuple[str, ...]:
    """The words that the setting takes; none where it takes any text, or a number."""
    one_of = _mark(name, OneOf)
    return one_of.words if one_of else ()


def time_of_day(text: str) -> time | None:
    """The time of day that `text` writes as `HH:MM`; `None` for an empty one. Raises ValueError."""
    return datetime.strptime(text, "%H:%M").time() if text else None  # noqa: DTZ007


def names_of_host(text: str) -> tuple[str, ...]:
    """The names that `text` lists with commas between them, in lower case, each once.

    Raises ValueError with the first that is neither the name nor the address of a host.
    """
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    for name in names:
        if not _is_host(name):
            raise ValueError(name)
    return names


def _is_host(name: str) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415 - seldom needed, and slow to load

    if re.fullmatch(_HOST_NAME, name):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(Settings, include_extras=True)


def _mark(name: str, kind: type[_Mark]) -> _Mark | None:
    """The mark of that kind in the annotation of the setting `name`."""
    marks = getattr(_hints()[name], "__metadata__", ())
    return next((mark for mark in marks if isinstance(mark, kind)), None)
