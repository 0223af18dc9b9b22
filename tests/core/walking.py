"""Walks through the assistant: the moves that a person, time and an operator can make in one chat."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Final, Literal, TypeAlias, get_args

from bot.content import schema
from bot.content.assistant import ContentWorld
from bot.content.check import Content
from bot.core.buttons import Act, ChooseController, Press, StartFlow, Walk
from bot.core.chat import (
    Event,
    Export,
    Exported,
    Forget,
    HomeOpened,
    Incoming,
    MailRefused,
    Opened,
    Pressed,
    Said,
    Say,
    SendMail,
    Submit,
    TimerFired,
    Unsupported,
    Withdraw,
)
from bot.core.conversation import turn
from bot.core.flow import REFUSED, Flow, InFlow, Option, Rows, Step, Value, current, walk
from bot.core.here import Turn
from bot.core.language import LANGUAGES, Language
from bot.core.request import Case, Item, State, new_reference
from bot.core.review import RIGHTS
from bot.core.session import ChoosingController, Session
from bot.storage.codec import SESSION
from bot.understanding.reader import MessageReader
from tests.visiting import NOW, world_with

CHAT: Final = "test:local:1"

#: Where companies have inboxes, where they have none (so letters are written), and where mails are only shown.
Surrounding: TypeAlias = Literal["inboxes", "letters", "practice"]

#: What can happen, as often as it stands here. sensible, typed: a sensible answer by button, in words; forged: a press
#: that no reply has offered; content: the flow files change; company: one is no longer served; post: mails are refused.
MOVES: Final = (
    "time",  # first: what Hypothesis makes of a move that does not matter
    *("sensible",) * 7,
    *("typed",) * 5,
    *("press",) * 5,
    *("old",) * 2,
    "forged",
    *("say",) * 5,
    *("control",) * 3,
    *("aside", "right", "correct", "mumble", "label") * 2,
    *("again", "command", "opened", "timer", "content", "company", "post", "refused", "answered"),
    *("edited", "edited", "picture", "home"),
)
Move: TypeAlias = tuple[str, int]

FLOWS: Final = (
    *("access", "rectification", "erasure", "restriction", "portability", "objection", "withdraw_consent"),
    *("marketing_opt_out", "complaint", "cookie_preferences", "escalate", "request_status", "request_cancel"),
    *("assistant_forget", "assistant_export"),
)
IDENTITY_NUMBERS: Final = ("131052-308T", "811228-9874")
BRACES: Final = "{company} {0} {"
_EMAILS: Final = ("anna.berg@example.com", "matti@example.com", "olle.ek@example.com")
_ODD: Final = (
    *("", "   ", "?", "😀", "😀👍" * 50, "x" * 10_000, "a b " * 2_500, BRACES, "123456", "000000", "12 34 56", "7"),
    *(f"my number is {number}" for number in IDENTITY_NUMBERS),
    *("31.2.2026", "1.1.2030", "yesterday", "anna@", "a@example.com b@example.com", "Emma \ud83d Korhonen", "\x00"),
    *("Wie lange speichern Sie meine Daten?", "PR-7K4M-QXW9", "rm -rf /", "--", "ääääå", "Anna Berg", "qwrtplkjh"),
)
_CORRECTIONS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("change the e-mail", "change the e-mail to new@example.com", "the name is wrong", "edit the scope"),
    "fi": ("muuta sähköposti", "vaihda sähköposti uusi@example.com", "nimi on väärin", "korjaa laajuus"),
    "sv": ("ändra e-posten", "byt e-post till ny@example.com", "namnet är fel", "rätta omfattningen"),
}
_COMMANDS: Final = (
    *("/cancel", "/back", "/help", "/start", "/status", "/human", "/mydata", "/forget", "/cookies", "/language sv"),
    *("/language fi", "/language", "/company kotopro", "/company", "/privacy", "/nonsense", "/CANCEL now"),
)
_HOURS: Final = (0.05, 0.2, 25.0, 24.0 * 40)
_STATES: Final[tuple[State, ...]] = ("fulfilled", "awaiting_subject", "refused")


@dataclass(frozen=True)
class Seen:
    """One event and what came of it.

    ``before``: the session on today's content; ``asked``: the reply before; ``changed``: whether content is new since.
    """

    world: ContentWorld
    before: Session
    asked: tuple[Say, ...]
    changed: bool
    incoming: Incoming
    done: Turn

    @property
    def event(self) -> Event:
        """What happened."""
        return self.incoming.event

    @property
    def after(self) -> Session:
        """The session that came of it."""
        return self.done.session

    @cached_property
    def says(self) -> tuple[Say, ...]:
        """The replies."""
        return says(self.done)

    @property
    def draft(self) -> InFlow | None:
        """The draft that was under way."""
        return self.before.place if isinstance(self.before.place, InFlow) else None

    @cached_property
    def step(self) -> Step | None:
        """The step that was being asked."""
        return current(rows(self.world, self.draft), self.draft) if self.draft else None

    @property
    def control(self) -> str | None:
        """What the message steers, if it is one that does."""
        if not isinstance(self.event, Said):
            return None
        return self.world.control(self.before.language or self.incoming.locale_hint or "en", self.event.text)

    @cached_property
    def press(self) -> Press | None:
        """The button that was pressed, or whose own words were typed."""
        match self.event:
            case Pressed(press):
                return press
            case Said(text):
                said = (button.press for say in self.asked for button in say.buttons if button.label == text)
                return next(said, None)
            case _:
                return None

    def pressed(self, draft: InFlow, *acts: Act) -> Walk | None:
        """The press, where it was one of these in the draft."""
        press = self.press
        return press if isinstance(press, Walk) and press.draft == draft.id and press.act in acts else None


def says(done: Turn) -> tuple[Say, ...]:
    """The replies of a turn."""
    return tuple(effect for effect in done.effects if isinstance(effect, Say))


def drafts(session: Session) -> tuple[InFlow, ...]:
    """The draft under way and those put aside."""
    return (*session.parked, *([session.place] if isinstance(session.place, InFlow) else []))


def rows(world: ContentWorld, draft: InFlow) -> Rows:
    """A draft's steps with its answers."""
    return walk(world.steps(draft.flows), draft, lambda name: world.trait(draft.controller, name))


@dataclass(frozen=True)
class Ground:
    """What is walked on: the assistant's worlds, today's and those that changed files would make, and what is said."""

    worlds: Mapping[str, ContentWorld]
    texts: Mapping[Language, Sequence[str]]
    _served: dict[tuple[str, str | None], ContentWorld] = field(default_factory=dict)

    def world(self, name: str, gone: str | None) -> ContentWorld:
        """A world in which the company ``gone`` is no longer served."""
        key = (name, gone)
        if key not in self._served:
            self._served[key] = without_company(self.worlds[name], gone) if gone else self.worlds[name]
        return self._served[key]


def grounds(world: ContentWorld, content: Content) -> Mapping[Surrounding, Ground]:
    """The ground of each surrounding."""
    texts = {language: tuple(_texts(content, language)) for language in LANGUAGES}
    made: dict[Surrounding, Ground] = {}
    for name in get_args(Surrounding):
        today = world_with(world, inboxes=name == "inboxes", practice=name == "practice")
        other = world_with(world, inboxes=name != "inboxes")
        made[name] = Ground({"today": today, **dict(_changed(today)), "inboxes given or taken": other}, texts)
    return made


def _texts(content: Content, language: Language) -> Iterator[str]:
    """Of every label a few of the content's own phrases; then what answers and changes steps."""
    count: dict[str, int] = {}
    for line in content.phrases:
        if line.language == language:
            count[line.label] = count.get(line.label, 0) + 1
            if count[line.label] <= (4 if line.label.startswith("flow:") else 1):
                yield line.text
    yield from _CORRECTIONS[language] * 4
    yield from _EMAILS * 3
    yield from ("what do Kaltiot store about me?", "Kotopro", "1.12.2025", "2026-01-05", "1", "2", "3") * 2
    yield from _ODD * 2


def _changed(world: ContentWorld) -> Iterator[tuple[str, ContentWorld]]:
    """The worlds that changed flow files would make: all flows at once, so that any draft meets its change."""
    for n in range(4):
        yield f"one step more, {n}", _with_flows(world, partial(_one_more, n))
        yield f"one step less, {n}", _with_flows(world, partial(_one_less, n))
        yield f"one option less, {n}", _with_flows(world, partial(_option_less, n))
    yield "shorter texts", _with_flows(world, _shorter)
    flows = {name: replace(flow, version="another") for name, flow in world.flows.items()}
    yield "another version", replace(world, flows=flows)


def _with_flows(world: ContentWorld, change: Callable[[tuple[Step, ...]], tuple[Step, ...]]) -> ContentWorld:
    words = {
        language: {
            **steps,
            "extra": replace(steps["known_as"], label="Extra", names=()),
            "chosen": replace(steps["access.scope"], label="Chosen", names=()),
        }
        for language, steps in world.step_texts.items()
    }
    flows = {name: _with_steps(flow, change(flow.steps)) for name, flow in world.flows.items()}
    return replace(world, flows=flows, step_texts=words)


def _with_steps(flow: Flow, steps: tuple[Step, ...]) -> Flow:
    return replace(flow, steps=steps, version=hashlib.sha256(repr(steps).encode()).hexdigest()[:8])


def _one_more(n: int, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """With a step more where a review follows."""
    if not steps or steps[-1].kind != "review":
        return steps
    new = Step("chosen", "choose_one", (Option("everything"), Option("some"))) if n % 2 else Step("extra", "text")
    at = min(n * 2, len(steps) - 1)
    return (*steps[:at], new, *steps[at:])


def _one_less(n: int, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Without one of the steps that the content's checks let go."""
    kinds = ("choose_one", "choose_several", "text", "date", "code")
    loose = [step for step in steps if step.kind in kinds and step.key != "whose"]
    gone = loose[n % len(loose)].key if loose else ""
    return steps if gone == "complaint.to" else tuple(step for step in steps if step.key != gone)


def _shorter(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(replace(step, limit=9) if step.kind == "text" else step for step in steps)


def _option_less(n: int, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    def less(step: Step) -> Step:
        kept = [option for option in step.options if option.id not in (step.default, step.alone)]
        gone = kept[n % len(kept)].id if len(kept) > 1 else ""
        return replace(step, options=tuple(option for option in step.options if option.id != gone))

    return tuple(less(step) for step in steps)


def without_company(world: ContentWorld, gone: str) -> ContentWorld:
    """The world of an assistant that serves one company less, and has not learned its name."""
    reader = world._reader  # noqa: SLF001 - the same reader, as it is built for fewer companies
    assert isinstance(reader, MessageReader)
    names = reader.understanding.entities.controllers
    entities = replace(reader.understanding.entities, controllers={k: v for k, v in names.items() if v != gone})
    reader = replace(reader, understanding=replace(reader.understanding, entities=entities))
    return replace(world, controllers=tuple(c for c in world.controllers if c != gone), _reader=reader)


Check: TypeAlias = Callable[["Walker", Seen], None]


@dataclass
class Walker:
    """One chat and whoever walks through it. ``checks`` look at every turn, ``probes`` at the places reached."""

    ground: Ground = field(repr=False)
    seed: int
    hint: Language
    checks: Sequence[Check] = ()
    probes: Sequence[Callable[["Walker", int], None]] = ()
    session: Session = Session(CHAT)  # noqa: RUF009 - a frozen value
    cases: tuple[Case, ...] = ()
    at: datetime = NOW
    moves: int = 0
    content: str = "today"
    gone: str | None = None
    refusing: bool = False
    reply: tuple[Say, ...] = ()
    event: Event = Opened()  # noqa: RUF009 - a frozen value
    edits: str = ""
    old: list[Press] = field(default_factory=list)
    codes: list[tuple[str, str, str]] = field(default_factory=list)  # of which draft, to whom, the digits
    proven: set[tuple[str, str]] = field(default_factory=set)  # in which draft, whose mailbox: the code was typed
    pages: dict[str, tuple[tuple[str, Value], ...]] = field(default_factory=dict)  # shown last, of which draft
    sent: set[str] = field(default_factory=set)  # drafts that were submitted
    story: list[tuple[str, str | None, Language, Event, Session]] = field(default_factory=list)

    @property
    def world(self) -> ContentWorld:
        """The world as it is today."""
        return self.ground.world(self.content, self.gone)

    @property
    def language(self) -> Language:
        """The language of the chat."""
        return self.session.language or self.hint

    @property
    def buttons(self) -> list[Press]:
        """The buttons of the last reply."""
        return [button.press for say in self.reply for button in say.buttons]

    @property
    def settled(self) -> Session:
        """The session on the content of today: a reminder changes nothing else."""
        if self._asked_in is self.world:
            return self.session
        return turn(self.world, self.session, self.incoming(TimerFired("remind"))).session

    def told(self) -> str:
        """What happened so far, to be read where a promise was broken."""
        return "\n".join(
            f"{content}, without {gone}, {language}: {event!r} {getattr(event, 'text', '')[:60]!r}"
            f"\n    {after.place!r}, parked {after.parked!r}"
            for content, gone, language, event, after in self.story
        )

    def incoming(self, event: Event) -> Incoming:
        """An event as the edge hands it in."""
        chance = hashlib.sha256(f"{self.seed} {self.moves}".encode()).digest()
        message = self.edits if isinstance(event, Said) and event.corrects else f"message-{self.moves}"
        return Incoming(f"event-{self.moves}", CHAT, self.at, event, self.hint, chance, self.cases, message)

    def move(self, kind: str, n: int) -> None:
        """Make one move, and whatever follows from it."""
        event = self._event(kind, n)
        if event is not None:
            self.feed(event)
            if self.probes:  # one at a time: each finds places enough
                self.probes[n % len(self.probes)](self, n // len(self.probes))

    def feed(self, event: Event) -> None:
        """Turn an event, as the service does: what effects bring back at once is turned too."""
        self.event, self.moves = event, self.moves + 1
        self.at += timedelta(seconds=1)
        events, told = [event], list[Say]()
        while events:
            incoming = self.incoming(events.pop(0))
            done = turn(self.world, self.session, incoming)
            seen = Seen(self.world, self.settled, self.reply, self._asked_in is not self.world, incoming, done)
            self.story.append((self.content, self.gone, self.language, incoming.event, seen.after))
            for check in self.checks:
                check(self, seen)
            told += seen.says
            self.reply = tuple(told)
            events += self._carried_out(seen)
        self.old += self.buttons
        self._asked_in = self.world

    def _carried_out(self, seen: Seen) -> list[Event]:
        self.session = seen.after
        if isinstance(seen.event, Said):
            typed = re.sub(r"\D", "", seen.event.text)
            self.proven |= {(draft, to) for draft, to, digits in self.codes if digits == typed}
        back: list[Event] = []
        for effect in seen.done.effects:
            match effect:
                case SendMail(mail, _, limited) if limited and self.refusing:
                    back.append(MailRefused(limited))
                case SendMail(mail, _, "code"):
                    self._mailed(mail.id, mail.to, mail.subject)
                case Export():
                    back.append(Exported("{}", (), NOW))
                case Submit(case):
                    self.cases = (case, *self.cases)
                case Withdraw(case):
                    self.cases = tuple(case if other.id == case.id else other for other in self.cases)
                case Forget():
                    self.session, self.cases = Session(CHAT), ()
                case Say():
                    self._shown(effect)
                case _:
                    pass
        return back

    def _mailed(self, id_: str, to: str, subject: str) -> None:
        found = re.search(r"\d{6}", subject)
        assert found, "the code stands in the subject"
        self.codes.append((id_.split(".")[1], to, found[0]))

    def _shown(self, say: Say) -> None:
        for button in say.buttons:
            press, place = button.press, self.session.place
            if isinstance(press, Walk) and press.act == "send" and isinstance(place, InFlow):
                self.pages[press.draft] = tuple((step.key, value) for step, value in rows(self.world, place) if value)

    def _event(self, kind: str, n: int) -> Event | None:
        match kind:
            case "sensible" | "typed":
                return self.sensible(n, typing=kind == "typed")
            case "press" | "old":
                known = self.buttons if kind == "press" else self.old
                return Pressed(known[n % len(known)]) if known else self.sensible(n, typing=False)
            case "say" | "control" | "command" | "label":
                return Said(self._text(kind, n))
            case "edited" | "picture" | "home":
                return self._of_a_platform(kind, n)
            case "aside" | "right" | "correct" | "mumble":
                return self._amid(kind, n)
            case "forged":
                return self._forged(n)
            case "again":
                return self.event
            case "opened" | "timer" | "refused":
                of: Mapping[str, tuple[Event, Event]] = {
                    "opened": (Opened(), Opened()),
                    "timer": (TimerFired("remind"), TimerFired("expire")),
                    "refused": (MailRefused("code"), MailRefused("receipt")),
                }
                return of[kind][n % 2]
            case _:
                self._outside(kind, n)
                return None

    def _of_a_platform(self, kind: str, n: int) -> Event:
        """What only chat platforms bring; an edited message may be any of before, or none."""
        if kind == "edited":
            self.edits = f"message-{n % (self.moves + 1)}"
            return Said(self._text("say", n), corrects=True)
        return HomeOpened() if kind == "home" else Unsupported(("media", "forwarded", "button")[n % 3])

    def _text(self, kind: str, n: int) -> str:
        if kind == "label":
            labels = [button.label for say in self.reply for button in say.buttons]
            return labels[n % len(labels)] if labels else "?"
        if kind == "command":
            return _COMMANDS[n % len(_COMMANDS)]
        if kind == "control":
            controls = tuple(name for name in schema.ControlRow.model_fields if name != "change")
            return self.word(controls[n % len(controls)], n // len(controls))
        texts = self.ground.texts[self.language if n % 8 else LANGUAGES[n % 3]]
        return texts[n // 8 % len(texts)]

    def _outside(self, kind: str, n: int) -> None:
        """What happens without a word to the chat."""
        match kind:
            case "time":
                self.at += timedelta(hours=_HOURS[n % len(_HOURS)])
            case "content":
                worlds = list(self.ground.worlds)
                self.content = worlds[n % len(worlds)]
            case "company":
                companies = self.ground.worlds["today"].controllers
                self.gone = None if self.gone else (self.session.controller if n % 2 else companies[n % len(companies)])
            case "post":
                self.refusing = not self.refusing
            case _:
                state = _STATES[n % len(_STATES)]
                self.cases = tuple(
                    replace(case, state=state) if n % (number + 1) == 0 else case
                    for number, case in enumerate(self.cases)
                )
        self.session = SESSION.load(SESSION.dump(self.session))

    def _amid(self, kind: str, n: int) -> Event:
        """What tends to come in the middle of a draft: another flow, another right, a correction, a miss."""
        known, place = drafts(self.session), self.session.place
        company = known[-1].controller if known and n % 4 else self.world.controllers[n % len(self.world.controllers)]
        match kind:
            case "aside":
                return Pressed(StartFlow(FLOWS[n % len(FLOWS)], company))
            case "right" if isinstance(place, InFlow):
                return Pressed(Walk(place.id, "add", "", RIGHTS[n % len(RIGHTS)]))
            case "right":
                return Pressed(StartFlow(RIGHTS[n % len(RIGHTS)], company))
            case "correct":
                return Said(_CORRECTIONS[self.language][n % 4])
            case _:
                return Said("qwrtplkjh")

    def word(self, control: str, n: int = 0) -> str:
        """A word of the chat's language that steers."""
        words: list[str] = getattr(self.world.knowledge.words[self.language].control, control)
        return words[n % len(words)]

    def _forged(self, n: int) -> Event:
        acts = get_args(Act)
        known = drafts(self.session)
        draft = known[n % len(known)] if known else InFlow("abcdef", ("erasure",), "", None)
        steps = self.world.steps(tuple(flow for flow in draft.flows if flow in self.world.flows))
        step = steps[n // 7 % len(steps)] if steps else Step("gone", "text")
        values = ("", "gone", *(option.id for option in step.options), *draft.flows, "marketing_opt_out")
        return Pressed(Walk(draft.id, acts[n // 3 % len(acts)], step.key, values[n // 5 % len(values)]))

    def sensible(self, n: int, *, typing: bool) -> Event:
        """What a sensible person does now, by button or in words."""
        session = self.settled
        match session.place:
            case ChoosingController():
                company = self.world.controllers[n % len(self.world.controllers)]
                name = self.world.controller_name(company, self.language)
                return Said(name) if typing else Pressed(ChooseController(company))
            case InFlow() as draft:
                return self._answer(draft, n, typing=typing)
            case _ if session.parked:
                return Said(self.word("resume", n)) if typing else Pressed(Walk(session.parked[-1].id, "resume"))
            case _:
                company = session.controller or self.world.controllers[n % len(self.world.controllers)]
                return Pressed(StartFlow(FLOWS[n % len(FLOWS)], company))

    def offered(self, draft: InFlow, *acts: Act) -> list[Walk]:
        """The buttons of the last reply that do one of these things in the draft."""
        walks = [press for press in self.buttons if isinstance(press, Walk) and press.draft == draft.id]
        return [press for press in walks if press.act in acts]

    def _answer(self, draft: InFlow, n: int, *, typing: bool) -> Event:
        step = current(rows(self.world, draft), draft)
        if step is None or self.offered(draft, "anew"):
            return Pressed(Walk(draft.id, "anew"))
        match step.kind:
            case "text":
                return Said(("Anna Berg", "the old one", "A-12", "my matter")[n % 4])
            case "email":
                return Said(_EMAILS[n % 3])
            case "date":
                return Said("1.12.2025") if n % 3 else Said(self.word("skip", n))
            case "code":
                return self._coded(draft, n, typing=typing)
            case "review" | "confirm" | "stop":
                return self._ended(draft, step, n, typing=typing)
            case _:
                return self._chosen(draft, step, n, typing=typing)

    def _coded(self, draft: InFlow, n: int, *, typing: bool) -> Event:
        if draft.code is None or n % 5 == 0:
            return Said(self.word("unverified", n)) if typing else Pressed(Walk(draft.id, "unverified", "code"))
        right = [digits for of, to, digits in self.codes if (of, to) == (draft.id, draft.code.to)]
        if not right or draft.code.tries or self.at - draft.code.at > timedelta(minutes=9):
            return Said(self.word("resend", n)) if typing else Pressed(Walk(draft.id, "resend", "code"))
        return Said(right[-1])

    def _ended(self, draft: InFlow, step: Step, n: int, *, typing: bool) -> Event:
        act: Act = {"review": "send", "confirm": "yes", "stop": "cancel"}[step.kind]  # type: ignore[assignment]
        offered = self.offered(draft, act)
        if not offered:
            return Said(self.word("repeat", n))
        if self.event == Pressed(offered[-1]) or self.session == self._last:  # too many today: come back tomorrow
            self.at += timedelta(hours=25)
        self._last = self.session
        return Said(self.word(act, n)) if typing else Pressed(offered[-1])

    _last: Session | None = None
    _asked_in: ContentWorld | None = None

    def _chosen(self, draft: InFlow, step: Step, n: int, *, typing: bool) -> Event:
        if step.kind == "cookies" and typing:
            ways = self.world.step_words(step.key, self.language).said[REFUSED]
            return Said(ways[n % len(ways)])
        done = self.offered(draft, "done")
        known = done or self.offered(draft, "pick", "toggle", "only", "all")
        known = [press for press in known if press.step == step.key]
        if not known:
            cancelled = step.kind == "case" and self.offered(draft, "cancel")
            return Pressed(Walk(draft.id, "cancel")) if cancelled else Said(self.word("repeat", n))
        press = known[n % len(known)]
        if not typing or not press.value:
            return Pressed(press)
        return Said(self.world.step_words(step.key, self.language).options.get(press.value, press.value))


def sent_before(world: ContentWorld, number: int) -> tuple[Case, ...]:
    """So many requests that were sent from the chat an hour ago."""
    at = NOW - timedelta(hours=1)
    return tuple(_case(world, at, n) for n in range(number))


def _case(world: ContentWorld, at: datetime, n: int) -> Case:
    company = world.controllers[n % len(world.controllers)]
    reference = new_reference(hashlib.sha256(f"sent {n}".encode()).digest())
    return Case(
        id=f"{reference}.{n:06}",
        reference=reference,
        draft=f"{n:06}",
        chat=CHAT,
        controller=company,
        language="en",
        received=at,
        deadline=world.deadline(company, at),
        items=(Item(FLOWS[n % 8]),),
        answers=(("email", (_EMAILS[0],)),),
        email=_EMAILS[0],
        verification="not_asked",
        copy="",
        digest="",
    )
