"""``check --sources``: documents compared with those the answers were made from."""

import hashlib
from pathlib import Path

import pytest

from bot.content.schema import SectionRow
from bot.content.sources import compare, digest, sections

DOCUMENT = "Policy\n\nfirst words\n\nWho we are\n  An invented\n  company.\n\nHow long\nTen years.\n"
ROWS = {
    "intro": SectionRow(heading="Policy"),
    "who": SectionRow(heading="Who we are"),
    "long": SectionRow(heading="How long"),
}


def test_sections_reach_to_the_next_heading() -> None:
    """A section is its heading and what follows, up to the next declared one."""
    found = sections(DOCUMENT, ROWS)
    assert found["who"].split() == ["Who", "we", "are", "An", "invented", "company."]
    assert found["long"].split() == ["How", "long", "Ten", "years."]


def test_line_breaks_change_no_hash() -> None:
    """Only words count."""
    assert digest("a  b\nc") == digest("a b c")
    assert digest("a b c") != digest("a b d")


@pytest.fixture
def documents(content_copy: Path, tmp_path: Path) -> Path:
    """A folder with an invented document, in place of Kaltiot's, that the content was reviewed against."""
    folder = tmp_path / "documents"
    folder.mkdir()
    knowledge = content_copy / "knowledge"
    for file in (knowledge / "controllers").glob("*.yaml"):
        if file.stem != "kaltiot":
            file.unlink()
    lines = (knowledge / "controllers" / "kaltiot.yaml").read_text(encoding="utf-8").splitlines()
    headings: list[str] = []
    kept: list[str] = []
    for line in lines:
        if line.startswith("      ") and ": {heading:" in line:
            name = line.split(":")[0].strip()
            text = f"Heading {name}\nsome words\n"
            headings.append(text)
            kept.append(f"      {name}: {{heading: Heading {name}, sha256: {digest(text)}}}")
        elif line.strip().startswith("sha256:"):
            whole = "@WHOLE@"
            kept.append(f"    sha256: {whole}")
        else:
            kept.append(line)
    data = "".join(headings).encode()
    (folder / "001_e25a9b057fa7024c.txt").write_bytes(data)
    text = "\n".join(kept).replace("@WHOLE@", f"'{hashlib.sha256(data).hexdigest()[:16]}'")
    (knowledge / "controllers" / "kaltiot.yaml").write_text(text, encoding="utf-8")
    return folder


def test_an_unchanged_document_is_fine(content_copy: Path, documents: Path) -> None:
    """No word of complaint where nothing changed."""
    assert list(compare(content_copy / "knowledge", documents)) == []


def test_a_changed_section_names_its_stale_answers(content_copy: Path, documents: Path) -> None:
    """One changed section makes the answers stale that cite it, and no others."""
    file = documents / "001_e25a9b057fa7024c.txt"
    text = file.read_text(encoding="utf-8").replace("Heading manage\nsome", "Heading manage\nother")
    file.write_text(text, encoding="utf-8")
    stale = [p.message for p in compare(content_copy / "knowledge", documents) if "stale answers" in p.message]
    assert len(stale) == 1
    assert "cookies_manage" in stale[0]
    assert "controller_identity" not in stale[0]


def test_a_section_that_is_gone_is_an_error(content_copy: Path, documents: Path) -> None:
    """A source that cannot be found any more is no source."""
    file = documents / "001_e25a9b057fa7024c.txt"
    file.write_text(file.read_text(encoding="utf-8").replace("Heading rights", "Gone"), encoding="utf-8")
    found = [p for p in compare(content_copy / "knowledge", documents) if p.severity == "error"]
    assert [p.message for p in found] == ["section rights is not in 001_e25a9b057fa7024c.txt"]


def test_a_missing_document_is_an_error(content_copy: Path, tmp_path: Path) -> None:
    """A folder without the document says so."""
    assert any("is not in" in p.message for p in compare(content_copy / "knowledge", tmp_path))
