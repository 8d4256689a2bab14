"""The pages of a real kiosk in a process of its own: from the first press to a restored backup."""

import re
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.cli.run import again
from kiosk.system.folders import find_folders, make_folders
from tests.service.pages_client import PagesClient
from tests.service.running import RunningKiosk, a_kiosk

PASSPHRASE = "a calm walk by the sea"  # noqa: S105

SILENT = ("--audio-device", "none")


def address_of(kiosk) -> str:
    kiosk.wait_for("The pages are at ")
    kiosk.wait_for("/\n")
    return last_address(kiosk)


def last_address(kiosk) -> str:
    return re.findall(r"The pages are at (\S+)", kiosk.log)[-1]


def code_said(kiosk: RunningKiosk) -> str:
    kiosk.wait_for("The code is ")
    kiosk.wait_for(".")
    return re.findall(r"The code is (\d{6})", kiosk.log)[-1]


def set_up(kiosk, caregiver: PagesClient) -> None:
    """Become the caregiver, as a person would."""
    caregiver.get("/setup")
    caregiver.post("/setup/press")
    kiosk.type("")
    code = code_said(kiosk)
    caregiver.get("/setup")
    assert caregiver.post("/setup/code", code=code).status == 303
    caregiver.get("/setup")
    reply = caregiver.post("/setup/passphrase", passphrase=PASSPHRASE, again=PASSPHRASE)
    assert reply.headers["Location"] == "/welcome/speaker", reply.text


@contextmanager
def a_kiosk_set_up(state: Path) -> Iterator[tuple[RunningKiosk, PagesClient]]:
    """A kiosk, and the browser of its caregiver."""
    with a_kiosk(state, *SILENT) as kiosk:
        caregiver = PagesClient(address_of(kiosk))
        set_up(kiosk, caregiver)
        yield kiosk, caregiver


def sign_in(caregiver: PagesClient) -> None:
    caregiver.get("/sign-in")
    assert caregiver.post("/sign-in", passphrase=PASSPHRASE).status == 303


def test_a_press_a_code_and_a_passphrase_and_the_set_up_is_gone(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        caregiver = PagesClient(address_of(kiosk))
        assert caregiver.get("/").headers["Location"] == "/setup"
        set_up(kiosk, caregiver)
        assert caregiver.get("/schedule").status == 200
        assert caregiver.get("/setup").status == 404
        stranger = PagesClient(last_address(kiosk))
        assert stranger.get("/schedule").headers["Location"] == "/sign-in?next=/schedule"
        kiosk.end()
    assert PASSPHRASE not in kiosk.log
    assert kiosk.log.count("The code is ") == 1


def test_a_session_is_steered_from_the_page_and_seen_as_it_goes(tmp_path):
    with a_kiosk_set_up(tmp_path) as (kiosk, caregiver):
        caregiver.get("/")
        assert caregiver.post("/now/start", program="short").status == 303
        kiosk.wait_for("running, by prepared")
        assert 'data-state="running"' in caregiver.get("/").text
        caregiver.post("/now/pause")
        kiosk.wait_for("paused, by pause")
        assert "Carry on" in caregiver.get("/").text
        caregiver.post("/now/stop")
        kiosk.wait_for("stopped, by stop")


def test_settings_changed_on_the_page_hold_good_at_once_and_after_a_restart(tmp_path):
    with a_kiosk_set_up(tmp_path) as (kiosk, caregiver):
        page = caregiver.get("/settings").text
        version = re.search(r'name="version" value="([^"]+)"', page)
        reply = caregiver.post("/settings/onlookers", version=version[1], now_seen_by="caregivers")
        assert reply.status == 303, reply.text
        stranger = PagesClient(last_address(kiosk))
        assert stranger.get("/").headers["Location"] == "/sign-in?next=/"
        kiosk.end()
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        assert PagesClient(address_of(kiosk)).get("/").headers["Location"] == "/sign-in?next=/"


def test_a_restored_backup_is_what_the_kiosk_goes_by_after_restarting_by_itself(tmp_path):
    with a_kiosk_set_up(tmp_path) as (kiosk, caregiver):
        caregiver.get("/settings")
        backup = caregiver.get("/settings/backup").body
        assert backup.startswith(b"PK\x03\x04")
        caregiver.get("/schedule/new")
        entry = {"program": "short", "days": "mon", "times": "08:00", "starts": "2027-01-04"}
        assert caregiver.post("/schedule/new", do="save", **entry).status == 303
        assert "08:00" in caregiver.get("/schedule").text

        caregiver.get("/settings")
        reply = caregiver.upload(
            "/settings/restore", "backup", backup, passphrase=PASSPHRASE, sure="yes"
        )
        assert reply.status == 200, reply.text
        kiosk.wait_for("The backup that was handed in is restored")
        again = PagesClient(address_of(kiosk))
        again.cookie = caregiver.cookie
        assert again.get("/schedule").status == 302  # everybody is signed out
        sign_in(again)
        assert "08:00" not in again.get("/schedule").text
        assert kiosk.process.poll() is None
        assert kiosk.end()[0] == 0


def test_a_live_page_does_not_keep_the_kiosk_from_ending(tmp_path):
    with a_kiosk_set_up(tmp_path) as (kiosk, caregiver):
        host, _, port = caregiver.place.partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(f"GET /events HTTP/1.1\r\nHost: {caregiver.place}\r\n\r\n".encode())
            received = b""
            while b"event: state" not in received:
                received += line.recv(4096)
            code, seconds = kiosk.end()
    assert code == 0
    assert seconds < 2.0


def test_where_the_port_is_taken_the_kiosk_goes_on_without_pages(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with a_kiosk(tmp_path, *SILENT, "--port", port) as kiosk:
            kiosk.wait_for(f"There are no pages: 127.0.0.1 port {port} cannot be had")
            kiosk.type("")
            kiosk.wait_for("running, by prepared")


def test_a_forgotten_passphrase_takes_ten_seconds_at_the_button(tmp_path):
    with a_kiosk_set_up(tmp_path) as (kiosk, caregiver):
        kiosk.type("hold on")
        code = code_said(kiosk)
        stranger = PagesClient(last_address(kiosk))
        stranger.get("/forgotten")
        assert stranger.post("/forgotten/code", code=code).status == 303
        stranger.get("/forgotten")
        new = "another walk by the sea"
        assert stranger.post("/forgotten/passphrase", passphrase=new, again=new).status == 303
        assert stranger.get("/schedule").status == 200
        assert caregiver.get("/schedule").status == 302


def test_a_kiosk_that_is_ended_while_it_is_about_to_start_again_ends(tmp_path):
    with a_kiosk_set_up(tmp_path) as (kiosk, caregiver):
        backup = caregiver.get("/settings/backup").body
        caregiver.get("/settings")
        sent = {"passphrase": PASSPHRASE, "sure": "yes"}
        assert caregiver.upload("/settings/restore", "backup", backup, **sent).status == 200
        assert kiosk.end()[0] == 0


def test_forms_without_their_token_do_not_fill_the_log(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        stranger = PagesClient(address_of(kiosk))
        assert stranger.post("/setup/press").status == 400
        kiosk.type("")
        kiosk.wait_for("preparing, by press")
    assert "token" not in kiosk.log


def test_the_kiosk_starts_again_as_it_was_started():
    """With `-m` a file in the folder that it was started from could take the place of its own."""
    begun_by = ["python", "-P", "/opt/kiosk/bin/kiosk", "run", "--port", "8090"]
    assert again("/opt/kiosk/bin/python", begun_by) == [
        *("/opt/kiosk/bin/python", "-P", "/opt/kiosk/bin/kiosk", "run", "--port", "8090"),
    ]


def test_other_users_of_the_machine_see_nothing_of_the_state_directory(tmp_path):
    folders = find_folders(str(tmp_path / "state"), {})
    make_folders(folders)

    assert stat.S_IMODE(folders.state.stat().st_mode) == 0o700
