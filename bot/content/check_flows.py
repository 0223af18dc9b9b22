"""Checks of guided flows in no language: steps that can be walked, conditions that can hold, buttons that fit."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, get_args

from bot.content import schema
from bot.content.errors import Problem
from bot.content.knowledge import Knowledge
from bot.core.buttons import LIMIT_BYTES, Act, Walk, encode
from bot.core.flow import Ends, Kind

#: A flow's steps by the ids they have in its file.
Steps: TypeAlias = Mapping[str, schema.SharedStepRow]

_SHARED: Final = "flows/_common.yaml"
_COMPANY: Final = "company."
_CHOICES: Final[tuple[Kind, ...]] = ("choose_one", "choose_several", "cookies")

#: What only steps of certain kinds can have.
_ONLY: Final[dict[str, tuple[Kind, ...]]] = {
    "options": _CHOICES,
    "default": _CHOICES,
    "alone": ("choose_several",),
    "offers": ("stop",),
    "open": ("case",),
}
#: What a flow cannot end without.
_NEEDS: Final[dict[Ends, Kind]] = {"status": "case", "withdraw": "case", "cookies": "cookies"}

#: The traits of a company that a condition can name, with the values they can have.
_TRAITS: Final[dict[str, tuple[str, ...]]] = {
    "inbox": ("yes", "no"),
    "support": ("yes", "no"),
    **{name: get_args(schema.TraitsRow.model_fields[name].annotation) for name in ("workplace", "cookie_choice")},
}

#: As ``schema.Name``; the names of files and shared steps stand in buttons too.
_ID: Final = re.compile("[a-z][a-z_]{0,19}")
_DRAFT: Final = "000000"
_REFERENCE: Final = "PR-0000-0000"
#: The longest thing that is written with a value, by the kind of step.
_ACTS: Final[dict[Kind, Act]] = {
    "choose_one": "pick",
    "choose_several": "toggle",
    "cookies": "toggle",
    "case": "pick",
    "code": "unverified",
}


@dataclass(frozen=True)
class Place:
    """A value in a file, by the keys that lead to it."""

    knowledge: Knowledge
    file: str
    key: tuple[str | int, ...] = ()

    def at(self, *key: str | int) -> "Place":
        """A value inside this one."""
        return Place(self.knowledge, self.file, (*self.key, *key))

    def error(self, message: str) -> Problem:
        """An error here, or at the nearest value around it."""
        return self.knowledge.error(self.file, message, *self.key)


def check_flows(knowledge: Knowledge) -> Iterator[Problem]:
    """Steps that nobody could walk, conditions that never hold, presses that no platform gives back."""
    yield from _shared(knowledge)
    for flow, row in knowledge.flows.items():
        yield from _flow(knowledge, flow, row)


def _shared(knowledge: Knowledge) -> Iterator[Problem]:
    steps = knowledge.shared_steps
    for name, row in steps.items():
        place = Place(knowledge, _SHARED, (name,))
        yield from _id(place, name)
        yield from _facts(place, name, row)
        yield from _conditions(place, row, {other: steps[other] for other in steps if other != name}, "a shared step")
        yield from _presses(place, name, name, row)


def _id(place: Place, name: str) -> Iterator[Problem]:
    if not _ID.fullmatch(name):
        yield place.error(f"{name}: an id has at most 20 small letters from a to z, and _")


def _flow(knowledge: Knowledge, flow: str, row: schema.FlowRow) -> Iterator[Problem]:
    file = Place(knowledge, f"flows/{flow}.yaml")
    yield from _id(file, flow)
    seen: dict[str, schema.SharedStepRow] = {}
    for n, step in enumerate(row.steps):
        place = file.at("steps", n)
        if isinstance(step, schema.OwnStepRow):
            yield from _own(place, flow, step, seen)
            yield from _place_in_flow(place, step.id, step, seen)
            seen[step.id] = step
        elif step.use in knowledge.shared_steps:
            facts = knowledge.shared_steps[step.use]
            yield from _used(place, step, facts, seen)
            yield from _place_in_flow(place, step.use, facts, seen)
            seen[step.use] = facts
        else:
            yield place.at("use").error(f"shared step {step.use} does not exist")
    yield from _ends(file, row, seen)


def _place_in_flow(place: Place, name: str, facts: schema.SharedStepRow, earlier: Steps) -> Iterator[Problem]:
    if name in earlier:
        yield place.error(f"{name} stands twice")
    if facts.kind == "code" and "email" not in earlier:
        yield place.error(f"{name}: a code is mailed, so `use: email` must come before it")


def _own(place: Place, flow: str, step: schema.OwnStepRow, earlier: Steps) -> Iterator[Problem]:
    if step.id in place.knowledge.shared_steps:
        yield place.at("id").error(f"{step.id} is a shared step: `use` it, or take another id")
    yield from _facts(place, step.id, step)
    yield from _conditions(place, step, earlier, "an earlier step of this flow")
    yield from _presses(place, step.id, f"{flow}.{step.id}", step)


def _used(place: Place, step: schema.UseRow, facts: schema.SharedStepRow, earlier: Steps) -> Iterator[Problem]:
    yield from _condition(place.at("when"), step.use, step.when, earlier, "an earlier step of this flow")
    conditions = [facts.when, *(option.when for option in facts.options if isinstance(option, schema.OptionRow))]
    for name in dict.fromkeys(name for when in conditions for name in when):
        if not name.startswith(_COMPANY) and name not in earlier:
            yield place.at("use").error(f"{step.use} depends on {name}, which is not an earlier step of this flow")


def _facts(place: Place, name: str, row: schema.SharedStepRow) -> Iterator[Problem]:
    """What a step has by itself."""
    options = ids(row)
    for field, kinds in _ONLY.items():
        if field in row.model_fields_set and row.kind not in kinds:
            yield place.at(field).error(f"{name}: `{field}` is for {' and '.join(kinds)} only, this is {row.kind}")
    if row.kind in _CHOICES and not options:
        yield place.error(f"{name}: {row.kind} needs `options`")
    for n, option in enumerate(options):
        if option in options[:n]:
            yield place.at("options", n).error(f"{name}: option {option} stands twice")
    for field, chosen in (("default", row.default), ("alone", row.alone)):
        if chosen is not None and chosen not in options and row.kind in _ONLY[field]:
            yield place.at(field).error(f"{name}: `{field}` {chosen} is not one of its options")
    if row.offers is not None and row.offers not in place.knowledge.flows:
        yield place.at("offers").error(f"{name}: offered flow {row.offers} does not exist")


def ids(row: schema.SharedStepRow) -> tuple[str, ...]:
    """The options of a step."""
    return tuple(option if isinstance(option, str) else option.id for option in row.options)


def _conditions(place: Place, row: schema.SharedStepRow, known: Steps, what: str) -> Iterator[Problem]:
    yield from _condition(place.at("when"), "when", row.when, known, what)
    for n, option in enumerate(row.options):
        if isinstance(option, schema.OptionRow):
            yield from _condition(place.at("options", n, "when"), option.id, option.when, known, what)


def _condition(place: Place, subject: str, when: schema.When, known: Steps, what: str) -> Iterator[Problem]:
    """A condition that names what is not known yet, or a value that it cannot have."""
    for name, wanted in when.items():
        if name.startswith(_COMPANY):
            allowed = _TRAITS.get(name.removeprefix(_COMPANY))
            nothing = f"{subject}: {name} is not a trait: there are {', '.join(_TRAITS)}"
        else:
            allowed = ids(known[name]) if name in known else None
            nothing = f"{subject}: {name} is not {what}"
        if allowed is None:
            yield place.at(name).error(nothing)
            continue
        if not wanted:
            yield place.at(name).error(f"{subject}: {name} is to be no value at all")
        for value in [wanted] if isinstance(wanted, str) else wanted:
            if value not in allowed:
                can = f"only {', '.join(allowed)}" if allowed else "it has no options"
                yield place.at(name).error(f"{subject}: {name} cannot be “{value}”: {can}")


def _presses(place: Place, name: str, key: str, row: schema.SharedStepRow) -> Iterator[Problem]:
    act = _ACTS.get(row.kind, "change")
    values = ids(row) or ((_REFERENCE,) if row.kind == "case" else ("",))
    presses = [Walk(_DRAFT, "change", key), *(Walk(_DRAFT, act, key, value) for value in values)]
    length = max(len(encode(press).encode()) for press in presses)
    if length > LIMIT_BYTES:
        room = f"its buttons hold {length} bytes, and {LIMIT_BYTES} is all they can: shorten the ids"
        yield place.error(f"{name}: {room}")


def _ends(file: Place, row: schema.FlowRow, steps: Steps) -> Iterator[Problem]:
    """What a flow lacks that its end needs."""
    place = file.at("ends")
    needed = _NEEDS.get(row.ends)
    if needed and needed not in {step.kind for step in steps.values()}:
        yield place.error(f"a flow that ends in {row.ends} needs a step of the kind {needed}")
    if row.article is not None and row.article not in file.knowledge.articles:
        yield file.at("article").error(f"article {row.article} is not in law/articles.yaml")
    if row.ends != "case":
        return
    whole = {
        "`article`": row.article is not None,
        "a `topic`": row.topic is not None,
        "`use: email`": "email" in steps and steps["email"].kind == "email",
        "`use: review` as its last step": list(steps)[-1:] == ["review"] and steps["review"].kind == "review",
    }
    for what, there in whole.items():
        if not there:
            yield place.error(f"a flow that ends in a case needs {what}")
