"""The documents that answers were made from, compared with the documents as they are now."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot.content import schema
from bot.content.errors import Problem, error, warning
from bot.content.knowledge import Knowledge, load_knowledge


def compare(knowledge_root: Path, folder: Path) -> Iterable[Problem]:
    """Problems of every company's documents against those in ``folder``; raises ContentError for broken content.

    A section that cannot be found is an error; a document or section that has changed since its answers were
    reviewed is a warning that names the answers which lean on it.
    """
    knowledge = load_knowledge(knowledge_root)
    for name, company in knowledge.controllers.items():
        for key, document in company.documents.items():
            yield from _document(knowledge, name, key, document, folder)


def _document(
    knowledge: Knowledge, name: str, key: str, document: schema.DocumentRow, folder: Path
) -> Iterator[Problem]:
    path, line, column = knowledge.place(f"controllers/{name}.yaml", "documents", key)
    try:
        data = (folder / document.file).read_bytes()
    except OSError:
        yield error(path, f"{document.file} is not in {folder}", line, column)
        return
    texts = sections(data.decode("utf-8", errors="replace"), document.sections)
    for section in document.sections:
        where = knowledge.place(f"controllers/{name}.yaml", "documents", key, "sections", section)
        if section not in texts:
            yield error(where[0], f"section {section} is not in {document.file}", *where[1:])
            continue
        now = digest(texts[section])
        if document.sections[section].sha256 != now:
            stale = _leaning_on(knowledge.controllers[name], f"{key}/{section}")
            message = f"{document.file}, {section}: changed since {document.reviewed}, now sha256 {now}"
            yield warning(where[0], f"{message}; stale answers: {stale}", *where[1:])
    whole = hashlib.sha256(data).hexdigest()[:16]
    if document.sha256 != whole:
        yield warning(path, f"{document.file} changed since {document.reviewed}, now sha256 {whole}", line, column)


def _leaning_on(company: schema.ControllerRow, source: str) -> str:
    return ", ".join(topic for topic, answer in company.answers.items() if source in answer.sources) or "none"


def sections(text: str, rows: Mapping[str, schema.SectionRow]) -> dict[str, str]:
    """The text of every section that is found: from the line its anchor begins to the next section's anchor."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    starts: dict[str, int] = {}
    after = -1
    for name, row in rows.items():  # in the document's order, so that a heading's words further up do no harm
        anchor = " ".join(row.anchor.split())
        found = next((n for n, line in enumerate(lines) if n > after and line.startswith(anchor)), None)
        if found is not None:
            starts[name] = after = found
    ends = [*sorted(starts.values())[1:], len(lines)]
    return {name: "\n".join(lines[start:end]) for (name, start), end in zip(starts.items(), ends, strict=True)}


def digest(text: str) -> str:
    """A section's hash, its first 16 digits: of its words, so that line breaks and spaces make no difference."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]
