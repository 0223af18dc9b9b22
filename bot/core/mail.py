"""E-mail as the core sees it: what is to be sent; and how the delivery of a mail or a reply fails."""

from dataclasses import dataclass, field

from bot.core.language import Language
from bot.core.text import Block


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail. ``id`` is fixed for good: it becomes the Message-ID, so that a repeat can be recognised.

    ``repeat`` is a line that stands first where this mail may have been sent before, in the person's language.
    """

    id: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    language: Language
    repeat: str = ""


class DeliveryError(Exception):
    """A mail or a reply could not be handed over.

    ``permanent``: trying again will not help; ``unclear``: it may have arrived all the same; ``after``: so many
    seconds the receiver asks to be left alone, which is no failure; ``closed``: the chat takes nothing any more.
    The text holds no address and no words, so that it may be logged.
    """

    def __init__(
        self, reason: str, *, permanent: bool, unclear: bool = False, after: float | None = None, closed: bool = False
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.unclear = unclear
        self.after = after
        self.closed = closed
