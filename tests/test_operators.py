"""From the terminal to the company's inbox, and what operators see of it: real processes, a real mail server."""

import base64
import re
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.mailserver import post_office
from tests.test_commands import _run

Environment = Callable[..., Mapping[str, str]]
TO_CODE = "delete my data\nEverything\nskip\nvisitor@example.com\n"


def _settings(folder: Path, **values: str) -> str:
    lines = [f'{name} = "{value}"' for name, value in values.items()]
    lines += ["[company.kaltiot]", 'inbox = "inbox@example.com"', 'timezone = "Europe/Helsinki"']
    (folder / "settings.toml").write_text("\n".join(lines))
    return str(folder / "settings.toml")


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_request_reaches_the_inbox_and_the_operator(environment: Environment, tmp_path: Path) -> None:
    """From the terminal over a mail server to the company; the operator lists and shows the request."""
    with post_office() as post:
        config = _settings(tmp_path, smtp_url=f"smtp://127.0.0.1:{post.port}", mail_from="assistant@example.com")
        env = environment(PRIVACY_ASSISTANT_CONFIG=config)
        _run(env, "chat", "--controller", "kaltiot", "--language", "en", text=TO_CODE)
        found = re.search(r"\d{6}", str(post.mails[0]["Subject"]))
        assert found
        done = _run(env, "chat", "--controller", "kaltiot", text=f"{found[0]}\nsend\n")
    assert "unfinished request" in done.stdout
    assert "practice" not in done.stdout
    reference = re.findall(r"PR-\w{4}-\w{4}", done.stdout)[0]
    assert [str(mail["To"]) for mail in post.mails] == [
        "visitor@example.com",
        "inbox@example.com",
        "visitor@example.com",
    ]
    assert "erase" in _text(post.mails[1])
    assert "typed into the chat" in _text(post.mails[1])
    listed = _run(env, "requests", "list").stdout
    assert reference in listed
    assert "verified" in listed
    assert "visitor@example.com" not in listed
    shown = _run(env, "requests", "show", reference.lower()).stdout
    assert "visitor@example.com" in shown
    assert "delivered to the company" in shown


def test_without_a_mail_server_it_is_practice(environment: Environment) -> None:
    """The mails are shown, each receipt says that it is practice, and the operator's list marks it."""
    env = environment()
    first = _run(env, "chat", "--controller", "kaltiot", "--language", "en", text=TO_CODE).stdout
    code = re.findall(r"Your code: (\d{6})", first)[0]
    assert "This is practice" in first
    second = _run(env, "chat", "--controller", "kaltiot", text=f"{code}\nsend\n").stdout
    assert "✉ An e-mail, shown here instead of being sent" in second
    assert "privacy@kaltiot.practice.example.com" in second
    assert "no legal deadline starts" in second
    assert "practice" in _run(env, "requests", "list").stdout


def test_a_mail_server_that_is_away_keeps_the_mails(environment: Environment, tmp_path: Path) -> None:
    """The chat goes on, what is to be sent waits, and the doctor says what is wrong."""
    config = _settings(tmp_path, smtp_url="smtp://127.0.0.1:9", mail_from="assistant@example.com")
    env = environment(PRIVACY_ASSISTANT_CONFIG=config)
    done = _run(
        env, "chat", "--controller", "kaltiot", "--language", "en", text=f"{TO_CODE}I cannot get the code\nsend\n"
    )
    assert "Receipt: PR-" in done.stdout
    listed = _run(env, "requests", "list")
    assert "not delivered yet" in listed.stdout
    assert "3 waiting to be sent" in listed.stderr
    report = _run(env, "doctor")
    assert "✗ mail server:" in report.stdout
    assert report.returncode == 1


def test_the_master_key_is_needed_and_can_be_changed(environment: Environment) -> None:
    """Another key stops the start with one line; ``new,old`` wraps again."""
    old, new = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    _run(environment(MASTER_KEY=old), "chat", "--controller", "kaltiot", text="delete my data\n")
    wrong = _run(environment(MASTER_KEY=new), "chat", text="")
    assert wrong.returncode == 1
    assert "MASTER_KEY does not fit" in wrong.stderr
    assert _run(environment(MASTER_KEY=f"{new},{old}"), "chat", text="").returncode == 0
    again = _run(environment(MASTER_KEY=new), "chat", text="")
    assert "unfinished" in again.stdout


def test_a_key_file_is_made_beside_the_database(environment: Environment, tmp_path: Path) -> None:
    """For the owner's eyes only; without it a database that was made with it does not open."""
    env = environment()
    assert _run(env, "chat", text="").returncode == 0
    key = tmp_path / "var" / "a.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    lost = _run(env, "requests", "list")
    assert lost.returncode == 1
    assert "a.key" in lost.stderr


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ('smtp_url = "smtp://127.0.0.1:25"', "MAIL_FROM"),
        ('smtp_url = "http://x"\nmail_from = "a@example.com"', "SMTP_URL"),
        ('master_key = "short"', "MASTER_KEY"),
        ('[company.kaltiot]\ninbox = "nobody"', "company.kaltiot.inbox"),
        ('[company.kaltiot]\nmailbox = "a@example.com"', "company.kaltiot.mailbox"),
        ('[company.kaltiot]\ncountry = "XX"', "company.kaltiot.country"),
        ('[company.kaltiot]\ntimezone = "Europe/Nowhere"', "company.kaltiot.timezone"),
        ('[company.nobody]\ninbox = "a@example.com"', "company.nobody"),
        ('retention_drafts = "soon"', "RETENTION_DRAFTS"),
    ],
)
def test_a_wrong_setting_is_named(environment: Environment, tmp_path: Path, lines: str, named: str) -> None:
    """One line, and the start stops."""
    file = tmp_path / "wrong.toml"
    file.write_text(lines)
    done = _run(environment(PRIVACY_ASSISTANT_CONFIG=str(file)), "chat")
    assert done.returncode == 1
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_wrong_references_are_told(environment: Environment) -> None:
    """What is no reference is wrong usage; one that is nobody's is told."""
    assert _run(environment(), "requests", "show", "nonsense").returncode == 2
    none = _run(environment(), "requests", "show", "PR-AAAA-AAAA")
    assert (none.returncode, none.stderr.strip()) == (1, "there is no request PR-AAAA-AAAA")
