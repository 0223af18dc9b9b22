"""The parts of understanding: n-grams, names, cues, language, redaction."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import Assistant
from bot.content.assistant import ContentWorld
from bot.core.meaning import Context, Foreign
from bot.understanding import cache
from bot.understanding.entities import Cues, Entities, Thing, asked_language
from bot.understanding.ngrams import ngrams
from bot.understanding.normalise import clean, fold, words
from bot.understanding.phrases import Phrase
from bot.understanding.redact import Redactor

letters = st.text("abcdeåäö ", max_size=40).map(lambda text: " ".join(text.split()))


@given(letters, st.sampled_from([2, 3, 4, 5]))
def test_ngrams_stay_within_words(text: str, size: int) -> None:
    """As many n-grams as a slow and plain count finds."""
    padded = f" {text} "
    plain = [padded[i : i + size] for i in range(len(padded) - size + 1)]
    inside = [gram for gram in plain if " " not in gram[1:-1]]
    assert len(ngrams(text, (size,), 1 << 16, within_words=True)) == len(inside)
    assert len(ngrams(text, (size,), 1 << 16, within_words=False)) == len(plain)


@given(st.text(max_size=200))
def test_normalising_never_fails_and_comes_to_rest(text: str) -> None:
    """Any text becomes plain folded words, and normalising those changes nothing."""
    once = words(clean(text))
    assert words(once) == once
    assert fold(fold(text)) == fold(text)


ENTITIES = Entities(
    [Thing("leadfeeder", ("leadfeeder",), ("trackers",)), Thing("ga", ("_ga", "google analytics"), ("trackers",))],
    {17: "right_erasure"},
    {"kaltiot": "kaltiot", "aito support": "aito-support"},
)


@pytest.mark.parametrize(
    ("text", "things", "controller", "article"),
    [
        ("mita _ga tekee", ["ga"], None, None),
        ("leadfeederin evasteet", ["leadfeeder"], None, None),
        ("does kaltiot use google analytics?", ["ga"], "kaltiot", None),
        ("kaltiotin evasteet", [], "kaltiot", None),
        ("aito support", [], "aito-support", None),
        ("kaltiot or aito support", [], None, None),
        ("gdpr art. 17", [], None, "right_erasure"),
        ("17 artiklan mukaan", [], None, "right_erasure"),
        ("artikel 17", [], None, "right_erasure"),
        ("17 euros", [], None, None),
    ],
)
def test_names_are_found(text: str, things: list[str], controller: str | None, article: str | None) -> None:
    """Cookies, tools, companies with endings, articles of the GDPR; and no numbers taken for articles."""
    found = ENTITIES.find(text)
    assert [thing.id for thing in found.things] == things
    assert (found.controller, found.article) == (controller, article)


def test_only_a_name_is_told_apart() -> None:
    """A message that is nothing but a company's name has no language of its own."""
    assert not ENTITIES.find("aito support").rest
    assert ENTITIES.find("aito support kiitos").rest


@pytest.mark.parametrize(
    ("text", "language"), [("suomeksi", "fi"), ("ruotsiksi kiitos", "sv"), ("engelska", "en"), ("hello", None)]
)
def test_a_language_that_is_asked_for_is_found(text: str, language: str | None) -> None:
    """By the language's name in any of the three."""
    assert asked_language(text) == language


def test_cues_part_messages_and_notice_other_people() -> None:
    """Two questions are parted at conjunctions; a star stands for any ending."""
    cues = Cues(("and",), ("my husband*", "deceased"), ("and",))
    assert cues.parts("who are you and what do you keep? why") == ["who are you", "what do you keep", "why"]
    assert cues.about_someone_else("about my husbands data")
    assert not cues.about_someone_else("about my data")


def test_redaction_keeps_only_known_words() -> None:
    """Names, numbers and addresses become a mark, one for several in a row."""
    redactor = Redactor(frozenset({"delete", "my", "data", "2"}))
    assert redactor.redact("Delete my data, Zebulon Quark 2 zeb@example.com!") == "delete my data …"


@given(st.text(max_size=300))
def test_redaction_never_lets_an_unknown_word_through(text: str) -> None:
    """Whatever is typed, only listed words come out."""
    assert set(Redactor(frozenset({"data"})).redact(text).split()) <= {"data", "…"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("moi", "fi"),
        ("hej", "sv"),
        ("hello", "en"),
        ("mitä tietoja minusta on", "fi"),
        ("mita tietoja minusta on tallessa", "fi"),
        ("vad har ni för uppgifter om mig", "sv"),
        ("vad har ni for uppgifter om mig", "sv"),
        ("what do you know about me", "en"),
    ],
)
def test_the_language_of_a_message(world: ContentWorld, text: str, language: str) -> None:
    """Short and long, with and without dots on the letters."""
    assert world.understand(text, Context()).language == language


def test_the_conversations_language_is_kept_in_doubt(world: ContentWorld) -> None:
    """A name, a number or a word of no language changes nothing."""
    for text in ("Leadfeeder?", "ok", "GDPR", "17"):
        assert world.understand(text, Context(language="sv")).language == "sv"


def test_foreign_samples_are_foreign(world: ContentWorld, assistant: Assistant) -> None:
    """Of the samples of other languages with three words and more, at least 95 of 100 are noticed."""
    samples = [t for texts in assistant.content.foreign.values() for t in texts if len(t.split()) >= 3]
    noticed = sum(isinstance(world.understand(text, Context()).meaning, Foreign) for text in samples)
    assert noticed / len(samples) >= 0.95


LABELS = {"retention": "keep", "flow:erasure": "delete", "smalltalk:greeting": "hello", "oos:x": "soup"}
PHRASES = [
    Phrase(language, label, f"{word} {n}{word[::-1]}")
    for language in ("en", "fi", "sv")
    for label, word in LABELS.items()
    for n in range(5)
]


def test_a_cache_is_made_once_and_again_when_it_is_broken(tmp_path: Path) -> None:
    """Learning is told step by step, the second start reads, and a cache cut short is made anew."""
    told: list[str] = []
    cache.learn(tmp_path, "a" * 32, PHRASES, {"da": ("hvad er det",)}, told.append)
    assert len(told) == 3
    _, matchers = cache.learn(tmp_path, "a" * 32, PHRASES, {"da": ("hvad er det",)}, told.append)
    assert len(told) == 3
    assert matchers["en"].rank("delete it", {}).meant[0].id == "flow:erasure"
    weights = next(tmp_path.glob("a*/en-weights.npy"))
    weights.write_bytes(weights.read_bytes()[:100])
    cache.learn(tmp_path, "a" * 32, PHRASES, {"da": ("hvad er det",)}, told.append)
    assert len(told) == 6


def test_other_phrases_make_another_cache_and_the_old_one_goes(tmp_path: Path) -> None:
    """The key is the phrases' hash; one cache is kept."""
    for key in ("a" * 32, "b" * 32):
        cache.learn(tmp_path, key, [replace(phrase) for phrase in PHRASES], {"da": ("hvad er det",)})
    assert [place.name[:1] for place in tmp_path.iterdir()] == ["b"]
