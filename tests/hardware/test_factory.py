"""The board, its memory and its pins, and what is said where they cannot be had."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from gpiozero import PinUnknownPi
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.errors import PinError
from kiosk.hardware.board import MODEL_FILE, is_raspberry_pi
from kiosk.hardware.gpio import explain, pin_factory
from tests.processes import output_of


@pytest.mark.parametrize(
    ("model", "is_one"),
    [
        (b"Raspberry Pi Zero 2 W Rev 1.0\x00", True),
        (b"Raspberry Pi 5 Model B Rev 1.0\x00", True),
        (b"Banana Pi BPI-M5\x00", False),
        (b"\xff\xfe", False),
        (b"", False),
    ],
)
def test_the_board_s_model_says_whether_it_is_a_raspberry_pi(
    model: bytes, is_one: bool, tmp_path: Path
):
    file = tmp_path / MODEL_FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(model)

    assert is_raspberry_pi(tmp_path) is is_one


def test_a_machine_that_does_not_say_is_none(tmp_path: Path):
    assert not is_raspberry_pi(tmp_path)


def test_simulated_pins_can_be_dimmed(tmp_path: Path):
    factory = pin_factory(simulate=True, runtime_folder=tmp_path)

    assert isinstance(factory, MockFactory)
    assert isinstance(factory.pin(18), MockPWMPin)


class LgpioError(Exception):
    """As lgpio has its own."""


def lgpio_that(does: Callable[[], object]) -> SimpleNamespace:
    return SimpleNamespace(lgpio=SimpleNamespace(error=LgpioError), LGPIOFactory=does)


def raising(error: Exception):
    def raise_it(*_: object):
        raise error

    return raise_it


def test_the_real_pins_are_lgpio_s(tmp_path: Path):
    made = object()

    factory = pin_factory(
        simulate=False, runtime_folder=tmp_path, load=lambda _: lgpio_that(lambda: made)
    )

    assert factory is made


def unreachable(error: Exception) -> Callable[[Path], object]:
    return lambda _: lgpio_that(raising(error))


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (raising(ImportError("No module named 'lgpio'")), "sudo apt install python3-lgpio"),
        (raising(PermissionError(13, "No.")), "a folder that the kiosk's user may write to"),
        (unreachable(LgpioError("can not open gpiochip")), "must be in the group `gpio`"),
        (unreachable(PermissionError(13, "No.")), "must be in the group `gpio`"),
        (unreachable(PinUnknownPi("no revision")), "says which Raspberry Pi this is"),
    ],
)
def test_pins_that_cannot_be_had(load: Callable[[Path], object], message: str, tmp_path: Path):
    with pytest.raises(PinError, match=message):
        pin_factory(simulate=False, runtime_folder=tmp_path, load=load)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (LgpioError("GPIO busy"), "GPIO 17 is in use by another program. End that one"),
        (LgpioError("bad PWM micros"), "GPIO 17 cannot be used: bad PWM micros. Set `pin`"),
    ],
)
def test_a_pin_s_own_faults_are_explained(error: Exception, message: str):
    assert str(explain(17, error)).startswith(message)


LGPIO = """
import os
# As the real one does when it is imported.
os.chdir(os.environ["LG_WD"])
os.mkfifo(".lgd-nfy0")
SET_PULL_NONE = BOTH_EDGES = RISING_EDGE = FALLING_EDGE = 0
class error(Exception): pass
"""

LOAD = """
import os, sys
from pathlib import Path
from kiosk.hardware.gpio import load_lgpio
module = load_lgpio(Path(sys.argv[1]))
print(module.LGPIOFactory.__name__, os.getcwd())
"""


def load(lgpio: Path, runtime: Path, **environ: str) -> str:
    environ["PYTHONPATH"] = f"{lgpio}:{Path.cwd()}"
    return output_of(sys.executable, "-c", LOAD, runtime, env=environ).strip()


@pytest.fixture
def lgpio(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "lgpio.py").write_text(LGPIO)
    return folder


def test_lgpio_has_its_pipe_in_the_runtime_folder_and_the_process_stays_where_it_is(
    lgpio: Path, tmp_path: Path
):
    runtime = tmp_path / "runtime"
    runtime.mkdir()

    assert load(lgpio, runtime) == f"LGPIOFactory {Path.cwd()}"
    assert [entry.name for entry in runtime.iterdir()] == [".lgd-nfy0"]


def test_lgpio_s_folder_can_be_set(lgpio: Path, tmp_path: Path):
    named, runtime = tmp_path / "named", tmp_path / "runtime"
    named.mkdir()
    runtime.mkdir()

    load(lgpio, runtime, LG_WD=str(named))

    assert [entry.name for entry in named.iterdir()] == [".lgd-nfy0"]
    assert list(runtime.iterdir()) == []


def test_a_simulated_pin_does_not_remember_what_it_was(tmp_path: Path):
    """A light in simulation changes two million times a day."""
    pin = pin_factory(True, tmp_path).pin(22)
    pin.function = "output"
    for n in range(1000):
        pin.state = n % 2
    assert pin.state == 1
    assert len(pin.states) == 1


# Memory that was needed for a moment goes back to the system, whichever thread needed it


PASSPHRASES = """
import hashlib, re, sys, threading
from kiosk.hardware.board import give_memory_back

if sys.argv[1] == "given back":
    give_memory_back()

def own_memory():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1])

def check_a_passphrase():
    hashlib.scrypt(b"a calm walk by the sea", salt=b"salt", n=2**14, r=8, p=1)
    checked.wait()

check_a_passphrase_once = hashlib.scrypt(b"", salt=b"", n=2**14, r=8, p=1)
checked = threading.Barrier(9)
before = own_memory()
threads = [threading.Thread(target=check_a_passphrase) for _ in range(8)]
for thread in threads:
    thread.start()
checked.wait()
print(own_memory() - before)
for thread in threads:
    thread.join()
"""
"""Eight threads each check a passphrase, which takes 16 MB, and live on."""


def grown(how):
    """Kilobytes that are still held when all have been checked."""
    return int(output_of(sys.executable, "-c", PASSPHRASES, how))


def test_what_a_passphrase_takes_to_be_checked_is_not_kept_for_each_thread():
    assert grown("given back") < 16_000


def test_left_alone_the_system_keeps_it():
    """This is why the kiosk asks for it."""
    assert grown("left alone") > 50_000
