"""The composition root: from settings to a running assistant. The only file that names every room."""

import base64
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import get_args

from bot.content import calendars
from bot.content.assistant import ContentWorld, flow_words, own_values, topics
from bot.content.check import Content, load_content
from bot.content.knowledge import Knowledge
from bot.content.phrases import fingerprint
from bot.content.surroundings import Company, Surroundings
from bot.core.language import LANGUAGES, Language
from bot.core.world import Control
from bot.delivery.email import SmtpCourier, parse_url
from bot.service import Retention, Store, StoreError
from bot.settings import Settings, SettingsError, days
from bot.storage.keys import MasterKeys, new_key
from bot.understanding.cache import learn
from bot.understanding.entities import Cues, Entities, Thing
from bot.understanding.hedges import Hedges
from bot.understanding.normalise import fold
from bot.understanding.phrases import Phrase
from bot.understanding.reader import MessageReader
from bot.understanding.steering import Steering
from bot.understanding.understand import Understanding

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Assistant:
    """An assistant that is ready to answer."""

    settings: Settings
    content: Content
    world: ContentWorld


def content_root(settings: Settings) -> Path:
    """The folder with knowledge and locales: the operator's, or the one that came with the program.

    Relative to the working folder where it lies below it, so that problems are told in short.
    """
    here = Path(__file__).resolve().parent
    bundled = here / "_content"
    root = settings.content_dir or (bundled if bundled.is_dir() else here.parent)
    return root.relative_to(Path.cwd()) if root.is_relative_to(Path.cwd()) else root


def open_assistant(
    settings: Settings, progress: Progress = lambda _: None, *, practice: bool = False, pepper: bytes = b""
) -> Assistant:
    """Read and check the content and learn from its phrases; raises ContentError or SettingsError.

    ``practice``: mails are only shown; ``pepper``: the store's secret for one-time codes.
    """
    content = load_content(content_root(settings))
    served = _served(settings, content)
    understanding = _understanding(settings, content, served, progress)
    own = own_values(content.catalogs, settings.operator_name, settings.operator_contact, settings.retention)
    flows, steps = flow_words(content.knowledge)
    lists = {language: _steering(content, language) for language in LANGUAGES}
    world = ContentWorld(
        content.knowledge,
        content.catalogs,
        own,
        served,
        topics(content.knowledge),
        flows,
        steps,
        Surroundings(_companies(settings, content.knowledge), practice, pepper),
        MessageReader(understanding, lists, {language: _hedges(content, language) for language in LANGUAGES}),
    )
    return Assistant(settings, content, world)


def open_store(settings: Settings) -> Store:
    """Open the database; raises StoreError."""
    from bot.storage.sqlite import SqliteStore  # not needed to answer: programs that only ask need not wait for it

    return SqliteStore(settings.database, partial(_masters, settings))


def _masters(settings: Settings, new: bool) -> MasterKeys:
    """The operator's keys; without any, one that lies beside the database, made together with it."""
    if settings.master_keys:
        return MasterKeys(settings.master_keys)
    file = settings.database.with_suffix(".key")
    if new and not file.exists():
        _write_key(file)
    try:
        return MasterKeys((base64.b64decode(file.read_text(encoding="ascii").strip(), validate=True),))
    except (OSError, ValueError):
        raise StoreError(
            f"{file}: the key of the database cannot be read; set MASTER_KEY, or put the file back"
        ) from None


def _write_key(file: Path) -> None:
    """Whole or not at all, for the owner's eyes only; of several processes that start at once, one wins."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(base64.b64encode(new_key()) + b"\n")
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def courier(settings: Settings) -> SmtpCourier | None:
    """Who sends mails; None where no mail server is set. Raises SettingsError."""
    if not settings.smtp_url:
        return None
    try:
        parse_url(settings.smtp_url)
    except ValueError as failure:
        raise SettingsError(f"SMTP_URL: {failure}") from None
    return SmtpCourier(settings.smtp_url, settings.mail_from)


def retention(settings: Settings) -> Retention:
    """For how long what is kept."""
    return Retention(**{kind: timedelta(days=days(duration)) for kind, duration in settings.retention.items()})


def _companies(settings: Settings, knowledge: Knowledge) -> dict[str, Company]:
    for name, row in settings.companies.items():
        if name not in knowledge.controllers:
            raise SettingsError(f"company.{name}: is not one of {', '.join(sorted(knowledge.controllers))}")
        if row.country and not (calendars.knows(row.country) and row.country in knowledge.authorities):
            raise SettingsError(
                f"company.{name}.country: {row.country} is not a country whose law is held here (FI, SE)"
            )
        if row.timezone:
            try:
                calendars.local_date(row.timezone, datetime.now(UTC))
            except KeyError:
                raise SettingsError(
                    f"company.{name}.timezone: {row.timezone} is not a zone like Europe/Helsinki"
                ) from None
    return {name: Company(c.inbox, c.support, c.country, c.timezone) for name, c in settings.companies.items()}


def _steering(content: Content, language: Language) -> Steering:
    row = content.knowledge.words[language].control
    return Steering({control: getattr(row, control) for control in get_args(Control)}, row.change)


def _served(settings: Settings, content: Content) -> tuple[str, ...]:
    known = content.knowledge.controllers
    for name in settings.controllers:
        if name not in known:
            raise SettingsError(f"CONTROLLERS: {name} is not one of {', '.join(sorted(known))}")
    return settings.controllers or tuple(known)


def _understanding(settings: Settings, content: Content, served: tuple[str, ...], progress: Progress) -> Understanding:
    phrases = [Phrase(line.language, line.label, line.text) for line in content.phrases]
    key = fingerprint(content.phrases, content.foreign)
    folder = settings.database.parent / "cache"
    detector, matchers = learn(folder, key, phrases, content.foreign, progress)
    cues = {language: _cues(content, language) for language in LANGUAGES}
    knowledge = content.knowledge
    groups = {name: row.group for name, row in knowledge.topics.items()}
    explains = {f"flow:{name}": row.topic for name, row in knowledge.flows.items() if row.topic}
    offers = {name: tuple(row.offers) for name, row in knowledge.topics.items()}
    amid = {name: {str(group): topic for group, topic in row.amid.items()} for name, row in knowledge.topics.items()}
    return Understanding(detector, matchers, cues, _entities(content, served), groups, explains, offers, amid)


def _cues(content: Content, language: Language) -> Cues:
    row = content.knowledge.words[language].cues
    return Cues(tuple(row.joins), tuple(row.someone_else), tuple(row.follow_up))


def _hedges(content: Content, language: Language) -> Hedges:
    row = content.knowledge.words[language].cues
    return Hedges(row.negation, row.exception, row.amends, row.deeds, row.becomes, row.introduces)


def _entities(content: Content, served: tuple[str, ...]) -> Entities:
    rows = content.knowledge.entities
    things = [Thing(name, tuple(row.spellings), tuple(row.topics)) for name, row in rows.things.items()]
    names = {
        fold(alias): name
        for name in served
        for alias in (name, name.replace("-", " "), *content.knowledge.controllers[name].aliases)
    }
    return Entities(things, rows.articles, names)
