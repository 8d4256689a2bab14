"""Lays a score out in time, once the real length of every clip is known. Pure.

Theory of operation
-------------------

The parts of a score follow one another; `_Sheet.now` is where the next begins.

A *passage* (welcome, announcement, getting ready, rest, closing) is elastic. Its lines follow each
other, each with its pause, as long as its clips are. Its tail ("ten seconds", "three, two, one") is
placed backwards from its end, and the end is where the passage was planned to end, or later, where
what is said and the countdown take longer: it is then listed as *stretched*. A line of the tail
that may be left out is dropped where something is still being said.

A *rep pass* is rigid: it lasts as long as its phases, whatever is said in it, for people breathe
and move by it. Its cues are wishes, each with an earliest and a latest beginning. They are placed
one after another, the weightiest first, each at the first free place (`_Room`) that has a gap of
`GAP` to its neighbours. A count must end before the next count. A wish that finds no room becomes
its tone, if it has one and that fits (a number, a side, a second of a hold); else it is *dropped*
and listed. So whatever the voice and its rate, no repetition gets longer and no two cues overlap.

Speech that could not be rendered has no length: what marks time becomes a tone, all else is left
out; its text is listed as *missing*.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kiosk.timeline.score import Passage, RepPass, Score, TailLine, Wish
from kiosk.timeline.timeline import (
    Cue,
    CueKind,
    Dropped,
    Place,
    Sound,
    Span,
    Speech,
    Stage,
    Stretched,
    Timeline,
    Tone,
)
from kiosk.units import Millis

LengthOf = Callable[[Sound], Millis | None]
"""The real length of a sound; `None` where it is speech that could not be rendered."""

GAP: Millis = 80  # the least silence between two cues of a repetition


def lay_out(score: Score, length_of: LengthOf) -> Timeline:
    """The timeline of `score`, exact to the millisecond and without overlaps."""
    sheet = _Sheet(length_of)
    for part in score.parts:
        if isinstance(part, RepPass):
            sheet.add_rep_pass(part)
        else:
            sheet.add_passage(part)
    starts: dict[int | None, Millis] = {}
    for span in sheet.spans:
        starts.setdefault(span.place.exercise, span.at)
    return Timeline(
        program=score.program,
        title=score.title,
        cues=tuple(sheet.cues),
        spans=tuple(sheet.spans),
        exercises=tuple(replace(one, at=starts[n]) for n, one in enumerate(score.exercises)),
        duration=sheet.now,
        dropped=tuple(sheet.dropped),
        stretched=tuple(sheet.stretched),
        missing=tuple(sheet.missing),
    )


@dataclass
class _Sheet:
    """The timeline so far; `now` is where the next part begins."""

    length_of: LengthOf
    now: Millis = 0
    cues: list[Cue] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    stretched: list[Stretched] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)

    def add_passage(self, passage: Passage) -> None:
        start = self.now
        for line in passage.lines:
            cue = self._cue(line.kind, line.text, self.now, passage.place)
            if cue is not None:
                self.cues.append(cue)
                self.now = cue.end + line.pause
        spoken = self.now
        countdown = max((t.before_end for t in passage.tail if not t.optional), default=0)
        end = max(start + passage.planned, spoken + countdown)
        if passage.planned and end > start + passage.planned:
            self.stretched.append(
                Stretched(start, passage.stage, passage.planned, end - start, passage.place)
            )
        for index, tail in enumerate(passage.tail):
            at = end - tail.before_end
            following = passage.tail[index + 1 :]
            until = end - following[0].before_end if following else end
            self._speak_in_tail(tail, at, until, passage.place)
        self._close(passage.stage, passage.place, start, end)

    def _speak_in_tail(self, tail: TailLine, at: Millis, until: Millis, place: Place) -> None:
        line = tail.line
        cue = self._cue(line.kind, line.text, at, place)
        if cue is not None and cue.end + GAP > until and line.kind.is_count:
            cue = self._tone(line.kind, line.text, at, place)
        if cue is None:
            return
        free_from = self.cues[-1].end + GAP if self.cues else 0
        if tail.optional and (at < free_from or cue.end + GAP > until):
            self.dropped.append(Dropped(at, line.kind, line.text, place))
        else:
            self.cues.append(cue)

    def add_rep_pass(self, rep: RepPass) -> None:
        room = _Room()
        phases = {wish.phase for wish in rep.wishes} | {name for name, _ in rep.phases}
        places = {phase: replace(rep.place, phase=phase) for phase in phases}
        wishes = sorted(rep.wishes, key=lambda wish: (wish.weight, wish.earliest))
        placed = (self._place(wish, rep, room, places[wish.phase]) for wish in wishes)
        self.cues += sorted((cue for cue in placed if cue is not None), key=lambda cue: cue.at)
        for name, length in rep.phases:
            self._close(Stage.WORK, places[name], self.now, self.now + length)

    def _place(self, wish: Wish, rep: RepPass, room: "_Room", place: Place) -> Cue | None:
        """The cue of `wish` where it finds room in the pass, which begins now."""
        cue = self._cue(wish.kind, wish.text, wish.earliest, place)
        if cue is None:
            return None
        # A count has to end before the next count, all else with the pass.
        counts = (w.earliest for w in rep.wishes if w.kind.is_count and w.earliest > wish.earliest)
        limit = min(counts, default=rep.duration) if wish.kind.is_count else rep.duration
        at = room.take(wish.earliest, wish.latest, cue.duration, limit)
        if at is None:
            cue = self._tone(wish.kind, wish.text, wish.earliest, place)
            if cue is not None:
                at = room.take(wish.earliest, wish.latest, cue.duration, limit)
        if cue is None or at is None:
            self.dropped.append(Dropped(self.now + wish.earliest, wish.kind, wish.text, place))
            return None
        return replace(cue, at=self.now + at)

    def _cue(self, kind: CueKind, text: str, at: Millis, place: Place) -> Cue | None:
        """The cue of `text`; without speech a tone for what marks time, nothing for the rest."""
        if kind is CueKind.CHIME:
            return self._tone(kind, text, at, place)
        length = self.length_of(Speech(text))
        if length is not None:
            return Cue(at, length, kind, Speech(text), text, place)
        self.missing[text] = None
        return self._tone(kind, text, at, place)

    def _tone(self, kind: CueKind, text: str, at: Millis, place: Place) -> Cue | None:
        if kind.tone is None:
            return None
        tone = Tone(kind.tone)
        return Cue(at, self.length_of(tone) or 0, kind, tone, text, place)

    def _close(self, stage: Stage, place: Place, start: Millis, end: Millis) -> None:
        if end > start:
            self.spans.append(Span(start, end, stage, place))
        self.now = end


class _Room:
    """The free time inside a rep pass."""

    def __init__(self) -> None:
        self._taken: list[tuple[Millis, Millis]] = []

    def take(
        self, earliest: Millis, latest: Millis, length: Millis, limit: Millis
    ) -> Millis | None:
        """Take the first stretch that begins from `earliest` to `latest` and has a gap on both
        sides; its start.

        `None` where there is none, or where it would end too close to `limit`.
        """
        at = earliest
        for start, end in self._taken:
            if at + length + GAP <= start:
                break
            at = max(at, end + GAP)
        if at > latest or at + length + GAP > limit:
            return None
        self._taken.append((at, at + length))
        self._taken.sort()
        return at
