"""Dates, periods and lists, as CLDR has them for each language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.formats import day, listing, period
from bot.core.language import LANGUAGES, Language


@pytest.mark.parametrize(
    ("language", "value", "words"),
    [
        ("en", "P10Y", "10 years"),
        ("en", "P1M", "1 month"),
        ("en", "PT72H", "72 hours"),
        ("en", "P1Y6M", "1 year and 6 months"),
        ("fi", "P10Y", "10 vuotta"),
        ("fi", "P1M", "1 kuukausi"),
        ("fi", "P30D", "30 päivää"),
        ("sv", "P10Y", "10 år"),
        ("sv", "P30D", "30 dagar"),
        ("sv", "P1D", "1 dag"),
        ("sv", "P2W", "2 veckor"),
    ],
)
def test_periods_are_told_in_words(language: Language, value: str, words: str) -> None:
    """A duration reads as people say it, in the plural its number needs."""
    assert period(language, value).replace("\xa0", " ") == words


@given(st.sampled_from(LANGUAGES), st.integers(1, 999), st.sampled_from("YMD"))
def test_any_period_keeps_its_number(language: Language, number: int, unit: str) -> None:
    """Years stay years: nothing is counted over into other units."""
    assert str(number) in period(language, f"P{number}{unit}").replace("\xa0", "")


def test_dates_are_written_out() -> None:
    """No date can be misread for month and day."""
    assert [day(code, date(2025, 4, 28)) for code in ("en", "fi", "sv")] == [
        "28 April 2025",
        "28. huhtikuuta 2025",
        "28 april 2025",
    ]


def test_lists_end_with_a_conjunction() -> None:
    """Three items in every language."""
    assert [listing(code, ["a", "b", "c"]) for code in ("en", "fi", "sv")] == ["a, b and c", "a, b ja c", "a, b och c"]
