"""The composition root: from settings to a running assistant. The only file that names every room."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.content.assistant import ContentWorld, own_values, topics
from bot.content.check import Content, load_content
from bot.content.phrases import fingerprint
from bot.core.language import LANGUAGES, Language
from bot.service import Store
from bot.settings import Settings, SettingsError
from bot.understanding.cache import learn
from bot.understanding.entities import Cues, Entities, Thing
from bot.understanding.normalise import fold
from bot.understanding.phrases import Phrase
from bot.understanding.redact import Redactor
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


def open_assistant(settings: Settings, progress: Progress = lambda _: None) -> Assistant:
    """Read and check the content and learn from its phrases; raises ContentError or SettingsError."""
    content = load_content(content_root(settings))
    served = _served(settings, content)
    understanding = _understanding(settings, content, served, progress)
    own = own_values(
        content.catalogs,
        settings.operator_name,
        settings.operator_contact,
        settings.retention_sessions,
        settings.retention_feedback,
    )
    world = ContentWorld(
        content.knowledge,
        content.catalogs,
        own,
        served,
        topics(content.knowledge),
        understanding.understand,
        _redactors(understanding),
    )
    return Assistant(settings, content, world)


def open_store(settings: Settings) -> Store:
    """Open the database; raises StoreError."""
    from bot.storage.sqlite import SqliteStore  # not needed to answer: programs that only ask need not wait for it

    return SqliteStore(settings.database)


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


def _entities(content: Content, served: tuple[str, ...]) -> Entities:
    rows = content.knowledge.entities
    things = [Thing(name, tuple(row.spellings), tuple(row.topics)) for name, row in rows.things.items()]
    names = {
        fold(alias): name
        for name in served
        for alias in (name, name.replace("-", " "), *content.knowledge.controllers[name].aliases)
    }
    return Entities(things, rows.articles, names)


def _redactors(understanding: Understanding) -> Callable[[Language, str], str]:
    return lambda language, text: Redactor(understanding.matchers[language].vocabulary).redact(text)
