"""Commands, as a script or an operator runs them: real processes, standard input and output."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conftest import ROOT

Environment = Callable[..., Mapping[str, str]]


def _run(environment: Mapping[str, str], *arguments: str, text: str | bytes = "") -> subprocess.CompletedProcess[str]:
    data = text.encode() if isinstance(text, str) else text
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=data,
        capture_output=True,
        cwd=ROOT,
        env=dict(environment),
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def _rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_chat_from_a_pipe(environment: Environment) -> None:
    """One message a line, buttons by number, the company by its id, and exit status 0 at the end of input."""
    done = _run(environment(), "chat", text="kaltiot\nwhich cookies do you use?\n2\n")
    assert done.returncode == 0
    assert "[3] Kaltiot" in done.stdout
    assert "_lfa" in done.stdout
    assert "Source: Cookie Policy, 28 April 2025 · “6. Placed cookies”" in done.stdout
    assert done.stdout.count("lifetime 2 years") >= 1


def test_chat_takes_the_company_and_the_language(environment: Environment) -> None:
    """The greeting is in the language asked for, about the company asked for."""
    done = _run(environment(), "chat", "--controller", "kotopro", "--language", "sv")
    assert "Företag: Kotopro" in done.stdout
    assert done.returncode == 0


def test_chat_survives_anything_on_standard_input(environment: Environment) -> None:
    """Bytes that are no text, empty lines, very long lines: a friendly line, and on to the next."""
    data = b"\xff\xfe\x00\n\n" + b"x" * 200_000 + b"\nhow long do you keep my data\n"
    done = _run(environment(), "chat", "--controller", "aito-support", text=data)
    assert done.returncode == 0
    assert "10 years" in done.stdout


def test_ask_answers_line_for_line(environment: Environment) -> None:
    """Lines come back in order with what was understood; a bad line gets an error, and the rest is answered."""
    rows = [
        {"id": "a", "text": "kuinka kauan säilytätte tietojani?", "controller": "aito-support"},
        {"id": "b", "text": "delete my data", "controller": "kaltiot"},
        {"id": "c", "text": "Where did you get my address, and how long do you keep it?", "controller": "kotopro"},
        {"id": "d", "text": "och hur länge?", "controller": "kaltiot", "previous": ["vilka kakor använder ni?"]},
        {"id": "e", "text": "what cookies do you use"},
        {"id": "f", "text": 7},
        {"id": "g", "text": "hi", "controller": "nobody"},
    ]
    lines = [json.dumps(row) for row in rows]
    lines.insert(2, "{not json")
    done = _run(environment(), "ask", "--jsonl", text="\n".join(lines))
    answers = _rows(done)
    assert [row.get("id") for row in answers] == ["a", "b", None, "c", "d", "e", "f", "g"]
    assert done.returncode == 1
    assert answers[0]["language"] == "fi"
    assert answers[0]["answers"][0]["topic"] == "retention"  # type: ignore[index]
    assert answers[1] | {"reply": ""} == answers[1] | {"kind": "flow", "flow": "erasure", "reply": ""}
    assert "column" in str(answers[2]["error"])
    assert [a["topic"] for a in answers[3]["answers"]] == ["data_sources", "retention"]  # type: ignore[attr-defined]
    assert answers[4]["candidates"][0]["id"] == "cookie_duration"  # type: ignore[index]
    assert answers[5]["needs"] == "controller"
    assert answers[6]["error"] == "text must be a text"
    assert "controller must be one of" in str(answers[7]["error"])


def test_ask_gives_at_least_three_candidates(environment: Environment) -> None:
    """Best first, so that a program can offer a choice."""
    row = _rows(_run(environment(), "ask", "--jsonl", text='{"id":1,"text":"data","controller":"kaltiot"}'))[0]
    scores = [candidate["score"] for candidate in row["candidates"]]  # type: ignore[attr-defined]
    assert len(scores) >= 3


def test_answer_prints_one_answer(environment: Environment) -> None:
    """As text, as JSON, and for many lines."""
    arguments = ("answer", "--controller", "verkkopalvelu", "--topic", "retention", "--language", "fi")
    assert "2 vuotta" in _run(environment(), *arguments).stdout.replace("\xa0", " ")
    row = _rows(_run(environment(), *arguments, "--json"))[0]
    assert row["status"] == "stated"
    assert row["sources"] == [{"document": "rekisteriseloste", "section": "Tietojen säilytysaika", "date": None}]
    line = {"controller": "kaitotek", "topic": "right_object", "language": "en"}
    done = _run(environment(), "answer", "--jsonl", text=f"{json.dumps(line)}\n{{}}\n")
    assert [row.get("status") for row in _rows(done)] == ["silent", None]
    assert done.returncode == 1


def test_phrases_are_listed(environment: Environment) -> None:
    """Every phrase the matcher learns from, with labels as programs know them, and enough of each."""
    counts: dict[tuple[str, str], int] = {}
    for row in _rows(_run(environment(), "phrases", "--jsonl")):
        key = (str(row["lang"]), str(row["label"]))
        counts[key] = counts.get(key, 0) + 1
    assert len({label for _, label in counts}) == 52 + 17 + 2
    assert min(counts.values()) >= 80
    assert min(n for (_, label), n in counts.items() if label == "oos") >= 300


def test_check_passes_and_strict_fails_on_what_nobody_checked(environment: Environment) -> None:
    """Errors decide the exit status; warnings do so under ``--strict``."""
    assert _run(environment(), "check").returncode == 0
    strict = _run(environment(), "check", "--strict")
    assert strict.returncode == 1
    assert "nobody has checked this yet" in strict.stdout


def test_broken_content_stops_every_start(environment: Environment, content_copy: Path) -> None:
    """The start ends with the file, the line and the column, and nothing is half loaded."""
    (content_copy / "knowledge" / "topics.yaml").write_text("retention: [", encoding="utf-8")
    done = _run(environment(CONTENT_DIR=str(content_copy)), "chat", text="hello\n")
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.search(r"topics\.yaml:\d+:\d+: error: not YAML", done.stderr)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("chat", "--language", "de"), "fi, sv or en"),
        (("chat", "--controller", "nobody"), "kaltiot"),
        (("answer", "--controller", "kaltiot", "--topic", "nothing"), "does not exist"),
        (("ask",), "--jsonl"),
        (("check", "--sources", "/nowhere"), "not a folder"),
        (("feedback", "list", "--since", "yesterday"), "not a date"),
        (("nothing",), "No such command"),
    ],
)
def test_wrong_usage_is_told(environment: Environment, arguments: tuple[str, ...], hint: str) -> None:
    """Exit status 2, and what would be right."""
    done = _run(environment(COLUMNS="200"), *arguments)
    assert done.returncode == 2
    assert hint in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONTROLLERS", "kaltiot,nobody"),
        ("RETENTION_FEEDBACK", "a while"),
        ("DATABASE_URL", "mysql://x"),
        ("CONTENT_DIR", "/nowhere"),
        ("PRIVACY_ASSISTANT_CONFIG", "/nowhere.toml"),
    ],
)
def test_a_wrong_setting_stops_the_start(environment: Environment, name: str, value: str) -> None:
    """One line that names the setting."""
    done = _run(environment(**{name: value}), "chat")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert name in done.stderr


def test_one_company_is_served_alone(environment: Environment) -> None:
    """With one company it is never asked for."""
    done = _run(environment(CONTROLLERS="kaltiot"), "chat", text="what cookies do you use?\n")
    assert "Which one" not in done.stdout
    assert "_lfa" in done.stdout


def test_feedback_is_listed_without_who(environment: Environment) -> None:
    """A thumb down and a refusal are kept, redacted, by topic; nothing else is."""
    text = "how long do you keep my data\n7\nAsk Quillonby Zebrafinch who won the football match yesterday\n"
    settings = environment()
    chat = _run(settings, "chat", "--controller", "aito-support", text=text)
    assert "Thank you" in chat.stdout
    listed = _run(settings, "feedback", "list").stdout
    assert "retention" in listed
    assert "down" in listed
    assert "refused" in listed
    assert "Zebrafinch" not in listed
    assert "zebrafinch" not in listed
    assert _run(settings, "feedback", "list", "--since", "2999-01-01").stdout == ""


def test_nobodys_words_stand_in_the_database(environment: Environment, tmp_path: Path) -> None:
    """What was typed is searched for in every file that the process wrote."""
    text = "my name is Zanzibella Quorn, zanzibella@example.com, 010101-123N, call 050 1234567\nfoo zanzibella\n"
    _run(environment(), "chat", "--controller", "kotopro", text=text)
    for file in (tmp_path / "var").glob("*.db*"):
        data = file.read_bytes().lower()
        assert not any(word in data for word in (b"zanzibella", b"quorn", b"010101", b"1234567"))


def test_doctor_reports(environment: Environment) -> None:
    """What is set, what is missing, what works."""
    done = _run(environment(OPERATOR_NAME="Example Oy"), "doctor")
    assert done.returncode == 0
    assert "OPERATOR_CONTACT is not set" in done.stdout
    assert "5 companies" in done.stdout


def test_a_database_that_is_none_is_told(environment: Environment, tmp_path: Path) -> None:
    """A file that is no database: one line, and it is left as it is."""
    file = tmp_path / "broken.db"
    file.write_bytes(b"this is no database, but long enough to look at" * 50)
    done = _run(environment(DATABASE_URL=f"sqlite:///{file}"), "feedback", "list")
    assert done.returncode == 1
    assert "cannot be opened" in done.stderr
    assert file.read_bytes().startswith(b"this is no database")


def test_answering_needs_no_training_library(environment: Environment) -> None:
    """From the cache, scikit-learn is never loaded: that is what keeps the start short."""
    code = (
        "import sys; from bot.app import open_assistant; from bot.settings import load_settings;"
        " open_assistant(load_settings()); print([m for m in ('sklearn', 'scipy', 'telegram') if m in sys.modules])"
    )
    settings = environment()
    _run(settings, "ask", "--jsonl")
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(settings), cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"
