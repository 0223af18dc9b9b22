"""Settings: one frozen value from the environment and an optional TOML file."""

import base64
import binascii
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_DURATION: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
#: The form only: whether somebody reads it there, the first mail will tell.
_ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_DEFAULTS: Final[Mapping[str, str]] = {
    "CONTENT_DIR": "",
    "CONTROLLERS": "",
    "DATABASE_URL": "sqlite:///var/assistant.db",
    "OPERATOR_NAME": "",
    "OPERATOR_CONTACT": "",
    "RETENTION_SESSIONS": "P30D",
    "RETENTION_DRAFTS": "P14D",
    "RETENTION_CASES": "P3Y",
    "RETENTION_FEEDBACK": "P180D",
    "MASTER_KEY": "",
    "SMTP_URL": "",
    "MAIL_FROM": "",
    "TELEGRAM_BOT_TOKEN": "",
    "TELEGRAM_API_URL": "",
    "TELEGRAM_RATE": "30",
    "TELEGRAM_MODE": "polling",
    "TELEGRAM_WEBHOOK_URL": "",
    "TELEGRAM_WEBHOOK_SECRET": "",
    "SLACK_BOT_TOKEN": "",
    "SLACK_APP_TOKEN": "",
    "SLACK_SIGNING_SECRET": "",
    "SLACK_CLIENT_ID": "",
    "SLACK_CLIENT_SECRET": "",
    "SLACK_API_URL": "",
    "SLACK_MODE": "socket",
    "HTTP_HOST": "127.0.0.1",
    "HTTP_PORT": "8080",
    "PUBLIC_URL": "",
}
_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]{5,}")
#: Telegram's own rule for ``secret_token``.
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SIGNING: Final = re.compile(r"[A-Za-z0-9_-]{8,}")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_KINDS: Final = ("sessions", "drafts", "cases", "feedback")
_KEY_BYTES: Final = 32


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what it should be."""


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """What can be set for one company: where its requests and escalations go, and where it is."""

    inbox: str = ""
    support: str = ""
    country: str = ""
    timezone: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """How to be on Telegram; no ``token``: not at all. ``rate``: messages a second in all."""

    token: str = field(repr=False)
    api_url: str
    rate: float
    mode: str
    webhook_url: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How to be on Slack; neither ``bot_token`` nor ``client_id``: not at all."""

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    mode: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. No ``controllers``: all there are. ``origins``: where each value came from.

    ``retention``: ISO 8601 durations by kind of data. ``master_keys``: newest first; none where none is set.
    """

    content_dir: Path | None
    controllers: tuple[str, ...]
    database: Path
    operator_name: str
    operator_contact: str
    retention: Mapping[str, str]
    master_keys: tuple[bytes, ...] = field(repr=False)
    smtp_url: str = field(repr=False)
    mail_from: str
    companies: Mapping[str, CompanySettings]
    origins: Mapping[str, str]
    telegram: TelegramSettings
    slack: SlackSettings
    http_host: str
    http_port: int
    public_url: str


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises SettingsError with one line that names what is wrong."""
    values, origins, companies = _values(environment)
    if values["SMTP_URL"] and not values["MAIL_FROM"]:
        raise SettingsError("MAIL_FROM: must be set where SMTP_URL is: the address that mails come from")
    return Settings(
        content_dir=_folder("CONTENT_DIR", values["CONTENT_DIR"]),
        controllers=tuple(name for name in re.split(r"[,\s]+", values["CONTROLLERS"]) if name),
        database=_database(values["DATABASE_URL"]),
        operator_name=values["OPERATOR_NAME"],
        operator_contact=values["OPERATOR_CONTACT"],
        retention={
            kind: _retention(f"RETENTION_{kind.upper()}", values[f"RETENTION_{kind.upper()}"]) for kind in _KINDS
        },
        master_keys=_keys(values["MASTER_KEY"]),
        smtp_url=values["SMTP_URL"],
        mail_from=values["MAIL_FROM"],
        companies=companies,
        origins=origins,
        telegram=_telegram(values),
        slack=_slack(values),
        http_host=values["HTTP_HOST"],
        http_port=_number("HTTP_PORT", values["HTTP_PORT"], 0, 65_535),
        public_url=_url("PUBLIC_URL", values["PUBLIC_URL"]).rstrip("/"),
    )


def _telegram(values: Mapping[str, str]) -> TelegramSettings:
    if values["TELEGRAM_BOT_TOKEN"] and not _TOKEN.fullmatch(values["TELEGRAM_BOT_TOKEN"]):
        raise SettingsError("TELEGRAM_BOT_TOKEN: must look like 123456:ABC..., as @BotFather gives it")
    mode, url, secret = (values[f"TELEGRAM_{name}"] for name in ("MODE", "WEBHOOK_URL", "WEBHOOK_SECRET"))
    if mode not in ("polling", "webhook"):
        raise SettingsError(f"TELEGRAM_MODE: must be polling or webhook, not {mode!r}")
    if mode == "webhook":
        _webhook(url, secret)
    return TelegramSettings(
        values["TELEGRAM_BOT_TOKEN"],
        _url("TELEGRAM_API_URL", values["TELEGRAM_API_URL"]).rstrip("/"),
        _number("TELEGRAM_RATE", values["TELEGRAM_RATE"], 1, 100_000),
        mode,
        url,
        secret,
    )


def _webhook(url: str, secret: str) -> None:
    parts = urlsplit(_url("TELEGRAM_WEBHOOK_URL", url))
    if parts.path in ("", "/") or (parts.scheme != "https" and parts.hostname not in _LOOPBACK):
        raise SettingsError(
            "TELEGRAM_WEBHOOK_URL: must be https:// with a path of its own, such as https://bot.example.com/telegram"
        )
    if not _SECRET.fullmatch(secret):
        raise SettingsError(
            "TELEGRAM_WEBHOOK_SECRET: must be 1 to 256 of the signs A-Z a-z 0-9 _ - (openssl rand -hex 32)"
        )


def _slack(values: Mapping[str, str]) -> SlackSettings:
    names = ("BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET", "CLIENT_ID", "CLIENT_SECRET", "API_URL", "MODE")
    row = SlackSettings(*(values[f"SLACK_{name}"] for name in names))
    if row.mode not in ("socket", "http"):
        raise SettingsError(f"SLACK_MODE: must be socket or http, not {row.mode!r}")
    if _url("SLACK_API_URL", row.api_url) and not row.api_url.endswith("/api/"):
        raise SettingsError("SLACK_API_URL: must end in /api/")
    if not (row.bot_token or row.client_id):
        return row
    if row.bot_token and not row.bot_token.startswith("xoxb-"):
        raise SettingsError("SLACK_BOT_TOKEN: must be a bot token, which begins with xoxb-")
    if row.client_id and not row.bot_token and not (row.client_secret and values["PUBLIC_URL"]):
        raise SettingsError("SLACK_CLIENT_SECRET, PUBLIC_URL: must be set where SLACK_CLIENT_ID is")
    if row.mode == "socket" and not row.app_token.startswith("xapp-"):
        raise SettingsError("SLACK_APP_TOKEN: must be an app-level token, which begins with xapp- (or SLACK_MODE=http)")
    if row.mode == "http" and not _SIGNING.fullmatch(row.signing_secret):
        raise SettingsError("SLACK_SIGNING_SECRET: must be set for SLACK_MODE=http; it stands at Basic Information")
    return row


def _url(name: str, value: str) -> str:
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise SettingsError(f"{name}: must be an address such as https://bot.example.com")
    return value


def _number(name: str, value: str, least: int, most: int) -> int:
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise SettingsError(f"{name}: must be a whole number from {least} to {most}, not {value!r}")
    return int(value)


def days(duration: str) -> int:
    """The days of an ISO 8601 duration, a year as 365 and a month as 30: for when to erase, not for legal deadlines."""
    match = _DURATION.fullmatch(duration)
    years, months, weeks, rest = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    return years * 365 + months * 30 + weeks * 7 + rest


def _values(environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], dict[str, CompanySettings]]:
    values, origins = dict(_DEFAULTS), dict.fromkeys(_DEFAULTS, "default")
    name = environment.get("PRIVACY_ASSISTANT_CONFIG", "")
    table = _toml(Path(name)) if name else {}
    for key, value in table.items():
        if key.upper() in values and not isinstance(value, dict):
            values[key.upper()] = " ".join(map(str, value)) if isinstance(value, list) else str(value)
            origins[key.upper()] = name
    for key in _DEFAULTS:
        if environment.get(key):
            values[key], origins[key] = environment[key], "environment"
    return values, origins, _companies(table.get("company", {}))


def _companies(tables: Any) -> dict[str, CompanySettings]:
    if not isinstance(tables, dict):
        raise SettingsError("company: must be tables such as [company.ID]")
    return {name: _company(name, table) for name, table in tables.items()}


def _company(name: str, table: Any) -> CompanySettings:
    known = CompanySettings.__slots__
    if not isinstance(table, dict):
        raise SettingsError(f"company.{name}: must be a table, [company.{name}]")
    for key, value in table.items():
        if key not in known:
            raise SettingsError(f"company.{name}.{key}: is not one of {', '.join(known)}")
        if not isinstance(value, str):
            raise SettingsError(f"company.{name}.{key}: must be a text")
        if key in ("inbox", "support") and not _ADDRESS.fullmatch(value):
            raise SettingsError(f"company.{name}.{key}: must be an e-mail address such as privacy@example.com")
    return CompanySettings(**table)


def _keys(value: str) -> tuple[bytes, ...]:
    return tuple(_key(part.strip()) for part in value.split(",")) if value else ()


def _key(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise SettingsError(
            "MASTER_KEY: must be 32 bytes in base64 (openssl rand -base64 32); new,old while changing it"
        )
    return key


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
