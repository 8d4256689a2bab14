"""The page Settings: each section is a form of its own, saved by itself."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from flask import Blueprint, get_flashed_messages, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.errors import ConflictError, SettingsError, SpeechError, StoreError
from kiosk.session.snapshot import OCCUPIED
from kiosk.settings.choices import SettingChoices
from kiosk.settings.model import limits_of, text_of
from kiosk.settings.service import SettingsView
from web.audio import listening
from web.context import kiosk, signed_in
from web.forms import FieldProblems, Outcome, answer, error_sentence, not_saved
from web.text import t

pages = Blueprint("settings", __name__, url_prefix="/settings")

Choice: TypeAlias = tuple[str, str]  # a value, and what a person calls it

FORMS: Mapping[str, Sequence[str]] = {
    "volume": ("volume",),
    "speaker": ("audio_device", "lead_in_ms"),
    "voice": ("voice", "rate"),
    "day": ("quiet_from", "quiet_to", "time_zone"),
    "button": ("default_program",),
    "onlookers": ("now_seen_by",),
}
"""The settings of each form."""

OWN = "own"  # chosen where none of the named lead-ins suits

LEAD_INS = ("0", "300", "1500")

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


@pages.get("")
def show() -> str:
    """The whole page."""
    return settings_page()


@pages.post("/<any(volume,speaker,voice,day,button,onlookers):form>")
def save(form: str) -> Response | tuple[str, int] | tuple[dict[str, str], int]:
    """Store the settings of one form, which are then in force."""
    before = kiosk().settings.view()
    version = request.form.get("version", "")
    try:
        view = kiosk().settings.change(sent(form, request.form), version)
    except SettingsError as error:
        return _not_saved(form, FieldProblems.of(error.problems), version, 422)
    except ConflictError as error:
        return _not_saved(form, _conflict(form, before, error_sentence(error)), before.version, 409)
    except StoreError as error:
        return _not_saved(form, not_saved(error), version, 503)
    if _wants_json():
        return {"answer": t("settings.saved"), "version": view.version}, 200
    if view.settings == before.settings:
        answer(t("settings.unchanged"))
    else:
        change = json.dumps({"form": form, "texts": present(before, form), "v": view.version})
        answer(t("settings.saved"), undo={"action": url_for("settings.undo"), "change": change})
    return back_to(form)


@pages.post("/undo")
def undo() -> Response:
    """Put back what a form has changed, unless somebody has changed it since."""
    try:
        change = json.loads(request.form.get("change", ""))
        form, texts, version = str(change["form"]), dict(change["texts"]), str(change["v"])
        wanted = {name: str(texts[name]) for name in FORMS[form] if name in texts}
        kiosk().settings.change(wanted, version)
    except (ValueError, TypeError, KeyError, RecursionError):
        answer(t("settings.not_undone"), Outcome.NOT_DONE)
        return redirect(url_for("settings.show"), 303)
    except ConflictError as error:
        answer(error_sentence(error), Outcome.NOT_DONE)
        return back_to(form)
    answer(t("settings.undone"))
    return back_to(form)


@pages.post("/test-sound")
def test_sound() -> Response | dict[str, str]:
    """Have the kiosk say a sentence."""
    session = kiosk().session
    busy = session.snapshot().state in OCCUPIED
    if not busy:
        session.test_sound()
    said = t("settings.test.not_now") if busy else t("settings.test.said")
    if _wants_json():
        return {"answer": said}
    answer(said, Outcome.NOT_DONE if busy else Outcome.DONE)
    return back_to("volume")


@pages.get("/sample.wav")
def sample() -> Response:
    """A sentence in a voice that may not be saved yet. Slow the first time."""
    settings = kiosk().settings.current
    voice = request.args.get("voice", settings.voice)
    rate = request.args.get("rate", settings.rate, type=int)
    with listening() as respond:
        sound = kiosk().choices.sample(voice, rate)
        content = f"{settings.language} {voice} {rate} {sound.frames}"
        tag = hashlib.sha256(content.encode(errors="replace")).hexdigest()[:16]
        return respond(sound, tag)


def _not_saved(
    form: str, problems: FieldProblems, version: str, code: int
) -> tuple[str, int] | tuple[dict[str, str], int]:
    if _wants_json():
        return {"answer": " ".join(sentence for _, sentence in problems), "version": version}, code
    view = kiosk().settings.view()
    return settings_page(form, typed(view, form, request.form), problems, version), code


def _conflict(form: str, view: SettingsView, sentence: str) -> FieldProblems:
    """The present value, beside each field in which another was typed."""
    problems = FieldProblems.at("", sentence)
    problems.add("", t("settings.conflict"))
    there = present(view, *FORMS)
    choices = FormChoices(kiosk().choices, there)
    for name, text in sent(form, request.form).items():
        if there[name] != text.strip():
            problems.add(name, t("settings.conflict.now", value=choices.label(name, there[name])))
    return problems


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


# --- the page and its forms


def device_name(user_agent: str) -> tuple[str, str]:
    """Browser and system of a signed-in device, each empty where its header does not say."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return browser, system


def shortened(user_agent: str) -> str:
    """The header itself, for where it says nothing a person knows."""
    return user_agent if len(user_agent) <= LONGEST else f"{user_agent[: LONGEST - 1]}…"


def sent(form: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The texts of the settings that `form` sends; those it leaves out stay as they are."""
    texts = {name: fields[name] for name in FORMS[form] if name in fields}
    named = fields.get("lead_in", OWN)
    if "lead_in_ms" in FORMS[form] and named in LEAD_INS:
        texts["lead_in_ms"] = named
    return texts


def present(view: SettingsView, *forms: str) -> dict[str, str]:
    """The texts of the settings of `forms` that are in force."""
    return {name: text_of(view.settings, name) for form in forms for name in FORMS[form]}


def typed(view: SettingsView, form: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The texts in the fields of `form` after it was sent."""
    own = {"lead_in": fields["lead_in"]} if "lead_in" in fields else {}
    there = {name: fields[name] for name in FORMS[form] if name in fields}
    return {**present(view, form), **there, **own}


class FormChoices:
    """The choices that the page offers, the present `values` among them in any case."""

    def __init__(self, choices: SettingChoices, values: Mapping[str, str]) -> None:
        self.speech_problem = ""
        self.voices = self._voices(choices, values["voice"])
        self.devices = _devices(choices, values["audio_device"])
        self.zones = _zones(choices, values["time_zone"])
        self.programs = _with(choices.programs(), values["default_program"])

    def label(self, name: str, value: str) -> str:
        """The label of the `value` of the setting `name`."""
        offered: Mapping[str, Sequence[Choice]] = {
            "voice": self.voices,
            "audio_device": self.devices,
            "default_program": self.programs,
            "now_seen_by": onlookers(),
            "time_zone": [("", t("settings.zone.system"))],
        }
        return dict(offered.get(name, ())).get(value, value) or t("settings.nothing")

    def _voices(self, choices: SettingChoices, chosen: str) -> Sequence[Choice]:
        usual = ("", t("settings.voice.usual"))
        try:
            found = [(voice.id, voice.name) for voice in choices.voices()]
        except SpeechError as error:
            self.speech_problem = str(error)
            found = []
        return _with([usual, *found], chosen)


def onlookers() -> Sequence[Choice]:
    """The choices of `now_seen_by`."""
    return [
        ("anyone", t("settings.onlookers.anyone")),
        ("caregivers", t("settings.onlookers.caregivers")),
    ]


def lead_ins() -> Sequence[Choice]:
    """The choices of `lead_in_ms`, by the kind of speaker."""
    return [
        ("0", t("settings.lead_in.wired")),
        ("300", t("settings.lead_in.hdmi")),
        ("1500", t("settings.lead_in.bluetooth")),
        (OWN, t("settings.lead_in.own")),
    ]


def _devices(choices: SettingChoices, chosen: str) -> Sequence[Choice]:
    cards = [(name, name) for name in choices.devices()]
    offered = [("", t("settings.device.usual")), *cards, ("none", t("settings.device.none"))]
    return _with(offered, chosen)


def _zones(choices: SettingChoices, chosen: str) -> Mapping[str, Sequence[Choice]]:
    """The time zones, by the part of the world that they lie in."""
    zones: dict[str, list[Choice]] = {}
    for name in choices.zones():
        region, _, city = name.partition("/")
        zones.setdefault(region if city else "", []).append(
            (name, (city or region).replace("_", " ").replace("/", ", "))
        )
    if chosen and chosen not in {name for names in zones.values() for name, _ in names}:
        zones.setdefault("", []).append((chosen, chosen))
    return zones


def _with(choices: Sequence[Choice], chosen: str) -> Sequence[Choice]:
    """`choices`, with `chosen` added where it is not among them (any more)."""
    there = chosen in {value for value, _ in choices}
    return list(choices) if there else [*choices, (chosen, chosen)]


def settings_page(
    form: str = "",
    values: Mapping[str, str] | None = None,
    problems: FieldProblems | None = None,
    version: str | None = None,
) -> str:
    """The whole page; `form` is the one that was sent and not saved, with what was typed."""
    view, now = kiosk().settings.view(), kiosk().snapshots.take().local_now
    texts = present(view, *FORMS) | dict(values or {})
    texts.setdefault("lead_in", texts["lead_in_ms"] if texts["lead_in_ms"] in LEAD_INS else OWN)
    return render_template(
        "settings/settings.html",
        values=texts,
        fixed=view.fixed,
        limits={name: limits_of(name) for name in ("volume", "rate", "lead_in_ms")},
        versions=dict.fromkeys(FORMS, view.version) | ({form: version} if version else {}),
        choices=FormChoices(kiosk().choices, texts),
        lead_ins=lead_ins(),
        onlookers=onlookers(),
        wrong=form,
        problems=problems,
        messages=get_flashed_messages(),
        at=request.args.get("at", ""),
        sessions=_sessions(now),
        now=now,
        calendar=f"{request.url_root}calendar/{kiosk().auth.calendar_token()}.ics",
    )


def back_to(form: str) -> Response:
    """Lead to the part of the page that `form` is in, where the answer stands."""
    return redirect(url_for("settings.show", at=form, _anchor=f"at-{form}"), 303)


def _sessions(now: datetime) -> list[dict[str, object]]:
    """The signed-in devices, this one first, with the time of day here."""
    own = signed_in()
    found: list[dict[str, object]] = []
    for one in kiosk().auth.sessions():
        browser, system = device_name(one.device)
        both = t("settings.signed_in.device", browser=browser, system=system)
        found.append(
            {
                "id": one.id,
                "address": one.address,
                "device": both
                if browser and system
                else browser or system or shortened(one.device),
                "seen": one.seen.astimezone(now.tzinfo),
                "own": own is not None and one.id == own.id,
            }
        )
    return sorted(found, key=lambda one: not one["own"])
