"""What the tests of the store share: opening a database, and closing it again."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from bot.storage.keys import MasterKeys
from bot.storage.sqlite import SqliteStore
from bot.storage.sqlite_transaction import Transaction

T = TypeVar("T")


class Open(Protocol):
    """Opens the test's database with these master keys."""

    def __call__(self, *keys: bytes) -> SqliteStore:
        """The open store; it is closed after the test."""


def run(store: SqliteStore, fn: Callable[[Transaction], T]) -> T:
    """One transaction."""
    return asyncio.run(store.tx(fn))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the test's database lies."""
    return tmp_path / "var" / "a.db"


@pytest.fixture
def opened(file: Path) -> Iterator[Open]:
    """Opens the database as often as is wished, and closes in the end what the test left open."""
    stores: list[SqliteStore] = []

    def make(*keys: bytes) -> SqliteStore:
        masters = MasterKeys(keys or (b"\x01" * 32,))
        stores.append(SqliteStore(file, lambda _new: masters))
        return stores[-1]

    yield make
    for store in stores:
        if not store._thread._shutdown:  # noqa: SLF001 - the only sign that it was closed
            store.close()


@pytest.fixture
def store(opened: Open) -> SqliteStore:
    """An open store on a new database."""
    return opened()
