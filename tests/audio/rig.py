"""A sound path to listen in on: a PulseAudio server of the tests' own, with a null sink for a
speaker and the sink's monitor recorded, sample for sample.

    with AudioRig() as rig:
        with rig.record() as recording:
            ...  # play: in this process under rig.in_this_process(), or in a child with rig.env
        onset = recording.find(pcm, near_ms=1000, within_ms=50)

Server, socket, cookie and ALSA configuration live in one temporary folder; the machine's own sound
is not touched, and need not exist. Nothing waits for a fixed time: each wait ends with what it
waits for, fails at once when the process it depends on dies, and has an upper limit.
"""

import os
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Self

from kiosk.units import SAMPLE_RATE
from tests.audio.recording import Recording

DEVICE = "Rig speaker"
"""What the sound card is called, for whoever chooses by name. The default one is the same."""

PATIENCE = 20.0
"""Seconds after which a wait is given up; only a broken machine takes that long."""

POLL = 0.005
TAIL_MS = 300
"""Recorded after the last of a recording was played, so that it is all there."""

# Should the tests be killed, nobody is left behind.
WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]

# Allowed to rewind, a null sink plays up to two seconds ahead, and its monitor misses the beginning
# of what is then put in place of the silence already played.
SINK = f"module-null-sink sink_name=rig format=s16le channels=1 rate={SAMPLE_RATE} norewinds=1"

SERVER = [
    *WITH_US,
    *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
    *("--realtime=no", "--high-priority=no", "--disable-shm=yes", "--log-target=stderr"),
]

EAR = [
    *WITH_US,
    *("parec", "--raw", "--device=rig.monitor", "--format=s16le", "--channels=1"),
    *(f"--rate={SAMPLE_RATE}", "--latency-msec=20", "--process-time-msec=10"),
]

ALSA_CONFIG = """
pcm.!default {{ type pulse  server "{server}" }}
pcm."{device}" {{ type pulse  server "{server}" }}
ctl.!default {{ type pulse  server "{server}" }}
"""


class RigError(Exception):
    """The rig itself does not work; the text has what its processes said."""


class AudioRig:
    """A null-sink speaker and the ear on it; plugged in from the start."""

    def __init__(self) -> None:
        self._at_the_end = ExitStack()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._tapes = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            # Not pytest's folder: the path of a socket has at most 107 characters.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-rig-"))
            self._folder = Path(folder)
            self._config.write_text(ALSA_CONFIG.format(server=self._address, device=DEVICE))
            stack.callback(self.unplug)
            self.plug_in()
            self._at_the_end = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._at_the_end.close()

    @property
    def env(self) -> Mapping[str, str]:
        """What a process needs in its environment to find this sound card, and no other."""
        return {
            "ALSA_CONFIG_PATH": str(self._config),
            "PULSE_SERVER": self._address,
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "PULSE_RUNTIME_PATH": str(self._folder / "run"),
        }

    def in_this_process(self) -> AbstractContextManager[None]:
        """Let PortAudio, started in this process meanwhile, find this sound card."""
        return environment(self.env)

    def plug_in(self) -> None:
        """Start the speaker and listen to it."""
        protocol = f"module-native-protocol-unix socket={self._socket} auth-anonymous=1"
        self._run([*SERVER, "-L", SINK, "-L", protocol], self._folder / "server.out")
        self._wait_for(self._answers)
        self._tapes += 1
        self._run(EAR, self._tape)
        self._wait_for(lambda: self._tape.stat().st_size > 0)

    def unplug(self) -> None:
        """The speaker is gone, in the middle of whatever it plays."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()
        self._processes.clear()
        # A killed server leaves its socket behind.
        self._socket.unlink(missing_ok=True)

    def mute(self, muted: bool) -> None:
        """Have the mixer let no sound through, or let it through again."""
        command = ["pactl", "set-sink-mute", "rig", str(int(muted))]
        subprocess.run(command, env={**os.environ, **self.env}, check=True)

    @contextmanager
    def record(self) -> Iterator[Recording]:
        """Record what is played in the body, to its end."""
        recording = Recording(self._tape, self._wait_for)
        yield recording
        recording.wait_until(recording.length_ms() + TAIL_MS)
        recording.end()

    @property
    def _socket(self) -> Path:
        return self._folder / "socket"

    @property
    def _address(self) -> str:
        return f"unix:{self._socket}"

    @property
    def _config(self) -> Path:
        return self._folder / "asound.conf"

    @property
    def _tape(self) -> Path:
        return self._folder / f"tape-{self._tapes}.raw"

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as knock:
            return knock.connect_ex(str(self._socket)) == 0

    def _run(self, command: list[str], output: Path) -> None:
        home = {"HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)}
        with output.open("wb") as out, (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], **home, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )
        self._processes.append(process)

    def _wait_for(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        with ExitStack() as stack:
            ends = [os.pidfd_open(process.pid) for process in self._processes]
            for end in ends:
                stack.callback(os.close, end)
            while not ready():
                ended, _, _ = select.select(ends, [], [], POLL)
                if ended or time.monotonic() > deadline:
                    said = (self._folder / "log").read_text(errors="replace")
                    raise RigError(f"PulseAudio {'ended' if ended else 'is stuck'}:\n{said}")


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """`values` in this process's environment, where the C libraries look, for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
