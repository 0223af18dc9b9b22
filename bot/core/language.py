"""The languages that the assistant speaks."""

from typing import Final, Literal, TypeGuard, get_args

Language = Literal["en", "fi", "sv"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

#: Each language's name in the language itself, as a person looks for it in a list.
OWN_NAMES: Final[dict[Language, str]] = {"en": "English", "fi": "Suomi", "sv": "Svenska"}


def is_language(value: object) -> TypeGuard[Language]:
    """Tell whether ``value`` is the code of a language that the assistant speaks."""
    return value in LANGUAGES
