"""What tests share: the bundled content, and an assistant that has learned from it once."""

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.app import Assistant, open_assistant
from bot.content.assistant import ContentWorld
from bot.content.check import Content
from bot.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Learn from the phrases once, before the tests are shared out among processes."""
    if not hasattr(config, "workerinput"):
        _learned()


def _learned() -> Assistant:
    settings = load_settings({"DATABASE_URL": f"sqlite:///{ROOT}/var/test.db"})
    return open_assistant(settings, lambda text: print(text, file=sys.stderr))


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    """The assistant on the bundled content; what it learned is kept in ``var`` between runs, keyed by the phrases."""
    return _learned()


@pytest.fixture(scope="session")
def world(assistant: Assistant) -> ContentWorld:
    """The world of the five companies."""
    return assistant.world


@pytest.fixture(scope="session")
def content(assistant: Assistant) -> Content:
    """The bundled content, read and checked."""
    return assistant.content


@pytest.fixture
def content_copy(tmp_path: Path) -> Path:
    """A copy of the bundled content to break or to add to."""
    shutil.copytree(ROOT / "flows", tmp_path / "content" / "flows")
    shutil.copytree(ROOT / "knowledge", tmp_path / "content" / "knowledge")
    shutil.copytree(ROOT / "locales", tmp_path / "content" / "locales")
    return tmp_path / "content"


@pytest.fixture
def environment(tmp_path: Path, assistant: Assistant) -> Callable[..., Mapping[str, str]]:  # noqa: ARG001 - it makes the cache
    """The environment of a command: its own database, the tests' cache beside it."""

    def make(**extra: str) -> Mapping[str, str]:
        cache = ROOT / "var" / "cache"
        (tmp_path / "var").mkdir(exist_ok=True)
        if cache.is_dir() and not (tmp_path / "var" / "cache").exists():
            (tmp_path / "var" / "cache").symlink_to(cache)
        base = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "DATABASE_URL": f"sqlite:///{tmp_path}/var/a.db",
        }
        return base | extra

    return make
