"""The ways in which rendering fails, told apart so that a caller knows whether to go on.

A plain `SpeechError` concerns one text: the next may well succeed.
"""

from kiosk.errors import SpeechError


class SpeechEngineError(SpeechError):
    """No text can be rendered now: there is no engine, no such voice, no room for its files."""


class SpeechChildError(SpeechError):
    """The child process broke over this text, in a fresh process too, or took too long over it.

    One text may be to blame; where it happens again with the next, the engine is.
    """
