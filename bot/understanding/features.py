"""A text as a sparse vector: hashed character n-grams within words, and stemmed words and pairs of words.

Hashing needs no vocabulary in memory and no start-up time. What was measured stands in docs/decisions/0004-matching.md:
with a hundred and more phrases a label, n-grams of 3 and 4 do as well as 2 to 5, and stems deserve double weight.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
import Stemmer
from numpy.typing import NDArray

from bot.core.language import Language
from bot.understanding.ngrams import ngrams

BUCKETS: Final = 1 << 16
_SIZES: Final = (3, 4)
_WORD_WEIGHT: Final = 2.0
_STEMMERS: Final = {
    "en": Stemmer.Stemmer("english"),
    "fi": Stemmer.Stemmer("finnish"),
    "sv": Stemmer.Stemmer("swedish"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """The buckets of a text and the weight of each, before idf: sublinear counts."""

    buckets: NDArray[np.int32]
    weights: NDArray[np.float32]


@lru_cache(maxsize=20_000)
def stem(language: Language, word: str) -> str:
    """The stem of a folded word."""
    return str(_STEMMERS[language].stemWord(word))


def stems(language: Language, text: str) -> list[str]:
    """The stems of a folded text's words."""
    return [stem(language, word) for word in text.split()]


def counts(language: Language, text: str) -> Counts:
    """The features of a folded text (see ``normalise.words``)."""
    grams, gram_counts = np.unique(ngrams(text, _SIZES, BUCKETS, within_words=True), return_counts=True)
    found = stems(language, text)
    tokens = found + [f"{a} {b}" for a, b in pairwise(found)]
    hashed = np.fromiter((crc32(token.encode()) & (BUCKETS - 1) for token in tokens), np.int32, len(tokens))
    heard, word_counts = np.unique(hashed, return_counts=True)
    return Counts(
        np.concatenate([grams, heard]).astype(np.int32),
        np.concatenate([_damp(gram_counts), _WORD_WEIGHT * _damp(word_counts)]).astype(np.float32),
    )


def _damp(n: NDArray[np.int64]) -> NDArray[np.float64]:
    return 1.0 + np.log(n)
