"""The player by itself: what it says is heard, and when it wakes the speaker first."""

from kiosk.audio.player import Player
from kiosk.audio.playlist import Segment
from kiosk.session.events import FaultChanged, PlaybackFinished, PlaybackMoved, SpeakerLost
from kiosk.session.snapshot import Fault
from kiosk.timeline.layout import lay_out
from kiosk.timeline.notices import Notice, notice_score
from kiosk.timeline.render import ClipBank
from tests.builders import ENGLISH
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker

CLIP = b"\x01\x00" * 2205
"""100 ms, none of it silent."""


class PlayerKit:
    """A player on a speaker that remembers; nothing runs by itself."""

    def __init__(self, lead_in: int = 0) -> None:
        self.clock = FakeClock()
        self.speaker = FakeSpeaker(self.clock)
        self.events = []
        self.player = Player(
            self.speaker, self.clock, self.events.append, volume=100, lead_in=lead_in
        )
        score = notice_score(Notice.ENDED, ENGLISH)
        bank = ClipBank(dict.fromkeys((line.text for line in score.parts[0].lines), CLIP))
        self.segment = Segment(lay_out(score, bank.length), bank)

    def play(self, steps: int) -> None:
        self.player.play(self.segment)
        for _ in range(steps):
            self.player.step()

    def play_out(self) -> int:
        """Play the segment to its end; returns the number of its playlist."""
        number = self.player.play(self.segment)
        while not any(isinstance(event, PlaybackFinished) for event in self.events):
            assert self.player.step()
        return number

    def settle(self) -> None:
        """Do everything there is to do just now."""
        while self.player.step():
            pass

    def silence_before(self, write: int = 0) -> int:
        """Milliseconds from that write on until the first sound."""
        pcm = b"".join(pcm for _, pcm in self.speaker.writes[write:])
        return (len(pcm) - len(pcm.lstrip(b"\x00"))) // 2 * 1000 // 22_050


def test_what_ended_by_itself_is_still_known_until_something_else_is_wanted():
    kit = PlayerKit()
    number = kit.play_out()

    heard = kit.player.halt()

    assert (heard.playlist, heard.at) == (number, kit.segment.timeline.duration)
    assert kit.player.position() is None


def test_every_span_is_reported_as_it_is_reached():
    kit = PlayerKit()
    number = kit.play_out()

    reported = [(type(event), getattr(event, "playlist", number)) for event in kit.events]
    assert reported == [(PlaybackMoved, number), (PlaybackFinished, number)]


def test_a_speaker_that_may_be_asleep_is_woken_by_silence():
    kit = PlayerKit(lead_in=300)
    kit.play_out()

    assert kit.silence_before() == 300


def test_one_that_is_playing_is_awake():
    kit = PlayerKit(lead_in=300)
    for _ in range(2):
        kit.play(steps=20)
    second = 19  # each time one step turns to the playlist, the others write

    assert kit.silence_before(second) == 0


def test_one_that_has_been_quiet_for_long_is_woken_again():
    kit = PlayerKit(lead_in=300)
    kit.play_out()
    written = len(kit.speaker.writes)
    kit.clock.advance(2)
    kit.play(steps=30)

    assert kit.silence_before(written) == 300


def test_another_lead_in_counts_from_the_next_sound_on():
    kit = PlayerKit(lead_in=300)
    kit.player.lead_in = 100
    kit.play_out()

    assert kit.silence_before() == 100


# Another speaker


def test_another_speaker_is_taken_at_once_where_nothing_plays():
    kit = PlayerKit()
    other = FakeSpeaker(kit.clock)
    kit.player.change_speaker(other)
    kit.play_out()

    assert kit.speaker.writes == []
    assert any(any(pcm) for _, pcm in other.writes)


def test_what_plays_is_played_out_on_the_old_one_which_is_then_closed():
    kit = PlayerKit()
    other = FakeSpeaker(kit.clock)
    kit.play(steps=3)
    kit.player.change_speaker(other)
    kit.settle()

    written = b"".join(pcm for _, pcm in kit.speaker.writes)
    assert len(written) // 2 * 1000 // 22_050 >= kit.segment.timeline.duration
    assert not kit.speaker.is_open
    assert other.opens == 0  # not before there is something to play

    kit.player.play(kit.segment)
    kit.settle()
    assert other.opens == 1
    assert other.writes


def test_a_session_that_is_paused_counts_as_nothing_playing():
    kit = PlayerKit()
    other = FakeSpeaker(kit.clock)
    kit.play(steps=3)
    kit.player.change_speaker(other)
    kit.player.halt()
    kit.settle()
    assert not kit.speaker.is_open

    written = len(kit.speaker.writes)
    kit.player.play(kit.segment)
    kit.settle()
    assert (len(kit.speaker.writes), bool(other.writes)) == (written, True)


def test_of_two_that_were_wanted_the_later_one_counts():
    kit = PlayerKit()
    earlier, later = FakeSpeaker(kit.clock), FakeSpeaker(kit.clock)
    kit.player.change_speaker(earlier)
    kit.player.change_speaker(later)
    kit.player.play(kit.segment)
    kit.settle()

    assert (bool(earlier.writes), bool(later.writes)) == (False, True)


def test_in_place_of_one_that_was_lost_the_other_is_tried_at_once_and_reported():
    kit = PlayerKit()
    kit.speaker = FakeSpeaker(kit.clock, failing_opens=range(1, 100))
    kit.player.change_speaker(kit.speaker)
    kit.player.play(kit.segment)
    kit.settle()
    assert [type(event) for event in kit.events] == [SpeakerLost]

    other = FakeSpeaker(kit.clock)
    kit.player.change_speaker(other)
    kit.settle()

    assert kit.events[1:] == [FaultChanged(Fault.SPEAKER_LOST, present=False)]
    assert other.is_open


def test_it_is_woken_though_the_old_one_has_played_just_now():
    kit = PlayerKit(lead_in=300)
    kit.player.play(kit.segment)
    kit.settle()
    kit.speaker = FakeSpeaker(kit.clock)
    kit.player.change_speaker(kit.speaker)
    kit.player.play(kit.segment)
    kit.settle()

    assert kit.silence_before() == 300


def test_one_that_comes_as_the_kiosk_ends_is_closed_like_any_other():
    kit = PlayerKit()
    other = FakeSpeaker(kit.clock)
    kit.player.play(kit.segment)
    kit.player.step()
    kit.player.change_speaker(other)
    kit.player.close()
    kit.player.run()

    assert not kit.speaker.is_open
    assert not other.is_open
