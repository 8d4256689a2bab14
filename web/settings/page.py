"""The page of settings, with the typed texts of the one form that could not be saved."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.settings.model import limits_of
from web.context import kiosk
from web.forms import FieldProblems, answers
from web.guard.access import visitor
from web.settings.form import (
    FORMS,
    LEAD_INS,
    OWN,
    FormChoices,
    device_name,
    lead_ins,
    onlookers,
    present,
    shortened,
)
from web.text import t


def settings_page(
    form: str = "",
    values: Mapping[str, str] | None = None,
    problems: FieldProblems | None = None,
    version: str | None = None,
) -> str:
    """The whole page; `form` is the one that could not be saved, `values` the texts typed there."""
    view, now = kiosk().settings.view(), kiosk().schedule.now()
    shown = {name: text for one in FORMS for name, text in present(view, one).items()}
    shown |= values or {}
    shown.setdefault("lead_in", shown["lead_in_ms"] if shown["lead_in_ms"] in LEAD_INS else OWN)
    return render_template(
        "settings/settings.html",
        values=shown,
        fixed=view.fixed,
        limits={name: limits_of(name) for name in ("volume", "rate", "lead_in_ms")},
        versions=dict.fromkeys(FORMS, view.version) | ({form: version} if version else {}),
        choices=FormChoices(kiosk().choices, shown),
        lead_ins=lead_ins(),
        onlookers=onlookers(),
        wrong=form,
        problems=problems,
        told=answers(),
        at=request.args.get("at", ""),
        visitors=_signed_in(now),
        now=now,
        calendar=f"{request.url_root}calendar/{kiosk().auth.calendar_token()}.ics",
    )


def back_to(form: str) -> Response:
    """A redirect to the section of `form`, where the answer is shown."""
    return redirect(url_for("settings.show", at=form, _anchor=f"at-{form}"), 303)


def _signed_in(now: datetime) -> list[dict[str, object]]:
    """The signed-in devices, this one first, with local times."""
    own = visitor()
    found = []
    for one in kiosk().auth.visitors():
        browser, system = device_name(one.device)
        known = t("settings.signed_in.device", browser=browser, system=system)
        device = known if browser and system else browser or system or shortened(one.device)
        seen = one.seen.astimezone(now.tzinfo)
        is_own = own is not None and one.id == own.id
        found.append({**asdict(one), "device": device, "seen": seen, "own": is_own})
    return sorted(found, key=lambda one: not one["own"])
