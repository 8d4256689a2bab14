"""`kiosk say`: one sentence, to hear the voice."""

import argparse
import sys

from kiosk.cli.common import add_setting_options, environment_from
from kiosk.errors import AudioError
from kiosk.timeline.render import scale
from kiosk.units import BYTES_PER_FRAME, frames_of

DESCRIPTION = """\
Say TEXT on the kiosk's speaker, in its voice: to try a voice, a rate or a speaker.
"""

EXAMPLES = """\
  kiosk say "Carrying on. Number five of eight."
  kiosk say "Good morning." --voice en-us --rate 140 --audio-device USB
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kiosk say`."""
    parser.add_argument("text", metavar="TEXT", help="what to say")
    add_setting_options(parser, ("voice", "rate", "volume", "audio_device"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Render the text and play it."""
    from kiosk.app import make_preparer
    from kiosk.audio.speaker import open_speaker
    from kiosk.system.clock import SystemClock

    environment = environment_from(args)
    settings = environment.settings
    preparer = make_preparer(environment)
    try:
        speech = preparer.speech.prepare([args.text], settings.spoken_by)
    finally:
        preparer.close()
    if args.text not in speech.bank.speech:
        for problem in speech.problems:
            print(problem, file=sys.stderr)
        return 1
    speaker, silent_because = open_speaker(settings.audio_device, SystemClock())
    if silent_because is not None:
        raise AudioError(silent_because)
    lead_in = bytes(frames_of(settings.lead_in_ms) * BYTES_PER_FRAME)
    speaker.open()
    speaker.write(lead_in + scale(speech.bank.speech[args.text], settings.volume))
    speaker.close()
    return 0
