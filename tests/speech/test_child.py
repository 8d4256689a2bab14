"""The child's program, talked to by hand; and children that hang, crash or talk nonsense."""

import json
import logging
import subprocess
import sys
import threading
import time

import pytest

from kiosk.speech.engine import own_command
from kiosk.speech.model import SpeechChildError, SpeechEngineError
from kiosk.speech.wav import read_clip
from tests.processes import run
from tests.speech.kit import child, english


def conversation(command, *requests):
    """Everything said on standard output until the input's end, and the exit status."""
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = run(*command, input=lines, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


def asking_for(text, into, number=1, **changes):
    return {
        "id": number,
        "do": "render",
        "text": text,
        "voice": "gmw/en",
        "rate": 155,
        "into": str(into),
        **changes,
    }


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(own_command(), id="by its path"),
        pytest.param((sys.executable, "-m", "kiosk.speech.worker"), id="by its module's name"),
        pytest.param(child("with_another_renderer.py", "noisy"), id="with noise"),
    ],
)
def test_it_says_nothing_but_answers(command, tmp_path):
    (greeting, *answers), status = conversation(
        command,
        asking_for("one", tmp_path / "1.wav", 7),
        asking_for("two", tmp_path / "2.wav", 8),
    )

    assert greeting["engine"].startswith("espeak-ng 1.")
    assert answers == [{"id": 7}, {"id": 8}]
    assert status == 0
    assert read_clip(tmp_path / "1.wav") != read_clip(tmp_path / "2.wav")


def test_it_loads_nothing_of_the_kiosk():
    """So that it starts fast and does not double the kiosk's memory."""
    interpreter, *program = own_command()
    loaded = run(interpreter, "-X", "importtime", *program, stdin=subprocess.DEVNULL).stderr

    assert "pyttsx3" in loaded
    assert "kiosk" not in loaded
    assert "pydantic" not in loaded


def test_it_leaves_at_the_end_of_its_input():
    assert conversation(own_command())[1] == 0


def test_it_leaves_when_nothing_is_asked():
    with subprocess.Popen(
        child("with_another_renderer.py", "soon-idle"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.wait(20) == 0


def test_a_text_it_hangs_over_does_not_keep_it_once_its_input_ended(tmp_path):
    said, status = conversation(
        child("with_another_renderer.py", "hanging"), asking_for("one", tmp_path / "clip.wav")
    )

    assert [list(message) for message in said] == [["engine"]]
    assert status == 1


def test_a_broken_voice_leaves_the_last_one_alone(tmp_path):
    (_, first, refused, second), status = conversation(
        own_command(),
        asking_for("seven", tmp_path / "before.wav", 1),
        asking_for("seven", tmp_path / "refused.wav", 2, voice="mb/mb-en1"),
        asking_for("seven", tmp_path / "after.wav", 3),
    )

    assert first == {"id": 1}
    assert refused["kind"] == "voice"
    assert refused["error"].startswith("The speech engine cannot load the voice mb/mb-en1 (")
    assert second == {"id": 3}
    assert not (tmp_path / "refused.wav").exists()
    lengths = [len(read_clip(tmp_path / f"{name}.wav")) for name in ("before", "after")]
    assert abs(lengths[0] - lengths[1]) < 5000
    assert status == 0


# Children that hang, crash, talk nonsense or cannot start


INSTALL = "Install it with `sudo apt install espeak-ng`, then try again."
REINSTALL = (
    "Install it afresh with `sudo apt install --reinstall espeak-ng espeak-ng-data`, or set the"
    " kiosk up again."
)


def polite(mode, *arguments):
    return child("polite.py", mode, *arguments)


def outcome(engine, folder, text="one"):
    """The text of the SpeechError that rendering ends with."""
    with pytest.raises((SpeechChildError, SpeechEngineError)) as failure:
        engine.render(text, english(), folder / "clip.wav")
    return str(failure.value)


def test_a_polite_child_serves(make_engine, tmp_path):
    engine = make_engine(polite("behave"))
    engine.render("one", english(), tmp_path / "clip.wav")

    assert engine.identity == "polite 1 / pyttsx3 2.99"
    assert len(read_clip(tmp_path / "clip.wav")) == 4410


def reason_of_no_engine(engine):
    with pytest.raises(SpeechEngineError) as failure:
        _ = engine.identity
    return str(failure.value)


def test_without_the_library_it_says_what_to_install(make_engine):
    assert reason_of_no_engine(make_engine(child("without_library.py"))) == (
        f"There is no speech engine. {INSTALL} (This means you probably do not have eSpeak or"
        " eSpeak-ng installed!)"
    )


def test_without_voice_data_it_says_what_to_install(make_engine, tmp_path):
    engine = make_engine(["env", f"ESPEAK_DATA_PATH={tmp_path}", *own_command()])

    assert reason_of_no_engine(engine) == (
        "The speech engine does not start: its process ended without an answer (Error processing"
        f" file '{tmp_path}/phontab': No such file or directory.). {REINSTALL}"
    )


def test_a_command_that_does_not_exist(make_engine, tmp_path):
    engine = make_engine([str(tmp_path / "nothing")])

    assert outcome(engine, tmp_path).startswith("The speech process cannot be started: ")


@pytest.mark.parametrize(
    ("mode", "limit", "complaint"),
    [
        ("exit_at_once", 20, "ended without an answer (no such thing)"),
        ("say_nothing", 0.3, "gave no answer within 0.3 s"),
        ("greet_with_nonsense", 20, "answered with nonsense: b'Good morning!'"),
        ("greet_with_the_wrong_thing", 20, "answered with nonsense"),
    ],
)
def test_a_child_that_does_not_start(make_engine, tmp_path, mode, limit, complaint):
    engine = make_engine(polite(mode), time_limit=limit)

    assert outcome(engine, tmp_path) == (
        f"The speech engine does not start: its process {complaint}. {REINSTALL}"
    )
    assert engine.child_pid is None


@pytest.mark.parametrize("mode", ["hang", "hang_without_a_word", "be_deaf"])
def test_a_child_that_hangs_is_ended_after_the_time_limit(make_engine, tmp_path, mode):
    engine = make_engine(polite(mode), time_limit=1)
    before = time.thread_time()

    assert outcome(engine, tmp_path).startswith("The speech process gave no answer within 1 s")
    assert engine.child_pid is None
    assert time.thread_time() - before < 0.5, "it was waited for in a busy loop"


@pytest.mark.parametrize(
    ("mode", "complaint"),
    [
        ("crash", "ended without an answer"),
        ("talk_garbage", r"answered with nonsense: b'\x00\xff\xfe garbage'"),
        ("talk_without_end", f"answered with nonsense: {('la ' * 27)[:80].encode()!r}"),
        ("answer_a_list", "answered with nonsense: b'[1, 2, 3]'"),
        ("answer_something_else", "answered something that was not asked"),
        ("claim_a_file", "claimed to have written a file that is not there"),
        ("write_no_sound", "claimed to have written a sound file, which it is not"),
        ("fail_for_no_known_reason", "gave up (not today)"),
    ],
)
def test_a_child_that_breaks_over_a_text_is_tried_once_more(make_engine, tmp_path, mode, complaint):
    engine = make_engine(polite(mode))

    assert outcome(engine, tmp_path) == (
        f"The speech process {complaint} over the text 'one', for a second time."
    )
    assert engine.child_pid is None


def test_an_older_clip_is_not_taken_for_a_claimed_one(make_engine, tmp_path):
    make_engine(polite("behave")).render("before", english(), tmp_path / "clip.wav")

    assert "a file that is not there" in outcome(make_engine(polite("claim_a_file")), tmp_path)


def test_a_child_that_lists_no_voices(make_engine, tmp_path):
    engine = make_engine(polite("list_no_voices"))

    assert outcome(engine, tmp_path) == (
        "The speech process gave no list of voices, for a second time."
    )


def test_a_crash_that_does_not_come_again_goes_unnoticed(make_engine, tmp_path):
    engine = make_engine(polite("crash_once", str(tmp_path / "been-here")))

    engine.render("one", english(), tmp_path / "clip.wav")

    assert (tmp_path / "been-here").exists()
    assert len(read_clip(tmp_path / "clip.wav")) == 4410


def test_a_child_that_complains_without_end_is_not_held_up(make_engine, tmp_path, caplog):
    engine = make_engine(polite("complain_a_lot"))
    caplog.set_level(logging.DEBUG)

    for _ in range(3):
        engine.render("one", english(), tmp_path / "clip.wav")
    engine.close()

    assert 0 < sum(len(record.getMessage()) for record in caplog.records) < 10_000


@pytest.mark.parametrize("mode", ["answer_twice", "close_its_errors"])
def test_a_child_that_says_more_than_it_was_asked_or_cannot_complain_serves(
    make_engine, tmp_path, mode
):
    engine = make_engine(polite(mode))

    for _ in range(3):
        engine.render("one", english(), tmp_path / "clip.wav")


def test_a_full_disk_is_reported_and_holds_nobody_up(make_engine, tmp_path):
    engine = make_engine(child("on_a_full_disk.py"))

    assert outcome(engine, tmp_path) == (
        "Error saving WAV file: [Errno 27] File too large. Make room on the disk, or make its"
        " folder writable."
    )
    assert outcome(engine, tmp_path, "two").startswith("Error saving WAV file")


def test_closing_ends_a_text_that_is_being_rendered(make_engine, tmp_path):
    """From another thread, long before the time limit."""
    script = 'import sys; print(\'{"engine": "x"}\', flush=True); sys.stdin.read()'
    engine = make_engine([sys.executable, "-c", script])
    started = threading.Event()
    outcomes = []

    def render():
        _ = engine.identity
        started.set()
        outcomes.append(outcome(engine, tmp_path))

    thread = threading.Thread(target=render)
    thread.start()
    started.wait()
    engine.close()
    thread.join(10)

    assert outcomes == ["The speech engine was closed."]
