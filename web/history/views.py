"""History: have they done it, how does it go, and is it time for a step."""

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from kiosk.errors import ConflictError
from kiosk.history.service import sessions_csv
from kiosk.levels.proposals import Proposal
from web.context import kiosk
from web.forms import FieldProblems, Outcome, answer
from web.history.page import month_of, picture_days, read_days, read_month, whole_page
from web.history.steps import fingerprint
from web.text import ProgramTitles, t

pages = Blueprint("history", __name__, url_prefix="/history")


@pages.get("")
def show() -> str:
    """The page, with the sessions of the month that is asked for."""
    month = read_month(request.args["month"]) if "month" in request.args else None
    if month is None and "month" in request.args:
        abort(404)
    return render_template("history/history.html", **whole_page(month))


@pages.get("/sessions.csv")
def sessions() -> Response | tuple[str, int]:
    """The sessions of some days, for a spreadsheet."""
    snapshot = kiosk().snapshots.take()
    today = snapshot.today
    first, last, problems = read_days(request.args, picture_days(today)[0], today)
    if problems:
        typed = {name: request.args.get(name, "") for name in ("from", "to")}
        page = whole_page(month_of(today)) | {
            "typed": typed,
            "problems": FieldProblems.of(problems),
        }
        return render_template("history/history.html", **page), 422
    name = f"sessions-{first}-to-{last}.csv"
    response = Response(sessions_csv(snapshot, first, last), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@pages.post("/accept")
def accept() -> Response:
    """Accept a proposed step."""
    return _decide(kiosk().levels.accept, _accepted)


@pages.post("/decline")
def decline() -> Response:
    """Decline a proposed step."""
    return _decide(kiosk().levels.decline, lambda _proposal: t("history.step.declined"))


def _decide(
    act: Callable[[str, Proposal], object], in_words: Callable[[Proposal], str]
) -> Response:
    try:
        proposal = _proposal_of_form()
        act(proposal.program, proposal)
    except ConflictError:
        answer(t("history.step.conflict"), Outcome.NOT_DONE)
    else:
        answer(in_words(proposal))
    return redirect(url_for("history.show"), 303)


def _proposal_of_form() -> Proposal:
    """The proposal of the form. Raises ConflictError where it is not proposed any more."""
    program = request.form.get("program", "")
    proposal = kiosk().levels.of(program).proposal
    if proposal is None or fingerprint(proposal) != request.form.get("seen"):
        raise ConflictError(f"That step is not proposed for {program} any more.")
    return proposal


def _accepted(proposal: Proposal) -> str:
    title = ProgramTitles(kiosk().snapshots.take().programs)
    if proposal.to_program is None:
        return t("history.step.accepted", title=title(proposal.program))
    text = t("history.step.changed", old=title(proposal.program), new=title(proposal.to_program))
    if kiosk().settings.current.default_program != proposal.program:
        return text
    return f"{text} {t('history.step.button_stays', old=title(proposal.program))}"
