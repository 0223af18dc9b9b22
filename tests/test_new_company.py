"""Another company is added by adding files: what docs/authors.md shows, done."""

import re
from pathlib import Path

from bot.app import open_assistant
from bot.settings import load_settings
from tests.conftest import ROOT


def _example_files() -> dict[str, str]:
    """The files that the authors' guide shows, by their path."""
    guide = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
    return dict(re.findall(r"```yaml\n# (knowledge/\S+/example-bakery\.yaml)\n(.*?)```", guide, re.DOTALL))


def test_the_guides_example_company_is_served(content_copy: Path) -> None:
    """The four files of the guide, as they stand there, make a company that answers in three languages."""
    files = _example_files()
    assert len(files) == 4
    for name, text in files.items():
        (content_copy / name).write_text(text, encoding="utf-8")
    cache = f"sqlite:///{ROOT}/var/test.db"
    world = open_assistant(load_settings({"CONTENT_DIR": str(content_copy), "DATABASE_URL": cache})).world
    assert "example-bakery" in world.controllers
    assert "5 years" in world.answer("example-bakery", "retention", "en").text
    assert "5 vuotta" in world.answer("example-bakery", "retention", "fi").text.replace("\xa0", " ")
    assert world.answer("example-bakery", "right_object", "sv").status == "silent"
    assert "privacy@example.com" in world.answer("example-bakery", "right_object", "sv").text
