"""The settings in force: changed from a page, or stored by another process."""

import re
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Thread

import pytest

from kiosk.audio.speaker import cards_that_play
from kiosk.errors import ConflictError, SettingsError, SpeechError, StoreError
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.locale.problems import line, sentence
from kiosk.settings.choices import SettingChoices
from kiosk.settings.model import Settings
from kiosk.settings.service import AT_START, SettingsService
from kiosk.settings.sources import LayeredSettings
from kiosk.speech.engine import Pyttsx3Engine
from kiosk.speech.model import Known
from kiosk.speech.preparer import SessionPreparer
from kiosk.units import BYTES_PER_FRAME, frames_of
from tests.builders import ENGLISH, at_once
from tests.fakes.speech import FakeEngine
from tests.session.bench import MarkedVoice, Shelf
from tests.settings.kit import NOON, SettingsBench

BOTH_ENDS = "Quiet hours need both ends: when they begin and when they end."


@pytest.fixture
def bench(tmp_path):
    return SettingsBench(tmp_path)


def problems_of(bench, **texts):
    with pytest.raises(SettingsError) as caught:
        bench.service.change(texts)
    assert {problem.source for problem in caught.value.problems} == {"settings"}
    return {problem.path: sentence(problem) for problem in caught.value.problems}


class TestWhatIsShown:
    def test_a_change_by_somebody_else_is_seen(self, bench):
        before = bench.service.view()
        assert bench.service.view() == before
        bench.store.settings.set({"rate": "130"}, Actor.COMMAND, NOON)
        after = bench.service.view()
        assert after.settings == Settings(rate=130)
        assert after.version != before.version

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"volume": "150"}, "stored setting: volume: Expected"),
            ({"tempo": "1"}, "stored setting: tempo: There is no such setting."),
            ({"quiet_from": "21:00"}, BOTH_ENDS),
            ({"time_zone": "Nowhere/X"}, "There is no time zone 'Nowhere/X'."),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_a_stored_one_that_cannot_be_used_is_passed_over_once(
        self, bench, caplog, wrong, message
    ):
        bench.store.settings.set({"rate": "140", **wrong}, Actor.PAGE, NOON)
        for _ in range(3):
            assert bench.service.refresh() == Settings(rate=140)
        (warning,) = caplog.messages
        assert warning.count("is passed over") == 1
        assert message in warning

    def test_what_is_set_at_the_start_stays_until_the_next_one(self, bench, tmp_path):
        bench.store.settings.set({"language": "xx", "rate": "130"}, Actor.COMMAND, NOON)
        assert bench.service.refresh() == Settings(rate=130)
        after = SettingsBench(tmp_path, store=bench.store).service.current
        assert after == Settings(language="xx", rate=130)

    def test_listeners_are_called_once_it_is_noticed(self, bench):
        bench.store.settings.set({"rate": "130"}, Actor.COMMAND, NOON)
        assert bench.in_force == []
        bench.service.refresh()
        bench.service.refresh()
        assert bench.in_force == [Settings(rate=130)]

    def test_a_listener_to_some_settings_is_called_after_a_change_of_these_only(self, bench):
        heard = []
        bench.service.subscribe(heard.append, ["rate", "voice"])
        bench.service.change({"volume": "60"})
        assert heard == []
        bench.service.change({"rate": "130"})
        assert heard == [Settings(volume=60, rate=130)]

    def test_without_a_store_there_are_settings_that_nobody_changes(self, tmp_path):
        layers = LayeredSettings.read(tmp_path, {}, {"rate": 130})
        service = SettingsService(layers)
        assert service.view().settings == service.current == Settings(rate=130)
        with pytest.raises(StoreError, match="no setting can be changed"):
            service.change({"volume": "30"})

    def test_a_broken_store_says_so(self, bench):
        bench.store.disk.broken = StoreError("The disk is gone.")
        with pytest.raises(StoreError, match="The disk is gone"):
            bench.service.view()


class TestWhatThereIsToChooseFrom:
    def test_programs_that_can_be_used_by_their_titles(self, tmp_path):
        (tmp_path / "programs").mkdir()
        (tmp_path / "programs" / "half-done.toml").write_text("schema = 1", encoding="utf-8")
        programs = dict(SettingsBench(tmp_path).choices.programs())
        assert programs["low-back-start"] == "Low back start"
        assert "half-done" not in programs


class TestAChange:
    def test_it_is_kept_and_gone_by_from_now_on(self, bench):
        view = bench.service.change({"quiet_from": "21:30", "quiet_to": " 07:00 ", "volume": "065"})
        wanted = Settings(quiet_from="21:30", quiet_to="07:00", volume=65)
        assert view.settings == wanted == bench.service.refresh()
        assert view.version == bench.service.view().version
        assert bench.in_force == [wanted]
        assert bench.store.settings.stored() == {
            "quiet_from": "21:30",
            "quiet_to": "07:00",
            "volume": "65",
        }
        change = AuditEntry(
            *(NOON, Actor.PAGE, Change.SETTING_SET, "volume"), after={"value": "65"}
        )
        assert change in bench.store.audit.newest()

    def test_a_value_that_would_be_there_anyway_takes_the_kept_one_back(self, tmp_path):
        (tmp_path / "kiosk.toml").write_text("rate = 130", encoding="utf-8")
        bench = SettingsBench(tmp_path)
        bench.service.change({"rate": "140", "volume": "50"})
        bench.service.change({"rate": "130"})
        assert bench.store.settings.stored() == {"volume": "50"}
        assert bench.in_force[-1] == Settings(rate=130, volume=50)
        bench.service.change({"rate": "155"})
        assert bench.store.settings.stored() == {"rate": "155", "volume": "50"}

    def test_what_changes_nothing_is_neither_kept_nor_told(self, bench):
        noted = bench.store.change_count()
        view = bench.service.change(
            {"rate": "155", "voice": "", "default_program": "low-back-start"}
        )
        assert view == bench.service.view()
        assert bench.in_force == []
        assert bench.store.change_count() == noted

    def test_it_mends_a_stored_setting_that_could_not_be_used(self, bench):
        bench.store.settings.set({"rate": "900"}, Actor.COMMAND, NOON)
        bench.service.change({"rate": "155"})
        assert bench.store.settings.stored() == {}

    def test_what_somebody_else_has_kept_is_gone_by_with_it(self, bench):
        """As the step to another program is, which is kept together with the plan."""
        bench.service.view()
        bench.store.settings.set({"default_program": "hip-stretching"}, Actor.PAGE, NOON)
        assert bench.service.refresh().default_program == "hip-stretching"
        noted = bench.store.change_count()
        bench.service.change({"default_program": "hip-stretching"})
        bench.service.change({"default_program": "hip-stretching"})
        assert bench.in_force == [Settings(default_program="hip-stretching")]
        assert bench.store.change_count() == noted

    def test_while_a_new_value_is_checked_requests_go_on(self, bench):
        seen = []

        def check(_voice):
            request = Thread(target=lambda: seen.append(bench.service.refresh()), daemon=True)
            request.start()
            request.join(5)
            assert not request.is_alive()
            return ()

        bench.service.add_checks({"voice": check})
        bench.service.change({"voice": "gmw/de"})
        assert seen == [Settings()]
        assert bench.in_force == [Settings(voice="gmw/de")]

    def test_a_full_disk_changes_nothing(self, bench):
        bench.service.view()
        bench.store.disk.broken = StoreError("There is no room left.")
        with pytest.raises(StoreError):
            bench.service.change({"rate": "130"})
        bench.store.disk.broken = None
        assert bench.service.refresh() == Settings()
        assert bench.in_force == []


class TestWhatIsWrong:
    def test_all_of_it_is_told_at_once_by_the_names_of_the_settings(self, bench):
        programs = ", ".join(dict(bench.choices.programs()))
        assert problems_of(
            bench,
            volume="loud",
            rate="20",
            time_zone="Europe/Nowhere",
            default_program="juggling",
            voice="Robbie",
            now_seen_by="nobody",
            audio_device="U\aSB",
            lead_in_ms="300",
            tempo="1",
        ) == {
            "tempo": "There is no such setting.",
            "volume": 'Expected a whole number from 0 to 100 (percent), not "loud".',
            "rate": 'Expected a whole number from 120 to 200 (words a minute), not "20".',
            "now_seen_by": 'Expected "anyone" or "caregivers", not "nobody".',
            "audio_device": 'Expected printable text, not "U\\u0007SB".',
            "time_zone": (
                "There is no time zone 'Europe/Nowhere'. Expected a name like Europe/Oslo or UTC"
                " (`timedatectl list-timezones` lists all), or nothing for the system's."
            ),
            "default_program": f"There is no program 'juggling'. There is: {programs}.",
            "voice": (
                "The speech engine has no voice 'Robbie'. Near ones: gmw/en, gmw/en-us."
                " `espeak-ng --voices` lists all of them."
            ),
        }

    def test_nothing_of_it_is_kept(self, bench):
        problems_of(bench, volume="50", rate="20")
        assert bench.store.settings.stored() == {}
        assert bench.in_force == []

    @pytest.mark.parametrize(
        ("texts", "name", "message"),
        [
            ({"quiet_from": "21:30", "quiet_to": ""}, "quiet_from", BOTH_ENDS),
            ({"quiet_to": "07:00"}, "quiet_to", BOTH_ENDS),
            (
                {"quiet_from": "9 pm", "quiet_to": "07:00"},
                *("quiet_from", 'Expected a time of day such as 21:30, not "9 pm".'),
            ),
        ],
    )
    def test_quiet_hours_need_both_ends(self, bench, texts, name, message):
        assert problems_of(bench, **texts) == {name: message}

    def test_quiet_hours_that_another_layer_begins_cannot_lose_their_end(self, tmp_path):
        bench = SettingsBench(
            tmp_path, environ={"KIOSK_QUIET_FROM": "21:00"}, options={"quiet_to": "7:00"}
        )
        assert problems_of(bench, quiet_to="") == {
            "quiet_to": "This is set by --quiet-to, and cannot be changed here."
        }

    def test_a_program_whose_file_has_mistakes(self, tmp_path):
        (tmp_path / "programs").mkdir()
        (tmp_path / "programs" / "half-done.toml").write_text("schema = 1", encoding="utf-8")
        assert problems_of(SettingsBench(tmp_path), default_program="half-done") == {
            "default_program": (
                "The file of this program has mistakes. Mend it, or choose another program."
            )
        }

    def test_without_a_speech_engine_no_voice_can_be_chosen_but_the_usual_one(self, tmp_path):
        bench = SettingsBench(tmp_path, no_engine="There is no speech engine.")
        assert problems_of(bench, voice="gmw/en") == {"voice": "There is no speech engine."}
        with pytest.raises(SpeechError, match="There is no speech engine"):
            bench.choices.voices()
        bench.store.settings.set({"voice": "gmw/en"}, Actor.COMMAND, NOON)
        assert bench.service.change({"voice": ""}).settings == Settings()

    def test_what_the_command_or_the_environment_sets(self, tmp_path):
        bench = SettingsBench(tmp_path, environ={"KIOSK_VOLUME": "50"}, options={"rate": 140})
        assert problems_of(bench, volume="60", rate="150", lead_in_ms="0") == {
            "volume": "This is set by KIOSK_VOLUME, and cannot be changed here.",
            "rate": "This is set by --rate, and cannot be changed here.",
        }
        assert bench.service.change({"volume": "50", "lead_in_ms": "0"}).settings.lead_in_ms == 0
        assert bench.store.settings.stored() == {"lead_in_ms": "0"}

    @pytest.mark.parametrize("name", sorted(AT_START))
    def test_what_counts_from_the_next_start_only(self, bench, name):
        assert problems_of(bench, **{name: "1"}) == {
            name: "This is set in kiosk.toml, and counts from the kiosk's next start."
        }


class TestTwoCaregiversAtOnce:
    def test_the_second_is_told_and_nothing_is_overwritten(self, bench):
        version = bench.service.view().version
        bench.service.change({"volume": "60"}, version)
        for outdated in (version, "", "nonsense"):
            with pytest.raises(ConflictError, match=r"^setting\.changed-meanwhile"):
                bench.service.change({"volume": "70", "rate": "130"}, outdated)
        assert bench.service.refresh() == Settings(volume=60)
        assert len(bench.in_force) == 1

        bench.service.change({"volume": "70"}, bench.service.view().version)
        assert bench.service.refresh() == Settings(volume=70)

    @pytest.mark.parametrize(
        "second",
        [{"rate": "130"}, {"volume": "60", "rate": "130"}],
        ids=["another setting", "also what the first has changed, to the same"],
    )
    def test_a_change_that_overwrites_nothing_goes_through(self, bench, second):
        version = bench.service.view().version
        bench.service.change({"volume": "60"}, version)
        bench.service.change(second, version)
        assert bench.service.refresh() == Settings(volume=60, rate=130)

    def test_what_another_process_stores_just_before_is_not_overwritten(self, bench):
        store, version = bench.store, bench.service.view().version
        store.disk.before_write = lambda: store.settings.set({"volume": "60"}, Actor.COMMAND, NOON)

        with pytest.raises(ConflictError):
            bench.service.change({"volume": "70"}, version)
        assert bench.service.current == Settings(volume=60)

        store.disk.before_write = lambda: store.settings.set({"rate": "130"}, Actor.COMMAND, NOON)
        bench.service.change({"volume": "70"}, bench.service.view().version)
        assert store.settings.stored() == {"rate": "130", "volume": "70"}
        assert bench.in_force[1:] == [Settings(volume=60, rate=130), Settings(volume=70, rate=130)]

    def test_of_many_at_once_one_goes_through(self, bench):
        version = bench.service.view().version

        outcomes = at_once(
            *(
                partial(bench.service.change, {"volume": str(percent)}, version)
                for percent in range(20, 60)
            )
        )

        assert sum(isinstance(one, ConflictError) for one in outcomes) == 39
        assert len(bench.in_force) == 1


class TestASample:
    def test_it_is_a_sentence_in_the_voice_that_is_asked_for(self, bench):
        usual, slow = bench.choices.sample("", 155), bench.choices.sample("hum/en", 120)
        assert bench.engine.asked_for == ["This is how loud I speak, and how fast."] * 2
        assert slow.frames > usual.frames == frames_of(usual.timeline.duration)
        assert any(usual.pcm(0, usual.frames))

    def test_in_pieces_it_is_what_it_is_in_one(self, bench):
        sound = bench.choices.sample("", 155)
        whole = sound.pcm(0, sound.frames)
        assert len(whole) == sound.frames * BYTES_PER_FRAME
        pieces = [sound.pcm(start, 1000) for start in range(0, sound.frames, 1000)]
        assert b"".join(pieces) == whole
        assert sound.pcm(sound.frames, 10) == b""

    def test_a_rate_that_nobody_follows_is_refused(self, bench):
        with pytest.raises(SettingsError) as caught:
            bench.choices.sample("", 300)
        (problem,) = caught.value.problems
        assert line(problem) == "settings: rate: Expected 120 to 200 words a minute, not 300."

    def test_a_voice_that_is_not_there_is_told(self, bench):
        with pytest.raises(SpeechError, match="no voice 'Robbie'"):
            bench.choices.sample("Robbie", 155)

    def test_without_an_engine_it_says_what_to_do(self, tmp_path):
        bench = SettingsBench(tmp_path, engine=FakeEngine(no_engine="Install espeak-ng."))
        with pytest.raises(SpeechError, match="Install espeak-ng"):
            bench.choices.sample("", 155)


# The choices that a machine offers for the settings


BOARD = """\
 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 2 [Webcam         ]: USB-Audio - Webcam - with microphone
                      Maker Webcam at usb-0000:01:00.0-1.2, high speed
10 [Device         ]: USB-Audio - USB Audio Device
                      C-Media USB Audio Device at usb-0000:01:00.0-1.1, full speed
"""
OUTPUTS = """\
00-00: MAI PCM i2s-hifi-0 : MAI PCM i2s-hifi-0 : playback 1
01-00: bcm2835 Headphones : bcm2835 Headphones : playback 8
02-00: USB Audio : USB Audio : capture 1
10-00: USB Audio : USB Audio : playback 1 : capture 1
"""


def choices_with(voices) -> SettingChoices:
    preparer = SessionPreparer(Shelf(), MarkedVoice(), ENGLISH, Settings)
    return SettingChoices(Shelf(), preparer, voices)


@pytest.fixture(scope="module")
def choices() -> Iterator[SettingChoices]:
    """As this machine has them."""
    with closing(Pyttsx3Engine()) as engine:
        yield choices_with(engine.voices)


def problems(choices, name, text):
    return [sentence(problem) for problem in choices.problems(name, text)]


class TestChoices:
    def test_there_are_voices_for_english_by_name(self, choices):
        voices = choices.voices()
        assert ("gmw/en-us", "English (America)") in [(voice.id, voice.name) for voice in voices]
        assert [voice.name for voice in voices] == sorted(voice.name for voice in voices)
        assert {voice.language.partition("-")[0] for voice in voices} == {"en"}

    def test_a_voice_that_is_not_there_is_refused_with_near_ones(self, choices):
        assert problems(choices, "voice", "gmw/en-us") == []
        (message,) = problems(choices, "voice", "gmw/en-uz")
        assert re.match(
            r"The speech engine has no voice 'gmw/en-uz'.* Near ones: .*gmw/en-us", message
        )

    def test_zones_that_people_live_in(self, choices):
        zones = choices.zones()
        assert {"Europe/Oslo", "America/New_York"} <= set(zones)
        assert zones[-1] == "UTC"
        assert list(zones[:-1]) == sorted(zones[:-1])
        assert not [zone for zone in zones if zone.startswith(("Etc/", "US/", "posix/"))]
        for zone in ("Europe/Oslo", "UTC", ""):
            assert problems(choices, "time_zone", zone) == []


class TestVoices:
    def test_the_engine_is_asked_once(self):
        asked = []

        def voices():
            asked.append("voices")
            return [Known("gmw/en", "English", "en-gb"), Known("gmw/de", "German", "de")]

        choices = choices_with(voices)
        assert choices.voices() == choices.voices() == (Known("gmw/en", "English", "en-gb"),)
        assert problems(choices, "voice", "German") == []
        assert asked == ["voices"]

    def test_one_that_was_installed_meanwhile_is_found(self):
        there = [Known("gmw/en", "English", "en")]
        choices = choices_with(lambda: tuple(there))
        choices.voices()
        better = Known("mb/en-us", "Better English", "en-us")
        there.append(better)
        assert problems(choices, "voice", "mb/en-us") == []
        assert better in choices.voices()


class TestCards:
    @pytest.fixture
    def sound(self, tmp_path: Path) -> Path:
        (tmp_path / "cards").write_text(BOARD, encoding="utf-8")
        (tmp_path / "pcm").write_text(OUTPUTS, encoding="utf-8")
        return tmp_path

    def test_those_that_play_by_the_names_that_portaudio_begins_with(self, sound):
        names = ("vc4-hdmi-0", "bcm2835 Headphones", "USB Audio Device")
        assert cards_that_play(sound) == names

    def test_two_of_the_same_name_are_one_choice(self, sound):
        with (sound / "cards").open("a") as cards:
            cards.write("11 [Device_1       ]: USB-Audio - USB Audio Device\n   Another one\n")
        with (sound / "pcm").open("a") as outputs:
            outputs.write("11-00: USB Audio : USB Audio : playback 1\n")
        assert cards_that_play(sound).count("USB Audio Device") == 1

    def test_a_card_whose_name_has_dashes_keeps_it(self, sound):
        with (sound / "pcm").open("a") as outputs:
            outputs.write("02-01: USB Audio : USB Audio : playback 1\n")
        assert "Webcam - with microphone" in cards_that_play(sound)

    def test_without_any_there_is_none(self, tmp_path):
        assert cards_that_play(tmp_path / "asound") == ()
        (tmp_path / "cards").write_text("--- no soundcards ---\n", encoding="utf-8")
        (tmp_path / "pcm").write_text("", encoding="utf-8")
        assert cards_that_play(tmp_path) == ()
