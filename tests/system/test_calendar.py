"""Nobody is contacted outside the hours, days and weeks that the protocol gives: a reminder waits for the
first working day of its window."""
import datetime
import zoneinfo

import pytest
from world import PROTOCOL, World, check

ZONE = zoneinfo.ZoneInfo("Europe/Stockholm")
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def week_of_opening():
    """The ISO week of the day on which the window of `form` opens."""
    return (datetime.datetime.now(ZONE).date() + datetime.timedelta(days=25)).isocalendar().week


def dates(task):
    """The days of the task's window."""
    first = datetime.datetime.fromisoformat(task["opens_at"].replace("Z", "+00:00")).astimezone(ZONE).date()
    last = datetime.datetime.fromisoformat(task["closes_at"].replace("Z", "+00:00")).astimezone(ZONE).date()
    return [first + datetime.timedelta(days=n) for n in range((last - first).days)]


@pytest.mark.parametrize("days, hour, pause", [
    (NAMES, 9, []), (NAMES[:5], 9, []), (("Sat", "Sun"), 11, []), (NAMES[:5], 8, ["opening"]), (NAMES, 9, range(1, 54))])
def test_a_reminder_waits_for_the_first_working_day_of_its_window(cluster, days, hour, pause):
    weeks = [week_of_opening() if week == "opening" else week for week in pause]
    calendar = f"working_hours: \"{','.join(days)} {hour:02}:00-18:00\"" + (f", pause_iso_weeks: {weeks}" if weeks else "")
    protocol = PROTOCOL.replace("working_hours: Mon-Sun 09:00-18:00", calendar)
    with World(cluster, protocol=protocol, config={}) as world:
        code = world.workplaces(1)[0]
        check(world.allocate(code))
        task = next(one for one in world.items("coordinator", f"{world.path}/tasks") if one["task"] == "form")
        good = [day for day in dates(task) if NAMES[day.weekday()] in days and day.isocalendar().week not in weeks]
        wanted = [datetime.datetime.combine(good[0], datetime.time(hour), ZONE)] if good else []
        found = [one for one in world.items("coordinator", f"{world.path}/reminders") if one["task"] == "form"]
        assert [datetime.datetime.fromisoformat(one["due_at"].replace("Z", "+00:00")) for one in found] == wanted
