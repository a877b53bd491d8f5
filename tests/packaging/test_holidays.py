"""The holidays file is what working hours are counted by: a wrong day calls people on a holiday."""
import datetime
import os
import re

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DAY = re.compile(r"^  - \{date: (\d{4}-\d{2}-\d{2}), name: ([^}]+)\}$")
YEARS = range(2025, 2033)
ONE_DAY = datetime.timedelta(days=1)


def listed():
    """The file's days: a list of (date, name)."""
    with open(os.path.join(ROOT, "etc/holidays/SE.yaml"), encoding="utf-8") as file:
        found = [DAY.match(line) for line in file]
    return [(datetime.date.fromisoformat(match.group(1)), match.group(2)) for match in found if match]


def easter(year):
    """The Sunday after the church's full moon on or after 21 March, counted from the golden number."""
    golden = year % 19 + 1
    century = year // 100 + 1
    leaps_left_out = 3 * century // 4 - 12
    moon_drift = (8 * century + 5) // 25 - 5
    epact = (11 * golden + 20 + moon_drift - leaps_left_out) % 30
    if epact == 24 or (epact == 25 and golden > 11):
        epact += 1
    after_march_first = 44 - epact
    if after_march_first < 21:
        after_march_first += 30
    moon = datetime.date(year, 3, 1) + (after_march_first - 1) * ONE_DAY
    return moon + (7 - (moon.weekday() + 1) % 7) * ONE_DAY


def weekday_from(year, month, day, weekday):
    """The first such weekday (Monday is 0) on or after the day."""
    date = datetime.date(year, month, day)
    while date.weekday() != weekday:
        date += ONE_DAY
    return date


def expected(year):
    sunday = easter(year)
    return {
        datetime.date(year, 1, 1): "Nyårsdagen",
        datetime.date(year, 1, 6): "Trettondedag jul",
        sunday - 2 * ONE_DAY: "Långfredagen",
        sunday: "Påskdagen",
        sunday + ONE_DAY: "Annandag påsk",
        datetime.date(year, 5, 1): "Första maj",
        sunday + 39 * ONE_DAY: "Kristi himmelsfärdsdag",
        sunday + 49 * ONE_DAY: "Pingstdagen",
        datetime.date(year, 6, 6): "Sveriges nationaldag",
        weekday_from(year, 6, 19, 4): "Midsommarafton",
        weekday_from(year, 6, 20, 5): "Midsommardagen",
        weekday_from(year, 10, 31, 5): "Alla helgons dag",
        datetime.date(year, 12, 24): "Julafton",
        datetime.date(year, 12, 25): "Juldagen",
        datetime.date(year, 12, 26): "Annandag jul",
        datetime.date(year, 12, 31): "Nyårsafton",
    }


@pytest.mark.parametrize("year, day", [
    (2025, "2025-04-20"), (2026, "2026-04-05"), (2027, "2027-03-28"), (2028, "2028-04-16"),
    (2029, "2029-04-01"), (2030, "2030-04-21"), (2031, "2031-04-13"), (2032, "2032-03-28"),
])
def test_easter_falls_where_the_almanac_has_it(year, day):
    assert easter(year).isoformat() == day


@pytest.mark.parametrize("year", YEARS)
def test_nobody_in_sweden_is_called_on_a_holiday_of(year):
    assert {date: name for date, name in listed() if date.year == year} == expected(year)


def test_each_day_is_listed_once_in_order():
    dates = [date for date, _ in listed()]
    assert dates == sorted(set(dates))
    assert {date.year for date in dates} == set(YEARS)
