"""The house holds: imports run one way, libraries stay in their rooms, files stay short."""

import ast
from pathlib import Path

BOT = Path(__file__).resolve().parent.parent / "bot"
PARTS = {"outbox", "retention", "turning"}  # of the service
MIDDLE = PARTS | {"service", "platforms", "storage", "delivery", "web", "content", "understanding", "settings"}
TOP = {"__main__", "app", "doctor", "flood", "jsonl", "requests", "running", "serving_slack", "serving_telegram"}
LIBRARIES = {
    "yaml": "content",
    "babel": "content",
    "sqlite_utils": "storage/sqlite",
    "cryptography": "storage/keys.py",
    "aiosmtplib": "delivery/email.py",
    "holidays": "content/calendars.py",
    "limits": "flood.py",
    "email_validator": "understanding/values.py",
    "stdnum": "understanding/values.py",
    "telegram": "platforms/telegram",
    "slack_bolt": "platforms/slack",
    "starlette": "web/",
    "uvicorn": "web/",
    "sklearn": "understanding/training.py",
    "scipy": "understanding/training.py",
    "prompt_toolkit": "platforms/terminal.py",
    "rich": "platforms/terminal.py",
}


def _imports(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def _room(file: Path) -> str:
    first = file.relative_to(BOT).parts[0]
    return first.removesuffix(".py")


def test_imports_run_one_way() -> None:
    """The core imports only itself and the standard library's pure parts; the middle rooms never import each other."""
    for file in BOT.rglob("*.py"):
        room = _room(file)
        for name in _imports(file):
            if not name.startswith("bot."):
                continue
            other = name.split(".")[1]
            allowed = {"core", room} if room in MIDDLE | {"core"} else MIDDLE | TOP | {"core"}
            allowed |= (
                {"outbox", "retention", "turning"} if room in ("service", "turning") else set()
            )  # the service's other parts
            assert other in allowed, f"{file.relative_to(BOT)} imports {name}"


def test_the_core_needs_nothing_but_the_standard_library() -> None:
    """No network, clock, file, random number or library is in reach of the core; digests are pure functions."""
    for file in (BOT / "core").rglob("*.py"):
        foreign = {name.split(".")[0] for name in _imports(file)} - {
            "bot",
            "collections",
            "dataclasses",
            "datetime",
            "hashlib",
            "hmac",
            "typing",
        }
        assert not foreign, f"{file.name} imports {foreign}"


def test_libraries_stay_in_their_rooms() -> None:
    """A library that is replaced one day is replaced in one place."""
    for file in BOT.rglob("*.py"):
        place = file.relative_to(BOT).as_posix()
        for name in _imports(file):
            home = LIBRARIES.get(name.split(".")[0])
            assert home is None or place.startswith(home), f"{place} imports {name}"


def test_files_stay_short_and_say_what_they_are() -> None:
    """A file opens with one sentence on what lives there, and one that passes 350 lines is asking to be two."""
    for file in BOT.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), file
        assert len(text.splitlines()) <= 350, file
