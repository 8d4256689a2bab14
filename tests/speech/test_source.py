"""All clips of a session, from the cache or rendered, whatever happens to the engine."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.errors import SpeechError
from kiosk.speech.cache import ClipCache
from kiosk.speech.model import SpeechChildError, SpeechEngineError
from kiosk.speech.source import ClipSource
from kiosk.speech.wav import trim
from kiosk.timeline.timeline import Speech
from tests.fakes.speech import FakeEngine, hum
from tests.speech.kit import child, english

NO_ENGINE = "There is no speech engine. Install it."


@pytest.fixture
def cache(tmp_path):
    return ClipCache(tmp_path / "clips")


def prepare(engine, cache, *texts, voice=None):
    return ClipSource(engine, cache).prepare(texts, voice or english())


def test_every_text_is_rendered_once_and_trimmed(cache):
    engine = FakeEngine()
    speech = prepare(engine, cache, "one", "two", "one", "three", "two")

    assert engine.asked_for == ["one", "two", "three"]
    assert speech.problems == ()
    assert speech.bank.speech == {
        "one": trim(hum(150, silence=100)),
        "two": trim(hum(150, silence=100)),
        "three": trim(hum(250, silence=100)),
    }
    assert 250 <= speech.bank.length(Speech("three")) <= 256


def test_what_was_rendered_before_is_not_rendered_again(cache):
    first = prepare(FakeEngine(), cache, "one", "two")
    engine = FakeEngine()
    second = prepare(engine, cache, "two", "one", "three")

    assert engine.asked_for == ["three"]
    assert second.bank.speech == {**first.bank.speech, "three": trim(hum(250, silence=100))}


@pytest.mark.parametrize(
    ("engine", "voice"),
    [
        (FakeEngine("hum 2"), english()),
        (FakeEngine(), english(rate=160)),
        (FakeEngine(), english(name="hum/en")),
    ],
    ids=["engine", "rate", "voice"],
)
def test_another_engine_rate_or_voice_renders_anew(cache, engine, voice):
    prepare(FakeEngine(), cache, "one")
    prepare(engine, cache, "one", voice=voice)

    assert engine.asked_for == ["one"]


def test_progress_is_reported_for_each_text_once(cache):
    prepare(FakeEngine(), cache, "two")
    steps = []
    failures = {"three": SpeechError("No."), "four": SpeechEngineError("No more.")}
    speech = ClipSource(FakeEngine(failures=failures), cache)

    speech.prepare(
        ["one", "two", "two", "three", "four", "five"], english(), lambda *step: steps.append(step)
    )

    assert steps == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_nothing_to_say_asks_nothing_of_the_engine(cache):
    engine = FakeEngine()

    assert prepare(engine, cache).bank.speech == {}
    assert engine.asked_for == []


HANGS = SpeechChildError("It hung.")

FAULTS = {
    "a missing engine is one problem": ({"no_engine": NO_ENGINE}, "", "", NO_ENGINE),
    "a broken engine is asked once": (
        {"always": SpeechEngineError("No voice.")},
        "a",
        "",
        "No voice.",
    ),
    "a text that fails does not stop the others": (
        {"failures": {"b": SpeechError("Cannot say b.")}},
        *("abcdefgh", "acdefgh", "Cannot say b."),
    ),
    "an engine that hangs twice in a row is given up": ({"always": HANGS}, "ab", "", "It hung."),
    "one that hangs now and then is not": (
        {"failures": dict.fromkeys("bdf", HANGS)},
        *("abcdefgh", "acegh", "It hung."),
    ),
}
"""The engine's fault, which texts it is asked for, which of them are spoken, and the problem."""


@pytest.mark.parametrize(("fault", "asked", "spoken", "problem"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_engine(cache, fault, asked, spoken, problem):
    engine = FakeEngine(**fault)
    speech = prepare(engine, cache, *"abcdefgh")

    assert engine.asked_for == list(asked)
    assert speech.bank.speech.keys() == set(spoken)
    assert speech.problems == (problem,)


def test_without_an_engine_what_was_rendered_before_still_plays(cache):
    before = prepare(FakeEngine(), cache, "one", "two")
    steps = []
    after = ClipSource(FakeEngine(no_engine=NO_ENGINE), cache).prepare(
        ["one", "two", "three"], english(), lambda *step: steps.append(step)
    )

    assert after.bank.speech == before.bank.speech
    assert after.problems == (NO_ENGINE,)
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_a_missing_engine_that_nobody_misses_is_only_logged(cache, caplog):
    prepare(FakeEngine(), cache, "one")
    speech = prepare(FakeEngine(no_engine=NO_ENGINE), cache, "one")

    assert speech.problems == ()
    assert caplog.messages == [f"All there is to say was rendered before, but: {NO_ENGINE}"]


def test_clips_of_the_engine_that_worked_last_stand_in_for_one_that_does_not(cache):
    before = prepare(FakeEngine("hum 1"), cache, "one", "two")
    broken = FakeEngine("hum 2", always=SpeechEngineError("It lost its voice."))

    after = prepare(broken, cache, "one", "two", "three")

    assert after.bank.speech == before.bank.speech
    assert after.problems == ("It lost its voice.",)
    assert prepare(FakeEngine(no_engine=NO_ENGINE), cache, "one").bank.speech.keys() == {"one"}


def test_many_texts_that_fail_are_counted(cache):
    texts = [f"text {n}" for n in range(12)]
    engine = FakeEngine(failures={text: SpeechError(f"Not {text}.") for text in texts})
    speech = prepare(engine, cache, *texts)

    assert speech.problems == (
        *("Not text 0.", "Not text 1.", "Not text 2.", "Not text 3.", "Not text 4."),
        "7 more texts cannot be spoken.",
    )


def test_a_clip_without_sound_is_a_problem_of_its_text(cache):
    speech = prepare(FakeEngine(per_character=0), cache, "one")

    assert speech.problems == ("The text 'one' cannot be spoken. The rendered sound is silent.",)


def test_what_failed_is_tried_again_the_next_time(cache):
    prepare(FakeEngine(always=SpeechEngineError("Not now.")), cache, "one")

    assert prepare(FakeEngine(), cache, "one").problems == ()


def test_a_cache_that_cannot_be_written_to_costs_no_speech(tmp_path, caplog):
    (tmp_path / "clips").write_text("a file where the folder should be")
    cache = ClipCache(tmp_path / "clips")

    speech = prepare(FakeEngine(), cache, "one", "two")

    assert speech.bank.speech.keys() == {"one", "two"}
    assert speech.problems == ()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_damaged_clip_is_rendered_again(cache, tmp_path):
    before = prepare(FakeEngine(), cache, "one")
    (path,) = (tmp_path / "clips").rglob("*.wav")
    path.write_bytes(path.read_bytes()[:-100])

    engine = FakeEngine()
    after = prepare(engine, cache, "one")

    assert engine.asked_for == ["one"]
    assert after.bank.speech == before.bank.speech


def test_closing_closes_the_engine(cache):
    engine = FakeEngine()
    ClipSource(engine, cache).close()

    assert engine.closed


# Who is patient lets the others go first


class HaltingEngine(FakeEngine):
    """Stops in the middle of the text "long" until it is let go on, and tells what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.at_long = threading.Event()
        self.go_on = threading.Event()
        self.asked_who_it_is = threading.Semaphore(0)
        self.at_once = 0
        self.most_at_once = 0

    @property
    def identity(self) -> str:
        self.asked_who_it_is.release()
        return super().identity

    def render(self, text, voice, into) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if text == "long":
            self.at_long.set()
            assert self.go_on.wait(10)
        super().render(text, voice, into)
        self.at_once -= 1


def test_a_preview_holds_up_a_session_by_one_text_at_the_most(cache):
    engine = HaltingEngine()
    speech = ClipSource(engine, cache)
    with ThreadPoolExecutor() as pool:
        preview = pool.submit(
            speech.prepare, ["first", "long", "then", "last"], english(), patient=True
        )
        assert engine.at_long.wait(10)
        assert engine.asked_who_it_is.acquire(timeout=10)
        session = pool.submit(speech.prepare, ["one", "two", "three"], english())
        assert engine.asked_who_it_is.acquire(timeout=10)  # it is at work, and waits for its turn
        engine.go_on.set()

    assert engine.asked_for == ["first", "long", "one", "two", "three", "then", "last"]
    assert engine.most_at_once == 1
    assert preview.result().bank.speech.keys() == {"first", "long", "then", "last"}
    assert session.result().bank.speech.keys() == {"one", "two", "three"}


def test_a_session_that_fails_does_not_hold_up_a_preview_for_ever(cache):
    engine = FakeEngine(always=SpeechEngineError("Not now."))
    speech = ClipSource(engine, cache)
    speech.prepare(["one", "two"], english())

    assert speech.prepare(["three"], english(), patient=True).problems == ("Not now.",)


# With the real engine


def test_real_speech_is_kept_for_the_day_the_engine_is_gone(make_engine, cache):
    texts = ("one", "two", "Lift your hips.", "Carrying on.")
    before = prepare(make_engine(), cache, *texts)
    assert before.problems == ()
    assert before.bank.speech.keys() == set(texts)

    after = prepare(make_engine(child("without_library.py")), cache, *texts, "three")

    assert after.bank.speech == before.bank.speech
    (problem,) = after.problems
    assert problem.startswith(
        "There is no speech engine. Install it with `sudo apt install espeak-ng`, then try again."
    )


def test_texts_that_cannot_be_spoken_are_reported_among_those_that_can(make_engine, cache):
    speech = prepare(make_engine(), cache, "one", "", "\x01\x02", "…", "word " * 1000, "two")

    assert speech.bank.speech.keys() == {"one", "two"}
    assert speech.problems == (
        "There is nothing to say in ''.",
        r"There is nothing to say in '\x01\x02'.",
        "The text '…' cannot be spoken. The rendered sound is silent.",
        (
            f"The text {('word ' * 12)[:59] + '…'!r} has 4999 characters; at most 2000 can be"
            " spoken at once. Split it into shorter texts."
        ),
    )
