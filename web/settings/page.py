"""The page of settings, with what was typed into the one form that could not be saved.

What caregivers set: each section of the page is a form of its own, saved by itself.
"""

from collections.abc import Mapping
from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kiosk.settings.model import limits_of
from web.context import kiosk
from web.forms import FieldProblems, answers
from web.guard.access import signed_in
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
    """The whole page; `form` is the one that was sent and not saved, with what was typed."""
    view, now = kiosk().settings.view(), kiosk().snapshots.take().local_now
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
        known = t("settings.signed_in.device", browser=browser, system=system)
        device = known if browser and system else browser or system or shortened(one.device)
        seen = one.seen.astimezone(now.tzinfo)
        is_own = own is not None and one.id == own.id
        shown = {"id": one.id, "address": one.address, "device": device, "seen": seen}
        found.append({**shown, "own": is_own})
    return sorted(found, key=lambda one: not one["own"])
