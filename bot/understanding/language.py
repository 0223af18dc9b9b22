"""Which language a message is written in: naive Bayes over character 1-4-grams, learned from our own phrases.

Other languages (Norwegian, Danish, Estonian ...) are learned from the samples in knowledge/foreign, so that they
are not taken for the three that the assistant speaks.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.understanding.ngrams import ngrams

_BUCKETS: Final = 1 << 15
_SIZES: Final = (1, 2, 3, 4)
_SMOOTHING: Final = 0.3


@dataclass(frozen=True)
class Detector:
    """``evidence`` is buckets x languages: the logarithm of how likely an n-gram is in each language."""

    codes: tuple[str, ...]
    evidence: NDArray[np.float16]

    def scores(self, text: str) -> NDArray[np.float32]:
        """The log-likelihood of the text per n-gram of it, for every language in ``codes``; zeros for no text."""
        grams = _grams(text)
        if not len(grams):
            return np.zeros(len(self.codes), np.float32)
        total: NDArray[np.float32] = self.evidence[grams].astype(np.float32).sum(axis=0)
        return total

    def save(self, folder: Path) -> None:
        """Write the detector's files."""
        np.save(folder / "languages.npy", self.evidence)
        (folder / "languages.json").write_text(json.dumps(self.codes), encoding="utf-8")


def load(folder: Path) -> Detector:
    """Read a saved detector; raises OSError or ValueError where its files are missing or cut short."""
    codes = tuple(json.loads((folder / "languages.json").read_text(encoding="utf-8")))
    evidence = np.load(folder / "languages.npy")
    if evidence.shape != (_BUCKETS, len(codes)):
        raise ValueError("the cached detector does not fit")
    return Detector(codes, evidence)


def train(samples: Mapping[str, Sequence[str]]) -> Detector:
    """A detector from sample texts by language code."""
    columns = []
    for texts in samples.values():
        seen = np.bincount(np.concatenate([_grams(text) for text in texts]), minlength=_BUCKETS) + _SMOOTHING
        columns.append(np.log(seen / seen.sum()))
    return Detector(tuple(samples), np.stack(columns, axis=1).astype(np.float16))


def _grams(text: str) -> NDArray[np.int64]:
    letters = "".join(c if c.isalpha() or c == "'" else " " for c in unicodedata.normalize("NFC", text.casefold()))
    letters = " ".join(letters.split())
    if not letters:
        return np.zeros(0, np.int64)
    return ngrams(letters, _SIZES, _BUCKETS, within_words=False)


def in_latin_letters(text: str) -> bool:
    """Whether most letters of the text are Latin; another script is another language."""
    letters = [c for c in text if c.isalpha()]
    latin = sum(c < "\u0250" or "\u1e00" <= c <= "\u1eff" for c in letters)
    return latin * 2 >= len(letters)
