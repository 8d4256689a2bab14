"""What was there before a backup was restored is kept from the last two times."""

import pytest

from kiosk.store.restore import restore_from
from tests.store.kit import DAY, NOW, household, lines_in, names_in, packed

MOMENTS = ("20260302-080000", "20260303-080000", "20260304-080000", "20260305-080000")
"""The four days on which a backup is restored here, as names of files have them."""

ALL_OF_IT = ("kiosk.db", "kiosk.toml", "programs")


@pytest.fixture
def backups(quick_folder):
    """Of two kiosks that differ in everything, by turns."""
    made = [
        packed(household(quick_folder / name, name, own=("ours",)), quick_folder / f"{name}.backup")
        for name in ("one", "other")
    ]
    return made * 2


@pytest.fixture
def state(quick_folder):
    return household(quick_folder / "state", "here", own=("ours",))


def asides_in(state):
    return [name for name in names_in(state) if "before-restore" in name]


def asides_of(*moments):
    return sorted(f"{name}.before-restore-{moment}" for name in ALL_OF_IT for moment in moments)


@pytest.mark.parametrize(
    ("days", "latest"),
    [((0, 1, 2, 3), 2), ((2, 1, 0, 3), 2), ((1, 2, 3, 0), 3)],
    ids=["day by day", "the clock was back for a while", "the clock is back at last"],
)
def test_from_the_last_time_and_the_latest_before_it(state, backups, days, latest):
    for backup, day in zip(backups, days, strict=True):
        restore_from(state, backup, NOW + day * DAY)

    assert asides_in(state) == asides_of(MOMENTS[latest], MOMENTS[days[-1]])
    aside = state / f"programs.before-restore-{MOMENTS[days[-1]]}"
    assert [path.name for path in aside.iterdir()] == ["ours.toml"]


def test_where_the_clock_stands_still_the_last_two_all_the_same(state, backups):
    kept = [restore_from(state, backup, NOW).kept for backup in backups]

    assert asides_in(state) == sorted(path.name for path in (*kept[2], *kept[3]))


def test_what_is_restored_stays_where_it_was(state, backups):
    oldest, *_ = restore_from(state, backups[0], NOW).kept
    restore_from(state, backups[1], NOW + DAY)
    restore_from(state, oldest, NOW + 2 * DAY)

    assert oldest.exists()
    assert lines_in(state)[0] == "here"


def test_only_names_that_the_kiosk_gives_are_its_to_remove(state, backups):
    own = (
        f"kiosk.db.before-restore-{MOMENTS[0]}.mine",
        f"notes.before-restore-{MOMENTS[0]}",
        "kiosk.db.before-restore-in-may",
    )
    for name in own:
        (state / name).write_bytes(b"")
    for number, backup in enumerate(backups):
        restore_from(state, backup, NOW + number * DAY)

    assert set(own) < set(names_in(state))


def test_what_cannot_be_removed_stays_and_the_backup_counts(state, backups, caplog):
    # The journal that SQLite might have left is a folder here, which nothing removes.
    (state / f"kiosk.db.before-restore-{MOMENTS[0]}-journal").mkdir()
    for number, backup in enumerate(backups[:3]):
        restore_from(state, backup, NOW + number * DAY)

    assert "What an old backup has replaced stays: " in caplog.text
    assert asides_in(state) == sorted(
        [
            *asides_of(MOMENTS[1], MOMENTS[2]),
            f"kiosk.db.before-restore-{MOMENTS[0]}-journal",
        ]
    )
