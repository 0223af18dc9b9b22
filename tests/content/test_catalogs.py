"""The assistant's own phrases: extracted, translated, with the right plurals."""

import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

from bot.content.catalogs import load_catalogs, placeholders
from tests.conftest import ROOT

_KEYWORDS = ["-k", "say:2", "-k", "say_n:2,3", "-k", "phrase:1", "--no-default-keywords", "--no-location"]


def test_the_catalogs_are_those_of_the_source(tmp_path: Path) -> None:
    """Every phrase in the source stands in every catalog, and none that is gone: ``make catalogs`` was run."""
    fresh = tmp_path / "bot.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", *_KEYWORDS]
    subprocess.run([*command, "-o", str(fresh), "."], cwd=ROOT, check=True)
    with fresh.open("rb") as stream:
        wanted = {message.id for message in read_po(stream) if message.id}
    for name in ("bot.pot", "fi.po", "sv.po"):
        with (ROOT / "locales" / name).open("rb") as stream:
            assert {message.id for message in read_po(stream) if message.id} == wanted, name


def test_plurals_follow_cldr() -> None:
    """One company, five companies."""
    catalogs = load_catalogs(ROOT / "locales")
    one = "I know {n} company. Which one do you want to ask about?"
    many = "I know {n} companies. Which one do you want to ask about?"
    assert "1 yrityksen" in catalogs.say_n("fi", one, many, 1)
    assert "5 yritystä" in catalogs.say_n("fi", one, many, 5)
    assert "1 company." in catalogs.say_n("en", one, many, 1)
    assert "5 companies." in catalogs.say_n("en", one, many, 5)


def test_placeholders_are_read() -> None:
    """Only named fields count."""
    assert placeholders("Company: {company}, {n}") == {"company", "n"}
