"""What a step may ask for, found in messages: addresses, dates, codes, identity numbers."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language import LANGUAGES, Language
from bot.core.values import Values
from bot.understanding.values import find

TODAY = date(2025, 11, 20)
MARCH = date(2025, 3, 1)
MAY = date(2025, 5, 3)


def _find(text: str, language: Language = "en") -> Values:
    return find(text, language, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "anna.aho@example.com",
        "my address is anna.aho@example.com, thank you",
        "Lähettäkää se osoitteeseen anna.aho@example.com.",
        "Anna Aho <anna.aho@example.com>",
        "<mailto:anna.aho@example.com|anna.aho@example.com>",
        "mailto:anna.aho@example.com?subject=Hello",
        "MAILTO:anna.aho@example.com",
        "Sähköposti:anna.aho@example.com",
        "- anna.aho@example.com",
        "•anna.aho@example.com",
        "anna.aho@EXAMPLE.Com",
        "(anna.aho@example.com)!",
        "is it 'anna.aho@example.com'?",
        "“anna.aho@example.com”",
        "*anna.aho@example.com*",
        "vastaus anna.aho@example.com:iin",
        "anna.aho@example.com-osoitteeseen",
        "anna.aho@example.com's box",
        "anna.aho＠example.com",
        "\ufeffanna.aho@example.com\u200b",
        "anna.aho@example.com;anna.aho@example.com",
    ],
)
def test_an_address_is_found_whatever_stands_around_it(text: str) -> None:
    """Sentences, brackets, links and case endings leave the address alone, and its domain is in lower case."""
    found = _find(text)
    assert found.emails == ("anna.aho@example.com",)
    assert not found.bad_email


def test_several_addresses_keep_their_order() -> None:
    """Each stands once, with its capital letters before the @: these may matter to its server."""
    text = "bo@example.com,Anna@example.com and bo@example.COM"
    assert _find(text).emails == ("bo@example.com", "Anna@example.com")


@pytest.mark.parametrize(
    "text",
    [
        "anna@example",
        "anna@localhost",
        "anna@mail.test",
        "anna@exam_ple.com",
        "anna..aho@example.com",
        "anna@example..com",
        "anna@example,com",
        "anna@aho@example.com",
        "anna@",
        "anna@ example.com",
        "anna @example.com",
        "anna@[192.0.2.1]",
        "anna@" + ".".join(["a" * 50] * 5) + ".com",
        "anna\ud800@example",
    ],
)
def test_a_mistyped_address_is_told(text: str) -> None:
    """What was meant as an address but is none is no address, and is not passed over in silence."""
    found = _find(text)
    assert found.bad_email
    assert found.emails == ()


@pytest.mark.parametrize("text", ["anna,berg@example.com", "anna;berg@example.com", "anna:berg@example.com"])
def test_half_of_a_mistyped_address_is_not_taken(text: str) -> None:
    """The letter would go to somebody else."""
    assert _find(text) == Values(bad_email=True)


def test_addresses_have_at_most_254_characters() -> None:
    """One more, and no server need take it."""
    domain = ".".join(["a" * 48] * 5)
    assert _find("a" * 5 + f"@{domain}.com").emails
    assert _find("a" * 6 + f"@{domain}.com") == Values(bad_email=True)


@pytest.mark.parametrize("text", ["", "hello", "@anna", "ask @anna about it", "2 @ 3 euros", "@", "who is @?"])
def test_an_at_sign_alone_is_no_address(text: str) -> None:
    """To call a person by name is no failed address."""
    assert _find(text) == Values()


@pytest.mark.parametrize(
    "text",
    ["123456", "123 456", "123-456", "The code is 123456.", "koodi: 123456, kiitos", "G-123456", "(123456)", "123–456"],
)
def test_a_code_is_six_digits(text: str) -> None:
    """As one copies it from a letter, whole or in two halves."""
    assert _find(text).code == "123456"


@pytest.mark.parametrize(
    "text",
    [
        "12345",
        "1234567",
        "123 4567",
        "12 123456",
        "123 456 789",
        "123-456-789",
        "+358 40 123 456",
        "040 - 123 456",
        "123456.50",
        "AB123456",
        "123456ab",
        "123456 or 654321",
        "anna.123456@example.com",
        "https://example.com/123456",
        "131052-308T",
        "131052 - 308T",
        "131052 A 308T",
    ],
)
def test_a_part_of_a_longer_number_is_no_code(text: str) -> None:
    """Phone numbers, amounts, links, addresses and identity numbers hold none; and of two codes neither counts."""
    assert _find(text).code is None


@pytest.mark.parametrize("sign", [*"+-UVWXYABCDEF", "–", "−"])
@pytest.mark.parametrize("form", ["131052{}308T", "minun on 131052{}308t, eikö niin", "131052 {} 308T"])
def test_a_finnish_identity_number_is_seen(form: str, sign: str) -> None:
    """With every sign of a century, those of 2023 too, in both cases, with spaces around the sign."""
    assert _find(form.format(sign)).identity_number
    assert _find(form.format(sign.lower())).identity_number


@pytest.mark.parametrize("text", ["131052-308U", "131052308T", "310252-308Y", "1131052-308T", "131052-308TA"])
def test_what_only_looks_like_a_finnish_number_is_none(text: str) -> None:
    """A wrong check character, date or length is a customer's number."""
    assert not _find(text).identity_number


@pytest.mark.parametrize(
    "text",
    [
        "811228-9874",
        "19811228-9874",
        "8112289874",
        "198112289874",
        "811228+9874",
        "811228 - 9874",
        "19811228 9874",
        "811228–9874",
        "701063-2391",
        "7010632391",
        "197010632391",
        "mitt nummer är 811228-9874.",
        "811228-9873",
    ],
)
def test_a_swedish_identity_number_is_seen(text: str) -> None:
    """Personnummer and samordningsnummer, short and long; with its sign even where a digit was mistyped."""
    assert _find(text, "sv").identity_number


@pytest.mark.parametrize(
    "text",
    [
        "8112289873",
        "811328-9874",
        "811232-9874",
        "19810229-9874",
        "99990101-1234",
        "17811228-9874",
        "556016-0680",
        "+8112289874",
        "58112289874",
        "81122898745",
        "040 123 4567",
        "050-1234567",
        "+358401234567",
        "19811228-9874-4abc-8def",
        "2025-11-20",
    ],
)
def test_phone_and_customer_numbers_are_no_identity_numbers(text: str) -> None:
    """Without its sign a number needs the right check digit, and always a date that has been."""
    assert not _find(text, "sv").identity_number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-03-01", MARCH),
        ("it was on 2025-03-01.", MARCH),
        ("1.3.2025", MARCH),
        ("01.03.2025", MARCH),
        ("1. 3. 2025", MARCH),
        ("1.3. 2025", MARCH),
        ("1/3/2025", MARCH),
        ("se tapahtui 1.3.2025, luulen", MARCH),
        ("3 May 2025", MAY),
        ("the 3rd of May 2025", MAY),
        ("May 3, 2025", MAY),
        ("MAY 3RD 2025", MAY),
        ("3. toukokuuta 2025", MAY),
        ("tilasin 3.toukokuuta 2025", MAY),
        ("toukokuun 3. 2025", MAY),
        ("3 maj 2025", MAY),
        ("den 3:e maj 2025", MAY),
        ("3 sept. 2025", date(2025, 9, 3)),
        ("7. kesäkuuta 2024", date(2024, 6, 7)),
        ("7. kesa\u0308kuuta 2024", date(2024, 6, 7)),
        ("heinäkuussa 2025", date(2025, 7, 1)),
        ("May 2025", date(2025, 5, 1)),
        ("toukokuussa 2025", date(2025, 5, 1)),
        ("i maj 2025", date(2025, 5, 1)),
        ("29.2.2024", date(2024, 2, 29)),
        ("20.11.2025", TODAY),
        ("today", TODAY),
        ("tänään", TODAY),
        ("i dag", TODAY),
        ("Idag!", TODAY),
        ("yesterday", TODAY - timedelta(days=1)),
        ("vasta eilen", TODAY - timedelta(days=1)),
        ("igår", TODAY - timedelta(days=1)),
        ("det var i går", TODAY - timedelta(days=1)),
        ("yesterday, 19.11.2025", TODAY - timedelta(days=1)),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_is_read_as_it_is_written(text: str, day: date, language: Language) -> None:
    """Day before month, a month alone from its first day, in each language whichever is spoken."""
    assert _find(text, language).day == day


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_has_its_names(month: int) -> None:
    """In three languages, with their Finnish cases."""
    names = {
        "en": "January February March April May June July August September October November December",
        "sv": "januari februari mars april maj juni juli augusti september oktober november december",
        "fi": "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
    }
    en, sv, fi = (names[language].split()[month - 1] for language in ("en", "sv", "fi"))
    for name in (en, en[:3], sv, sv[:3], *(f"{fi}{case}" for case in ("kuu", "kuuta", "kuussa", "kuun", "kuusta"))):
        assert _find(f"{name} 2024").day == date(2024, month, 1), name
        assert _find(f"7. {name} 2024").day == date(2024, month, 7), name


@pytest.mark.parametrize(
    "text",
    [
        "31.2.2025",
        "31/2/2025",
        "2025-02-31",
        "31 February 2025",
        "3/25/2025",
        "0.1.2025",
        "29.2.2025",
        "21.11.2025",
        "December 2025",
        "2026-01-01",
        "1.3.2025 or 2.3.2025",
        "1.3.2025-5.3.2025",
        "1.3.2025–5.3.2025",
        "1.3.2025 or 31.2.2025",
        "3 May 5 2025",
        "45. toukokuuta 2025",
    ],
)
def test_a_date_that_is_none_is_not_guessed(text: str) -> None:
    """Impossible, yet to come, or one of two: the person is asked again."""
    assert _find(text).day is None


@pytest.mark.parametrize(
    "text",
    [
        "how long do you keep my data",
        "I may ask about my data now",
        "may I see what you have from 2025?",
        "do you keep it for two years",
        "I sat at 10 on the 17th",
        "the mayor 2025",
        "the day before yesterday",
        "today's policy",
        "kuinka kauan säilytätte tietoja?",
        "mitä tietoja ma annan",
        "toissapäivänä",
        "hur länge sparar ni mina uppgifter i fem år",
        "i förrgår",
        "i dagsläget",
        "192.168.1.2025",
        "version v1.3.2025",
        "anna.1.3.2025@example.com",
        "gdpr art. 17",
        "2025",
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_sentences_hold_no_date(text: str, language: Language) -> None:
    """A word that may be a month, a number that may be a year and a span of time are no dates."""
    assert _find(text, language).day is None


def test_a_message_may_hold_everything() -> None:
    """Each kind is found beside the others."""
    found = _find("anna@example.com, 1.3.2025, koodi 123 456", "fi")
    assert found == Values(("anna@example.com",), day=MARCH, code="123456")


def test_no_log_shows_what_was_found() -> None:
    """The representation gives away whether something is wrong, and nothing of the person."""
    assert repr(_find("anna@example.com 1.3.2025, 123456")) == "Values(bad_email=False, identity_number=False)"


PIECES = [
    *"@.,;:?/-+ <>[]()'\"0159aAäå\x00\n\ud800\u0300\u0316\u200b１＠İ²٣ﷺ",
    *("example.com", "mailto:", "xn--", "@a.fi", "a@", "1.3.2025", "2025-03-", "May ", "kuuta ", "i dag", "may 3 2025"),
    *("131052-308A", "131052", " 308T", "811228-9873", "8112289873 ", "19811228 ", "123 456", "9" * 20, "0" * 6),
]
MIXED = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
LONG = st.builds(lambda text: (text * 10_000)[:10_000], MIXED)


@given(st.text(max_size=300) | MIXED | LONG, st.sampled_from(LANGUAGES), st.dates(min_value=date(1900, 1, 1)))
def test_no_message_makes_it_fail(text: str, language: Language, today: date) -> None:
    """Whatever is written, what is found keeps its promises."""
    found = find(text, language, today)
    assert found.day is None or found.day <= today
    assert found.code is None or (len(found.code) == 6 and found.code.isascii() and found.code.isdigit())
    assert all(email.count("@") == 1 and len(email) <= 254 for email in found.emails)
    assert len(set(found.emails)) == len(found.emails)


HOSTILE = [
    *PIECES,
    *(
        "a@b.cc ",
        "a@ä.fi,",
        "é@" + "ö" * 40 + ".fi ",
        "@ ",
        "a.",
        "a-",
        "1.1.2025 ",
        "31.2.2025 ",
        "may 3 ",
        "1 ",
        "1. ",
    ),
    *(
        "131052-308A ",
        "811228 9873 ",
        "\u0300\u0316",
        "toukokuuta",
        "2025-01-01 ",
        "today ",
        "i ",
        "123456 ",
        "mailto:@",
    ),
]


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_a_long_message_takes_no_time(piece: str) -> None:
    """10,000 characters, of whatever kind, take two milliseconds or so; a busy machine is given some more."""
    text = (piece * 10_000)[:10_000]
    numbered = "".join(f"{n}{piece}" for n in range(10_000))[:10_000]

    def seconds(text: str) -> float:
        start = time.perf_counter()
        _find(text)
        return time.perf_counter() - start

    for each in (text, numbered):
        assert min(seconds(each) for _ in range(5)) < 0.015
