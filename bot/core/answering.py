"""What a message is to the step that was asked: an answer, a try that went wrong, or none of its business."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.asking import choices
from bot.core.flow import ALL, REFUSED, InFlow, Step, Value
from bot.core.here import Here
from bot.core.meaning import Context, Known, Wish
from bot.core.request import read_reference
from bot.core.values import Values
from bot.core.world import Control

#: Steps that ask for a name and the like; there a clear wish is hardly an answer.
NAME: Final = 200
_SURE: Final = 0.9

#: "Since last summer" is a date as well; more words than this are rather something else.
_ROUGHLY: Final = 6

#: A name of more words than this that has a "not" among them is hardly one.
_FEW: Final = 2

#: How an address looks.
_EMAIL_SHAPE: Final = "name@example.com"


@dataclass(frozen=True, slots=True)
class Problem:
    """A try that went wrong: what is wrong and how it should look."""

    text: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """An answer that reads like the wish for another flow, or like something else that is no answer."""

    flow: str | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A message inside a flow, with what was found in it."""

    text: str
    control: Control | None
    values: Values


def read(here: Here, draft: InFlow, step: Step, typed: Typed) -> Value | Problem | Doubt | None:
    """The answer that a message is; a Problem where it tried to be one; None where it is something else."""
    if typed.control == "skip":
        needed = here.phrase("This answer is needed, so it cannot be skipped.")
        return () if step.optional else Problem(needed)
    match step.kind:
        case "choose_one":
            return _one(here, draft, step, typed.text)
        case "choose_several" | "cookies":
            return _several(here, draft, step, typed)
        case "text":
            return _text(here, draft, step, typed)
        case "email":
            return _email(here, typed.values)
        case "date":
            return _date(here, typed)
        case "case":
            return _case(here, step, typed.text)
        case _:
            return None


def _labels(here: Here, draft: InFlow, step: Step) -> dict[str, tuple[str, ...]]:
    words = here.world.step_words(step.key, here.language)
    return {o: (words.options[o], *words.said.get(o, ())) for o in choices(here, draft, step)}


def _one(here: Here, draft: InFlow, step: Step, text: str) -> Value | Problem | None:
    labels = _labels(here, draft, step)
    number = text.strip().strip(".)[]")
    if number.isascii() and number.isdigit() and 0 < int(number[:4]) <= len(labels):
        return (list(labels)[int(number[:4]) - 1],)
    option = here.world.choose(here.language, text, labels)
    if option is None and (option := here.world.mentions(text, labels)) and here.world.negates(here.language, text):
        return _which(here)  # "everything except ..." is not everything
    return (option,) if option else None


def _which(here: Here) -> Problem:
    return Problem(here.phrase("I am not sure what you mean by that. Please choose one of these."))


def _several(here: Here, draft: InFlow, step: Step, typed: Typed) -> Value | Problem | None:
    labels = _labels(here, draft, step)
    if typed.control in ("done", "yes") and draft.picked:
        return draft.picked
    if step.kind == "cookies" and _refused(here, step, typed.text):
        return ()
    if typed.control in ("yes", "no", "later"):
        return _which(here) if step.kind == "cookies" else None
    named = tuple(o for o, said in labels.items() if here.world.mentions(typed.text, {o: said}))
    if named and here.world.negates(here.language, typed.text):
        return _all_but(here, step, typed.text, named, labels) or _which(here)
    if not named:
        option = here.world.choose(here.language, typed.text, labels)
        named = (option,) if option else ()
    if step.alone in named:
        return (step.alone,) if step.alone else None
    return named or None


def _all_but(here: Here, step: Step, text: str, named: Value, labels: Mapping[str, object]) -> Value:
    """``All except marketing``: all the others; nothing where that is not what was said."""
    words = here.world.step_words(step.key, here.language).said.get(ALL, ())
    return tuple(o for o in labels if o not in named) if here.world.mentions(text, {ALL: words}) else ()


def _refused(here: Here, step: Step, text: str) -> bool:
    said = here.world.step_words(step.key, here.language).said.get(REFUSED, ())
    return here.world.choose(here.language, text, {REFUSED: said}) is not None


def _text(here: Here, draft: InFlow, step: Step, typed: Typed) -> Value | Problem | Doubt | None:
    text = typed.text.strip()
    if typed.control in ("yes", "no", "send", "done"):
        return None  # a word for another step is no text
    if step.limit <= NAME:
        text = here.world.named(here.language, text)
    if len(text) > step.limit:
        return Problem(
            here.phrase(
                "That is {length} characters, and at most {limit} fit here. Please put it more briefly.",
                length=len(text),
                limit=step.limit,
            )
        )
    if not any(c.isalnum() for c in text):
        return None
    asked = text.endswith("?")
    return _read_as(here, draft, text, asked=asked) if asked or step.limit <= NAME else (text,)


def _read_as(here: Here, draft: InFlow, text: str, *, asked: bool) -> Value | Doubt | None:
    """A text that could be something else than the answer: a question, or where a name is asked for, a wish."""
    understood = here.world.understand(text, Context(here.language, here.session.recent))
    meaning = understood.meaning
    if asked:
        return None if isinstance(meaning, Known) else (text,)
    odd = len(text.split()) > _FEW and here.world.negates(here.language, text)
    if odd or here.world.amends(here.language, text):
        return Doubt(None)
    sure = bool(understood.candidates) and understood.candidates[0].score >= _SURE
    wish = isinstance(meaning, Wish) and sure and meaning.flow not in draft.flows
    return Doubt(meaning.flow) if wish and isinstance(meaning, Wish) else (text,)


def _email(here: Here, values: Values) -> Value | Problem | None:
    if len(values.emails) == 1:
        return (values.emails[0],)
    if values.emails:
        return Problem(here.phrase("I found more than one address there. Please write just one."))
    if values.bad_email:
        return Problem(
            here.phrase(
                "That does not look like an e-mail address. It should look like this: {example}", example=_EMAIL_SHAPE
            )
        )
    return None


def _date(here: Here, typed: Typed) -> Value | Problem | None:
    if typed.values.day:
        return (typed.values.day.isoformat(),)
    text = typed.text.strip()
    if any(c.isdigit() for c in text) and not any(c.isalpha() for c in text):
        return Problem(
            here.phrase("I cannot read that as a date up to today. Write it like this, for example: 1.3.2026")
        )
    roughly = any(c.isalpha() for c in text) and not text.endswith("?") and len(text.split()) <= _ROUGHLY
    return (text,) if roughly else None


def _case(here: Here, step: Step, text: str) -> Value | Problem | None:
    reference = read_reference(text)
    if reference is None:
        return None
    if any(case.reference == reference and (case.open or not step.open) for case in here.incoming.cases):
        return (reference,)
    return Problem(
        here.phrase(
            "I know no such request from this chat. I only show the requests that were made here;"
            " the others are on the receipts e-mailed to you."
        )
    )
