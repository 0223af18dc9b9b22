"""The trained models on disk, keyed by a hash of everything they were learned from."""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.core.language import LANGUAGES, Language
from bot.understanding import language as languages
from bot.understanding import model, training
from bot.understanding.language import Detector
from bot.understanding.matcher import Matcher
from bot.understanding.normalise import words
from bot.understanding.phrases import Phrase

#: Goes up when features or training change, so that old caches are not used.
RECIPE: Final = 4

Progress = Callable[[str], None]


def learn(
    folder: Path,
    key: str,
    phrases: Sequence[Phrase],
    foreign: Mapping[str, Sequence[str]],
    progress: Progress = lambda _: None,
) -> tuple[Detector, Mapping[Language, Matcher]]:
    """The models of these phrases: read from ``folder`` where they are cached under ``key``, otherwise made and kept."""
    place = folder / f"{key[:24]}-{RECIPE}"
    try:
        detector, models = _load(place)
    except (OSError, ValueError):
        _make(place, phrases, foreign, progress)
        detector, models = _load(place)
    folded = _folded(phrases)
    return detector, {language: Matcher(models[language], folded[language]) for language in LANGUAGES}


def _folded(phrases: Sequence[Phrase]) -> Mapping[Language, Mapping[str, tuple[str, ...]]]:
    by_label: defaultdict[Language, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for phrase in phrases:
        by_label[phrase.language][phrase.label].append(words(phrase.text))
    return {language: {label: tuple(t) for label, t in labels.items()} for language, labels in by_label.items()}


def _load(place: Path) -> tuple[Detector, dict[Language, model.Model]]:
    return languages.load(place), {language: model.load(place, language) for language in LANGUAGES}


def _make(place: Path, phrases: Sequence[Phrase], foreign: Mapping[str, Sequence[str]], progress: Progress) -> None:
    """Train and write everything beside its place, then move it there whole; an older cache is taken away."""
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="making-", dir=place.parent))
    try:
        ours = {code: [p.text for p in phrases if p.language == code] for code in LANGUAGES}
        languages.train({**ours, **foreign}).save(made)
        for code in LANGUAGES:
            mine = [p for p in phrases if p.language == code]
            progress(f"Learning from {len(mine)} example phrases ({code}) ...")
            training.train(code, [p.label for p in mine], [p.text for p in mine]).save(made)
        _settle(made, place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _settle(made: Path, place: Path) -> None:
    for old in place.parent.iterdir():
        if old.is_dir() and old not in (made, place) and not old.name.startswith("making-"):
            shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    try:
        os.replace(made, place)
    except OSError:
        if not place.is_dir():  # another process may have made the same cache at the same time
            raise
