"""The guide through a flow: on to the next step, back, out of it; what is left is kept."""

from dataclasses import replace

from bot.core import code, letters, replies
from bot.core.asking import ask, choices, known_case, resume_button, rows_of, step_now
from bot.core.buttons import Walk
from bot.core.chat import Effect
from bot.core.ending import finish, over
from bot.core.flow import InFlow, Step, Value, before, fits
from bot.core.here import Here, Turn
from bot.core.replies import draft_button, flow_button
from bot.core.review import digest
from bot.core.session import Idle
from bot.core.text import Block


def proceed(here: Here, draft: InFlow, *first: Block | str) -> Turn:
    """Go on to the next step: ask it, mail a code for it, or end the flow."""
    step = step_now(here, draft)
    if known_case(here, draft):
        return here.turn(draft, ask(here, draft))
    if step is None:
        return finish(here, draft)
    if step.kind == "stop" and not _worth_keeping(draft):
        return _stopped(here, draft, step, *first)
    if step.kind == "case" and draft.editing != step.key and (only := _only_case(here, step)):
        return proceed(here, draft.with_answer(step.key, (only,)), *first)
    if step.kind == "code":
        to = "".join(draft.value("email") or ())
        if draft.code is None or draft.code.to != to or draft.editing == step.key:
            return mail_code(here, draft, to, *first)
    return here.turn(draft, ask(here, draft, *first))


def _worth_keeping(draft: InFlow) -> bool:
    """Whether more was answered than what led to a stop."""
    return bool(draft.unfit) or any(key not in ("whose", "escalate.pass") for key, _ in draft.answers)


def _stopped(here: Here, draft: InFlow, step: Step, *first: Block | str) -> Turn:
    """The way ends here, and the flow with it: what can be done instead."""
    asked = ask(here, draft, *first)
    ways = [button for button in asked.buttons if not isinstance(button.press, Walk)]
    if step.key == "workplace":  # one's own account there is still one's own
        ways.append(flow_button(here.world, here.language, draft.flows[0], draft.controller))
    return over(here, draft, replace(asked, buttons=tuple(ways)))


def _only_case(here: Here, step: Step) -> str | None:
    known = [case.reference for case in here.incoming.cases if case.open or not step.open]
    return known[0] if len(known) == 1 else None


def mail_code(here: Here, draft: InFlow, to: str, *first: Block | str) -> Turn:
    """Mail a new code, and ask for it."""
    fresh = code.digits(here.incoming.random[16:])
    kept = code.kept(here.world.pepper, draft.id, to, fresh, here.incoming.at)
    draft = replace(draft.without("code"), code=kept, editing=None)
    return here.turn(draft, letters.code_mail(here, draft, to, fresh, code.MINUTES), ask(here, draft, *first))


def code_refused(here: Here, draft: InFlow) -> Turn:
    """Too many codes were mailed of late: say so; the request can go without."""
    text = here.phrase(
        "No new code was mailed: too many codes have been asked for recently. Try again in an hour, change the address,"
        " or go on without a code. The request then counts as not confirmed, but it counts."
    )
    return here.turn(replace(draft, code=None), ask(here, replace(draft, code=None), text))


def cancel(here: Here, draft: InFlow) -> Turn:
    """Leave a flow for good; its answers are erased at once."""
    text = here.phrase("Cancelled. Nothing has been sent, and your answers have been erased.")
    return over(here, draft, replies.line(here.language, text))


def leave(here: Here, draft: InFlow) -> Turn:
    """A no to the last question: nothing is done, and nothing else is touched."""
    return over(here, draft, replies.line(here.language, here.phrase("All right, everything stays as it is.")))


def letter_instead(here: Here) -> str:
    """That without an address the person gets a letter."""
    return here.phrase(
        "Without an e-mail address I cannot send it for you. So I write the letter with you, and you send it yourself."
    )


def back(here: Here, draft: InFlow) -> Turn:
    """To the step before; from the first one out of the flow, with its answers kept."""
    earlier = before(rows_of(here, draft), draft)
    if earlier is not None and not known_case(here, draft):
        return proceed(here, replace(draft, editing=earlier.key, picked=draft.value(earlier.key) or (), misses=0))
    return put_aside(here, draft)


def put_aside(here: Here, draft: InFlow) -> Turn:
    """Step out of a flow and keep it; an empty one is not worth keeping."""
    if draft.empty:
        return over(
            here, draft, replies.line(here.language, here.phrase("All right, we leave that. Nothing has been sent."))
        )
    kept = here.phrase("I have put your request aside with its answers. You can go on whenever you like.")
    parked = (*(other for other in here.session.parked if other.id != draft.id), replace(draft, editing=None))
    session = replace(here.session, place=Idle(), parked=parked)
    return Turn(session, (replies.line(here.language, kept, buttons=[resume_button(here, draft)]),))


def with_value(draft: InFlow, step: Step, value: Value) -> InFlow:
    """The draft with an answer; a new address makes an old code worthless."""
    changed = draft.with_answer(step.key, value)
    return replace(changed, code=None) if step.kind == "email" and draft.value(step.key) != value else changed


def answer_by_press(here: Here, draft: InFlow, step: Step, value: Value) -> Turn:
    """An answer that a button gave; one that no longer fits shows where the flow stands."""
    answers = {s.key: v for s, v in rows_of(here, draft) if v is not None}
    known = choices(here, draft, step)
    if step.kind not in ("cookies", "case") and not fits(step, value, answers, here.trait(draft)):
        return here.turn(draft, ask(here, draft))
    if step.kind == "cookies" and not set(value) <= set(known):
        return here.turn(draft, ask(here, draft))
    return proceed(here, with_value(draft, step, value))


def reminded(here: Here, draft: InFlow) -> tuple[Effect, ...]:
    """The one reminder of an unfinished request."""
    title = here.world.flow_title(draft.flows[0], here.language)
    text = here.phrase(
        "You have an unfinished request here: {title}. Nothing has been sent yet. If you do not go on with it, it will"
        " be erased before long.",
        title=title,
    )
    drop = draft_button(draft, here.phrase("✕ Cancel"), "cancel")
    return (replies.line(here.language, text, buttons=[resume_button(here, draft), drop]),)


def shown_digest(here: Here, draft: InFlow) -> str:
    """The digest of the page to confirm as it would be shown now."""
    return digest(here, draft, rows_of(here, draft))
