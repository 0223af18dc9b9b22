"""The command line: ``privacy-assistant COMMAND`` or ``python -m bot COMMAND``."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer.exceptions import TyperException

from bot import jsonl
from bot.app import Assistant, content_root, courier, open_assistant, open_store, retention
from bot.content.check import check_all
from bot.content.errors import ContentError
from bot.content.phrases import load_phrases
from bot.content.sources import compare
from bot.core.language import Language, is_language
from bot.core.world import World
from bot.doctor import examine
from bot.flood import Floods
from bot.platforms.console import CHAT, Loop, Mailbox, PlainScreen, Screen
from bot.requests import requests_app
from bot.service import Courier, Service, Store, StoreError, now
from bot.settings import SettingsError, load_settings

app = typer.Typer(
    name="privacy-assistant",
    help="Answers questions about companies' privacy practice, in Finnish, Swedish and English.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
feedback_app = typer.Typer(help="What was not understood, refused or voted down.", no_args_is_help=True)
app.add_typer(feedback_app, name="feedback")
app.add_typer(requests_app, name="requests")
slack_app = typer.Typer(help="What Slack has to be told.", no_args_is_help=True)
app.add_typer(slack_app, name="slack")

T = TypeVar("T")

#: So many seconds the end of a chat waits for mails that are still on their way.
_FAREWELL = 10

Controller = Annotated[str | None, typer.Option(help="The company's id.")]
LanguageOption = Annotated[str | None, typer.Option(help="fi, sv or en.")]


@app.command()
def chat(controller: Controller = None, language: LanguageOption = None) -> None:
    """Chat in the terminal; where the input is not a terminal, one message a line."""
    settings, hint = _or_exit(load_settings), _language(language)
    sender = _or_exit(lambda: courier(settings))
    store = _or_exit(lambda: open_store(settings))
    try:
        practice = sender is None
        assistant = _or_exit(lambda: open_assistant(settings, _progress, practice=practice, pepper=store.pepper))
        asyncio.run(_chat(assistant, store, sender, _known(assistant, controller), hint))
    except StoreError as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None
    finally:
        store.close()


async def _chat(
    assistant: Assistant, store: Store, sender: Courier | None, controller: str | None, hint: Language | None
) -> None:
    person = sys.stdin.isatty() and sys.stdout.isatty()
    screen = _terminal(assistant.world) if person else PlainScreen(sys.stdin, sys.stdout)
    mailbox = Mailbox(screen, assistant.world)
    floods = Floods()
    allow = floods.allow if person else lambda _chat: True  # a script may be quick
    own = retention(assistant.settings)
    service = Service(assistant.world, store, own, sender or mailbox, mailbox, allow, floods.warn)
    await service.begin(CHAT, controller, hint, now())
    await service.tend(now(), CHAT)
    if sender is None:  # what waits for others, another process has to send
        await Loop(service.handle, screen, hint, lambda: service.deliver(now(), CHAT)).run()
        return
    sending = asyncio.create_task(_keep_sending(service))
    await Loop(service.handle, screen, hint, lambda: asyncio.sleep(0)).run()
    sending.cancel()
    with suppress(TimeoutError):  # what is left waits in the outbox for the next start
        await asyncio.wait_for(service.deliver(now(), CHAT), _FAREWELL)


async def _keep_sending(service: Service) -> None:
    """Carry out effects beside the conversation: nobody waits for a mail server."""
    while True:
        with suppress(StoreError):  # what could not be written now is tried again
            await service.deliver(now(), CHAT)
        await asyncio.sleep(1)


@app.command()
def run() -> None:
    """Serve every platform that is configured, until SIGTERM."""
    from bot.running import PlatformError  # chat platforms' libraries are slow to load, and only needed here
    from bot.running import run as serve

    settings = _or_exit(load_settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    sender = _or_exit(lambda: courier(settings))
    store = _or_exit(lambda: open_store(settings))
    try:
        assistant = _or_exit(lambda: open_assistant(settings, _progress, pepper=store.pepper))
        asyncio.run(serve(assistant, store, sender))
    except (StoreError, SettingsError, PlatformError) as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None
    finally:
        store.close()


def _terminal(world: World) -> Screen:
    from bot.platforms.terminal import RichScreen  # a quarter of a second that programs need not wait for

    def hint(language: Language) -> str:
        keys = world.say(language, "number or ↓: button")
        return f"{keys} · /help · /language · /company · /privacy · /quit"

    return RichScreen(hint)


@app.command()
def ask(jsonl_: Annotated[bool, typer.Option("--jsonl", help="JSON lines on standard input.")] = False) -> None:
    """Answer messages in JSON lines: what each was taken for, and the whole reply."""
    if not jsonl_:
        raise typer.BadParameter("ask reads JSON lines: use `ask --jsonl`", param_hint="--jsonl")
    world = _open().world
    _each(lambda row: jsonl.ask(world, row))


@app.command()
def answer(
    controller: Controller = None,
    topic: Annotated[str | None, typer.Option(help="The topic's id.")] = None,
    language: LanguageOption = "en",
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    jsonl_: Annotated[bool, typer.Option("--jsonl", help="JSON lines on standard input.")] = False,
) -> None:
    """Print the answer of a company to a topic, straight from the knowledge base."""
    world = _open().world
    if jsonl_:
        _each(lambda row: jsonl.answer(world, row))
        return
    try:
        row = jsonl.answer(world, {"controller": controller, "topic": topic, "language": language})
    except jsonl.RowError as failure:
        raise typer.BadParameter(str(failure)) from None
    if as_json:
        _print(row)
        return
    typer.echo(row["answer"])
    for source in row["sources"]:
        typer.echo(f"  {source['document']} · {source['section'] or '-'} · {source['date'] or 'undated'}")


@app.command()
def phrases(jsonl_: Annotated[bool, typer.Option("--jsonl", help="As JSON lines.")] = False) -> None:
    """Print every example phrase that the matcher learns from."""
    for line in _or_exit(lambda: load_phrases(content_root(load_settings()) / "knowledge")):
        row = jsonl.phrase_row(line.language, line.label, line.text)
        if jsonl_:
            _print(row)
        else:
            typer.echo(f"{row['lang']}\t{row['label']}\t{row['text']}")


@app.command()
def check(
    strict: Annotated[bool, typer.Option(help="Treat what only time brings as errors.")] = False,
    sources: Annotated[Path | None, typer.Option(help="A folder with the documents, to compare them too.")] = None,
) -> None:
    """Check all content, and print every problem with its place."""
    root = _or_exit(lambda: content_root(load_settings()))
    problems = list(check_all(root, datetime.now(UTC).date()))
    if sources:
        if not sources.is_dir():
            raise typer.BadParameter(f"{sources} is not a folder", param_hint="--sources")
        problems += _or_exit(lambda: compare(root / "knowledge", sources))
    for problem in problems:
        typer.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    typer.echo(f"{errors} errors, {len(problems) - errors} warnings", err=True)
    if errors or (strict and problems):
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Say what is configured, what is missing, and try each connection."""
    findings = _or_exit(lambda: examine(load_settings()))
    for finding in findings:
        typer.echo(f"{finding.mark} {finding.text}")
    if any(finding.failed for finding in findings):
        raise typer.Exit(1)


@slack_app.command("manifest")
def slack_manifest(
    socket: Annotated[
        bool | None, typer.Option("--socket/--http", help="How events come; by default as SLACK_MODE says.")
    ] = None,
) -> None:
    """Print the app manifest that this build needs, to paste at api.slack.com/apps."""
    from bot.platforms.slack_manifest import manifest

    settings = _or_exit(load_settings)
    over_socket = settings.slack.mode == "socket" if socket is None else socket
    if not over_socket and not settings.public_url:
        where = "over HTTP Slack needs PUBLIC_URL, such as https://bot.example.com"
        raise typer.BadParameter(where, param_hint="--http")
    typer.echo(json.dumps(manifest(_open().world, settings.public_url, socket=over_socket), indent=2))


@slack_app.callback()
def slack() -> None:
    """Keep ``manifest`` a command of its own name, though it is the only one."""


@feedback_app.command("list")
def feedback_list(since: Annotated[str | None, typer.Option(help="A date, YYYY-MM-DD.")] = None) -> None:
    """List feedback: redacted, grouped by likely topic, without who."""
    try:
        start = datetime.fromisoformat(since).astimezone(UTC) if since else datetime.min.replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter(f"{since} is not a date such as 2026-11-22", param_hint="--since") from None
    store = _or_exit(lambda: open_store(load_settings()))
    try:
        rows = asyncio.run(store.tx(lambda tx: tx.list_feedback(start)))
    finally:
        store.close()
    topic = object()
    for row in rows:
        if row.topic != topic:
            topic = row.topic
            typer.echo(f"{row.topic or '(no topic)'}")
        typer.echo(f"  {row.at:%Y-%m-%d}  {row.kind:8} {row.language}  {row.controller or '-':14} {row.text}")


def _open() -> Assistant:
    return _or_exit(lambda: open_assistant(load_settings(), _progress))


def _or_exit(make: Callable[[], T]) -> T:
    """What ``make`` gives; a problem that its maker can mend ends the program with its lines on standard error."""
    try:
        return make()
    except (ContentError, SettingsError, StoreError) as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None


def _progress(message: str) -> None:
    typer.echo(message, err=True)


def _language(value: str | None) -> Language | None:
    if value is None or is_language(value):
        return value
    raise typer.BadParameter("must be fi, sv or en", param_hint="--language")


def _known(assistant: Assistant, controller: str | None) -> str | None:
    if controller is None or controller in assistant.world.controllers:
        return controller
    known = ", ".join(assistant.world.controllers)
    raise typer.BadParameter(f"must be one of {known}", param_hint="--controller")


def _each(make: Callable[[Mapping[str, Any]], jsonl.Row]) -> None:
    """Answer standard input line by line; exit status 1 at the end where a line was bad."""
    bad = False
    for row in jsonl.each(_lines(), make):
        bad |= "error" in row
        _print(row)
    if bad:
        raise typer.Exit(1)


def _lines() -> Iterable[str]:
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", errors="replace")


def _print(row: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(row, ensure_ascii=False))


def main() -> None:
    """Run the command line; an interrupt or a closed pipe ends it quietly."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except TyperException as failure:
        message = failure.format_message() or "say which command; --help lists them"
        typer.echo(f"privacy-assistant: {message}", err=True)
        sys.exit(failure.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


if __name__ == "__main__":
    main()
