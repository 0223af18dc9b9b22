"""What a step may ask for, found in a message by its form: addresses, a date, a code, a national identity number."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Final

from bot.core.language import Language
from bot.core.values import Values
from bot.understanding.normalise import clean

#: What a hostile message may cost: so many likely addresses, identity numbers and dates are looked at, and no more.
_MOST_ADDRESSES: Final = 5
_MOST_PARTS: Final = 100
_MOST_NUMBERS: Final = 50

#: RFC 5321, 4.5.3.1.3 (a path of 256 with its two brackets).
_LONGEST_ADDRESS: Final = 254

#: Where an address surely begins or ends; Slack writes ``<mailto:a@example.com|a@example.com>``.
_APART: Final = re.compile(r"[\s<>()\[\]{}\"“”„«»`|]+")
_LIST: Final = re.compile("[,;]")
_EDGES: Final = ".!?'’‘*/…•·→–—-"
_LABEL: Final = re.compile(
    "(?:mailto|e-?mail|mail|mejl|e-?post|s-?posti|sähköposti|osoite|address|adress):", re.IGNORECASE
)
#: ``?subject=``, ``:iin``, ``'s``.
_TAIL: Final = re.compile("[?:'’]")

#: Digits, signs and letters as one types them, whatever keyboard or word processor they come from. Not by Unicode's
#: normal forms: these take quadratic time over a long row of accents.
_PLAIN: Final = str.maketrans(
    {
        **{chr(code + 0xFEE0): chr(code) for code in range(ord("!"), ord("~") + 1)},
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys((*map(chr, range(0x300, 0x370)), "\xad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff")),
        **dict(zip("åäö", "aao", strict=True)),
    }
)

# Patterns begin with a letter or digit and look back from behind it: so most of a text is passed over at once.
_CODE: Final = re.compile(
    r"([0-9](?<![\w+/=@].)(?<![0-9][ .,:-].)(?<![0-9] [-/] .)[0-9]{2})[ -]?([0-9]{3})"
    r"(?![\w/=@])(?![ .,:][0-9])(?! ?[-+] ?[0-9])"
)

_FINNISH: Final = re.compile(r"[0-9](?<![0-9].)[0-9]{5} ?[-+a-fu-y] ?[0-9]{3}[0-9a-y](?![^\W_])")
#: Neither a phone number (``+46``) nor a part of a UUID.
_SWEDISH: Final = re.compile(r"([0-9](?<![0-9+].)(?:[0-9]{2})?[0-9]{5})(?: ?([-+]) ?| )?([0-9]{4})(?![^\W_]|-[^\W_])")
#: Skatteverket adds it to the day of a samordningsnummer.
_COORDINATION: Final = 60
_FULL_YEAR: Final = 8

#: Finnish, Swedish and English names without dots and rings.
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "tammikuu januari january jan",
            "helmikuu februari february feb",
            "maaliskuu mars march mar",
            "huhtikuu april apr",
            "toukokuu maj may",
            "kesakuu juni june jun",
            "heinakuu juli july jul",
            "elokuu augusti august aug",
            "syyskuu september sept sep",
            "lokakuu oktober october okt oct",
            "marraskuu november nov",
            "joulukuu december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_YEAR: Final = r"((?:19|20)[0-9]{2})"
_END: Final = r"(?![0-9]|[./-][0-9])"
_ISO: Final = re.compile(rf"{_YEAR}(?<![\w./+-]....)-([0-9]{{2}})-([0-9]{{2}}){_END}")
_DAY_FIRST: Final = re.compile(rf"([0-9](?<![\w./+-].)[0-9]?)([./]) ?([0-9]{{1,2}})\2 ?{_YEAR}{_END}")
_ORDINAL: Final = r"([0-9]{1,2})(?:\.|:e|st|nd|rd|th)?"
#: The name's Finnish ending is free.
_NAMED: Final = re.compile(
    rf"({'|'.join(_MONTHS)})(?:(?<=kuu)[a-z]{{1,4}})?(?![a-z])\.?(?: {_ORDINAL})?,? {_YEAR}{_END}"
)
#: What may stand before the name: a number is the day, or spoils it.
_BEFORE: Final = re.compile(rf"(?:(?<![\w.-]){_ORDINAL} ?(?:of )?|(?<![\w-])(?<![0-9] ))$")
_LONGEST_BEFORE: Final = len("-31:st of ")
#: Not ``the day before yesterday`` and ``today's``.
_NEARBY: Final = re.compile(
    r"\b(?=[teiy])(?<!-)(?:(today|tanaan|i ?dag)|(?<!before )yesterday|eilen|i ?gar)(?![\w'’-])"
)


def find(text: str, language: Language, today: date) -> Values:  # noqa: ARG001 - no date means two things in the three
    """What a message holds that a step may ask for; the cost grows with its length and no faster."""
    emails = list(dict.fromkeys(map(_email, _meant_as_addresses(text))))
    plain = _plain(text)
    identity = _has_identity_number(plain, today)
    # What stands in an address is neither a date nor a code; its place is kept, so that its neighbours stay apart.
    rest = " ".join("@" if "@" in word else word for word in plain.split()) if "@" in plain else plain
    return Values(
        emails=tuple(email for email in emails if email),
        bad_email=None in emails,
        day=_day(rest, today),
        code=None if identity else _code(rest),
        identity_number=identity,
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().translate(_PLAIN).split())


def _meant_as_addresses(text: str) -> list[str]:
    """Whatever has an @ after other signs, or before a name with a dot: ``@anna`` calls a person."""
    words = dict.fromkeys(word for word in _APART.split(text.replace("＠", "@")) if "@" in word)
    parts = islice((part for word in words for part in _listed(word)), _MOST_PARTS)
    found = dict.fromkeys(part for part in map(_bare, parts) if not part.startswith("@") or "." in part)
    return list(found)[:_MOST_ADDRESSES]


def _listed(word: str) -> list[str]:
    """The addresses of a list without spaces.

    ``anna,berg@example.com`` is a slip of the finger: its half would be the address of somebody else.
    """
    parts = [part for part in _LIST.split(word.strip(_EDGES)) if part]
    return parts if all("@" in part for part in parts) else [word]


def _bare(word: str) -> str:
    """An address without what people and programs write around it."""
    word = word.strip(_EDGES)
    label = _LABEL.match(word)
    local, _, domain = word[label.end() if label else 0 :].partition("@")
    domain = _TAIL.split(domain, maxsplit=1)[0].rstrip(_EDGES)
    above, dot, top = domain.rpartition(".")
    # No top-level domain has a hyphen within, and Finnish writes ``anna@example.com-osoite``.
    if dot and not top.lower().startswith("xn--"):
        domain = above + dot + top.partition("-")[0]
    return f"{local}@{domain}"


def _email(address: str) -> str | None:
    if len(address) > _LONGEST_ADDRESS:
        return None
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(clean(address), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _code(text: str) -> str | None:
    found = _CODE.findall(text)
    return "".join(found[0]) if len(found) == 1 else None


def _has_identity_number(text: str, today: date) -> bool:
    finnish = islice(_FINNISH.finditer(text), _MOST_NUMBERS)
    swedish = islice(_SWEDISH.finditer(text), _MOST_NUMBERS)
    return any(_is_finnish(found[0]) for found in finnish) or any(_is_swedish(found, today) for found in swedish)


def _is_finnish(number: str) -> bool:
    from stdnum.fi import hetu

    # Temporary numbers name a person too: a patient.
    return hetu.is_valid(number.replace(" ", ""), allow_temporary=True)


def _is_swedish(found: re.Match[str], today: date) -> bool:
    """Whether it begins with a date, and its check digit is right where no sign stands before the last four digits.

    With its sign no phone number looks like it, and a mistyped one gives away nearly as much. Not by
    ``stdnum.se.personnummer``: that reads the clock, and knows no samordningsnummer.
    """
    from stdnum import luhn

    digits, sign, last = found.groups()
    year, month, day = int(digits[:-4]), int(digits[-4:-2]), int(digits[-2:])
    full = len(digits) == _FULL_YEAR
    # Where the century is left out, one is taken that has all leap days.
    born = _date(year if full else 2000 + year, month, day - _COORDINATION if day > _COORDINATION else day)
    if born is None or (full and not date(1800, 1, 1) <= born <= today):
        return False
    return bool(sign) or luhn.is_valid(digits[-6:] + last)


def _day(text: str, today: date) -> date | None:
    """The date in a text; none where there are two, or one that is impossible or yet to come."""
    dates = _dates(text, today)
    day = next(dates, None)
    if any(other != day for other in dates):
        return None
    return day if day and day <= today else None


def _dates(text: str, today: date) -> Iterator[date | None]:
    for year, month, day in set(_ISO.findall(text)):
        yield _date(int(year), int(month), int(day))
    for day, _, month, year in set(_DAY_FIRST.findall(text)):
        yield _date(int(year), int(month), int(day))
    yield from _dates_in_words(text)
    for same in set(_NEARBY.findall(text)):
        yield today if same else today - timedelta(days=1)


def _dates_in_words(text: str) -> Iterator[date | None]:
    for found in islice(_NAMED.finditer(text), _MOST_NUMBERS):
        start = found.start()
        if before := _BEFORE.search(text[max(0, start - _LONGEST_BEFORE) : start]):
            days = [day for day in (before[1], found[2]) if day]
            yield _date(int(found[3]), _MONTHS[found[1]], int(days[0]) if days else 1) if len(days) <= 1 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
