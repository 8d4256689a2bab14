"""The installed kiosk: sessions, signals, and what systemd does when it fails."""

import time

from tests.appliance.conftest import drop_in
from tests.appliance.machine import Machine


def test_it_starts_by_itself_and_a_press_leads_through_a_session(kiosk: Machine):
    kiosk.press()
    kiosk.until_it_says("running, by prepared")
    kiosk.until_it_says("asking, by ended")
    kiosk.press("hold")
    kiosk.until_it_says("finished")

    history = kiosk.run("kiosk", "history")
    assert "short" in history
    # The speech was rendered within the service's own walls.
    assert "SpeechError" not in kiosk.log()
    assert kiosk.health() == {
        "status": "ok",
        "trouble": [],
        "version": kiosk.run("kiosk", "--version").split()[1],
    }


def test_told_to_end_it_does_so_within_two_seconds_and_remembers_the_session(kiosk: Machine):
    kiosk.press()
    kiosk.until_it_says("exercise 1 of 1")
    begun = time.monotonic()
    kiosk.run("systemctl", "stop", "kiosk")
    took = time.monotonic() - begun

    assert took < 2.0
    assert kiosk.property("Result") == "success"
    assert "interrupted" in kiosk.run("kiosk", "history")


def test_killed_it_is_back_and_tells_where_it_was(kiosk: Machine):
    kiosk.press()
    kiosk.until_it_says("exercise 1 of 1")
    before = kiosk.main_process()
    kiosk.run("kill", "-KILL", str(before))
    kiosk.until(lambda: kiosk.main_process() not in {0, before})
    kiosk.until(kiosk.is_well)

    assert kiosk.property("NRestarts") == "1"
    assert "interrupted" in kiosk.run("kiosk", "history")

    # The journal knows a warning from news.
    own = ("journalctl", "--output=cat", "--no-pager", "_COMM=kiosk")
    news = kiosk.run(*own)
    assert "The pages are at" in news
    assert "The pages are at" not in kiosk.run(*own, "--priority=warning")
    assert "<6>" not in news


def test_frozen_it_is_started_anew(kiosk: Machine):
    drop_in(kiosk.root, "impatient", "[Service]\nWatchdogSec=3\n")
    kiosk.restart()
    before = kiosk.main_process()
    # Alive it outlives its watchdog's patience.
    time.sleep(4)
    assert kiosk.main_process() == before

    kiosk.run("kill", "-STOP", str(before))
    kiosk.until(lambda: kiosk.main_process() not in {0, before})
    kiosk.until(kiosk.is_well)
    assert "Watchdog timeout" in kiosk.log()
    assert kiosk.property("NRestarts") == "1"


def test_one_that_cannot_start_tries_for_ever(kiosk: Machine):
    drop_in(kiosk.root, "wrong", "[Service]\nEnvironment=KIOSK_VOLUME=300\n")
    kiosk.run("systemctl", "daemon-reload")
    kiosk.attempt("systemctl", "restart", "kiosk")
    # Five times within ten seconds is where systemd gives up unless it is told not to.
    kiosk.until(lambda: int(kiosk.property("NRestarts")) > 6)
    drop_in(kiosk.root, "wrong", "[Service]\n")
    kiosk.run("systemctl", "daemon-reload")
    kiosk.until(kiosk.is_well)


def test_with_settings_that_somebody_damaged_it_goes_on_by_the_last_good_ones(kiosk: Machine):
    kiosk.write("/var/lib/kiosk/kiosk.toml", "volume = 300\n")
    kiosk.restart()
    assert "kiosk.toml: volume: Expected a whole number" in kiosk.log()


def test_it_waits_for_no_network_and_runs_within_its_walls(kiosk: Machine):
    assert "network" not in kiosk.property("After")
    assert kiosk.property("SupplementaryGroups") == "audio gpio"
    # Seccomp and no new privileges, as the kernel has them; not the kiosk's own files alone.
    process = f"/proc/{kiosk.main_process()}"
    status = kiosk.run("cat", f"{process}/status")
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status
    assert kiosk.run("ps", "-o", "nice=", "-p", str(kiosk.main_process())).strip() == "-5"
    # What is uploaded lies on the card, where nobody else sees it.
    assert "TMPDIR=/var/tmp" in kiosk.run("cat", f"{process}/environ").split("\0")
    its, of_the_card, of_all = (f"{process}/root/var/tmp", "/", "/var/tmp")  # noqa: S108 - there
    devices = kiosk.run("stat", "--format=%d", its, of_the_card).split()
    assert devices[0] == devices[1]
    assert len(set(kiosk.run("stat", "--format=%i", its, of_all).split())) == 2
    folders = ("/var/lib/kiosk", "/var/cache/kiosk")
    assert kiosk.run("stat", "--format=%a %U", *folders) == "700 kiosk\n" * 2
