"""Free days are those of the law, and a day begins at midnight where the company is."""

import subprocess
import sys
import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from importlib.metadata import version
from typing import Final

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from bot.content.calendars import RULE, default_zone, is_free, knows, local_date
from bot.core.deadline import deadline, months_after

SATURDAY: Final = 5

#: Every public holiday from Monday to Friday, from the almanacs; the eves stand in none of the lists.
ON_WORKING_DAYS: Final = {
    ("FI", 2026): "01-01 01-06 04-03 04-06 05-01 05-14 12-25",
    ("FI", 2027): "01-01 01-06 03-26 03-29 05-06 12-06",
    ("FI", 2028): "01-06 04-14 04-17 05-01 05-25 12-06 12-25 12-26",
    ("SE", 2026): "01-01 01-06 04-03 04-06 05-01 05-14 12-25",
    ("SE", 2027): "01-01 01-06 03-26 03-29 05-06",
    ("SE", 2028): "01-06 04-14 04-17 05-01 05-25 06-06 12-25 12-26",
}

years = st.dates(date(2020, 1, 1), date(2090, 12, 31))
nordic = st.sampled_from(("FI", "SE"))


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=passed) for passed in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize(("country", "year"), ON_WORKING_DAYS)
def test_holidays_on_working_days(country: str, year: int) -> None:
    """All of them, and no other day from Monday to Friday."""
    found = [day for day in days_of(year) if day.weekday() < SATURDAY and is_free(country, day)]
    assert " ".join(f"{day:%m-%d}" for day in found) == ON_WORKING_DAYS[country, year]


@pytest.mark.parametrize(
    ("country", "day"),
    [
        *((country, day) for country in ("FI", "SE", "AX") for day in ("2026-06-19", "2027-06-25", "2028-06-23")),
        *((country, day) for country in ("FI", "SE", "AX") for day in ("2026-12-24", "2027-12-24")),
        *((country, day) for country in ("FI", "SE") for day in ("2026-12-31", "2027-12-31", "2026-04-02")),
        ("SE", "2027-05-07"),
        ("SE", "2026-01-05"),
        ("FI", "2028-06-06"),
        ("SE", "2027-12-06"),
        ("FI", "2028-06-09"),
    ],
)
def test_eves_and_neighbours_holidays_are_working_days(country: str, day: str) -> None:
    """Midsummer Eve, Christmas Eve and New Year's Eve are free to many, but no public holidays by law."""
    assert not is_free(country, date.fromisoformat(day))


@pytest.mark.parametrize("country", ["FI", "SE", "DE", "FR"])
def test_weekends_are_free(country: str) -> None:
    """Every Saturday and Sunday, whatever the country."""
    assert all(is_free(country, day) for day in days_of(2027) if day.weekday() >= SATURDAY)


@pytest.mark.parametrize(
    ("country", "day", "free"),
    [
        ("EE", "2027-02-24", True),
        ("EE", "2027-12-24", True),
        ("NO", "2027-05-17", True),
        ("DK", "2027-12-24", False),
        ("DE", "2028-10-03", True),
        ("DE", "2026-11-18", False),
        ("FR", "2027-07-14", True),
    ],
)
def test_other_countries_have_their_own(country: str, day: str, free: bool) -> None:
    """What is an eve in Finland is a public holiday in Estonia; a holiday of one German state is none of Germany's."""
    assert is_free(country, date.fromisoformat(day)) is free


@pytest.mark.parametrize("country", ["FI", "SE", "AX", "NO", "DK", "EE", "DE", "GB"])
def test_countries_are_known_by_their_code(country: str) -> None:
    """ISO 3166-1, two capital letters."""
    assert knows(country)


@pytest.mark.parametrize("country", ["", "XX", "fi", "FIN", "Finland", "UK", "F I", "XNYS"])
def test_unknown_countries_are_refused(country: str) -> None:
    """On a weekend too: nobody learns only on a Monday that a country was misspelt."""
    assert not knows(country)
    for day in days_of(2027)[:7]:
        with pytest.raises(KeyError):
            is_free(country, day)


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        # Winter and summer.
        ("Europe/Helsinki", "2026-01-15T21:59", "2026-01-15"),
        ("Europe/Helsinki", "2026-01-15T22:00", "2026-01-16"),
        ("Europe/Helsinki", "2026-07-15T20:59", "2026-07-15"),
        ("Europe/Helsinki", "2026-07-15T21:00", "2026-07-16"),
        ("Europe/Stockholm", "2026-01-15T22:59", "2026-01-15"),
        ("Europe/Stockholm", "2026-01-15T23:00", "2026-01-16"),
        ("Europe/Stockholm", "2026-07-15T22:00", "2026-07-16"),
        # Summer time begins on 29 March 2026 at 01:00 UTC: midnight before it is winter's, midnight after it summer's.
        ("Europe/Helsinki", "2026-03-28T21:30", "2026-03-28"),
        ("Europe/Helsinki", "2026-03-28T22:00", "2026-03-29"),
        ("Europe/Helsinki", "2026-03-29T20:59", "2026-03-29"),
        ("Europe/Helsinki", "2026-03-29T21:00", "2026-03-30"),
        ("Europe/Stockholm", "2026-03-28T22:59", "2026-03-28"),
        ("Europe/Stockholm", "2026-03-29T22:00", "2026-03-30"),
        # It ends on 25 October 2026 at 01:00 UTC.
        ("Europe/Helsinki", "2026-10-24T21:00", "2026-10-25"),
        ("Europe/Helsinki", "2026-10-25T21:30", "2026-10-25"),
        ("Europe/Helsinki", "2026-10-25T22:00", "2026-10-26"),
        ("Europe/Stockholm", "2026-10-24T22:00", "2026-10-25"),
        ("Europe/Stockholm", "2026-10-25T22:30", "2026-10-25"),
        # Around midnight UTC both are well into the new day.
        ("Europe/Helsinki", "2026-10-25T00:00", "2026-10-25"),
        ("Europe/Stockholm", "2026-03-29T00:00", "2026-03-29"),
        # The turn of the year and the leap day divide the two countries.
        ("Europe/Helsinki", "2026-12-31T22:30", "2027-01-01"),
        ("Europe/Stockholm", "2026-12-31T22:30", "2026-12-31"),
        ("Europe/Helsinki", "2028-02-29T22:30", "2028-03-01"),
        ("Europe/Stockholm", "2028-02-29T22:30", "2028-02-29"),
        ("Europe/Helsinki", "2028-02-28T22:30", "2028-02-29"),
    ],
)
def test_a_day_begins_at_local_midnight(zone: str, at: str, day: str) -> None:
    """A request sent late in the evening is received on the company's day, not on UTC's."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert local_date(zone, moment).isoformat() == day
    assert local_date(zone, moment.astimezone(timezone(timedelta(hours=-9)))).isoformat() == day


def test_a_naive_time_has_no_day() -> None:
    """It is refused rather than taken for the machine's own zone."""
    with pytest.raises(ValueError, match="zone"):
        local_date("Europe/Helsinki", datetime(2026, 1, 1, 12))  # noqa: DTZ001 (naive on purpose)


@pytest.mark.parametrize("zone", ["", "Europe", "Mars/Olympus", "Helsinki", "../etc/passwd", "/etc/passwd", "a\0b"])
def test_unknown_zones_are_refused(zone: str) -> None:
    """Folders, paths and misspelt names alike."""
    with pytest.raises(KeyError):
        local_date(zone, datetime(2026, 1, 1, tzinfo=UTC))


def test_zones_need_nothing_of_the_system() -> None:
    """A slim machine has no time zone database: the package tzdata brings it."""
    zoneinfo.reset_tzpath(to=())
    try:
        assert zoneinfo.ZoneInfo.no_cache("Europe/Helsinki").key == "Europe/Helsinki"
    finally:
        zoneinfo.reset_tzpath()


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("FI", "Europe/Helsinki"),
        ("SE", "Europe/Stockholm"),
        ("AX", "Europe/Mariehamn"),
        ("NO", "Europe/Oslo"),
        ("EE", "Europe/Tallinn"),
        ("FR", "Europe/Paris"),
        ("DE", None),  # Büsingen has one of its own
        ("ES", None),
        ("US", None),
        ("XX", None),
        ("fi", None),
        ("", None),
    ],
)
def test_a_country_with_one_zone_needs_no_other_word(country: str, zone: str | None) -> None:
    """Where there are several, nobody guesses."""
    assert default_zone(country) == zone


def test_every_default_zone_exists() -> None:
    """What CLDR names, the time zone database knows."""
    for country in get_global("territory_zones"):
        zone = default_zone(country)
        assert zone is None or local_date(zone, datetime(2026, 6, 15, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("country", "received", "limit"),
    [
        ("FI", "2027-11-06", "2027-12-07"),
        ("SE", "2027-11-06", "2027-12-06"),
        ("FI", "2028-05-06", "2028-06-06"),
        ("SE", "2028-05-06", "2028-06-07"),
        ("FI", "2028-11-23", "2028-12-27"),
        ("SE", "2028-11-23", "2028-12-27"),
        ("FI", "2027-05-25", "2027-06-25"),
        ("SE", "2027-11-24", "2027-12-24"),
        ("SE", "2027-11-30", "2027-12-30"),
        ("SE", "2026-12-31", "2027-02-01"),
    ],
)
def test_limits_in_both_countries(country: str, received: str, limit: str) -> None:
    """6 December moves a Finnish limit, 6 June a Swedish one."""
    made = deadline(date.fromisoformat(received), partial(is_free, country), RULE)
    assert made.limit.isoformat() == limit


@given(nordic, years)
def test_a_limit_comes_within_four_days_of_the_month(country: str, received: date) -> None:
    """Easter, Christmas beside a weekend, and Ascension Day beside May Day are the longest that free days last."""
    made = deadline(received, partial(is_free, country), RULE)
    assert timedelta() <= made.limit - months_after(received, 1) <= timedelta(days=4)
    assert not is_free(country, made.limit)


@given(nordic, years, years)
def test_limits_keep_the_order(country: str, one: date, other: date) -> None:
    """Who asked first is answered no later."""
    first, second = (deadline(received, partial(is_free, country), RULE) for received in sorted((one, other)))
    assert first.limit <= second.limit


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_local_days_are_at_most_one_ahead(at: datetime) -> None:
    """East of Greenwich the day is UTC's or the next, and Stockholm's is never ahead of Helsinki's."""
    helsinki, stockholm = (local_date(zone, at) for zone in ("Europe/Helsinki", "Europe/Stockholm"))
    assert at.date() <= stockholm <= helsinki <= at.date() + timedelta(days=1)


def test_the_rule_names_the_installed_version() -> None:
    """A stored deadline tells which list of holidays it was counted by."""
    assert f"GDPR 12(3); 1182/71; holidays {version('holidays')}" == RULE


def test_the_library_waits_until_it_is_needed() -> None:
    """Starting the assistant does not pay for holidays that nobody asks for."""
    code = "import sys, bot.content.calendars; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
