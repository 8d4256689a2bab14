"""The views of the settings: each section of the page is a form of its own, saved by itself."""

import hashlib
import json

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from kiosk.errors import ConflictError, SettingsError, StoreError
from kiosk.session.snapshot import OCCUPIED
from kiosk.settings.service import SettingsView
from web.audio import listening
from web.context import kiosk
from web.forms import FieldProblems, Outcome, Undo, answer, not_kept
from web.settings import security as keys
from web.settings.form import FORMS, FormChoices, back_to, present, sent, settings_page, typed
from web.text import t

pages = Blueprint("settings", __name__, url_prefix="/settings")
pages.register_blueprint(keys.pages)


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
        return _not_saved(form, _conflict(form, before, str(error)), before.version, 409)
    except StoreError as error:
        return _not_saved(form, not_kept(error), version, 503)
    if _wants_json():
        return {"answer": t("settings.saved"), "version": view.version}, 200
    if view.settings == before.settings:
        answer(t("settings.unchanged"))
    else:
        change = json.dumps({"form": form, "texts": present(before, form), "v": view.version})
        answer(t("settings.saved"), undo=Undo(url_for("settings.undo"), change))
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
        answer(str(error), Outcome.NOT_DONE)
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
