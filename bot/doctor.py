"""What is configured, what is missing, and whether it works; secrets are never shown."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from bot.app import content_root, courier, open_assistant, open_store
from bot.content.check import check_all
from bot.content.errors import ContentError
from bot.core.mail import DeliveryError
from bot.service import StoreError
from bot.settings import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``failed`` where something has to be mended, ``missing`` where something could be set."""

    text: str
    failed: bool = False
    missing: bool = False

    @property
    def mark(self) -> str:
        """How the line begins."""
        return "✗" if self.failed else "!" if self.missing else "✓"


def examine(settings: Settings) -> list[Finding]:
    """Look at everything."""
    return [
        *_settings(settings),
        *_content(settings),
        *_database(settings),
        *_mail(settings),
        *_platforms(settings),
        *_assistant(settings),
    ]


def _settings(settings: Settings) -> Iterator[Finding]:
    for name, origin in settings.origins.items():
        yield Finding(f"{name}: {'default' if origin == 'default' else 'set'} ({origin})")
    for name, value in (("OPERATOR_NAME", settings.operator_name), ("OPERATOR_CONTACT", settings.operator_contact)):
        if not value:
            yield Finding(f"{name} is not set: the assistant's own privacy notice has to name it", missing=True)


def _content(settings: Settings) -> Iterator[Finding]:
    problems = list(check_all(content_root(settings), datetime.now(UTC).date()))
    errors = sum(problem.severity == "error" for problem in problems)
    yield Finding(
        f"content in {content_root(settings)}: {errors} errors, {len(problems) - errors} warnings"
        + (" (see `check`)" if problems else ""),
        failed=errors > 0,
    )


def _database(settings: Settings) -> Iterator[Finding]:
    if not settings.master_keys:
        key = settings.database.with_suffix(".key")
        yield Finding(f"MASTER_KEY is not set: the key lies in {key}; keep it apart from backups", missing=True)
    try:
        store = open_store(settings)
    except StoreError as failure:
        yield Finding(str(failure), failed=True)
        return
    try:
        dead, waiting = asyncio.run(store.tx(lambda tx: (len(tx.dead_letters()), tx.waiting())))
        yield Finding(f"database {settings.database}: opened; {waiting} waiting to be sent")
        if dead:
            yield Finding(f"{dead} mails were given up: see `requests list`, then `requests redeliver`", failed=True)
    except StoreError as failure:
        yield Finding(str(failure), failed=True)
    finally:
        store.close()


def _mail(settings: Settings) -> Iterator[Finding]:
    try:
        sender = courier(settings)
    except SettingsError as failure:
        yield Finding(str(failure), failed=True)
        return
    if sender is None:
        yield Finding("SMTP_URL is not set: no mail is sent; `chat` shows what would be", missing=True)
        return
    try:
        asyncio.run(sender.probe())
        yield Finding("mail server: answered")
    except DeliveryError as failure:
        yield Finding(f"mail server: {failure}", failed=True)


def _platforms(settings: Settings) -> Iterator[Finding]:
    from bot.running import PlatformError, probe_slack, probe_telegram  # slow to load, and only needed here

    telegram, slack = settings.telegram.token, settings.slack.bot_token or settings.slack.client_id
    for name, setting, wanted, probe in (
        ("Telegram", "TELEGRAM_BOT_TOKEN", telegram, probe_telegram),
        ("Slack", "SLACK_BOT_TOKEN", slack, probe_slack),
    ):
        if not wanted:
            yield Finding(f"{setting} is not set: not on {name}", missing=True)
            continue
        try:
            yield Finding(f"{name}: {asyncio.run(probe(settings))}")
        except PlatformError as failure:
            yield Finding(str(failure), failed=True)


def _assistant(settings: Settings) -> Iterator[Finding]:
    start = perf_counter()
    try:
        assistant = open_assistant(settings)
    except (ContentError, SettingsError) as failure:
        yield Finding(f"assistant: {str(failure).splitlines()[0]}", failed=True)
        return
    for name in assistant.world.controllers:
        if not assistant.world.inbox(name):
            yield Finding(f"company.{name}.inbox is not set: its requests become letters to send oneself", missing=True)
    phrases, companies = len(assistant.content.phrases), len(assistant.world.controllers)
    yield Finding(f"assistant: {companies} companies, {phrases} phrases, ready in {perf_counter() - start:.2f} s")
