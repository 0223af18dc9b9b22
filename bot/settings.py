"""Settings: one frozen value from the environment and an optional TOML file."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_DURATION: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_DEFAULTS: Final[Mapping[str, str]] = {
    "CONTENT_DIR": "",
    "CONTROLLERS": "",
    "DATABASE_URL": "sqlite:///var/assistant.db",
    "OPERATOR_NAME": "",
    "OPERATOR_CONTACT": "",
    "RETENTION_SESSIONS": "P30D",
    "RETENTION_FEEDBACK": "P180D",
}


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. No ``controllers``: all there are. ``origins``: where each value came from."""

    content_dir: Path | None
    controllers: tuple[str, ...]
    database: Path
    operator_name: str
    operator_contact: str
    retention_sessions: str
    retention_feedback: str
    origins: Mapping[str, str]


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises SettingsError with one line that names what is wrong."""
    values, origins = _values(environment)
    return Settings(
        content_dir=_folder("CONTENT_DIR", values["CONTENT_DIR"]),
        controllers=tuple(name for name in re.split(r"[,\s]+", values["CONTROLLERS"]) if name),
        database=_database(values["DATABASE_URL"]),
        operator_name=values["OPERATOR_NAME"],
        operator_contact=values["OPERATOR_CONTACT"],
        retention_sessions=_retention("RETENTION_SESSIONS", values["RETENTION_SESSIONS"]),
        retention_feedback=_retention("RETENTION_FEEDBACK", values["RETENTION_FEEDBACK"]),
        origins=origins,
    )


def days(duration: str) -> int:
    """The days of an ISO 8601 duration, a year as 365 and a month as 30: for when to erase, not for legal deadlines."""
    match = _DURATION.fullmatch(duration)
    years, months, weeks, rest = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    return years * 365 + months * 30 + weeks * 7 + rest


def _values(environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    values, origins = dict(_DEFAULTS), dict.fromkeys(_DEFAULTS, "default")
    name = environment.get("PRIVACY_ASSISTANT_CONFIG", "")
    for key, value in (_toml(Path(name)) if name else {}).items():
        if key.upper() in values and not isinstance(value, dict):
            values[key.upper()] = " ".join(map(str, value)) if isinstance(value, list) else str(value)
            origins[key.upper()] = name
    for key in _DEFAULTS:
        if environment.get(key):
            values[key], origins[key] = environment[key], "environment"
    return values, origins


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as failure:
        raise SettingsError(f"PRIVACY_ASSISTANT_CONFIG: {file} cannot be read: {failure.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise SettingsError(f"PRIVACY_ASSISTANT_CONFIG: {file} is not TOML: {failure}") from None


def _folder(name: str, value: str) -> Path | None:
    if not value:
        return None
    if not (Path(value) / "knowledge").is_dir():
        raise SettingsError(f"{name}: {value} has no folder `knowledge`")
    return Path(value)


def _database(url: str) -> Path:
    if not url.startswith("sqlite:///") or url == "sqlite:///":
        raise SettingsError("DATABASE_URL: must be sqlite:///FILE")
    return Path(url.removeprefix("sqlite:///"))


def _retention(name: str, value: str) -> str:
    if not _DURATION.fullmatch(value) or days(value) < 1:
        raise SettingsError(f"{name}: must be an ISO 8601 duration of at least a day, such as P30D, not {value!r}")
    return value
