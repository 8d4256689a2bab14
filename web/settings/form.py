"""What a person calls the device somebody signed in on, as far as its browser tells.

The forms of the page of settings: what each sends, and what there is to choose from.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from kiosk.errors import SpeechError
from kiosk.settings.service import SettingsService, SettingsView
from web.text import t

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""What is found first counts: most browsers also name those that they resemble."""

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)

LONGEST = 60


def device_name(told: str) -> tuple[str, str]:
    """Browser and system, each empty where `told`, a browser's name for itself, does not say."""
    browser = next((name for sign, name in BROWSERS if sign in told), "")
    system = next((name for sign, name in SYSTEMS if sign in told), "")
    return browser, system


def shortened(told: str) -> str:
    """What a browser calls itself, for where that says nothing a person knows."""
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"


Choice: TypeAlias = tuple[str, str]
"""A value, and what a person calls it."""

FORMS: Mapping[str, Sequence[str]] = {
    "volume": ("volume",),
    "speaker": ("audio_device", "lead_in_ms"),
    "voice": ("voice", "rate"),
    "day": ("quiet_from", "quiet_to", "time_zone"),
    "button": ("default_program",),
    "onlookers": ("now_seen_by",),
}
"""The settings that each form is about."""

OWN = "own"
"""Chosen where none of the named lead-ins suits."""

LEAD_INS = ("0", "300", "1500")


def sent(form: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The settings that `form` sends; those it does not are left alone."""
    texts = {name: fields[name] for name in FORMS[form] if name in fields}
    named = fields.get("lead_in", OWN)
    if "lead_in_ms" in FORMS[form] and named in LEAD_INS:
        texts["lead_in_ms"] = named
    return texts


def present(view: SettingsView, form: str) -> dict[str, str]:
    """The settings of `form` as they are, as they would be sent."""
    return {name: str(getattr(view.settings, name)) for name in FORMS[form]}


def typed(view: SettingsView, form: str, fields: Mapping[str, str]) -> dict[str, str]:
    """What stands in the fields of `form` after it was sent."""
    own = {"lead_in": fields["lead_in"]} if "lead_in" in fields else {}
    there = {name: fields[name] for name in FORMS[form] if name in fields}
    return {**present(view, form), **there, **own}


class FormChoices:
    """What the page offers, with what is chosen among it in any case."""

    def __init__(self, desk: SettingsService, values: Mapping[str, str]) -> None:
        self.speech_problem = ""
        self.voices = self._voices(desk, values["voice"])
        self.devices = _devices(desk, values["audio_device"])
        self.zones = _zones(desk, values["time_zone"])
        self.programs = _with(desk.programs(), values["default_program"])

    def label(self, name: str, value: str) -> str:
        """What a person calls the `value` of the setting `name`."""
        offered: Mapping[str, Sequence[Choice]] = {
            "voice": self.voices,
            "audio_device": self.devices,
            "default_program": self.programs,
            "now_seen_by": onlookers(),
            "time_zone": [("", t("settings.zone.system"))],
        }
        return dict(offered.get(name, ())).get(value, value) or t("settings.nothing")

    def _voices(self, desk: SettingsService, chosen: str) -> Sequence[Choice]:
        usual = ("", t("settings.voice.usual"))
        try:
            found = [(voice.id, voice.name) for voice in desk.voices()]
        except SpeechError as error:
            self.speech_problem = str(error)
            found = []
        return _with([usual, *found], chosen)


def onlookers() -> Sequence[Choice]:
    """Who may look on."""
    return [
        ("anyone", t("settings.onlookers.anyone")),
        ("caregivers", t("settings.onlookers.caregivers")),
    ]


def lead_ins() -> Sequence[Choice]:
    """The times a speaker takes to wake, by its kind."""
    return [
        ("0", t("settings.lead_in.wired")),
        ("300", t("settings.lead_in.hdmi")),
        ("1500", t("settings.lead_in.bluetooth")),
        (OWN, t("settings.lead_in.own")),
    ]


def _devices(desk: SettingsService, chosen: str) -> Sequence[Choice]:
    cards = [(name, name) for name in desk.devices()]
    offered = [("", t("settings.device.usual")), *cards, ("none", t("settings.device.none"))]
    return _with(offered, chosen)


def _zones(desk: SettingsService, chosen: str) -> Mapping[str, Sequence[Choice]]:
    """By the part of the world that they lie in."""
    zones: dict[str, list[Choice]] = {}
    for name in desk.zones():
        region, _, city = name.partition("/")
        zones.setdefault(region if city else "", []).append(
            (name, (city or region).replace("_", " ").replace("/", ", "))
        )
    if chosen and chosen not in {name for names in zones.values() for name, _ in names}:
        zones.setdefault("", []).append((chosen, chosen))
    return zones


def _with(choices: Sequence[Choice], chosen: str) -> Sequence[Choice]:
    """The same, and what is chosen though it is not (any more) among them."""
    there = chosen in {value for value, _ in choices}
    return list(choices) if there else [*choices, (chosen, chosen)]
