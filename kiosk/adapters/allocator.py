"""What becomes of memory that is not used any more."""

import ctypes

LARGE = 128 * 1024
"""Bytes from which on a piece of memory goes back to the system as soon as it is free."""

_MMAP_THRESHOLD = -3
"""The number of that limit among the options of glibc's `mallopt`."""


def give_large_pieces_back() -> None:
    """Have each large piece of memory given back to the system when it is free.

    Left alone, glibc raises that limit with the first such piece that it sees, to up to 32 MB, and
    from then on keeps others for the thread that had them. A passphrase that is checked takes 16
    MB; checked by one thread of the pages after the other, it would soon be kept a dozen times over
    on a small board. Any thread; nothing happens where the C library has no such option.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE)
