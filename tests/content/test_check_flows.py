"""``check`` finds what is wrong with guided flows and their words, and says where."""

from datetime import date
from pathlib import Path

import pytest

from bot.content.check import check_all, load_content
from bot.content.check_flow_words import fold
from bot.content.errors import ContentError
from bot.understanding import normalise

TODAY = date(2026, 11, 22)

#: Stands in a changed text where the problem is to be told; each has its message.
MARK = "§"

Change = tuple[str, str, str, tuple[str, ...]]


def _errors(root: Path) -> list[str]:
    return [str(problem) for problem in check_all(root, TODAY) if problem.severity == "error"]


def _break(root: Path, changes: tuple[Change, ...]) -> list[str]:
    """Make the changes; the errors that they call for, as ``check`` prints them."""
    marks: dict[str, str] = {}
    texts: dict[Path, str] = {}
    for name, old, new, messages in changes:
        file = root / name
        text = texts.get(file) or file.read_text(encoding="utf-8")
        assert text.count(old) >= 1, (name, old)
        assert new.count(MARK) == len(messages), new
        for message in messages:
            mark = chr(0xE000 + len(marks))
            marks[mark] = message
            new = new.replace(MARK, mark, 1)
        texts[file] = text.replace(old, new, 1)
    expected = []
    for file, text in texts.items():
        lines = text.split("\n")
        plain = ["".join(c for c in line if c not in marks) for line in lines]
        file.write_text("\n".join(plain), encoding="utf-8")
        for number, line in enumerate(lines, 1):
            seen = 0
            for column, c in enumerate(line, 1):
                if c in marks:
                    expected.append(f"{file}:{number}:{column - seen}: error: {marks[c]}")
                    seen += 1
    return expected


STEPS: tuple[Change, ...] = (
    ("flows/access.yaml", "use: whose", "use: §whoze", ("shared step whoze does not exist",)),
    (
        "flows/access.yaml",
        "  - use: deceased\n  - use: workplace\n  - use: for_whom",
        "  - use: §deceased\n  - use: §workplace\n  - use: §for_whom",
        tuple(
            f"{step} depends on whose, which is not an earlier step of this flow"
            for step in ("deceased", "workplace", "for_whom")
        ),
    ),
    ("flows/erasure.yaml", "  - {id: what,", "  - §{id: scope,", ("scope stands twice",)),
    ("knowledge/en/flows.yaml", "    what:\n      ask: Which data should be erased?", "    §{0}", ("",)),
)[:3]

OWN: tuple[Change, ...] = (
    (
        "flows/restriction.yaml",
        "options: [inaccurate, unlawful, claims, objected]}",
        "options: [inaccurate, unlawful, claims, objected, §claims]}",
        ("ground: option claims stands twice",),
    ),
    (
        "flows/portability.yaml",
        "{id: service, kind: text, when: {to: service}, limit: 200}",
        "{id: service, kind: text, options: §[a], alone: §a, default: §a, offers: §access, open: §true}",
        (
            "service: `options` is for choose_one and choose_several and cookies only, this is text",
            "service: `alone` is for choose_several only, this is text",
            "service: `default` is for choose_one and choose_several and cookies only, this is text",
            "service: `offers` is for stop only, this is text",
            "service: `open` is for case only, this is text",
        ),
    ),
    ("knowledge/en/flows.yaml", "", "", ()),
)[:2]
