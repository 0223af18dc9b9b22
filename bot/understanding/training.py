"""Learning from the example phrases: one linear classifier a language. Only this file needs scikit-learn.

Numbers: reference/matching.md measured linear models over hashed n-grams best by 16 points.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from bot.core.language import Language
from bot.understanding import features
from bot.understanding.model import Model
from bot.understanding.normalise import words
from bot.understanding.phrases import OUT_OF_SCOPE, SCOPE

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_C: Final = 1.0
_C_SCOPE: Final = 1.0
_TOLERANCE: Final = 0.3


def train(language: Language, labels: Sequence[str], texts: Sequence[str]) -> Model:
    """A model from phrases; ``labels[i]`` is what ``texts[i]`` means.

    Beside one classifier a label, one more tells what is in scope from what is not: the two together refuse far
    better than either (area under the curve .98 against .96, docs/decisions/0004-matching.md).
    """
    from sklearn.svm import LinearSVC  # not at run time: it costs a second and 100 MB

    matrix, idf = _matrix(language, texts)
    # What stands in a single phrase teaches nothing that its other features do not, and costs a quarter of the time.
    shared = np.flatnonzero(np.bincount(matrix.indices, minlength=features.BUCKETS) > 1)
    matrix = matrix[:, shared]
    meanings = LinearSVC(C=_C, tol=_TOLERANCE, random_state=0).fit(matrix, np.asarray(labels))
    sides = np.array([not label.startswith(OUT_OF_SCOPE) for label in labels])
    scope = LinearSVC(C=_C_SCOPE, tol=_TOLERANCE, class_weight="balanced", random_state=0).fit(matrix, sides)
    weights = np.zeros((features.BUCKETS, len(meanings.classes_) + 1), np.float16)
    weights[shared] = (np.vstack([meanings.coef_, scope.coef_]) * idf[shared]).T
    bias = np.concatenate([meanings.intercept_, scope.intercept_]).astype(np.float32)
    names = (*map(str, meanings.classes_), SCOPE)
    return Model(language, names, weights, idf, bias)


def _matrix(language: Language, texts: Sequence[str]) -> tuple["csr_matrix", NDArray[np.float32]]:
    """The texts as rows of unit length, and the inverse document frequency of every bucket."""
    from scipy.sparse import csr_matrix, diags

    rows = [features.counts(language, words(text)) for text in texts]
    starts = np.cumsum([0, *(len(row.buckets) for row in rows)])
    data = np.concatenate([row.weights for row in rows])
    buckets = np.concatenate([row.buckets for row in rows])
    matrix = csr_matrix((data, buckets, starts), shape=(len(rows), features.BUCKETS))
    matrix.sum_duplicates()
    documents = np.bincount(matrix.indices, minlength=features.BUCKETS)
    idf = (np.log((1 + len(rows)) / (1 + documents)) + 1).astype(np.float32)
    weighted = csr_matrix(matrix @ diags(idf))
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    return csr_matrix(diags(1 / lengths) @ weighted, dtype=np.float64), idf
