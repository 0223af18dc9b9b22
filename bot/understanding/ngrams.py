"""Character n-grams of a text as numbers, computed for the whole text at once."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)
_SPACE: Final = 32


def ngrams(text: str, sizes: Iterable[int], buckets: int, *, within_words: bool) -> NDArray[np.int64]:
    """The bucket (0 to ``buckets`` - 1, a power of two) of every n-gram, with the text's ends as spaces.

    ``within_words`` leaves out n-grams that reach from one word into the next.
    """
    codes = np.frombuffer(f" {text} ".encode("utf-32-le"), np.uint32).astype(np.uint64)
    spaces = np.cumsum(codes == _SPACE)
    found = [_of_size(codes, spaces, size, buckets, within_words) for size in sizes if len(codes) >= size]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _of_size(
    codes: NDArray[np.uint64], spaces: NDArray[np.int64], size: int, buckets: int, within_words: bool
) -> NDArray[np.int64]:
    last = len(codes) - size + 1
    hashed = np.full(last, size, np.uint64)
    for offset in range(size):
        hashed = (hashed ^ codes[offset : offset + last]) * _PRIME
        hashed ^= hashed >> np.uint64(29)
    if within_words:
        inner = spaces[size - 2 : size - 2 + last] - spaces[:last]  # spaces strictly between first and last
        hashed = hashed[inner <= 0]
    return (hashed & np.uint64(buckets - 1)).astype(np.int64)
