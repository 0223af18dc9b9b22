"""The phrases that the assistant itself says: English in the source, translated in ``locales/<language>.po``."""

from collections.abc import Mapping
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from bot.content.errors import ContentError, Problem, error
from bot.core.language import LANGUAGES, Language


@dataclass(frozen=True)
class Catalogs:
    """Translations in memory, ready to say things."""

    translations: Mapping[Language, NullTranslations]

    def say(self, language: Language, message: str, /, **values: object) -> str:
        """``message`` in ``language``, with ``{name}`` placeholders filled in."""
        return self.translations[language].gettext(message).format(**values)

    def say_n(self, language: Language, one: str, many: str, n: int, /, **values: object) -> str:
        """The plural form that ``n`` needs in ``language``; ``{n}`` in it is the number."""
        return self.translations[language].ngettext(one, many, n).format(n=n, **values)


def load_catalogs(folder: Path) -> Catalogs:
    """Read and compile every language's catalog; raises ContentError with all that is wrong in them."""
    translations: dict[Language, NullTranslations] = {"en": NullTranslations()}
    problems: list[Problem] = []
    for language in LANGUAGES:
        if language == "en":
            continue
        try:
            catalog = _read(folder / f"{language}.po", language)
        except ContentError as failure:
            problems.extend(failure.problems)
            continue
        problems.extend(_problems(folder / f"{language}.po", catalog))
        translations[language] = _compile(catalog)
    if problems:
        raise ContentError(problems)
    return Catalogs(translations)


def _read(file: Path, language: Language) -> Catalog:
    try:
        with file.open("rb") as stream:
            return read_po(stream, locale=language, abort_invalid=True)
    except OSError as failure:
        raise ContentError([error(file, f"cannot be read: {failure.strerror}")]) from None
    except PoFileError as failure:
        raise ContentError([error(file, str(failure), failure.lineno + 1)]) from None
    except UnicodeDecodeError as failure:
        raise ContentError([error(file, f"not UTF-8 at byte {failure.start}")]) from None


def _compile(catalog: Catalog) -> NullTranslations:
    stream = BytesIO()
    write_mo(stream, catalog)
    stream.seek(0)
    return GNUTranslations(stream)


def _problems(file: Path, catalog: Catalog) -> list[Problem]:
    return [
        error(file, f"{complaint}: {_first(message.id)}", message.lineno or 1)
        for message in catalog
        if message.id
        for complaint in _complaints(message)
    ]


def _first(text: str | list[str] | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _complaints(message: Message) -> list[str]:
    strings = _forms(message.string)
    if not strings or not all(strings):
        return ["not translated"]
    if message.fuzzy:
        return ["the translation is fuzzy: read it and take the mark away"]
    allowed = {frozenset(placeholders(text)) for text in _forms(message.id)}
    if any(frozenset(placeholders(text)) not in allowed for text in strings):
        return ["the translation has other placeholders than the original"]
    return []


def placeholders(text: str) -> set[str]:
    """The names of the ``{name}`` placeholders of a text; raises ValueError for a stray brace."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
