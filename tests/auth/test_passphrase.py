"""The rules for a new passphrase, and the hash that is stored of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.auth.passphrase import NO_PASSPHRASE, SALT_LENGTH, PassphraseHash, check_new, normalised
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
        assert check_new(typed) == typed

    @pytest.mark.parametrize("typed", ["", "short", "1234567", "   a b    ", "       \t\n      "])
    def test_not_what_is_too_short(self, typed):
        error = refusal_of(check_new, typed)
        assert str(error).startswith("That is too short. Take at least 8 characters;")
        assert error.field == "passphrase"

    @pytest.mark.parametrize("typed", ["ab" * 101, "ﷺ" * 12, " " * 10_000 + "a good one"])
    def test_not_what_is_too_long(self, typed):
        error = refusal_of(check_new, typed)
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
        assert str(refusal_of(check_new, typed)).startswith("That is one of the first")


class TestTheHash:
    def test_it_is_recognised_and_another_is_not(self):
        stored = PassphraseHash.make("three calm chairs", SALT)
        assert stored.matches("three calm chairs")
        assert not stored.matches("three calm chair")

    def test_it_survives_being_written_and_read(self):
        stored = PassphraseHash.make("three calm chairs", SALT)
        assert PassphraseHash.read(stored.text()) == stored
        assert stored.text().startswith("scrypt$16384$8$1$")

    def test_the_same_passphrase_with_another_salt_looks_different(self):
        one, two = (PassphraseHash.make("three calm chairs", bytes([n] * 16)) for n in (1, 2))
        assert one.hash != two.hash

    def test_it_shows_nothing_of_itself(self):
        stored = PassphraseHash.make("three calm chairs", SALT)
        assert repr(stored.hash) not in repr(stored)

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
        with pytest.raises(ValueError, match=r"it is no hash|it was not made by"):
            PassphraseHash.read(text)

    def test_where_none_is_stored_comparing_costs_as_much_and_nothing_matches(self):
        stored, none = PassphraseHash.make("three calm chairs", SALT), NO_PASSPHRASE
        assert (none.cost, none.block, none.lanes) == (stored.cost, stored.block, stored.lanes)
        assert (len(none.salt), len(none.hash)) == (len(stored.salt), len(stored.hash))
        assert not none.matches("")


@given(st.text(max_size=300))
@settings(deadline=None)
def test_normalising_twice_changes_no_more_than_once(typed):
    once = normalised(typed)
    assert normalised(once) == once or len(once) > 200
