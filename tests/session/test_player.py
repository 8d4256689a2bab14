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


class Stand:
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
        self.take = Segment(lay_out(score, bank.length), bank)

    def play_out(self) -> None:
        while not any(isinstance(event, PlaybackFinished) for event in self.events):
            assert self.player.step()

    def settle(self) -> None:
        """Do everything there is to do just now."""
        while self.player.step():
            pass

    def silence_before(self, write: int = 0) -> int:
        """Milliseconds from that write on until the first sound."""
        pcm = b"".join(pcm for _, pcm in self.speaker.writes[write:])
        return (len(pcm) - len(pcm.lstrip(b"\x00"))) // 2 * 1000 // 22_050


def test_what_ended_by_itself_is_still_known_until_something_else_is_wanted():
    stand = Stand()
    number = stand.player.play(stand.take)
    stand.play_out()

    heard = stand.player.halt()

    assert (heard.playlist, heard.at) == (number, stand.take.timeline.duration)
    assert stand.player.position() is None


def test_every_stretch_is_told_as_it_is_reached():
    stand = Stand()
    number = stand.player.play(stand.take)
    stand.play_out()

    told = [(type(event), getattr(event, "playlist", number)) for event in stand.events]
    assert told == [(PlaybackMoved, number), (PlaybackFinished, number)]


def test_a_speaker_that_may_be_asleep_is_woken_by_silence():
    stand = Stand(lead_in=300)
    stand.player.play(stand.take)
    stand.play_out()

    assert stand.silence_before() == 300


def test_one_that_is_playing_is_awake():
    stand = Stand(lead_in=300)
    for _ in range(2):
        stand.player.play(stand.take)
        for _ in range(20):
            stand.player.step()
    second = 19  # each time one step turns to the playlist, the others write

    assert stand.silence_before(second) == 0


def test_one_that_has_been_quiet_for_long_is_woken_again():
    stand = Stand(lead_in=300)
    stand.player.play(stand.take)
    stand.play_out()
    written = len(stand.speaker.writes)
    stand.clock.advance(2)
    stand.player.play(stand.take)
    for _ in range(30):
        stand.player.step()

    assert stand.silence_before(written) == 300


def test_another_lead_in_counts_from_the_next_sound_on():
    stand = Stand(lead_in=300)
    stand.player.lead_in = 100
    stand.player.play(stand.take)
    stand.play_out()

    assert stand.silence_before() == 100


# Another speaker


def test_another_speaker_is_taken_at_once_where_nothing_plays():
    stand = Stand()
    other = FakeSpeaker(stand.clock)
    stand.player.change_speaker(other)
    stand.player.play(stand.take)
    stand.play_out()

    assert stand.speaker.writes == []
    assert any(any(pcm) for _, pcm in other.writes)


def test_what_plays_is_played_out_on_the_old_one_which_is_then_closed():
    stand = Stand()
    other = FakeSpeaker(stand.clock)
    stand.player.play(stand.take)
    for _ in range(3):
        stand.player.step()
    stand.player.change_speaker(other)
    stand.settle()

    written = b"".join(pcm for _, pcm in stand.speaker.writes)
    assert len(written) // 2 * 1000 // 22_050 >= stand.take.timeline.duration
    assert not stand.speaker.is_open
    assert other.opens == 0  # not before there is something to play

    stand.player.play(stand.take)
    stand.settle()
    assert other.opens == 1
    assert other.writes


def test_a_session_that_is_paused_counts_as_nothing_playing():
    stand = Stand()
    other = FakeSpeaker(stand.clock)
    stand.player.play(stand.take)
    for _ in range(3):
        stand.player.step()
    stand.player.change_speaker(other)
    stand.player.halt()
    stand.settle()
    assert not stand.speaker.is_open

    written = len(stand.speaker.writes)
    stand.player.play(stand.take)
    stand.settle()
    assert (len(stand.speaker.writes), bool(other.writes)) == (written, True)


def test_of_two_that_were_wanted_the_later_one_counts():
    stand = Stand()
    earlier, later = FakeSpeaker(stand.clock), FakeSpeaker(stand.clock)
    stand.player.change_speaker(earlier)
    stand.player.change_speaker(later)
    stand.player.play(stand.take)
    stand.settle()

    assert (bool(earlier.writes), bool(later.writes)) == (False, True)


def test_in_place_of_one_that_was_lost_the_other_is_tried_at_once_and_told_of():
    stand = Stand()
    stand.speaker = FakeSpeaker(stand.clock, failing_opens=range(1, 100))
    stand.player.change_speaker(stand.speaker)
    stand.player.play(stand.take)
    stand.settle()
    assert [type(event) for event in stand.events] == [SpeakerLost]

    other = FakeSpeaker(stand.clock)
    stand.player.change_speaker(other)
    stand.settle()

    assert stand.events[1:] == [FaultChanged(Fault.SPEAKER_LOST, present=False)]
    assert other.is_open


def test_it_is_woken_though_the_old_one_has_played_just_now():
    stand = Stand(lead_in=300)
    stand.player.play(stand.take)
    stand.settle()
    stand.speaker = FakeSpeaker(stand.clock)
    stand.player.change_speaker(stand.speaker)
    stand.player.play(stand.take)
    stand.settle()

    assert stand.silence_before() == 300


def test_one_that_comes_as_the_kiosk_ends_is_closed_like_any_other():
    stand = Stand()
    other = FakeSpeaker(stand.clock)
    stand.player.play(stand.take)
    stand.player.step()
    stand.player.change_speaker(other)
    stand.player.close()
    stand.player.run()

    assert not stand.speaker.is_open
    assert not other.is_open
