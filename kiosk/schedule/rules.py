"""The household's rules of reminders, as the settings have them, and its quiet hours."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.schedule.occurrences import DAY, local_day, moment_of
from kiosk.settings.model import Settings, time_of_day


@dataclass(frozen=True, slots=True)
class Rules:
    """When reminders are given, and for how long an occurrence stays due."""

    remind_again: tuple[timedelta, ...] = (timedelta(minutes=5), timedelta(minutes=10))
    """The further reminders, each counted from the first one."""

    grace: timedelta = timedelta(minutes=60)
    """How long an occurrence stays due, from when it was due or, put off, is due again."""

    put_off: timedelta = timedelta(minutes=30)
    """How much later an occurrence that was put off is due again."""

    quiet_from: time | None = None
    """Local time at which the quiet hours begin, in which nothing is said; they may go past
    midnight. There are none where either end is missing or both are the same."""

    quiet_to: time | None = None

    @property
    def waits(self) -> tuple[timedelta, ...]:
        """Every reminder, the first one included, counted from the first."""
        return (timedelta(0), *sorted(self.remind_again))


def rules_of(settings: Settings) -> Rules:
    """The rules in the settings."""
    again = {settings.remind_again_min, settings.remind_last_min}
    return Rules(
        remind_again=tuple(timedelta(minutes=wait) for wait in sorted(again)),
        grace=timedelta(minutes=settings.grace_min),
        put_off=timedelta(minutes=settings.put_off_min),
        quiet_from=time_of_day(settings.quiet_from),
        quiet_to=time_of_day(settings.quiet_to),
    )


def is_quiet(moment: datetime, zone: ZoneInfo, rules: Rules) -> bool:
    """Whether `moment` lies in the quiet hours, as the wall clock in `zone` shows it."""
    begin, end = rules.quiet_from, rules.quiet_to
    if begin is None or end is None:
        return False
    wall = moment.astimezone(zone).time()
    if begin <= end:
        return begin <= wall < end
    return wall >= begin or wall < end


def end_of_quiet(moment: datetime, zone: ZoneInfo, rules: Rules) -> datetime | None:
    """When the quiet hours that `moment` lies in end; `None` where it lies in none."""
    if rules.quiet_to is None or not is_quiet(moment, zone, rules):
        return None
    day = local_day(moment, zone)
    ends = (moment_of(day + n * DAY, rules.quiet_to, zone) for n in range(3))
    return next((end for end in ends if end is not None and end > moment), None)
