"""Which passphrases are good enough, and what is kept of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.auth.passphrase import NOBODYS, SALT_LENGTH, KeptPassphrase, check, prepared
from tests.auth.kit import refusal_of

SALT = bytes(range(SALT_LENGTH))


class TestWhichAreGoodEnough:
    @pytest.mark.parametrize(
        "typed",
        [
            "three calm chairs",
            "Tr0ub4dor&3",
            "пароль не простой",
            "🦆🐢🦉🐙🦊🐝🐌🦋",
            "xy" * 100,
        ],
    )
    def test_anything_long_enough(self, typed):
        assert check(typed) == typed

    @pytest.mark.parametrize("typed", ["", "short", "1234567", "   a b    ", "       \t\n      "])
    def test_not_what_is_too_short(self, typed):
        error = refusal_of(check, typed)
        assert str(error).startswith("That is too short. Take at least 8 characters;")
        assert error.field == "passphrase"

    @pytest.mark.parametrize("typed", ["ab" * 101, "ﷺ" * 12, " " * 10_000 + "a good one"])
    def test_not_what_is_too_long(self, typed):
        error = refusal_of(check, typed)
        assert str(error) == "That is too long. Take at most 200 characters."

    @pytest.mark.parametrize(
        "typed",
        [
            "12345678",
            "1234567890",
            "87654321",
            "0987654321",
            "abcdefgh",
            "password",
            "PassWord",
            "pass word",
            "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
            "aaaaaaaa",
            "        9 9 9 9 9 9 9 9",
            "........",
            "qwertyuiop",
            "ExerciseKiosk",
            "raspberry",
        ],
    )
    def test_not_the_first_that_others_would_try(self, typed):
        assert str(refusal_of(check, typed)).startswith("That is one of the first")


class TestWhatIsKept:
    def test_it_is_recognised_and_another_is_not(self):
        kept = KeptPassphrase.make("three calm chairs", SALT)
        assert kept.is_of("three calm chairs")
        assert not kept.is_of("three calm chair")

    def test_it_survives_being_written_and_read(self):
        kept = KeptPassphrase.make("three calm chairs", SALT)
        assert KeptPassphrase.read(kept.text()) == kept
        assert kept.text().startswith("scrypt$16384$8$1$")

    def test_the_same_passphrase_with_another_salt_looks_different(self):
        one, two = (KeptPassphrase.make("three calm chairs", bytes([n] * 16)) for n in (1, 2))
        assert one.hash != two.hash

    def test_it_shows_nothing_of_itself(self):
        kept = KeptPassphrase.make("three calm chairs", SALT)
        assert repr(kept.hash) not in repr(kept)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "three calm chairs",
            "md5$1$1$1$AAAA$AAAA",
            "scrypt$16384$8$1$AAAA",
            "scrypt$16384$8$1$AAAA$AAAA",
            "scrypt$x$8$1$AAAA$" + "A" * 43 + "=",
            "scrypt$16384$8$1$AAAA$" + "!" * 43 + "=",
            "scrypt$16385$8$1$AAAA$" + "A" * 43 + "=",
            "scrypt$65536$8$1$AAAA$" + "A" * 43 + "=",
            "scrypt$16384$800$1$AAAA$" + "A" * 43 + "=",
            "scrypt$16384$-8$1$AAAA$" + "A" * 43 + "=",
            "scrypt$16384$8$100$AAAA$" + "A" * 43 + "=",
            "scrypt$0$8$1$AAAA$" + "A" * 43 + "=",
        ],
    )
    def test_what_is_no_such_thing_or_too_dear_is_refused(self, text):
        """A restored backup may hold anything."""
        with pytest.raises(ValueError, match=r"it is no kept|it was not made by"):
            KeptPassphrase.read(text)

    def test_nobodys_costs_as_much_and_opens_to_nobody(self):
        kept = KeptPassphrase.make("three calm chairs", SALT)
        cost = (kept.cost, kept.block, kept.lanes, len(kept.salt), len(kept.hash))
        assert cost == (
            NOBODYS.cost,
            NOBODYS.block,
            NOBODYS.lanes,
            len(NOBODYS.salt),
            len(NOBODYS.hash),
        )
        assert not NOBODYS.is_of("")


@given(st.text(max_size=300))
@settings(deadline=None)
def test_what_is_meant_does_not_change_when_it_is_prepared_again(typed):
    once = prepared(typed)
    assert prepared(once) == once or len(once) > 200
