"""What the record of the settings says of itself."""

import pytest

from kiosk.settings.model import Within, limits_of, names_of_host, setting_names, words_of


def test_a_setting_takes_a_number_within_limits_or_few_words_or_any_text():
    assert limits_of("port") == Within(0, 65535, "TCP port")
    assert words_of("now_seen_by") == ("anyone", "caregivers")
    assert (limits_of("voice"), words_of("voice")) == (None, ())
    assert not [name for name in setting_names() if limits_of(name) and words_of(name)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        (" , ", ()),
        ("Kiosk.LAN", ("kiosk.lan",)),
        ("gym, kiosk.example,gym", ("gym", "kiosk.example")),
        ("192.168.1.20, fd00::7", ("192.168.1.20", "fd00::7")),
        ("a-1." + "b" * 63, ("a-1." + "b" * 63,)),
    ],
)
def test_names_of_hosts_are_listed_with_commas(text, names):
    assert names_of_host(text) == names


@pytest.mark.parametrize(
    "name",
    [
        "kiosk:8080",
        "http://kiosk",
        "kiosk/",
        "two words",
        "-kiosk",
        "kiosk-",
        "kiosk..lan",
        "kiosk.",
        "a.-b",
        "*.lan",
        "b" * 64,
        ".".join(["abcdefg"] * 32),
        "küche",
    ],
)
def test_what_is_no_host_is_told(name):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is the name
        names_of_host(f"gym, {name}")
    assert str(caught.value) == name
