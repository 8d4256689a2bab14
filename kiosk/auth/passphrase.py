"""Passphrases: rules for a new one, and its stored scrypt hash; the key that signs cookies."""

import base64
import binascii
import hashlib
import hmac
import logging
import os
import secrets
import stat
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

from kiosk.errors import AuthError
from kiosk.system.folders import write_whole

logger = logging.getLogger(__name__)

LEAST_LENGTH = 8
MOST_LENGTH = 200  # characters, after normalisation
FIELD = "passphrase"  # the form field that an AuthError about a passphrase names

SALT_LENGTH = 16
# 16 MB and a tenth of a second on a desktop machine, half a second on the smallest board.
_COST = 2**14
_BLOCK = 8
_LANES = 1
_HASH_LENGTH = 32
_MOST_MEMORY = 64 * 2**20

KEY_FILE = "web-secret.key"
KEY_LENGTH = 32  # bytes of the key that signs cookies

# NFKC can make one character into eighteen; more than this is not even looked at.
_WIDEST = 4 * MOST_LENGTH

# Longer, this list would keep nobody out who waits fifteen minutes for each try.
_TOO_EASY = (
    "abc12345 abcd1234 1234abcd 1q2w3e4r 1qaz2wsx q1w2e3r4 11223344 12341234 12344321 123123123"
    " 123454321 asdfghjk asdfghjkl baseball basketball caregiver caregivers changeit changeme"
    " computer exercise exercises exercisekiosk football iloveyou internet letmein1 letmeinnow"
    " passphrase passw0rd password password1 password123 passwort physio123 princess qwerty123"
    " qwertyui qwertyuiop qwertz123 qwertzui qwertzuiop raspberry raspberrypi starwars sunshine"
    " superman trustno1 welcome1 welcome123 whatever"
)


def normalised(text: str) -> str:
    """`text` as NFKC without outer spaces: the same from every keyboard."""
    return unicodedata.normalize("NFKC", text[:_WIDEST]).strip()


def check_new(text: str) -> str:
    """The normalised new passphrase. Raises AuthError where its length or choice is bad."""
    passphrase = normalised(text)
    if len(text) > _WIDEST or len(passphrase) > MOST_LENGTH:
        raise AuthError("auth.passphrase-too-long", FIELD, most=MOST_LENGTH)
    if len(passphrase) < LEAST_LENGTH:
        raise AuthError("auth.passphrase-too-short", FIELD, least=LEAST_LENGTH)
    if _is_easy(passphrase):
        raise AuthError("auth.passphrase-easy", FIELD)
    return passphrase


@dataclass(frozen=True, slots=True, repr=False)
class PassphraseHash:
    """A salted scrypt hash and its cost parameters."""

    cost: int
    block: int
    lanes: int
    salt: bytes
    hash: bytes

    @classmethod
    def make(cls, passphrase: str, salt: bytes) -> Self:
        """The hash of a checked passphrase. Slow on purpose."""
        return cls(_COST, _BLOCK, _LANES, salt, _scrypt(passphrase, salt, _COST, _BLOCK, _LANES))

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse the stored form. Raises ValueError where it is malformed, or where comparing
        with it would cost more than the kiosk can spend: a restored backup may hold anything.
        """
        try:
            scheme, cost, block, lanes, salt, hashed = text.split("$")
            stored = cls(int(cost), int(block), int(lanes), _bytes(salt), _bytes(hashed))
        except (ValueError, binascii.Error) as error:
            raise ValueError("it is no hash of a passphrase") from error
        affordable = (
            1 < stored.cost <= 2**16
            and stored.cost.bit_count() == 1
            and 0 < stored.block * stored.cost <= _MOST_MEMORY // 256
            and stored.lanes in range(1, 5)
        )
        if scheme != "scrypt" or not affordable or len(stored.hash) != _HASH_LENGTH:
            raise ValueError("it was not made by this kiosk")
        return stored

    def text(self) -> str:
        """The stored form: scheme, parameters, salt and hash, joined by `$`."""
        salt, hashed = (base64.b64encode(raw).decode("ascii") for raw in (self.salt, self.hash))
        return f"scrypt${self.cost}${self.block}${self.lanes}${salt}${hashed}"

    def matches(self, passphrase: str) -> bool:
        """Whether this is the hash of `passphrase`. Constant time; slow on purpose."""
        found = _scrypt(passphrase, self.salt, self.cost, self.block, self.lanes)
        return hmac.compare_digest(found, self.hash)


NO_PASSPHRASE = PassphraseHash(_COST, _BLOCK, _LANES, bytes(SALT_LENGTH), bytes(_HASH_LENGTH))
"""Matches nothing; compared with where no hash is stored, so that this takes as long."""


def _is_easy(passphrase: str) -> bool:
    folded = "".join(passphrase.casefold().split())
    steps = {ord(after) - ord(before) for before, after in pairwise(folded)}
    # All the same, counting up, counting down, or 1234567890.
    return folded in _TOO_EASY.split() or len(steps) < 2 or steps in ({1, -9}, {-1, 9})


def _scrypt(passphrase: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(
        passphrase.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block,
        p=lanes,
        maxmem=_MOST_MEMORY,
        dklen=_HASH_LENGTH,
    )


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def secret_key(folder: Path) -> bytes:
    """The key in `folder`; a new one where there is none, where it is damaged, or where other users
    could read it. Where the file cannot be used, a key for this run alone, and a warning. Never
    raises.
    """
    path = folder / KEY_FILE
    try:
        key = _read_key(path)
        if key is None:
            key = secrets.token_bytes(KEY_LENGTH)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, key, mode=0o600)
    except OSError as error:
        logger.warning(
            "%s cannot be used (%s), so everybody has to sign in anew after each restart. Let the"
            " kiosk's user write to it and to its folder.",
            path,
            error.strerror or error,
        )
        return secrets.token_bytes(KEY_LENGTH)
    return key


def _read_key(path: Path) -> bytes | None:
    """The key in the file; `None` where there is none that can be used. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        key = os.read(descriptor, KEY_LENGTH + 1)
    finally:
        os.close(descriptor)
    if len(key) != KEY_LENGTH:
        logger.warning("%s was damaged; another key takes its place.", path)
        return None
    if status.st_mode & 0o077:
        logger.warning("%s could be read by others; another key takes its place.", path)
        return None
    return key
