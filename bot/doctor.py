"""What is configured, what is missing, and whether it works; secrets are never shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from bot.app import content_root, open_assistant, open_store
from bot.content.check import check_all
from bot.content.errors import ContentError
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
    return [*_settings(settings), *_content(settings), *_database(settings), *_assistant(settings)]


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
    try:
        open_store(settings).close()
        yield Finding(f"database {settings.database}: opened")
    except StoreError as failure:
        yield Finding(str(failure), failed=True)


def _assistant(settings: Settings) -> Iterator[Finding]:
    start = perf_counter()
    try:
        assistant = open_assistant(settings)
    except (ContentError, SettingsError) as failure:
        yield Finding(f"assistant: {str(failure).splitlines()[0]}", failed=True)
        return
    phrases, companies = len(assistant.content.phrases), len(assistant.world.controllers)
    yield Finding(f"assistant: {companies} companies, {phrases} phrases, ready in {perf_counter() - start:.2f} s")
