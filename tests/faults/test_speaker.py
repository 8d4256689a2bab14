"""The speaker is missing, busy, muted, lost: the session waits, and only what was heard counts."""

import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from kiosk.audio.player import Player
from kiosk.audio.sound_card import SoundCard
from kiosk.audio.speaker import SilentSpeaker, open_speaker
from kiosk.errors import AudioError
from kiosk.hardware.light import brightness
from kiosk.history.model import Ending
from kiosk.session.events import FaultChanged
from kiosk.session.snapshot import Fault, State
from kiosk.timeline.render import tone
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, frames_of
from tests.audio.conftest import rig  # noqa: F401 - a fixture
from tests.audio.rig import PATIENCE, AudioRig
from tests.audio.test_sound_card import StandInError, portaudio_with
from tests.builders import a_program, an_exercise, phase
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker
from tests.session.bench import Bench, StoredState

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
MORNING = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


PROGRAM = a_program(an_exercise(reps=8, phases=(phase("lift", 2000), phase("hold", 3000))))


def a_bench(stored=None, **failures):
    clock = stored.clock if stored else FakeClock()
    return Bench(PROGRAM, clock=clock, speaker=FakeSpeaker(clock, **failures), stored=stored)


def paused_by_loss(stored=None, **failures):
    """A bench whose speaker was lost in a session, which is paused."""
    bench = a_bench(stored, **failures)
    bench.press()
    bench.run_to_state(State.PAUSED)
    return bench


def reps_heard(bench):
    return [text for _, text in bench.heard() if text in NUMBERS]


# --- it goes away and comes back


def test_a_speaker_lost_in_the_middle_pauses_the_session_where_it_was_last_heard():
    bench = paused_by_loss(failing_writes={1000}, failing_opens={2, 3, 4, 5, 6, 7, 8})

    shown = bench.session.snapshot()
    assert shown.faults == {Fault.SPEAKER_LOST}
    assert shown.position_ms == 999 * 20
    assert (shown.rep, shown.phase) == (2, "hold")


def test_it_is_looked_for_with_growing_patience_and_the_trouble_ends_when_it_is_back():
    bench = paused_by_loss(failing_writes={1000}, failing_opens={2, 3, 4})
    lost_at = bench.clock.now()

    bench.run_until(lambda s: not s.faults)

    assert bench.speaker.opens == 5
    assert round(bench.clock.now() - lost_at, 0) == 8  # 0.5 + 1 + 2 + 5 seconds, a step early
    assert bench.state is State.PAUSED


def test_no_speaker_at_the_start_pauses_at_the_beginning():
    bench = paused_by_loss(failing_opens={1})
    assert bench.session.snapshot().position_ms == 0

    bench.run_for(1)
    bench.begin()


def test_the_position_is_what_was_heard_not_what_was_handed_to_the_card():
    bench = a_bench(delay=100)
    bench.press()
    bench.run_until(lambda s: s.rep == 3)
    bench.press(0)

    written = sum(len(pcm) for _, pcm in bench.speaker.writes) // 2 * 1000 // 22_050
    assert written - bench.session.snapshot().position_ms in range(95, 106)
    assert len(bench.speaker.heard()) // 2 * 1000 // 22_050 <= written


def test_the_end_is_only_reached_when_the_last_sound_was_heard():
    bench = a_bench(delay=500)
    bench.press()
    bench.run_to_state(State.FINISHED)

    duration = bench.session.snapshot().duration_ms
    heard = len(bench.speaker.heard()) // 2 * 1000 / 22_050
    assert heard >= duration


def test_an_idle_speaker_is_let_go_and_opened_again_by_the_next_press():
    bench = a_bench()
    bench.press()
    bench.run_for(1)
    bench.press(2.5)
    bench.run_for(20)
    assert not bench.speaker.is_open

    bench.press()
    bench.run_for(1)
    assert bench.speaker.is_open


def test_the_end_of_the_kiosk_silences_it():
    bench = a_bench()
    bench.press()
    bench.run_for(5)
    bench.end()

    while bench.controller.player.step():
        pass
    written = len(bench.speaker.writes)
    bench.controller.player.run()

    assert len(bench.speaker.writes) == written
    assert not bench.speaker.is_open


# --- what counts


def test_of_a_session_whose_speaker_never_comes_back_only_what_was_heard_is_kept():
    stored = StoredState(MORNING, zone="UTC")
    stored.plan(PROGRAM.id, "07:00")
    bench = paused_by_loss(stored, failing_writes={1500}, failing_opens=range(2, 10_000))
    at = bench.session.snapshot().rep
    assert at is not None
    assert 1 < at < 8

    bench.run_for(1300)  # longer than any pause may last

    [session] = stored.store.sessions.between()
    assert session.ending is Ending.STOPPED
    assert [exercise.reps for exercise in session.exercises] == [at - 1]
    assert NUMBERS[at] not in reps_heard(bench)
    assert stored.ledger()[0][1] != "done"


def test_pressing_in_vain_adds_nothing_to_what_is_done():
    stored = StoredState(MORNING, zone="UTC")
    bench = paused_by_loss(stored, failing_writes={1500}, failing_opens=range(2, 60))
    before = bench.session.snapshot()
    for _ in range(5):
        bench.press()
        bench.run_for(3)
    after = bench.session.snapshot()
    assert (after.rep, after.state) == (before.rep, State.PAUSED)
    assert after.faults == {Fault.SPEAKER_LOST}
    bench.press(2.5)
    bench.run_for(2)

    [session] = stored.store.sessions.between()
    assert [exercise.reps for exercise in session.exercises] == [before.rep - 1]


def test_light_and_snapshot_say_why_until_it_is_back_and_a_press_carries_on():
    bench = paused_by_loss(failing_writes={1500}, failing_opens={2, 3})
    lost = bench.session.snapshot()
    assert lost.faults == {Fault.SPEAKER_LOST}
    assert {brightness(lost, n / 10 + 0.05) for n in range(10)} == {0.0, 1.0}

    bench.run_for(4)
    assert bench.faults == frozenset()
    bench.press()
    bench.run_to_state(State.FINISHED)
    assert sorted(set(reps_heard(bench)), key=NUMBERS.index) == list(NUMBERS)
    assert reps_heard(bench).count("eight") == 1


# --- not there when the kiosk starts


@pytest.mark.parametrize(
    ("failing_opens", "opens"), [({1, 2}, 3), ((), 1)], ids=["missing", "there after all"]
)
def test_one_that_is_missing_at_the_start_is_opened_before_anybody_presses(failing_opens, opens):
    clock, events = FakeClock(), []
    speaker = FakeSpeaker(clock, failing_opens=failing_opens)
    player = Player(speaker, clock, events.append, volume=100, lead_in=0, missing=True)
    player.step()
    assert bool(events) is not bool(failing_opens)
    for _ in range(40):
        clock.advance(0.1)
        player.step()

    assert events == [FaultChanged(Fault.SPEAKER_LOST, present=False)]
    assert speaker.opens == opens
    clock.advance(10)
    player.step()
    assert not speaker.is_open


@pytest.mark.parametrize("device", ["", "USB"])
def test_where_there_has_to_be_one_a_missing_one_is_lost_and_not_replaced_by_silence(device):
    speaker, silent_because = open_speaker(device, FakeClock(), must_sound=True)
    assert isinstance(speaker, SoundCard)
    assert silent_because is None


def test_who_wants_silence_has_it_everywhere():
    speaker, _ = open_speaker("none", FakeClock(), must_sound=True)
    assert isinstance(speaker, SilentSpeaker)


# --- busy, or under another index


def nothing(*_):
    """Does nothing, for a part that is not looked at."""


def stream_noting(opened):
    """A stream that takes everything, and adds the index of its card to `opened`."""

    def stream(device, **_):
        opened.append(device)
        return SimpleNamespace(
            write_available=SAMPLE_RATE, start=nothing, write=nothing, abort=nothing, close=nothing
        )

    return stream


def a_card(*portaudios, device="USB"):
    """A card without a mixer that finds another of these each time PortAudio is started."""
    waiting = list(portaudios)
    no_mixer = SimpleNamespace(silenced_by=nothing, close=nothing)
    return SoundCard(
        device, clock=FakeClock(), load=lambda: waiting.pop(0), open_mixer=lambda _name: no_mixer
    )


def test_back_under_another_index_it_is_known_by_its_name():
    opened = []
    stream = stream_noting(opened)
    card = a_card(
        portaudio_with("HDMI", "USB Audio (hw:1,0)", RawOutputStream=stream),
        portaudio_with("HDMI", "Webcam", "Jack", "USB Audio (hw:3,0)", RawOutputStream=stream),
    )
    card.open()
    card.write(bytes(200))
    card.close()
    card.open()

    card.close()

    assert opened == [1, 3]
    assert card.name == "USB Audio (hw:3,0)"


def test_a_busy_card_says_so_and_is_had_as_soon_as_it_is_free():
    opened = []

    def busy(**_):
        raise StandInError("Device unavailable", -9985)

    card = a_card(
        portaudio_with("USB Audio (hw:1,0)", RawOutputStream=busy),
        portaudio_with("USB Audio (hw:1,0)", RawOutputStream=stream_noting(opened)),
    )
    with pytest.raises(
        AudioError, match=r"Device unavailable.*See whether another program uses it"
    ):
        card.open()

    card.open()
    card.close()
    assert opened == [0]


# --- muted


def test_a_muted_speaker_is_none_until_it_is_turned_up(rig: AudioRig):  # noqa: F811
    rig.mute(True)
    card = SoundCard()
    with pytest.raises(AudioError, match=r"'default' is muted: nothing gets through .*'Master'"):
        _until_it_fails(card.open, card)

    rig.mute(False)
    word = tone(880, 200, 0.5, fade=2)
    card.open()
    with rig.record() as recording:
        card.write(word)
        card.close()
    recording.find(word, near_ms=150, within_ms=150)


def test_muted_in_the_middle_it_is_lost_within_a_second_of_sound(rig: AudioRig):  # noqa: F811
    card = SoundCard()
    card.open()
    chunk = bytes(frames_of(20) * BYTES_PER_FRAME)
    card.write(chunk)
    rig.mute(True)
    errors = []

    def play():
        try:
            for _ in range(int(PATIENCE * 50)):
                card.write(chunk)
        except AudioError as error:
            errors.append(error)

    writer = threading.Thread(target=play, daemon=True)
    writer.start()
    writer.join(PATIENCE)

    assert [str(error).partition(":")[0] for error in errors] == ["The speaker 'default' is muted"]
    with pytest.raises(AudioError, match="not open"):
        card.write(chunk)


def _until_it_fails(attempt, card):
    """The mixer's news takes a moment from the server to here."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        attempt()
        card.close()
