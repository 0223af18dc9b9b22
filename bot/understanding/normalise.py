"""A message's text made comparable: one case, no accents, no noise."""

import re
import unicodedata

#: Longer messages are not questions for a chat; their beginning is what is looked at.
LIMIT = 600

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]+")
_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_LINKS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+")
_REPEATED = re.compile(r"(.)\1{2,}")
_NOT_WORDS = re.compile(r"[^\w'-]+|(?<!\w)['-]+|['-]+(?!\w)")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text without control characters, lone surrogates and marks of direction, spaces made single."""
    return _SPACES.sub(" ", _CONTROL.sub(" ", unicodedata.normalize("NFKC", text))).strip()


def fold(text: str) -> str:
    """Lower case without accents: people type ``poista tiedot``, ``pöistä tiedöt`` and ``POISTA`` alike."""
    return _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold()))


def words(text: str) -> str:
    """The folded words of a text, single spaces between them; links and addresses become one word."""
    text = _LINKS.sub(" link ", text[:LIMIT])
    return _SPACES.sub(" ", _NOT_WORDS.sub(" ", _REPEATED.sub(r"\1\1", fold(text)))).strip()
