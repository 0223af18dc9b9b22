"""Another guided flow is added by adding files: what docs/authors.md shows, done."""

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from bot.content.assistant import flow_words
from bot.content.check import check_all, load_content
from bot.content.schema import ControlRow
from bot.core.flow import Ends, InFlow, Kind, walk
from bot.core.language import LANGUAGES
from tests.conftest import ROOT


def _example_files() -> dict[str, str]:
    """The files of the flow that the authors' guide shows, by their path; its words are the end of a file."""
    guide = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    section = guide.partition("### Add a flow")[2].partition("\n## ")[0]
    return dict(re.findall(r"```(?:yaml|text)\n# (\S+)\n(.*?)```", section, re.DOTALL))


@pytest.fixture
def with_example(content_copy: Path) -> Path:
    """The bundled content with the guide's flow."""
    for name, text in _example_files().items():
        file = content_copy / name
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        file.write_text(f"{before}\n{text}", encoding="utf-8")
    return content_copy


def test_the_guides_example_flow_is_whole(with_example: Path) -> None:
    """The seven files of the guide, as they stand there, are all that a flow needs."""
    assert len(_example_files()) == 7
    assert [p for p in check_all(with_example, date(2026, 11, 22)) if p.severity == "error"] == []


def test_the_guides_example_flow_is_walked(with_example: Path) -> None:
    """It asks what it says it asks: which decision only where it was no refusal, then what all requests ask."""
    flows, words = flow_words(load_content(with_example).knowledge)
    flow = flows["human_review"]
    first = InFlow("000000", (flow.id,), flow.version, "kaltiot")
    asked = {
        about: [step.key for step, _ in walk(flow.steps, first.with_answer("human_review.about", (about,)), _yes)]
        for about in ("refusal", "other")
    }
    assert asked["other"] == ["human_review.about", "human_review.decision", "known_as", "email", "code", "review"]
    assert asked["refusal"] == [key for key in asked["other"] if key != "human_review.decision"]
    assert all(words[language][key].ask for language in LANGUAGES for key in asked["other"])


def _yes(_: str) -> str:
    return "yes"


def test_the_guide_leaves_nothing_out() -> None:
    """Every kind of step, every end of a flow and every list of control words stands in the authors' guide."""
    guide = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    names = (*get_args(Kind), *get_args(Ends), *ControlRow.model_fields)
    assert [name for name in names if f"`{name}`" not in guide] == []
