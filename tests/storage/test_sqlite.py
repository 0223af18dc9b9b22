"""The embedded store: real files, real processes."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bot.core.feedback import Feedback, StoreError
from bot.storage.sqlite import SqliteStore, Transaction
from tests.conftest import ROOT

OLD = datetime(2020, 1, 1, tzinfo=UTC)
NEW = datetime(2026, 1, 1, tzinfo=UTC)


def _row(at: datetime, text: str = "…") -> Feedback:
    return Feedback(at, "refused", "fi", "kotopro", "retention", text)


def _keep(store: SqliteStore, *rows: Feedback) -> None:
    for row in rows:
        asyncio.run(store.tx(partial(_add, row)))


def _add(row: Feedback, tx: Transaction) -> None:
    tx.add_feedback(row)


def test_feedback_comes_back(tmp_path: Path) -> None:
    """What is kept is listed, since a time, as it was."""
    store = SqliteStore(tmp_path / "var" / "a.db")
    _keep(store, _row(OLD), _row(NEW))
    assert asyncio.run(store.tx(lambda tx: tx.list_feedback(NEW))) == [_row(NEW)]
    store.close()


def test_old_feedback_is_erased_for_real(tmp_path: Path) -> None:
    """Purged words are gone from the file, not just from the table."""
    file = tmp_path / "a.db"
    store = SqliteStore(file)
    _keep(store, _row(OLD, "wordthatgoes"), _row(NEW, "stays"))
    assert asyncio.run(store.tx(lambda tx: tx.purge_feedback(NEW))) == 1
    store.close()
    assert b"wordthatgoes" not in b"".join(part.read_bytes() for part in tmp_path.iterdir())


def test_a_transaction_is_whole_or_nothing(tmp_path: Path) -> None:
    """An error takes everything back."""
    store = SqliteStore(tmp_path / "a.db")

    def fail(tx: Transaction) -> None:
        tx.add_feedback(_row(NEW))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        asyncio.run(store.tx(fail))
    assert asyncio.run(store.tx(lambda tx: tx.list_feedback(OLD))) == []
    store.close()


def test_several_processes_may_start_at_once(tmp_path: Path) -> None:
    """Four first starts on one new database, and none fails."""
    code = (
        "import sys; from pathlib import Path; from bot.storage.sqlite import SqliteStore;"
        " SqliteStore(Path(sys.argv[1])).close()"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "a.db")], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [(b"", 0)] * 4


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A clear error names the file."""
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path)
