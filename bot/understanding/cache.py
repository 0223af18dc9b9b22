"""The trained models on disk, keyed by a hash of everything they were learned from."""

import json
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
RECIPE: Final = 6

Progress = Callable[[str], None]


def learn(
    folder: Path,
    key: str,
    phrases: Sequence[Phrase],
    foreign: Mapping[str, Sequence[str]],
    progress: Progress = lambda _: None,
) -> tuple[Detector, Mapping[Language, Matcher]]:
    """The models of these phrases: read from ``folder`` where they are cached under ``key``, else made and kept."""
    place = folder / f"{key[:24]}-{RECIPE}"
    try:
        return _load(place)
    except (OSError, ValueError):
        _make(place, phrases, foreign, progress)
        return _load(place)


def _load(place: Path) -> tuple[Detector, Mapping[Language, Matcher]]:
    folded = json.loads((place / "phrases.json").read_text(encoding="utf-8"))
    matchers = {code: Matcher(model.load(place, code), folded[code]) for code in LANGUAGES}
    return languages.load(place), matchers


def _make(place: Path, phrases: Sequence[Phrase], foreign: Mapping[str, Sequence[str]], progress: Progress) -> None:
    """Train and write everything beside its place, then move it there whole; an older cache is taken away."""
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="making-", dir=place.parent))
    try:
        (made / "phrases.json").write_text(json.dumps(_folded(phrases)), encoding="utf-8")
        ours: dict[str, Sequence[str]] = {code: [p.text for p in phrases if p.language == code] for code in LANGUAGES}
        languages.train({**ours, **foreign}).save(made)
        for code in LANGUAGES:
            mine = [phrase for phrase in phrases if phrase.language == code]
            progress(f"Learning from {len(mine)} example phrases ({code}) ...")
            training.train(code, [p.label for p in mine], [p.text for p in mine]).save(made)
        _settle(made, place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _folded(phrases: Sequence[Phrase]) -> Mapping[Language, Mapping[str, Sequence[str]]]:
    by_label: dict[Language, defaultdict[str, list[str]]] = {code: defaultdict(list) for code in LANGUAGES}
    for phrase in phrases:
        by_label[phrase.language][phrase.label].append(words(phrase.text))
    return by_label


def _settle(made: Path, place: Path) -> None:
    for old in place.parent.iterdir():
        if old.is_dir() and old not in (made, place) and not old.name.startswith("making-"):
            shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    try:
        made.replace(place)
    except OSError:
        if not place.is_dir():  # another process may have made the same cache at the same time
            raise
