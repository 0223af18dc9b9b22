"""The terminal as a person sees it: a real pseudo-terminal, keys and all."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping

import pexpect
import pytest

from tests.conftest import ROOT

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


@pytest.fixture
def chat(environment: Callable[..., Mapping[str, str]]) -> "Iterator[pexpect.spawn[str]]":
    """A chat about Kaltiot in English, past its greeting."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "bot", "chat", "--controller", "kaltiot", "--language", "en"],
        env=dict(environment(PROMPT_TOOLKIT_NO_CPR="1")),
        cwd=str(ROOT),
        encoding="utf-8",
        dimensions=(50, 110),
        timeout=60,
    )
    child.expect("not a person")
    child.expect("›")
    yield child
    child.close(force=True)


def _until_prompt(child: "pexpect.spawn[str]") -> str:
    child.expect("›")
    return _CODES.sub("", str(child.before))


def test_a_question_is_typed_and_answered(chat: "pexpect.spawn[str]") -> None:
    """The answer, its source and numbered buttons appear."""
    chat.send("how long do cookies live?\r")
    chat.expect("_lfa")
    chat.expect("Source: Cookie Policy")
    chat.expect(r"\[1\]")


def test_a_number_presses_a_button(chat: "pexpect.spawn[str]") -> None:
    """Typing the number of a button is pressing it."""
    chat.send("1\r")
    chat.expect("Source|Looked for")


def test_arrows_choose_a_button(chat: "pexpect.spawn[str]") -> None:
    """Down opens the buttons as a menu, Enter takes the chosen one, and Enter sends it."""
    chat.send("\x1b[B")
    chat.expect("What is collected about me")
    chat.send("\r\r")
    chat.expect("Source|Looked for")


def test_control_c_clears_and_control_d_ends(chat: "pexpect.spawn[str]") -> None:
    """An interrupt is no end and no traceback; the end is quiet."""
    chat.send("half a quest\x03")
    chat.send("what is a cookie?\r")
    chat.expect("Source")
    chat.expect("›")
    chat.send("\x04")
    chat.expect(pexpect.EOF)
    assert "Traceback" not in str(chat.before)
    chat.wait()
    assert chat.exitstatus == 0


def test_history_is_walked_with_the_arrows(chat: "pexpect.spawn[str]") -> None:
    """Up brings back what was typed, from memory only."""
    chat.send("what is the gdpr?\r")
    chat.expect("2016/679")
    _until_prompt(chat)
    chat.send("\x1b[A\r")
    chat.expect("2016/679")
