"""The cache of clips on disk, each under a key of everything that shapes its sound.

    FOLDER/engine           identity of the engine that last rendered
    FOLDER/3f/3f9a….wav     a clip, trimmed; its name is the key
    FOLDER/clip-….tmp       a clip being written

Any number of processes may share a folder: a file appears whole or not at all.
"""

import fcntl
import hashlib
import logging
import os
import struct
import time
import zlib
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from kiosk.speech.model import Voice
from kiosk.speech.wav import LONGEST_S
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE

logger = logging.getLogger(__name__)


FORMAT_VERSION = 1
"""Part of every key. Raise it when clips are trimmed or stored in another way."""

KEEP_BYTES = 200 * 1000 * 1000  # what `prune` leaves: about two hours and a half of speech

USED_AGAIN_S = 7 * 24 * 3600
"""How old a clip's time stamp gets before a use renews it; oftener would wear out an SD card."""

LARGEST_FILE = 2 * LONGEST_S * SAMPLE_RATE * BYTES_PER_FRAME

HEADER = struct.Struct("<4sI4s4sIHHIIHH4sII4sI")
"""A WAV header with a chunk `kcrc` of our own, which other readers skip."""


def header(pcm: bytes) -> bytes:
    """The head of the file of `pcm`: a WAV header and a checksum."""
    return HEADER.pack(
        *(b"RIFF", HEADER.size - 8 + len(pcm), b"WAVE"),
        *(b"fmt ", 16, 1, 1, SAMPLE_RATE, SAMPLE_RATE * BYTES_PER_FRAME, BYTES_PER_FRAME, 16),
        *(b"kcrc", 4, zlib.crc32(pcm)),
        *(b"data", len(pcm)),
    )


def decode(data: bytes) -> bytes | None:
    """The PCM in a cached file; `None` where it is damaged or something else."""
    pcm = data[HEADER.size :]
    return pcm if pcm and data.startswith(header(pcm)) else None


class ClipCache:
    """The clips in one folder. Any thread.

    A folder that cannot be written to, or a full disk, costs time, not speech: nothing here raises.
    The first such problem is logged as a warning.
    """

    def __init__(self, folder: Path) -> None:
        """Clips in `folder`, which need not exist; leftovers of killed processes are removed."""
        self._folder = folder
        self._warned = False
        self._remove_leftovers()

    def key(self, engine: str, voice: Voice, text: str) -> str:
        """The key of `text`, spoken by `voice` of the engine of identity `engine`."""
        parts = (str(FORMAT_VERSION), engine, voice.name, voice.language, str(voice.rate), text)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    def get(self, key: str) -> bytes | None:
        """The clip's PCM; `None` where there is none. A damaged one is deleted."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                stamp = os.fstat(file.fileno()).st_mtime
                pcm = decode(file.read(LARGEST_FILE))
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.debug("The clip %s cannot be read: %s", path, error)
            return None
        if pcm is None:
            logger.info("The clip %s is damaged; it is rendered again.", path)
            with suppress(OSError):
                path.unlink()
        elif time.time() - stamp > USED_AGAIN_S:
            with suppress(OSError):
                os.utime(path)
        return pcm

    def put(self, key: str, pcm: bytes) -> None:
        """Store `pcm` under `key`; where that fails, the log says so and nothing is stored."""
        self._write(self._path(key), header(pcm) + pcm)

    def last_engine(self) -> str | None:
        """Identity of the engine that last rendered into this cache; `None` where none has."""
        try:
            return (self._folder / "engine").read_text("utf-8") or None
        except (OSError, ValueError):
            return None

    def remember_engine(self, engine: str) -> None:
        """Store `engine` for `last_engine`; where that fails, the log says so."""
        if self.last_engine() != engine:
            self._write(self._folder / "engine", engine.encode())

    def prune(self, keep_bytes: int = KEEP_BYTES) -> None:
        """Delete the clips that were not used for longest until `keep_bytes` are left."""
        clips = []
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*.wav"):
            with suppress(OSError):  # another process prunes, too
                stat = path.stat()
                clips.append((max(stat.st_mtime, stat.st_atime), stat.st_size, path))
        excess = sum(size for _, size, _ in clips) - keep_bytes
        for _, size, path in sorted(clips):
            if excess <= 0:
                return
            with suppress(OSError):
                path.unlink()
            excess -= size

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.wav"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(
                dir=self._folder, prefix="clip-", suffix=".tmp", delete=False
            ) as file:
                try:
                    # Tells a leftover from a file in the making: the lock dies with its process.
                    fcntl.flock(file, fcntl.LOCK_EX)
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).rename(path)
                except OSError:
                    with suppress(OSError):
                        Path(file.name).unlink()
                    raise
        except OSError as error:
            level = logging.DEBUG if self._warned else logging.WARNING
            self._warned = True
            logger.log(
                level,
                "Rendered speech cannot be kept in %s (%s), so it is rendered anew each time. Make"
                " room on the disk, or make the folder writable for the kiosk.",
                self._folder,
                error,
            )

    def _remove_leftovers(self) -> None:
        for path in self._folder.glob("clip-*.tmp"):
            with suppress(OSError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
