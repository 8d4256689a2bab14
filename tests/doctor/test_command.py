"""`kiosk doctor`, as it is given."""

import json
import os
import subprocess
import sys
from pathlib import Path

from kiosk.cli.doctor import format_finding
from kiosk.doctor.doctor import load_settings
from kiosk.doctor.finding import Verdict, bad, ok
from kiosk.settings.model import Settings
from kiosk.store.files import LOCK_NAME, StateLock
from tests.audio.rig import AudioRig
from tests.processes import run
from tests.store.kit import household, names_in

ROOT = Path(__file__).parents[2]
NAMES = [
    *("version", "python", "settings", "service", "state directory", "room", "card", "data"),
    *("losses", "backup", "time zone", "clock", "temperature", "power", "pages", "name"),
    *("voice", "speaker", "button", "light"),
]


def doctor(state, *options, **environ):
    """What it prints, and its exit code."""
    done = run(
        *(sys.executable, "-m", "kiosk", "doctor", "--state-dir", state, *options),
        cwd=ROOT,
        env={**os.environ, "KIOSK_PORT": "0", "TZ": "Europe/Oslo", **environ},
        stdin=subprocess.DEVNULL,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def found(state, *options, **environ):
    """Its findings by name, as programs read them."""
    code, out = doctor(state, "--json", *options, **environ)
    record = json.loads(out)
    findings = {one["name"]: one for one in record["findings"]}
    assert list(findings) == NAMES
    assert code == any(one["verdict"] == "bad" for one in findings.values())
    return findings


def test_a_line_for_each_thing():
    code, out = doctor("/nothing/there", "--quiet")
    *lines, summary = out.splitlines()
    assert [line[9:26].strip() for line in lines] == NAMES
    assert {line.split()[0] for line in lines} <= {verdict.value for verdict in Verdict}
    assert code == any(line.startswith("bad") for line in lines)
    assert "of 20" in summary or summary == "All is well."


def test_what_to_do_stands_after_an_arrow():
    assert format_finding(ok("room", "Enough.")) == "ok       room             Enough."
    line = format_finding(bad("room", "None.", "Make some."))
    assert line == "bad      room             None. → Make some."


def test_a_kiosk_that_stands_still_has_its_speaker_tried(tmp_path):
    state = household(tmp_path / "state", "ours")
    before = names_in(state)
    with AudioRig() as rig:
        findings = found(state, **rig.env)
    assert findings["speaker"]["verdict"] == "ok"
    assert findings["speaker"]["what"].endswith("and heard.")
    assert findings["voice"]["verdict"] == "ok"
    assert findings["data"]["what"].startswith("What the kiosk remembers is sound")
    assert findings["time zone"]["what"] == "Europe/Oslo."
    assert findings["settings"]["verdict"] == "ok"
    assert names_in(state) == before


def test_a_kiosk_that_runs_keeps_its_parts(tmp_path):
    state = household(tmp_path / "state", "ours")
    with StateLock.take(state):
        findings = found(state)
    parts = [findings[part] for part in ("speaker", "button", "light")]
    assert {part["verdict"] for part in parts} == {"skipped"}
    assert [part["what"] for part in parts] == [
        "The running kiosk has it. Test it on the page Settings.",
        "The running kiosk has it. Press it, and see on the page Now what it does.",
        "The running kiosk has it. See whether it shines as the kiosk's state wants it.",
    ]


def test_settings_that_cannot_be_used_are_told_and_the_rest_is_checked(tmp_path):
    state = household(tmp_path / "state", "ours")
    (state / "kiosk.toml").write_text("volume = 900\n")
    findings = found(state, "--quiet")
    assert findings["settings"]["verdict"] == "bad"
    assert "volume" in findings["settings"]["what"]
    assert str(state / "kiosk.toml") in findings["settings"]["do"]
    assert findings["voice"]["verdict"] == "ok"


def test_where_the_kiosk_goes_by_its_last_good_settings_so_does_the_doctor(tmp_path):
    (tmp_path / "kiosk.toml").write_text("volume = 900\n")
    (tmp_path / "kiosk.toml.good").write_text('time_zone = "Asia/Tokyo"\n')

    settings, (problem,) = load_settings(tmp_path, {"KIOSK_PORT": "none"})
    assert settings == Settings()
    assert problem.startswith("environment variable KIOSK_PORT: ")

    settings, problems = load_settings(tmp_path, {})
    assert settings == Settings(time_zone="Asia/Tokyo")
    assert "volume" in problems[0]
    assert problems[1:] == ["The kiosk goes by those of its last good start."]


def test_a_lock_that_cannot_be_made_is_told_and_the_rest_is_looked_at(tmp_path):
    state = household(tmp_path / "state", "ours")
    (state / LOCK_NAME).unlink(missing_ok=True)
    (state / LOCK_NAME).mkdir()
    findings = found(state)
    for part in ("speaker", "button", "light"):
        assert findings[part]["verdict"] == "skipped"
        assert str(state / LOCK_NAME) in findings[part]["what"]


def test_quietly_nothing_is_played_and_nobody_asked(tmp_path):
    state = tmp_path / "not-there"
    findings = found(state, "--quiet", KIOSK_TIME_ZONE="Asia/Tokyo")
    assert findings["time zone"]["what"] == "Asia/Tokyo."
    messages = {findings[name]["what"] for name in ("speaker", "button", "light")}
    assert messages == {"Nothing is played and nobody asked (--quiet)."}
    assert not state.exists()
