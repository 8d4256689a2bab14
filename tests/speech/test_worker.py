"""The child's program, talked to by hand."""

import json
import subprocess
import sys

import pytest

from kiosk.speech.engine import own_command
from kiosk.speech.wav import read_clip
from tests.speech.kit import child


def conversation(command, *requests):
    """Everything said on standard output until the input's end, and the exit status."""
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, timeout=60, check=False
    )
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
    told = subprocess.run(
        [own_command()[0], "-X", "importtime", *own_command()[1:]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stderr

    assert "pyttsx3" in told
    assert "kiosk" not in told
    assert "pydantic" not in told


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
