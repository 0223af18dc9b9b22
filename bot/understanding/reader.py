"""Everything that reads what somebody wrote, put together (``core.world.Reader``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.language import Language
from bot.core.meaning import Context, Understood
from bot.core.values import Values
from bot.core.world import Control
from bot.understanding import steering, values
from bot.understanding.hedges import Hedges
from bot.understanding.redact import Redactor
from bot.understanding.steering import Steering
from bot.understanding.understand import Understanding


@dataclass(frozen=True)
class MessageReader:
    """``core.world.Reader`` over what was learned and listed."""

    understanding: Understanding
    steering: Mapping[Language, Steering]
    hedges: Mapping[Language, Hedges]

    def understand(self, text: str, context: Context) -> Understood:
        return self.understanding.understand(text, context)

    def redact(self, language: Language, text: str) -> str:
        return Redactor(self.understanding.matchers[language].vocabulary).redact(text)

    def values(self, language: Language, text: str, today: date) -> Values:
        return values.find(text, language, today)

    def control(self, language: Language, text: str, loosely: Sequence[Control] = ()) -> Control | None:
        return self.steering[language].control(text, loosely, self.hedges[language])

    def negates(self, language: Language, text: str) -> bool:
        return self.hedges[language].negates(text)

    def denies(self, language: Language, text: str, flow: str) -> bool:
        return self.hedges[language].denies(text, flow)

    def becomes(self, language: Language, text: str) -> str | None:
        return self.hedges[language].becomes(text)

    def named(self, language: Language, text: str) -> str:
        return self.hedges[language].named(text)

    def amends(self, language: Language, text: str) -> bool:
        return self.hedges[language].amends(text)

    def changes(
        self, language: Language, text: str, names: Mapping[str, Sequence[str]], *, told: bool = False
    ) -> str | None:
        return self.steering[language].changes(text, names, told=told)

    def choose(self, language: Language, text: str, options: Mapping[str, Sequence[str]]) -> str | None:
        return steering.choose(text, options, self.hedges[language])

    def mentions(self, text: str, options: Mapping[str, Sequence[str]]) -> str | None:
        return steering.mentions(text, options)
