"""The operators' commands on rights requests: ``privacy-assistant requests list|show|redeliver``."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from bot.app import open_store
from bot.core.job import DeadLetter
from bot.core.request import Case, read_reference
from bot.service import StoreError, now
from bot.settings import SettingsError, load_settings

requests_app = typer.Typer(help="Rights requests, with their legal deadlines.", no_args_is_help=True)

T = TypeVar("T")


@requests_app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    controller: Annotated[str | None, typer.Option(help="Only this company's.")] = None,
) -> None:
    """List requests, the most urgent first: reference, company, rights, dates, state; without who asks."""
    cases, dead, waiting, broken = _tx(
        lambda tx: (tx.all_cases(only_open=not all_), tx.dead_letters(), tx.waiting(), tx.unreadable_cases())
    )
    for case in (case for case in cases if controller in (None, case.controller)):
        typer.echo(_line(case))
    if not cases:
        typer.echo("no requests", err=True)
    for reference in broken:
        typer.echo(f"{reference} cannot be read: written by another version, or damaged", err=True)
    for letter in dead:
        typer.echo(_dead(letter), err=True)
    if waiting:
        typer.echo(f"{waiting} waiting to be sent", err=True)


def _line(case: Case) -> str:
    rights = "+".join(item.flow for item in case.items)
    due = case.deadline.limit.isoformat() if case.deadline else "no deadline"
    late = " LATE" if case.open and case.deadline and now().date() > case.deadline.limit else ""
    mark = " practice" if case.practice else "" if case.delivered or not case.open else " not delivered yet"
    state = f"{case.state:16} {case.verification:10}"
    return f"{case.reference}  {case.controller:14} {due:11}{late}  {state} {rights}{mark}"


def _dead(letter: DeadLetter) -> str:
    about = f" of case {letter.case.partition('.')[0]}" if letter.case else ""
    return (
        f"given up: {letter.kind} {letter.id}{about} after {letter.tries} tries: {letter.reason} (requests redeliver)"
    )


@requests_app.command("show")
def show(reference: Annotated[str, typer.Argument(help="As it stands on the receipt.")]) -> None:
    """Show one request whole: the exact text, where to answer, the dates, what has happened."""
    known = read_reference(reference)
    if known is None:
        raise typer.BadParameter(f"{reference} is not a reference such as PR-7K4M-QXW9", param_hint="REFERENCE")

    def find(tx: Any) -> tuple[Case, list[Any]] | None:
        case = tx.case(known)
        return (case, tx.history(case.id)) if case else None

    found = _tx(find)
    if found is None:
        typer.echo(f"there is no request {known}", err=True)
        raise typer.Exit(1)
    case, history = found
    typer.echo(_line(case))
    if case.deadline:
        dates = case.deadline
        typer.echo(f"received {dates.received}, one month {dates.month}, last day {dates.limit} ({dates.rule})")
    typer.echo(f"answer to: {case.email}\nlanguage: {case.language}\nSHA-256: {case.digest}\n\n{case.copy}\n")
    for at, actor, what in history:
        typer.echo(f"{at:%Y-%m-%d %H:%M} {actor}: {what}")


@requests_app.command("redeliver")
def redeliver(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers that `list` showed; none: all of them.")] = None,
) -> None:
    """Try again to send what was given up; the running assistant does it."""

    def again(tx: Any) -> int:
        return int(tx.redeliver(ids or [letter.id for letter in tx.dead_letters()], now()))

    typer.echo(f"{_tx(again)} will be tried again")


def _tx(fn: Callable[[Any], T]) -> T:
    try:
        store = open_store(load_settings())
    except (StoreError, SettingsError) as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None
    try:
        return asyncio.run(store.tx(fn))
    except StoreError as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None
    finally:
        store.close()
