"""Says in a line of text what a snapshot shows; for the terminal and for the log."""

from kiosk.model.snapshot import Snapshot, State, Trouble
from kiosk.units import Millis

_STATES = {
    State.IDLE: "ready: press the button to begin",
    State.PREPARING: "getting the voice ready",
    State.RUNNING: "running",
    State.PAUSED: "paused: press the button to carry on",
    State.FINISHED: "finished: well done",
    State.STOPPED: "ended: press the button to begin again",
    State.FAILED: "this did not work: see the message above",
    State.REMINDING: "it is time: press the button to begin, hold it to be asked again later",
    State.CONFIRMING: "all done for today: press the button again for more",
    State.ASKING: "was it harder than usual? then press the button",
}

_TROUBLE = {
    Trouble.NO_SPEECH: "some speech is missing; tones count instead",
    Trouble.NO_SPEAKER: "no sound card; keeping time in silence",
    Trouble.SPEAKER_LOST: "the speaker is lost; looking for it",
    Trouble.NO_PROGRAM: "the program cannot be used",
    Trouble.CLOCK: "the time of day is not known yet; reminders wait",
    Trouble.STORE: "what is done cannot be kept",
    Trouble.BUTTON: "the button cannot be used; the pages can",
    Trouble.SETTINGS: "the settings file cannot be used; going by the last good one",
}


def state_line(snapshot: Snapshot) -> str:
    """What the kiosk as a whole does."""
    return _STATES[snapshot.state]


def exercise_line(snapshot: Snapshot) -> str:
    """Which exercise it is; empty outside any."""
    if snapshot.exercise is None:
        return ""
    return f"exercise {snapshot.exercise} of {snapshot.exercises}: {snapshot.exercise_name}"


def rep_line(snapshot: Snapshot) -> str:
    """Set, repetition, side and phase, as far as they apply."""
    parts = []
    if snapshot.set is not None and (snapshot.sets or 1) > 1:
        parts.append(f"set {snapshot.set} of {snapshot.sets}")
    if snapshot.rep is not None:
        parts.append(f"repetition {snapshot.rep} of {snapshot.reps}")
    if snapshot.side is not None:
        parts.append(snapshot.side)
    if snapshot.leading_in:
        parts.append("carrying on")
    elif snapshot.phase is not None:
        parts.append(snapshot.phase)
    return ", ".join(parts)


def trouble_line(snapshot: Snapshot) -> str:
    """What is not well; empty where all is."""
    return "; ".join(_TROUBLE[trouble] for trouble in sorted(snapshot.trouble))


def plan_line(snapshot: Snapshot) -> str:
    """What is due, or when the next thing is; empty without a plan."""
    if snapshot.due is not None:
        return f"due now: {snapshot.due}"
    if snapshot.next_due is not None:
        return f"next: {snapshot.next_due:%A %H:%M}"
    return ""


def minutes(millis: Millis) -> str:
    """`millis` as minutes and seconds, e.g. `4:05`."""
    whole, rest = divmod(millis // 1000, 60)
    return f"{whole}:{rest:02}"
