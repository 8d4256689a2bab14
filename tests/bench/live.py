"""How far the pages are off the voice, and what many who look on cost."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from kiosk.speech.preparer import PreparedSession
from tests.audio.rig import AudioRig
from tests.bench.figures import Figures, Row, Section, Target
from tests.bench.stage import Usage
from tests.browser.harness import start_chromium
from tests.browser.household import RunningKioskWithPages
from tests.browser.watching import (
    LOOKED_FOR,
    MANY,
    Ear,
    a_household,
    all_let_in,
    begin,
    listening,
    meanwhile,
    off_the_voice,
    repetitions,
    start_of,
    state_seen_by,
)
from tests.service.running import a_kiosk

REPS = 8
OTHERS = MANY - 1
"""One place is left for the browser."""

METHOD = f"""\
{OTHERS} viewers of the live stream and the page *Now* in Chromium look on at a session of {REPS}
repetitions that is recorded. A viewer's figure is the time between a number's first sample in the
recording and the event with that number, whichever came first; the page's is that to the frame in
which Chromium has painted it. The shortest delay of the recording itself is in both."""

NOTES_WHAT_IS_PAINTED = """() => {
    const shown = document.querySelector('[data-live="rep"]');
    window.painted = [];
    new MutationObserver(() => {
        const rep = shown.textContent;
        // What is posted in a frame's callback comes after that frame has been painted.
        requestAnimationFrame(() => {
            const painted = new MessageChannel();
            painted.port1.onmessage = () => window.painted.push([rep, Date.now()]);
            painted.port2.postMessage(null);
        });
    }).observe(shown, {childList: true, characterData: true, subtree: true});
}"""


def measure(reps: int = REPS) -> Section:
    """Takes about 40 seconds."""
    with tempfile.TemporaryDirectory() as folder, AudioRig() as rig, rig.in_this_process():
        state = Path(folder)
        material = a_household(state, "watched", reps)
        with a_kiosk(state, "--program", "watched") as process:
            kiosk = RunningKioskWithPages(process)
            with rig.record() as recording, listening(recording) as ear, _page(kiosk) as page:
                number = process.process.pid
                alone = Usage.of(number)
                with all_let_in(kiosk.address, OTHERS) as present:
                    begun = begin(recording, kiosk.press, lambda: state_seen_by(present[0]))
                    # It fetches itself anew, with the list of exercises, when the session runs.
                    page.wait_for_selector("[data-step]")
                    page.evaluate(NOTES_WHAT_IS_PAINTED)
                    before = Usage.of(number)
                    for _ in meanwhile(lambda: state_seen_by(present[0])):
                        """They look on."""
                    after = Usage.of(number)
                painted = dict(page.evaluate("window.painted"))
    start = start_of(recording, material, begun)
    off = [ms for one in present for ms in off_the_voice(ear, material, start, one)]
    seen = list(_painted(ear, material, start, painted))
    return Section(
        "Pages and voice",
        METHOD,
        [
            Row("event off the voice", Figures(off), Target("p99", 100.0)),
            Row("painted off the voice", Figures(seen), Target("p99", 100.0)),
            Row("processor with 24 viewers", Figures([after.load_since(before)], "% of a core")),
            Row("memory with 24 viewers", Figures([after.memory], "MB"), Target("worst", 90.0)),
            Row("threads with 24 viewers", Figures([after.threads], "")),
            Row("handles with 24 viewers", Figures([after.files], "")),
            Row("memory with nobody there", Figures([alone.memory], "MB"), Target("worst", 80.0)),
        ],
    )


@contextmanager
def _page(kiosk: RunningKioskWithPages) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        try:
            page = browser.new_page()
            page.goto(kiosk.at("/"))
            yield page
        finally:
            browser.close()


def _painted(
    ear: Ear, material: PreparedSession, start: float, painted: dict[str, float]
) -> Iterator[float]:
    """How long after it is heard each number is painted."""
    apart = time.time() - time.monotonic()
    for cue in repetitions(material)[1:]:
        sound = material.bank.pcm(cue.sound)
        heard = ear.moment(ear.recording.find(sound, near_ms=start + cue.at, within_ms=LOOKED_FOR))
        yield abs(painted[str(cue.place.rep)] / 1000 - apart - heard) * 1000
