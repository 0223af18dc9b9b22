"""What a press does in a draft; a press on an old keyboard shows where things stand now."""

from dataclasses import replace
from typing import Final, assert_never

from bot.core import replies
from bot.core.asking import ask, choices, rows_of, so_far, step_now
from bot.core.buttons import Act, Press, Walk, decode, encode
from bot.core.chat import Effect, Say
from bot.core.ending import finish
from bot.core.flow import UNVERIFIED, InFlow, Step
from bot.core.guide import answer_by_press, back, cancel, leave, letter_instead, proceed, shown_digest
from bot.core.here import Here, Turn
from bot.core.own import show_case
from bot.core.replies import draft_button
from bot.core.review import RIGHTS

#: What a plain yes can agree to.
_OFFERS: Final[tuple[Act, ...]] = ("send", "yes", "add")


def pressed(here: Here, press: Walk) -> Turn:
    """Do what a button of a draft says."""
    place = here.session.place
    if isinstance(place, InFlow) and place.id == press.draft:
        return _in_draft(here, place, press)
    parked = next((draft for draft in here.session.parked if draft.id == press.draft), None)
    if parked is not None:
        return _parked(here, parked, press)
    return _gone(here, press)


def remembered(done: Turn) -> Turn:
    """Keep what the last reply offers: a plain yes does that, and nothing else."""
    place, says = done.session.place, [effect for effect in done.effects if isinstance(effect, Say)]
    if not isinstance(place, InFlow) or not says:
        return done
    if len(says) > 1 or place.misses:  # a yes would be one to what was said first
        return replace(done, session=replace(done.session, place=replace(place, offered="")))
    presses = [button.press for say in says for button in say.buttons]
    offers = [
        press for press in presses if isinstance(press, Walk) and press.draft == place.id and press.act in _OFFERS
    ]
    offered = encode(offers[0]) if len(offers) == 1 else ""
    return replace(done, session=replace(done.session, place=replace(place, offered=offered)))


def shown(draft: InFlow, press: Press) -> Press:
    """The press that a button's own words are: they confirm nothing that the last reply did not show."""
    unseen = isinstance(press, Walk) and press.act in _OFFERS and encode(press) != draft.offered
    return Walk(draft.id, "resume") if unseen else press


def agreed(here: Here, draft: InFlow, text: str) -> Turn | None:
    """A yes in words: the press on what the last reply offers. None for any other message."""
    offered = decode(draft.offered)
    if not isinstance(offered, Walk):
        return None
    match here.world.control(here.language, text), offered.act:
        case ("yes", _) | ("send", "send" | "yes"):
            return _in_draft(here, draft, offered)
        case "no", "add":
            return here.turn(draft, ask(here, draft))
        case _:
            return None


def _parked(here: Here, draft: InFlow, press: Walk) -> Turn:
    """Go on with a draft that was put aside; the one at hand is put aside for it."""
    if press.act == "cancel":
        return _drop_parked(here, draft)
    others = tuple(other for other in here.session.parked if other.id != draft.id)
    place = here.session.place
    if isinstance(place, InFlow):
        others = (*others, place)
    session = replace(here.session, parked=others, controller=draft.controller or here.session.controller)
    return proceed(here.at(session), draft, *going_on(here, draft))


def going_on(here: Here, draft: InFlow) -> tuple[str, ...]:
    """That a draft goes on, and for which company it is."""
    on = here.phrase("Let us go on from where you were.")
    if draft.controller is None:
        return (on,)
    return (on, here.phrase("Company: {company}", company=here.world.controller_name(draft.controller, here.language)))


def _drop_parked(here: Here, draft: InFlow) -> Turn:
    text = here.phrase("Cancelled. Nothing has been sent, and your answers have been erased.")
    parked = tuple(other for other in here.session.parked if other.id != draft.id)
    place = here.session.place
    say: Effect = replies.line(here.language, text)
    effects = (say, ask(here, place)) if isinstance(place, InFlow) else (say,)
    return Turn(replace(here.session, parked=parked), effects)


def _gone(here: Here, press: Walk) -> Turn:
    """A draft that is over: what became of it, and where things stand now."""
    case = next((case for case in here.incoming.cases if case.draft == press.draft), None)
    if case is not None:
        sent = here.phrase("That has been sent already. This is how it stands:")
        effects: tuple[Effect, ...] = (replies.line(here.language, sent), *show_case(here, case.reference))
    else:
        over = here.phrase("That button belongs to something that is over.")
        effects = (replies.line(here.language, over),)
    place = here.session.place
    if isinstance(place, InFlow):
        effects = (*effects, ask(here, place))
    return Turn(here.session, effects)


def _in_draft(here: Here, draft: InFlow, press: Walk) -> Turn:
    step = next((step for step in here.world.steps(draft.flows) if step.key == press.step), None)
    now = step_now(here, draft)
    match press.act:
        case "cancel" | "back" | "help" | "resume" | "anew":
            return _steer(here, draft, press.act)
        case "send":
            return _send(here, draft, press, now)
        case "more" | "add" | "drop":
            return _rights(here, draft, press)
        case "yes" | "no" | "resend" | "unverified" | "skip" | "keep" | "done":
            same = step is not None and now is not None and step.key == now.key
            return _at_step(here, draft, now, press) if same and now else here.turn(draft, ask(here, draft))
        case "pick" | "only" | "all" | "toggle" | "change":
            return _choice(here, draft, step, press) if step else here.turn(draft, ask(here, draft))
        case _:
            assert_never(press.act)


def _steer(here: Here, draft: InFlow, act: Act) -> Turn:
    match act:
        case "cancel":
            return cancel(here, draft)
        case "back":
            return back(here, draft)
        case "help":
            return here.turn(draft, ask(here, draft, again=True))
        case "anew":
            return proceed(here, replace(draft, anew=True))
        case _:
            return proceed(here, draft)


def _rights(here: Here, draft: InFlow, press: Walk) -> Turn:
    match press.act:
        case "more":
            return _more(here, draft)
        case "add":
            return add(here, draft, press.value)
        case _:
            return _drop(here, draft, press.value)


def _send(here: Here, draft: InFlow, press: Walk, now: Step | None) -> Turn:
    """Submit exactly what the page showed on which the button stood."""
    if now is None or now.kind != "review":
        return here.turn(draft, ask(here, draft))
    return _confirmed(here, draft, press)


def _confirmed(here: Here, draft: InFlow, press: Walk) -> Turn:
    """Do what a page says; of an older page, show it as it is now instead."""
    if press.value != shown_digest(here, draft):
        changed = here.phrase("Something has changed since that page. Please look once more.")
        return here.turn(draft, ask(here, draft, changed))
    return finish(here, draft)


def _at_step(here: Here, draft: InFlow, step: Step, press: Walk) -> Turn:
    """What only the step that is being asked allows."""
    match press.act, step.kind:
        case "yes", "confirm":
            return _confirmed(here, draft, press)
        case "no", "confirm":
            return leave(here, draft)
        case "resend", "code":
            return proceed(here, replace(draft, code=None, editing=None).without("code"))
        case "unverified", "code":
            return proceed(here, draft.with_answer(step.key, (UNVERIFIED,)))
        case "skip", "email" if step.key == "email":
            return proceed(here, draft.with_answer(step.key, ()), letter_instead(here))
        case "skip", _ if step.optional:
            return proceed(here, draft.with_answer(step.key, ()))
        case "done", _ if draft.picked:
            return answer_by_press(here, draft, step, draft.picked)
        case "keep", _ if so_far(rows_of(here, draft), step) is not None:
            return proceed(here, replace(draft, editing=None, picked=()))
        case _:
            return here.turn(draft, ask(here, draft))


def _choice(here: Here, draft: InFlow, step: Step, press: Walk) -> Turn:
    """Choices; for a step that was answered before they change the answer."""
    known, rows = choices(here, draft, step), {s.key: value for s, value in rows_of(here, draft)}
    reached = rows.get(step.key) is not None if press.act == "change" else step.key in rows
    if press.act == "toggle" and step.kind not in ("choose_several", "cookies"):
        return here.turn(draft, ask(here, draft))
    if not reached or (press.value and step.kind != "case" and press.value not in known):
        return here.turn(draft, ask(here, draft))
    match press.act:
        case "change":
            return proceed(here, replace(draft, editing=step.key, picked=draft.value(step.key) or (), misses=0))
        case "toggle":
            return _toggle(here, draft, step, press.value)
        case "all":
            return answer_by_press(here, draft, step, known)
        case _:
            return answer_by_press(here, draft, step, (press.value,) if press.value else ())


def _toggle(here: Here, draft: InFlow, step: Step, option: str) -> Turn:
    now = step_now(here, draft)
    if now is None or now.key != step.key:
        draft = replace(draft, editing=step.key, picked=draft.value(step.key) or ())
    picked = tuple(o for o in draft.picked if o not in (option, step.alone))
    if option not in draft.picked:
        picked = (*picked, option)
    in_order = tuple(o for o in choices(here, draft, step) if o in picked)
    draft = replace(draft, picked=in_order)
    return here.turn(draft, replace(ask(here, draft), in_place=True))


def _more(here: Here, draft: InFlow) -> Turn:
    """Offer the rights that the request does not ask for yet."""
    text = here.phrase("Which right shall I add to the same request?")
    others = [flow for flow in RIGHTS if flow not in draft.flows]
    buttons = [draft_button(draft, here.world.flow_name(f, here.language), "add", "", f) for f in others]
    buttons.append(draft_button(draft, here.phrase("Add nothing"), "resume"))
    return here.turn(draft, replies.line(here.language, text, buttons=buttons))


def add(here: Here, draft: InFlow, flow: str) -> Turn:
    """Ask for one more right in the same request."""
    if flow not in RIGHTS or draft.flows[0] not in RIGHTS or flow in draft.flows:
        return here.turn(draft, ask(here, draft))
    flows = (*draft.flows, flow)
    added = here.phrase("Added to the request: {title}", title=here.world.flow_name(flow, here.language))
    return proceed(here, replace(draft, flows=flows, version=version(here, flows), editing=None, picked=()), added)


def _drop(here: Here, draft: InFlow, flow: str) -> Turn:
    flows = tuple(other for other in draft.flows if other != flow)
    if not flows or flow not in draft.flows:
        return here.turn(draft, ask(here, draft))
    return proceed(here, replace(draft, flows=flows, version=version(here, flows), editing=None, picked=()))


def version(here: Here, flows: tuple[str, ...]) -> str:
    """The version of the flows that a draft is walked on."""
    return ".".join(here.world.flow(flow).version for flow in flows)
