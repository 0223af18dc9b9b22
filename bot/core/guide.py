"""The guide through a flow: what each message and press does there, and how a conversation is repaired."""

from dataclasses import replace

from bot.core import code, letters, replies
from bot.core.answering import Doubt, Problem, Typed, read
from bot.core.asking import ask, choices, known_case, resume_button, rows_of, step_now
from bot.core.buttons import Walk
from bot.core.chat import Button, Effect
from bot.core.ending import finish, over
from bot.core.flow import NOT_SAID, UNVERIFIED, InFlow, Step, Value, before, fits
from bot.core.here import Here, Turn
from bot.core.replies import draft_button, flow_button
from bot.core.review import digest
from bot.core.session import Idle
from bot.core.text import Block
from bot.core.world import Control

#: A message that changes an earlier answer in the middle of a free text has at most so many words.
_FEW_WORDS = 5

#: The miss at which three choices are offered; before it the question is put differently, after it comes a person.
_THREE_CHOICES = 2


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
            return _mail_code(here, draft, to, *first)
    return here.turn(draft, ask(here, draft, *first))


def _worth_keeping(draft: InFlow) -> bool:
    """Whether more was answered than what led to a stop."""
    return bool(draft.unfit) or any(key not in ("whose", "escalate.pass") for key, _ in draft.answers)


def _stopped(here: Here, draft: InFlow, step: Step, *first: Block | str) -> Turn:
    """The way ends here, and the flow with it: what can be done instead."""
    asked = ask(here, draft, *first)
    ways = [button for button in asked.buttons if not isinstance(button.press, Walk)]
    if step.key in ("deceased", "workplace"):
        ways.append(flow_button(here.world, here.language, draft.flows[0], draft.controller))
    return over(here, draft, replace(asked, buttons=tuple(ways)))


def _only_case(here: Here, step: Step) -> str | None:
    known = [case.reference for case in here.incoming.cases if case.open or not step.open]
    return known[0] if len(known) == 1 else None


def _mail_code(here: Here, draft: InFlow, to: str, *first: Block | str) -> Turn:
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


def said(here: Here, draft: InFlow, text: str) -> Turn | None:
    """What a message does in a flow; None where it is no matter of the flow: a question, small talk, a miss.

    In this order: a word that steers, a correction, a valid answer. What must not be written down comes before all.
    """
    step = step_now(here, draft)
    today = here.world.today(draft.controller, here.incoming.at)
    values = here.world.values(here.language, text, today)
    if step is None:
        return proceed(here, draft)
    if values.identity_number:
        return here.turn(draft, ask(here, draft, number_refused(here)))
    if known_case(here, draft):
        return _at_known(here, draft, here.world.control(here.language, text))
    loosely: tuple[Control, ...] = ("resend", "unverified") if step.kind == "code" else ()
    typed = Typed(text, here.world.control(here.language, text, loosely), values)
    return (
        _steered(here, draft, step, typed)
        or _corrected(here, draft, step, typed)
        or _code_typed(here, draft, step, typed)
        or _answered(here, draft, step, typed)
    )


def _at_known(here: Here, draft: InFlow, control: Control | None) -> Turn | None:
    """A word where the same request is open already: answers are kept unless it says that they need not be."""
    match control:
        case "cancel":
            return cancel(here, draft)
        case "back" | "no":
            return put_aside(here, draft)
        case _:
            return None


def number_refused(here: Here) -> str:
    """That a national identity number has no place in a chat."""
    return here.phrase(
        "That looked like a national identity number, so I have not kept that message. Please do not send such numbers"
        " in a chat; nobody needs one here. If the chat app lets you, delete the message."
    )


def _steered(here: Here, draft: InFlow, step: Step, typed: Typed) -> Turn | None:
    match typed.control:
        case "cancel":
            return cancel(here, draft)
        case "back":
            return back(here, draft)
        case "help":
            return here.turn(draft, ask(here, draft, again=True))
        case "repeat" | "resume":
            return here.turn(draft, ask(here, draft))
        case "send" | "yes" if step.kind in ("review", "confirm"):
            return here.turn(draft, ask(here, draft))  # what is agreed to must stand in the last reply
        case "no" if step.kind == "confirm":
            return leave(here, draft)
        case "resend" if step.kind == "code":
            return _mail_code(here, draft, "".join(draft.value("email") or ()))
        case "unverified" | "skip" if step.kind == "code":
            return proceed(here, draft.with_answer(step.key, (UNVERIFIED,)))
        case _:
            return None


def _corrected(here: Here, draft: InFlow, step: Step, typed: Typed) -> Turn | None:
    """``Change the e-mail``, with or without the new one; an address typed where none was asked for is a new one."""
    every = rows_of(here, draft)
    rows = [(s, value) for s, value in every if value is not None]
    emails = [s for s, _ in every if s.kind == "email" and s.key != step.key]
    if emails and len(typed.values.emails) == 1 and step.kind not in ("text", "email"):
        return proceed(here, draft.with_answer(emails[0].key, (typed.values.emails[0],)))
    if step.kind == "text" and len(typed.text.split()) > _FEW_WORDS:
        return None
    names = {s.key: here.world.step_words(s.key, here.language).names for s, _ in rows if s.key != step.key}
    key = here.world.changes(here.language, typed.text, names)
    if key is None:
        return None
    return proceed(here, replace(draft, editing=key, picked=draft.value(key) or (), misses=0))


def _code_typed(here: Here, draft: InFlow, step: Step, typed: Typed) -> Turn | None:
    if step.kind != "code":
        return None
    digits = typed.values.code
    if digits is None:
        wrong = here.phrase("The code has six digits. It is in the e-mail sent to you, also in the subject line.")
        return here.turn(draft, ask(here, draft, wrong)) if any(c.isdigit() for c in typed.text) else None
    if draft.code is None:
        return code_refused(here, draft)
    verdict = code.judge(here.world.pepper, draft.id, draft.code, digits, here.incoming.at)
    if verdict == "right":
        return proceed(
            here, draft.with_answer(step.key, ("ok", draft.code.to)), here.phrase("Thank you, the code is correct.")
        )
    tried = replace(draft, code=replace(draft.code, tries=draft.code.tries + 1))
    told = {
        "wrong": here.phrase("That is not the code that was sent last. Please look again."),
        "too_late": here.phrase("That code has expired. You can have a new one sent."),
        "too_many": here.phrase(
            "There were too many tries, so this code is no longer valid. You can have a new one sent."
        ),
    }
    return here.turn(tried, ask(here, tried, told[verdict]))


def _answered(here: Here, draft: InFlow, step: Step, typed: Typed) -> Turn | None:
    match read(here, draft, step, typed):
        case None:
            return None
        case Problem(text):
            return here.turn(draft, ask(here, draft, text))
        case Doubt(flow):
            return _doubted(here, draft, step, typed.text.strip(), flow)
        case value if step.kind == "cookies" and value and typed.control is None:
            ticked = replace(draft, picked=value)  # allowing is a press of its own; refusing is not made harder
            return here.turn(ticked, ask(here, ticked))
        case value:
            return proceed(here, _with(draft, step, value))


def _doubted(here: Here, draft: InFlow, step: Step, text: str, flow: str) -> Turn:
    """A short answer that reads like a wish: ask which of the two was meant."""
    question = here.phrase("Is that your answer to the question, or something new?")
    answer = draft_button(draft, here.phrase("It is the answer"), "done", step.key)
    new = flow_button(here.world, here.language, flow, draft.controller)
    asked = replies.line(here.language, question, buttons=[answer, new])
    return here.turn(replace(draft, picked=(text,)), asked)


def _with(draft: InFlow, step: Step, value: Value) -> InFlow:
    """The draft with an answer; a new address makes an old code worthless."""
    changed = draft.with_answer(step.key, value)
    return replace(changed, code=None) if step.kind == "email" and draft.value(step.key) != value else changed


def missed(here: Here, draft: InFlow) -> Turn:
    """A message that nobody understood: say it differently, then three choices, then a person."""
    if known_case(here, draft):
        return here.turn(draft, ask(here, draft))
    draft = replace(draft, misses=draft.misses + 1)
    sorry = here.phrase("I did not understand that as an answer. Your answers so far are kept.")
    asked = ask(here, draft, sorry, again=True)
    if draft.misses == 1:
        return here.turn(draft, asked)
    person = [] if "escalate" in draft.flows else [flow_button(here.world, here.language, "escalate", draft.controller)]
    ways: list[Button] = [
        draft_button(draft, here.phrase("Ask me again"), "help"),
        draft_button(draft, here.phrase("◀ Back"), "back"),
        *person,
    ]
    if draft.misses == _THREE_CHOICES:
        text = here.phrase("Let us try another way. What would you like to do?")
        more = [button for button in asked.buttons if button.press not in {way.press for way in ways}]
        return here.turn(draft, replies.line(here.language, text, buttons=(*ways, *more)))
    whom = here.world.whom_to_ask(draft.controller, here.language) if draft.controller else ""
    human = here.phrase(
        "Perhaps customer support can help better than I can. Your request stays here, and you can go on later."
    )
    return here.turn(draft, replies.line(here.language, human, whom, buttons=(*person, *asked.buttons)))


def cancel(here: Here, draft: InFlow) -> Turn:
    """Leave a flow for good; its answers are erased at once."""
    text = here.phrase("Cancelled. Nothing has been sent, and your answers have been erased.")
    return over(here, draft, replies.line(here.language, text))


def leave(here: Here, draft: InFlow) -> Turn:
    """A no to the last question: nothing is done, and nothing else is touched."""
    return over(here, draft, replies.line(here.language, here.phrase("All right, everything stays as it is.")))


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


def answer_by_press(here: Here, draft: InFlow, step: Step, value: Value) -> Turn:
    """An answer that a button gave; one that no longer fits shows where the flow stands."""
    answers = {s.key: v for s, v in rows_of(here, draft) if v is not None}
    known = choices(here, draft, step)
    if step.kind not in ("cookies", "case") and not fits(step, value, answers, here.trait(draft)):
        return here.turn(draft, ask(here, draft))
    if step.kind == "cookies" and not set(value) <= set(known):
        return here.turn(draft, ask(here, draft))
    return proceed(here, _with(draft, step, value))


def whose_else(here: Here, draft: InFlow) -> Turn | None:
    """Somebody else's data came up: ask whose it is, where nobody has said so yet."""
    known = any(step.key == "whose" for step in here.world.steps(draft.flows))
    if not known or draft.value("whose") not in (None, ("me",)):
        return None
    others = draft.without("whose").answers
    return proceed(here, replace(draft, answers=(("whose", NOT_SAID), *others), editing=None))


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
    """The digest of the review page as it would be shown now."""
    return digest(draft, rows_of(here, draft))
