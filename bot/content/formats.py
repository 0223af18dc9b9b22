"""Dates, periods and lists as each language writes them (CLDR, through Babel)."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from babel.dates import format_date
from babel.lists import format_list
from babel.units import format_unit

from bot.core.language import Language

#: CLDR's plain English writes dates the American way.
_LOCALES: Final[dict[Language, str]] = {"en": "en_GB", "fi": "fi", "sv": "sv"}

_PARTS: Final = re.compile(
    r"P(?:(?P<year>\d+)Y)?(?:(?P<month>\d+)M)?(?:(?P<week>\d+)W)?(?:(?P<day>\d+)D)?"
    r"(?:T(?:(?P<hour>\d+)H)?(?:(?P<minute>\d+)M)?(?:(?P<second>\d+)S)?)?"
)

#: CLDR's Swedish counts days as "dygn" (24 hours), which is not what a person calls a period of days.
_DAYS_SV: Final = ("dag", "dagar")


def day(language: Language, value: date) -> str:
    """A date in full: ``28 April 2025``, ``28. huhtikuuta 2025``, ``28 april 2025``."""
    return format_date(value, format="long", locale=_LOCALES[language])


def listing(language: Language, items: Sequence[str]) -> str:
    """Items in one sentence: ``a, b and c``."""
    return format_list(list(items), style="standard", locale=_LOCALES[language])


def period(language: Language, value: str) -> str:
    """An ISO 8601 duration in words, in the basic form: ``10 years``, ``72 tuntia``, ``30 dagar``."""
    match = _PARTS.fullmatch(value)
    if not match:
        raise ValueError(f"not an ISO 8601 duration: {value}")
    parts = [(int(number), unit) for unit, number in match.groupdict().items() if number]
    return listing(language, [_amount(language, number, unit) for number, unit in parts])


def _amount(language: Language, number: int, unit: str) -> str:
    if language == "sv" and unit == "day":
        return f"{number} {_DAYS_SV[number != 1]}"
    return format_unit(number, f"duration-{unit}", "long", locale=_LOCALES[language])
