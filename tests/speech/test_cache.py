"""Clips are stored on disk, whole or not at all."""

import logging
import os
import resource
import subprocess
import sys
import wave

import pytest

from kiosk.speech.cache import USED_AGAIN_S, ClipCache
from kiosk.speech.model import Voice
from tests.fakes.speech import hum
from tests.speech.kit import english

KEY = "3f" + 62 * "0"
OTHER_KEY = "a0" + 62 * "1"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "clips"


@pytest.fixture
def cache(folder):
    return ClipCache(folder)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_was_put_is_there_for_the_next_process_and_nothing_else(cache, folder):
    assert cache.get(KEY) is None
    cache.put(KEY, hum(300))

    assert ClipCache(folder).get(KEY) == hum(300)
    assert ClipCache(folder).get(OTHER_KEY) is None
    assert files(folder) == [f"3f/{KEY}.wav"]


def test_a_stored_clip_is_a_wav_file_that_any_player_reads(cache, folder):
    cache.put(KEY, hum(300))

    with wave.open(str(folder / "3f" / f"{KEY}.wav"), "rb") as file:
        assert file.getparams()[:4] == (1, 2, 22_050, len(hum(300)) // 2)
        assert file.readframes(file.getnframes()) == hum(300)


def test_putting_again_replaces(cache):
    cache.put(KEY, hum(300))
    cache.put(KEY, hum(200))

    assert cache.get(KEY) == hum(200)


def test_the_key_differs_by_everything_that_shapes_a_clip(cache):
    keys = {
        cache.key("espeak-ng 1.51", english(), "one"),
        cache.key("espeak-ng 1.52", english(), "one"),
        cache.key("espeak-ng 1.51", english(rate=160), "one"),
        cache.key("espeak-ng 1.51", english(name="en-us"), "one"),
        cache.key("espeak-ng 1.51", Voice("de", "", 155), "one"),
        cache.key("espeak-ng 1.51", english(), "one."),
        cache.key("espeak-ng 1.51", english(), "\udc80"),
        cache.key("espeak-ng 1.51", Voice("", "en", 155), "one"),
    }

    assert len(keys) == 8
    assert all(len(key) == 64 for key in keys)
    assert cache.key("x", english(), "one") == cache.key("x", english(), "one")


DAMAGES = {
    "cut off": lambda data: data[:-2],
    "cut to the header": lambda data: data[:56],
    "with a wrong bit": lambda data: data[:-1000] + bytes([data[-1000] ^ 1]) + data[-999:],
    "with more behind": lambda data: data + b"more",
    "of zeros": lambda data: bytes(len(data)),
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_clip_is_thrown_away(cache, folder, damage):
    cache.put(KEY, hum(300))
    cache.put(OTHER_KEY, hum(200))
    path = folder / "3f" / f"{KEY}.wav"
    path.write_bytes(damage(path.read_bytes()))

    assert cache.get(KEY) is None
    assert files(folder) == [f"a0/{OTHER_KEY}.wav"]

    cache.put(KEY, hum(300))
    assert cache.get(KEY) == hum(300)


def test_a_folder_in_a_clips_place_is_no_clip(cache, folder):
    (folder / "3f" / f"{KEY}.wav").mkdir(parents=True)

    assert cache.get(KEY) is None


def test_a_folder_that_cannot_be_written_to_is_logged_once(tmp_path, caplog):
    (tmp_path / "clips").write_text("a file where the folder should be")
    cache = ClipCache(tmp_path / "clips")

    cache.put(KEY, hum(300))
    cache.put(OTHER_KEY, hum(300))
    cache.remember_engine("hum 1")
    cache.prune()

    assert cache.get(KEY) is None
    assert cache.last_engine() is None
    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert warning.getMessage() == (
        f"Rendered speech cannot be kept in {tmp_path}/clips ([Errno 20] Not a"
        f" directory: '{tmp_path}/clips/3f'), so it is rendered anew each time. Make room on"
        " the disk, or make the folder writable for the kiosk."
    )


def test_a_full_disk_leaves_no_half_of_a_clip(cache, folder, caplog):
    cache.put(OTHER_KEY, hum(100))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        cache.put(KEY, hum(3000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert cache.get(KEY) is None
    assert files(folder) == [f"a0/{OTHER_KEY}.wav"]
    assert "File too large" in caplog.text


STOPPED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from kiosk.speech.cache import ClipCache

def wait_for_a_line(event, args):
    if event == "os.rename":
        print("writing", flush=True)
        sys.stdin.readline() or os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(wait_for_a_line)
ClipCache(Path(sys.argv[1])).put("3f" + 62 * "0", bytes(10_000))
"""
"""Writes a clip, but for its name; goes on with the next line of input, is killed at its end."""


def test_the_leftovers_of_a_killed_process_are_removed_at_the_start(folder):
    command = [sys.executable, "-c", STOPPED_WHILE_WRITING, str(folder)]
    subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    (leftover,) = files(folder)
    assert leftover.startswith("clip-")
    assert leftover.endswith(".tmp")

    ClipCache(folder)

    assert files(folder) == []


def test_a_clip_that_another_process_is_writing_is_left_to_it(folder):
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED_WHILE_WRITING, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        writer.stdout.readline()
        other = ClipCache(folder)
        other.put(KEY, hum(300))
        assert other.get(KEY) == hum(300)
        writer.communicate(b"\n", timeout=20)

    assert writer.returncode == 0
    assert files(folder) == [f"3f/{KEY}.wav"]
    assert other.get(KEY) == bytes(10_000)


WRITE_MANY = """
import sys
from pathlib import Path
from kiosk.speech.cache import ClipCache
cache = ClipCache(Path(sys.argv[1]))
for n in range(200):
    cache.put("3f" + 62 * "0", bytes([int(sys.argv[2])]) * 20_000)
    assert cache.get("3f" + 62 * "0") in (b"\\1" * 20_000, b"\\2" * 20_000)
"""


def test_two_processes_that_write_the_same_clip_never_spoil_it(folder):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE_MANY, str(folder), number]) for number in "12"
    ]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert files(folder) == [f"3f/{KEY}.wav"]


def test_the_last_engine_is_remembered(cache, folder):
    assert cache.last_engine() is None

    cache.remember_engine("espeak-ng 1.51 / pyttsx3 2.99")
    cache.remember_engine("espeak-ng 1.52 / pyttsx3 2.99")

    assert ClipCache(folder).last_engine() == "espeak-ng 1.52 / pyttsx3 2.99"
    assert files(folder) == ["engine"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_a_damaged_note_of_the_last_engine_is_none(cache, folder, content):
    folder.mkdir()
    (folder / "engine").write_bytes(content)

    assert cache.last_engine() is None


def age(path, seconds):
    """Make `path` look as if nobody had touched it for `seconds`."""
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_pruning_deletes_what_was_unused_for_longest(cache, folder):
    keys = [f"{n:02x}" + 62 * "0" for n in range(10)]
    for days, key in enumerate(keys):
        cache.put(key, hum(100))
        age(folder / key[:2] / f"{key}.wav", days * 24 * 3600)
    for name in ("engine", "notes.txt", "00/readme", "zz.wav"):
        (folder / name).write_text("not a clip")
    size = (folder / "00" / f"{keys[0]}.wav").stat().st_size

    cache.prune(keep_bytes=4 * size)

    assert [key for key in keys if cache.get(key) is not None] == keys[:4]
    assert {"engine", "notes.txt", "00/readme", "zz.wav"} < set(files(folder))


def test_pruning_leaves_a_small_cache_alone(cache):
    cache.put(KEY, hum(300))
    cache.prune()

    assert cache.get(KEY) == hum(300)


def test_a_clip_in_use_is_not_the_oldest_for_long(cache, folder):
    for key in (KEY, OTHER_KEY):
        cache.put(key, hum(100))
    age(folder / "3f" / f"{KEY}.wav", USED_AGAIN_S + 100)
    age(folder / "a0" / f"{OTHER_KEY}.wav", USED_AGAIN_S - 100)

    assert cache.get(KEY) is not None
    cache.prune(keep_bytes=len(hum(100)) + 100)

    assert cache.get(KEY) == hum(100)
    assert cache.get(OTHER_KEY) is None
