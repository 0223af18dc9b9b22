"""A trained linear model over hashed features: arrays mapped from the cache's files, and the sum of a few rows."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.core.language import Language
from bot.understanding import features


@dataclass(frozen=True)
class Model:
    """One language's classifier. ``weights`` is buckets x labels, idf included; ``idf`` serves the text's length."""

    language: Language
    labels: tuple[str, ...]
    weights: NDArray[np.float16]
    idf: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, text: str) -> NDArray[np.float32]:
        """The score of every label for a folded text: about 1 where it is sure, about -1 where it is not."""
        found = features.counts(self.language, text)
        length = float(np.linalg.norm(found.weights * self.idf[found.buckets])) or 1.0
        rows = self.weights[found.buckets].astype(np.float32)
        return ((found.weights / np.float32(length)) @ rows + self.bias).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write the model's files, to be mapped by ``load``."""
        np.save(folder / f"{self.language}-weights.npy", self.weights)
        np.save(folder / f"{self.language}-idf.npy", self.idf)
        np.save(folder / f"{self.language}-bias.npy", self.bias)
        (folder / f"{self.language}-labels.json").write_text(json.dumps(self.labels), encoding="utf-8")


def load(folder: Path, language: Language) -> Model:
    """Map a saved model into memory; raises OSError or ValueError where the files are missing or cut short."""
    labels = tuple(json.loads((folder / f"{language}-labels.json").read_text(encoding="utf-8")))
    weights = np.asarray(np.load(folder / f"{language}-weights.npy", mmap_mode="r"))  # still mapped, only plainer
    idf = np.load(folder / f"{language}-idf.npy")
    bias = np.load(folder / f"{language}-bias.npy")
    if weights.shape != (features.BUCKETS, len(labels)) or bias.shape != (len(labels),):
        raise ValueError("the cached model does not fit")
    return Model(language, labels, weights, idf, bias)
