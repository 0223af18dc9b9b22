"""Which days are free in a country, and which day it is there (holidays, CLDR and the time zone database)."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Final
from zoneinfo import ZoneInfo

from babel.core import get_global

#: What a deadline was counted by, stored with it: another version may know other holidays.
RULE: Final[str] = f"GDPR 12(3); 1182/71; holidays {version('holidays')}"

# A day counts where a law of the whole country calls it a public holiday (1182/71 art. 2(1)): in Sweden lag 1989:253;
# in Finland the holy days of the Church Act, 1 May and 6 December. Opinions differ on the eves: Finland's laki
# 150/1930 (5 §) and Sweden's lag 1930:173 (2 §) put Midsummer Eve and Christmas Eve, and in Sweden New Year's Eve,
# beside the holidays, but for periods of national law, and the laws on holidays name none of them. They are not
# counted: the limit is then the earlier one, and nobody who waits loses by that. Nor are holidays of one region.
_EVES_NAMED: Final = frozenset({"FI", "AX"})  # the library lists the eves of Finland and Åland as public holidays
_CHRISTMAS_EVE: Final = (12, 24)
_MIDSUMMER_EVES: Final = (6, 19)  # the first Friday from this day on
_FRIDAY: Final = 4
_SATURDAY: Final = 5


def knows(country: str) -> bool:
    """Whether the public holidays of ``country`` (ISO 3166-1, two capital letters) are known."""
    import holidays  # 0.1 s: only what counts a limit waits for it

    return country in holidays.list_supported_countries(include_aliases=False)


def is_free(country: str, day: date) -> bool:
    """Whether ``day`` is a Saturday, a Sunday or a public holiday of ``country``; KeyError for an unknown country."""
    if not knows(country):
        raise KeyError(country)
    return day.weekday() >= _SATURDAY or day in _public_holidays(country, day.year)


@lru_cache(maxsize=64)  # a set that nobody changes: the library's own calendar fills itself while it is read
def _public_holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    days = frozenset(holidays.country_holidays(country, years=year, categories=(holidays.PUBLIC,)))
    return days - _eves(year) if country in _EVES_NAMED else days


def _eves(year: int) -> frozenset[date]:
    friday = date(year, *_MIDSUMMER_EVES)
    friday += timedelta(days=(_FRIDAY - friday.weekday()) % 7)
    return frozenset({friday, date(year, *_CHRISTMAS_EVE)})


def local_date(zone: str, at: datetime) -> date:
    """Which day it is in ``zone`` at an aware time; KeyError for an unknown zone."""
    if at.utcoffset() is None:
        raise ValueError("a time without its zone falls on no certain day")
    return at.astimezone(_zone(zone)).date()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError) as error:  # a path, a folder or another file of the database; the rest is a KeyError
        raise KeyError(name) from error


def default_zone(country: str) -> str | None:
    """The only time zone of ``country`` (CLDR); None where it has several, or none that is known."""
    zones = get_global("territory_zones").get(country, ())
    return str(zones[0]) if len(zones) == 1 else None
