"""A person's terminal: Rich for what is shown, prompt_toolkit for what is typed."""

from collections.abc import Callable, Iterable
from typing import Final, assert_never

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import has_completions
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.core.chat import Button, Say
from bot.core.language import Language
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph

_WIDTH: Final = 88


class RichScreen:
    """A person's terminal: wrapped text, numbered buttons, history with the arrow keys (in memory only)."""

    def __init__(self, hint: Callable[[Language], str]) -> None:
        """Set up the prompt; nothing is read yet. ``hint`` gives the line of keys below it."""
        self._language: Language = "en"
        self._console = Console(highlight=False)
        keys = KeyBindings()
        keys.add("down", filter=True)(_choose_with_arrows)
        keys.add("escape", filter=has_completions, eager=True)(_close_menu)
        self._completer = _Buttons()
        self._prompt: PromptSession[str] = PromptSession(
            history=InMemoryHistory(),
            completer=self._completer,
            complete_while_typing=False,
            key_bindings=keys,
            style=Style.from_dict({"prompt": "bold ansicyan", "bottom-toolbar": "noreverse ansibrightblack"}),
            bottom_toolbar=lambda: f" {hint(self._language)}",
        )

    def show(self, say: Say, buttons: list[Button], first: int) -> None:
        self._language = say.language
        self._console.print()
        width = min(_WIDTH, self._console.width)
        for block in say.blocks:
            self._console.print(Padding(_rich(block), (0, 2, 1, 2)), width=width)
        for file in say.files:
            self._console.print(Padding(Text(f"{file.name}\n{file.text}", style="dim"), (0, 2, 1, 2)))
        for number, button in enumerate(buttons, first):
            row = Text.assemble(("  ", ""), (f"[{number}]".rjust(5), "bold cyan"), "  ", (button.label, "cyan"))
            self._console.print(row)

    async def line(self, buttons: list[Button]) -> str | None:
        self._completer.buttons = buttons
        self._console.print()
        while True:
            try:
                return await self._prompt.prompt_async([("class:prompt", "› ")])
            except KeyboardInterrupt:
                continue  # Ctrl-C clears the line, as in a shell
            except EOFError:
                return None


class _Buttons(Completer):
    """The buttons of the last reply, as a menu to walk with the arrow keys."""

    def __init__(self) -> None:
        self.buttons: list[Button] = []

    def get_completions(self, document: Document, _event: CompleteEvent) -> Iterable[Completion]:
        typed = document.text_before_cursor
        for button in self.buttons:
            if button.label.casefold().startswith(typed.casefold()):
                yield Completion(button.label, start_position=-len(typed))


def _choose_with_arrows(event: KeyPressEvent) -> None:
    """Down opens the menu of buttons on an empty line, and walks history or the menu otherwise."""
    buffer = event.current_buffer
    if buffer.complete_state:
        buffer.complete_next()
    elif not buffer.text:
        buffer.start_completion(select_first=True)
    else:
        buffer.auto_down()


def _close_menu(event: KeyPressEvent) -> None:
    """Escape closes the menu and leaves the line as it was."""
    event.current_buffer.cancel_completion()


def _rich(block: Block) -> RenderableType:
    match block:
        case Paragraph(text):
            return Text(text)
        case Heading(text):
            return Text(text, style="bold")
        case Fine(text):
            return Text(text, style="dim italic")
        case Bullets(items):
            rows = Table.grid(padding=(0, 1))
            for item in items:
                rows.add_row("•", Text(item))
            return rows
        case _:
            assert_never(block)
