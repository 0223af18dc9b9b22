"""Guided flows: lists of steps, walked top to bottom; the place in a flow is the answers given so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "choose_one", "choose_several", "cookies", "text", "email", "date", "code", "case", "confirm", "review", "stop"
]
Ends: TypeAlias = Literal[
    "case", "cookies", "handoff", "status", "withdraw", "export", "forget", "language", "controller"
]

#: Names of answers or of the company's traits (``company.inbox``), each with the values that let a step be asked.
Condition: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]

#: Every answer is a tuple of strings: one for most steps, several for a choice of several, none for a skipped one.
Value: TypeAlias = tuple[str, ...]
Trait: TypeAlias = Callable[[str], str]

#: How people type that no cookies are allowed: no option, but an answer to a choice of cookies.
REFUSED = "none"

#: How people type all of them, from which some are left out.
ALL = "all"

#: What stands in place of a code where the request goes without one.
UNVERIFIED = "unverified"

#: Fits no option: whose data it is must be asked, although it usually is not.
NOT_SAID: Value = ("?",)

#: A step that is never over by an answer of its own.
_NEVER_ANSWERED = ("confirm", "review", "stop")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a step; ``when`` says for whom it exists."""

    id: str
    when: Condition = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``key`` names its answer: ``erasure.scope`` for a flow's own, ``email`` for a shared one.

    ``when``: any of these conditions lets it be asked (none: always). ``default``: the answer where it is not asked.
    ``limit``: how many characters a text may have. ``alone``: the option that excludes all others. ``offers``: a
    flow that a stop leads on to. ``open``: only requests that are not closed can be chosen.
    ``foretold``: whether the message that wishes for the flow may answer it.
    """

    key: str
    kind: Kind
    options: tuple[Option, ...] = ()
    when: tuple[Condition, ...] = ()
    optional: bool = False
    default: str | None = None
    limit: int = 2_000
    alone: str | None = None
    offers: str | None = None
    open: bool = False
    foretold: bool = True


#: Steps that are asked or have been asked, each with its fitting answer (None: still to be asked).
Rows: TypeAlias = tuple[tuple[Step, Value | None], ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow. ``article`` of the GDPR that it leans on; ``deadline``: whether the law sets a time for the answer."""

    id: str
    topic: str | None
    ends: Ends
    steps: tuple[Step, ...]
    version: str
    article: int | None = None
    deadline: bool = True


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was mailed: its mark (an HMAC), to which address, when, and how often it was guessed at."""

    mark: str
    to: str = field(repr=False)
    at: datetime
    tries: int = 0


@dataclass(frozen=True, slots=True)
class InFlow:
    """A draft: one flow, or several rights in one request, with the answers so far.

    ``editing``: the step that is being changed; ``picked``: what is ticked so far in a choice of several;
    ``misses``: messages in a row that were no answer; ``unfit``: answers that no longer fit a changed flow;
    ``offered``: the button of the last reply that a plain yes would press, as it is written; ``origins``: in which of
    the person's messages an answer was written, by the platform's ids, so that an edited message corrects it.
    """

    id: str
    flows: tuple[str, ...]
    version: str
    controller: str | None
    answers: tuple[tuple[str, Value], ...] = field(default=(), repr=False)
    editing: str | None = None
    picked: Value = ()
    misses: int = 0
    code: Code | None = None
    unfit: tuple[str, ...] = field(default=(), repr=False)
    anew: bool = False
    offered: str = ""
    origins: tuple[tuple[str, str], ...] = ()
    kind: Literal["in_flow"] = "in_flow"

    @property
    def empty(self) -> bool:
        """Whether nothing was answered, so that there is nothing to keep."""
        return not (self.answers or self.unfit)

    def value(self, key: str) -> Value | None:
        """The answer to a step, None where there is none."""
        return next((value for name, value in self.answers if name == key), None)

    def with_answer(self, key: str, value: Value) -> "InFlow":
        """The draft with an answer; an earlier one to the same step is replaced in its place."""
        answers = dict(self.answers) | {key: value}
        return replace(self, answers=tuple(answers.items()), editing=None, picked=(), misses=0)

    def written(self, key: str, message: str) -> "InFlow":
        """The draft, knowing in which message the answer to a step was written."""
        others = tuple(row for row in self.origins if key not in row and message not in row)
        return replace(self, origins=(*others, (key, message))) if message else self

    def without(self, key: str) -> "InFlow":
        """The draft without the answer to a step."""
        return replace(self, answers=tuple(row for row in self.answers if row[0] != key))


def merged(flows: Sequence[Flow]) -> tuple[Step, ...]:
    """The steps of one request with several rights: each flow's own in order, shared ones once, the review last.

    A shared step is asked where any of the flows asks it.
    """
    steps: dict[str, Step] = {}
    for step in (step for flow in flows for step in flow.steps):
        known = steps.get(step.key)
        if known is None:
            steps[step.key] = step
        elif known.when and step.when:
            steps[step.key] = replace(known, when=tuple(dict.fromkeys((*known.when, *step.when))))
        else:
            steps[step.key] = replace(known, when=())
    return tuple(sorted(steps.values(), key=_order))


def _order(step: Step) -> int:
    """Whose data it is comes first, what each right asks next, how to be reached last; each group in its own order."""
    if "." in step.key:
        return 1
    return 0 if step.key in _FIRST else 2


#: Shared steps that decide whether the way goes on at all.
_FIRST = ("whose", "deceased", "workplace", "for_whom", "own_name")


def holds(condition: Condition, answers: Mapping[str, Value], trait: Trait) -> bool:
    """Whether every named answer or trait has one of the values."""
    for name, values in condition:
        if name.startswith("company."):
            if trait(name.removeprefix("company.")) not in values:
                return False
        elif not set(answers.get(name, ())) & set(values):
            return False
    return True


def options(step: Step, answers: Mapping[str, Value], trait: Trait) -> tuple[str, ...]:
    """The options of a step that exist for this company and these answers."""
    return tuple(option.id for option in step.options if not option.when or holds(option.when, answers, trait))


def walk(steps: Sequence[Step], draft: InFlow, trait: Trait) -> Rows:
    """The steps that are asked or have been asked, with their fitting answers.

    Answers of steps that are skipped do not count in later conditions.
    """
    given, seen = dict(draft.answers), dict[str, Value]()
    rows: list[tuple[Step, Value | None]] = []
    for step in steps:
        if step.when and not any(holds(condition, seen, trait) for condition in step.when):
            continue
        if step.kind == "code" and seen.get("email") == ():
            continue  # nobody to mail it to
        value = given.get(step.key)
        if value is None and step.default is not None:
            value = (step.default,)
        if value is not None and not fits(step, value, seen, trait):
            value = None
        if value is not None:
            seen[step.key] = value
        rows.append((step, value))
    return tuple(rows)


def fits(step: Step, value: Value, answers: Mapping[str, Value], trait: Trait) -> bool:
    """Whether a value is an answer to the step as it is now."""
    if step.kind in _NEVER_ANSWERED:
        return False
    if not value:
        return step.optional or step.kind == "cookies"
    match step.kind:
        case "choose_one" | "choose_several" | "cookies":
            known = options(step, answers, trait)
            single = step.kind != "choose_one" or len(value) == 1
            return single and all(option in known for option in value)
        case "code":
            return value == (UNVERIFIED,) or value[-1:] == answers.get("email", ("",))
        case _:
            return len(value) == 1 and 0 < len(value[0]) <= step.limit


def current(rows: Rows, draft: InFlow) -> Step | None:
    """The step to ask: the one being changed, or else the first without an answer; None at the end."""
    for step, _ in rows:
        if step.key == draft.editing:
            return step
    return next((step for step, value in rows if value is None), None)


def before(rows: Rows, draft: InFlow) -> Step | None:
    """The answered step before the one being asked, None at the first."""
    here = current(rows, draft)
    earlier: Step | None = None
    for step, value in rows:
        if here is not None and step.key == here.key:
            return earlier
        if value is not None and (step.default is None or draft.value(step.key) is not None):
            earlier = step
    return earlier


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step's words in one language.

    ``ask``: the question; ``again``: the same said differently; ``label``: its name in the list of answers; ``names``:
    words people mean the answer by; ``options``: each option's label; ``said``: how people type it.
    """

    ask: str
    again: str
    label: str
    names: tuple[str, ...]
    options: Mapping[str, str]
    said: Mapping[str, tuple[str, ...]]
