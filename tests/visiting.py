"""A visitor for tests: talks to the real service over a real SQLite file, and reads the mails that it would send."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import open_assistant
from bot.content.assistant import ContentWorld
from bot.content.surroundings import Company, Surroundings
from bot.core.buttons import Press
from bot.core.chat import Event, Incoming, Opened, Pressed, Said, Say
from bot.core.job import Reply
from bot.core.language import Language
from bot.core.mail import DeliveryError, Mail
from bot.core.session import Session
from bot.core.text import plain
from bot.service import Retention, Service
from bot.settings import load_settings
from bot.storage.keys import MasterKeys
from bot.storage.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
KEYS = MasterKeys((b"\x01" * 32,))

__all__ = ["KEYS", "NOW", "Postbox", "Visitor", "open_assistant", "world_with"]


def world_with(world: ContentWorld, *, inboxes: bool, practice: bool = False) -> ContentWorld:
    """The same world where every company has an inbox, or none has."""
    address = "{}@example.com"
    companies = {
        name: Company(address.format(f"privacy.{name}"), address.format(f"support.{name}")) if inboxes else Company()
        for name in world.controllers
    }
    return ContentWorld(
        world.knowledge,
        world.catalogs,
        world.own,
        world.controllers,
        world.topics,
        world.flows,
        world.step_texts,
        Surroundings(companies, practice, b"p" * 32),
        world._reader,  # noqa: SLF001 - the same reader in other surroundings
    )


@dataclass
class Postbox:
    """Takes mails; ``broken``: refuses them with this failure."""

    mails: list[Mail] = field(default_factory=list)
    broken: DeliveryError | None = None

    async def send(self, mail: Mail) -> None:
        """Take a mail."""
        if self.broken:
            raise self.broken
        self.mails.append(mail)


@dataclass
class Told:
    """Takes replies that nobody waited for."""

    says: list[Say] = field(default_factory=list)

    async def tell(self, reply: Reply) -> None:
        """Take a reply."""
        self.says.append(reply.say)


@dataclass
class Visitor:
    """One person in one chat; ``at`` is their clock, which moves a second with each event."""

    world: ContentWorld
    file: Path
    chat: str = "test:local:1"
    hint: Language | None = None
    at: datetime = NOW
    retention: Retention = field(default_factory=Retention)
    postbox: Postbox = field(default_factory=Postbox)
    told: Told = field(default_factory=Told)
    says: tuple[Say, ...] = ()
    sent: int = 0
    store: SqliteStore = field(init=False)
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self.store = SqliteStore(self.file, lambda _new: KEYS)
        self.service = Service(self.world, self.store, self.retention, self.postbox, self.told)

    def restart(self, world: ContentWorld | None = None) -> None:
        """Stop and start the assistant, possibly with other content."""
        self.store.close()
        self.world = world or self.world
        self._open()

    def close(self) -> None:
        """Leave."""
        self.store.close()

    def send(self, event: Event, id_: str | None = None) -> str:
        """Send an event; the text of all replies."""
        self.sent += 1
        self.at += timedelta(seconds=1)
        incoming = Incoming(id_ or f"event-{self.sent}", self.chat, self.at, event, self.hint)
        self.says = asyncio.run(self._handled(incoming)) or self.says
        return self.text

    async def _handled(self, incoming: Incoming) -> tuple[Say, ...]:
        says = await self.service.handle(incoming)
        await self.service.deliver(self.at)
        return says

    def begin(self, controller: str, language: Language | None) -> None:
        """Open the chat about a company, as the terminal does."""
        asyncio.run(self.service.begin(self.chat, controller, language, self.at))

    def open(self) -> str:
        """Open the chat."""
        return self.send(Opened())

    def say(self, text: str) -> str:
        """Write something."""
        return self.send(Said(text))

    def press(self, label: str) -> str:
        """Press the button whose label holds ``label``."""
        return self.send(Pressed(self.button(label)))

    def button(self, label: str) -> Press:
        """What the button means whose label holds ``label``."""
        exact = self.buttons.get(label)
        found = [press for name, press in self.buttons.items() if label in name]
        assert found, f"{label} is not among {list(self.buttons)}"
        return exact or found[0]

    @property
    def buttons(self) -> dict[str, Press]:
        """The buttons of the last replies."""
        return {button.label: button.press for say in self.says for button in say.buttons}

    @property
    def text(self) -> str:
        """The text of the last replies."""
        return "\n\n".join(plain(say.blocks) for say in self.says)

    @property
    def code(self) -> str:
        """The code that was mailed last."""
        mail = next(mail for mail in reversed(self.postbox.mails) if mail.id.endswith(".code"))
        found = re.search(r"\d{6}", mail.subject)
        assert found
        return found[0]

    def tx(self, fn: Any) -> Any:
        """Something done in the store."""
        return asyncio.run(self.store.tx(fn))

    def wait(self, **time: float) -> None:
        """Let time pass, and the assistant do what it brings."""
        self.at += timedelta(**time)
        asyncio.run(self._tended())

    async def _tended(self) -> None:
        await self.service.tend(self.at)
        await self.service.deliver(self.at)

    @property
    def session(self) -> Session:
        """What is stored of the chat."""
        found: Session = self.tx(lambda tx: tx.chat(self.chat, self.at)).session
        return found


def assistant_settings(**extra: str) -> Any:
    """The bundled content, with the tests' cache."""
    return load_settings({"DATABASE_URL": f"sqlite:///{ROOT}/var/test.db"} | extra)
