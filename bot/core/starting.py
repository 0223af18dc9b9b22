"""How a flow begins: what is known already is not asked, an open request is shown, a changed flow is replayed."""

from collections.abc import Mapping
from dataclasses import replace

from bot.core import letters, replies
from bot.core.asking import ask, resume_button, step_now
from bot.core.buttons import StartFlow
from bot.core.chat import Button
from bot.core.flow import NOT_SAID, InFlow, Step, Value, fits
from bot.core.guide import proceed
from bot.core.here import Here, Turn
from bot.core.meaning import Understood
from bot.core.own import no_requests, show_case
from bot.core.pressing import going_on, version
from bot.core.replies import draft_button
from bot.core.request import Case
from bot.core.review import RIGHTS, line, writes_letter
from bot.core.session import Idle
from bot.core.text import Block, Fine, Paragraph

#: Flows that are about the chat itself or about requests of any company.
NO_COMPANY = ("assistant_export", "assistant_forget", "request_status", "request_cancel", "language", "controller")

Given = Mapping[str, Value]


def start(here: Here, flow: str, given: Given, also: tuple[str, ...] = ()) -> Turn:
    """Begin a flow. ``given``: what a message said already; ``also``: other rights wished for in the same breath."""
    aside = here.aside if here.aside and here.aside.controller in (None, here.session.controller) else None
    if aside and (same := _same(here, aside, flow, given)):
        return same
    for draft in here.session.parked:
        if flow in draft.flows and draft.controller == here.session.controller:
            others = tuple(other for other in here.session.parked if other.id != draft.id)
            again = here.at(replace(here.session, parked=others))
            return proceed(again, _with_given(again, draft, given), *going_on(here, draft))
    if here.world.flow(flow).ends in ("status", "withdraw") and not _cases(here, flow):
        closed = show_case(here, here.incoming.cases[0].reference) if here.incoming.cases else (no_requests(here),)
        return Turn(replace(here.session, place=Idle()), closed)
    controller = None if flow in NO_COMPANY else here.session.controller
    flows = (flow, *(f for f in also if f in RIGHTS and f != flow)) if flow in RIGHTS else (flow,)
    draft = InFlow(_new_id(here), flows, version(here, flows), controller)
    if flow == "escalate" and not here.session.answered:
        given = {**given, "escalate.pass": ("message",)}  # there are no topics to pass on
    draft = _with_given(here, draft, given)
    return proceed(here, draft, *_intro(here, draft))


#: Of the thirty-two random bytes of a turn: a reference takes the first sixteen, a code eight, a draft's id the rest.
_RANDOM_BYTES = 32


def _new_id(here: Here) -> str:
    if len(here.incoming.random) < _RANDOM_BYTES:
        raise ValueError("a draft needs thirty-two random bytes")
    return here.incoming.random[24:27].hex()


def _cases(here: Here, flow: str) -> list[Case]:
    only_open = here.world.flow(flow).ends == "withdraw"
    return [case for case in here.incoming.cases if case.open or not only_open]


def _same(here: Here, aside: InFlow, flow: str, given: Given) -> Turn | None:
    """The same wish again goes on; another right can join the request."""
    if flow in aside.flows:
        draft = _with_given(here, aside, given)
        return here.turn(draft, ask(here, draft, here.phrase("We are already working on that request.")))
    if flow in RIGHTS and aside.flows[0] in RIGHTS:
        text = here.phrase("I can add that to the request you are making. Shall I?")
        title = here.world.flow_name(flow, here.language)
        add = draft_button(aside, here.phrase("Add to the request: {title}", title=title), "add", "", flow)
        no = draft_button(aside, here.phrase("No, go on as before"), "resume")
        return here.turn(aside, replies.line(here.language, text, buttons=[add, no]))
    return None


def _with_given(here: Here, draft: InFlow, given: Given) -> InFlow:
    for step in here.world.steps(draft.flows):
        if step.key in given and draft.value(step.key) is None:
            draft = replace(draft, answers=(*draft.answers, (step.key, given[step.key])))
    return draft


def given_by(here: Here, flow: str, text: str, understood: Understood | None) -> dict[str, Value]:
    """What a message says already: an address, whose data it is, an option that it names."""
    values = here.world.values(here.language, text, here.world.today(here.session.controller, here.incoming.at))
    given: dict[str, Value] = {}
    for step in here.world.flow(flow).steps:
        if step.kind == "email" and len(values.emails) == 1:
            given[step.key] = (values.emails[0],)
        elif step.kind == "choose_one" and step.foretold and (option := _mentioned(here, step, text)):
            if not here.world.negates(here.language, text):  # "everything except ..." is not everything
                given[step.key] = (option,)
        elif step.key == "whose" and understood and understood.someone_else:
            given[step.key] = NOT_SAID
    return given


#: The flows about this chat, and what the same words may mean at the company.
_AT_THE_COMPANY = {"assistant_export": "access", "assistant_forget": "erasure"}
_NEAR = 0.6


def either(here: Here, flow: str, understood: Understood, text: str) -> Turn | None:
    """Where the company's data may be meant as well as this chat's, ask which; None where it is clear."""
    if here.aside:  # its buttons would lead away from what is under way
        return None
    own = flow
    if flow == "erasure" and here.world.control(understood.language, text) == "forget":
        own = "assistant_forget"  # "forget me"
    other = _AT_THE_COMPANY.get(own)
    scores = {candidate.id: candidate.score for candidate in understood.candidates}
    near = scores.get(f"flow:{other}", 0.0) >= _NEAR * scores.get(f"flow:{own}", 1.0)
    if other is None or not near:
        return None
    question = here.phrase("Do you mean what the company has about you, or only what I keep of this chat?")
    company, controller = here.world.flow_title(other, here.language), here.session.controller
    buttons = [
        Button(company, StartFlow(other, controller)),
        Button(here.world.flow_title(own, here.language), StartFlow(own, controller)),
    ]
    return Turn(here.session, (replies.line(here.language, question, buttons=buttons),))


def _mentioned(here: Here, step: Step, text: str) -> str | None:
    said = here.world.step_words(step.key, here.language).said
    return here.world.mentions(text, {option: words for option, words in said.items() if option != step.default})


def _intro(here: Here, draft: InFlow) -> list[Block | str]:
    """What the company says of it, what will happen, and whether anything can be sent at all."""
    flow = here.world.flow(draft.flows[0])
    blocks: list[Block | str] = []
    now = step_now(here, draft)
    if now is not None and now.kind == "stop":
        return []
    own = draft.value("whose") in (None, ("me",))
    if flow.ends == "case" and flow.topic and draft.controller and own:
        answer = here.world.answer(draft.controller, flow.topic, here.language)
        if answer.status in ("stated", "partly"):
            blocks.extend(replies.answers(here.world, here.language, (answer,)).blocks)
        else:
            silent = here.phrase("The company's document does not mention this right, but the law gives it to you.")
            blocks.extend([silent] if flow.id in RIGHTS else [])
    if flow.ends not in ("status", "withdraw", "export"):
        blocks.append(here.world.flow_text(flow.id, here.language))
    if len(draft.flows) > 1:
        names = [here.world.flow_name(name, here.language) for name in draft.flows]
        blocks.append(here.phrase("Asked for: {what}", what=here.world.listing(here.language, names)))
    if flow.ends == "case" and draft.controller:
        if here.world.trait(draft.controller, "inbox") != "yes":
            blocks.append(
                here.phrase(
                    "I have no address to which I could send a request for you at this company. So I write the"
                    " letter with you, and you send it yourself."
                )
            )
        elif here.world.practice and not writes_letter(here, draft):
            blocks.append(Fine(letters.practice_note(here)))
    return blocks


def replayed(here: Here, draft: InFlow) -> InFlow:
    """A draft on the flow as it is today: answers that no longer fit are kept to be shown at the review.

    Pure bookkeeping: nothing is asked or said here.
    """
    today = version(here, draft.flows)
    if today == draft.version:
        return draft
    steps = {step.key: step for step in here.world.steps(draft.flows)}
    kept: list[tuple[str, Value]] = []
    unfit: list[str] = list(draft.unfit)
    seen: dict[str, Value] = {}
    for key, value in draft.answers:
        step = steps.get(key)
        if step is not None and fits(step, value, seen, here.trait(draft)):
            kept.append((key, value))
            seen[key] = value
        elif value and key not in ("code", "whose"):
            unfit.append(line(here, step, value) if step else ", ".join(value))
    code = draft.code if "email" in seen else None
    return replace(
        draft, version=today, answers=tuple(kept), unfit=tuple(unfit), editing=None, picked=(), code=code, misses=0
    )


def resumed(here: Here, draft: InFlow) -> Turn:
    """Coming back to a draft after a while: what it is, and the step again."""
    title = here.world.flow_title(draft.flows[0], here.language)
    text = here.phrase(
        "You have an unfinished request here: {title}. Your answers are kept, and nothing has been sent.", title=title
    )
    step = step_now(here, draft)
    if step is None:
        return here.turn(draft, replies.line(here.language, text, buttons=[resume_button(here, draft)]))
    return here.turn(draft, ask(here, draft, Paragraph(text)))
