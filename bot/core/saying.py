"""What a message does in a flow, and how a conversation is repaired: steering, corrections, answers, misses."""

from dataclasses import replace

from bot.core import code, replies
from bot.core.answering import NAME, Doubt, Problem, Typed, read
from bot.core.asking import ask, known_case, rows_of, step_now
from bot.core.chat import Button
from bot.core.flow import NOT_SAID, UNVERIFIED, InFlow, Step
from bot.core.guide import (
    answer_by_press,
    back,
    cancel,
    code_refused,
    leave,
    letter_instead,
    mail_code,
    proceed,
    put_aside,
    with_value,
)
from bot.core.here import Here, Turn
from bot.core.replies import draft_button, flow_button
from bot.core.world import Control

#: A message that changes an earlier answer in the middle of a free text has at most so many words.
_FEW_WORDS = 5

#: The miss at which three choices are offered; before it the question is put differently, after it comes a person.
_THREE_CHOICES = 2


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
    if here.world.denies(here.language, text, "send"):
        return _nothing_sent(here, draft)
    return (
        _steered(here, draft, step, typed)
        or _corrected(here, draft, step, typed)
        or _code_typed(here, draft, step, typed)
        or _answered(here, draft, step, typed)
    )


def _nothing_sent(here: Here, draft: InFlow) -> Turn:
    """``Not yet``, ``do not send it``: nothing is sent, and nothing is lost."""
    kept = here.phrase("Nothing has been sent, and your answers are kept. You can go on now, tomorrow, or cancel.")
    draft = replace(draft, misses=max(1, draft.misses))  # so that a yes is not one to send it
    return here.turn(draft, ask(here, draft, kept, again=True))


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
        case "help" | "lost":
            return here.turn(draft, ask(here, draft, again=True))
        case "later":
            return _nothing_sent(here, draft)
        case "repeat" | "resume":
            return here.turn(draft, ask(here, draft))
        case "no" if step.kind == "confirm":
            return leave(here, draft)
        case None:
            return None
        case control:
            return _at_code(here, draft, step, control) if step.kind == "code" else _onward(here, draft, step, control)


def _at_code(here: Here, draft: InFlow, step: Step, control: Control) -> Turn | None:
    match control:
        case "resend":
            return mail_code(here, draft, "".join(draft.value("email") or ()))
        case "unverified" | "skip":
            return proceed(here, draft.with_answer(step.key, (UNVERIFIED,)))
        case _:
            return None


def _onward(here: Here, draft: InFlow, step: Step, control: Control) -> Turn | None:
    """Words that send, agree or leave out: at a choice of several they end it, elsewhere this step comes first."""
    agreed = control in ("send", "yes") and step.kind in ("review", "confirm")
    if control in ("send", "done") and draft.picked and step.kind in ("choose_several", "cookies"):
        return answer_by_press(here, draft, step, draft.picked)
    if control == "no_email":
        return _without_email(here, draft, step)
    if control == "no" and step.optional and step.kind not in ("cookies", "email"):
        return proceed(here, draft.with_answer(step.key, ()))
    if agreed or control in ("send", "unverified", "resend"):  # what is agreed to must stand in the last reply
        return here.turn(replace(draft, misses=0), ask(here, draft))
    return None


def _without_email(here: Here, draft: InFlow, step: Step) -> Turn | None:
    """Without an address nothing can be answered by mail: the person gets the letter, to send by post."""
    if step.key != "email":
        return proceed(here, draft.with_answer(step.key, ())) if step.kind == "email" and step.optional else None
    return proceed(here, draft.with_answer(step.key, ()), letter_instead(here))


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
    told = here.world.becomes(here.language, typed.text)
    key = here.world.changes(here.language, typed.text, names, told=told is not None)
    if key is None:
        return None
    asked = next(s for s, _ in rows if s.key == key)
    if told and asked.kind == "text" and len(told) <= asked.limit:
        return proceed(here, draft.with_answer(key, (told,)))
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
    if typed.control == "skip" and step.key == "email":
        return _without_email(here, draft, step)
    if step.kind == "text" and step.limit <= NAME and (later := _address_in_passing(here, draft, step, typed)):
        return later
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
            return proceed(here, with_value(draft, step, value).written(step.key, here.incoming.message))


def _address_in_passing(here: Here, draft: InFlow, step: Step, typed: Typed) -> Turn | None:
    """``I am Emma Example, my mail is ...`` where a name is asked for: the address is noted, the name asked again."""
    wanted = [s for s, value in rows_of(here, draft) if s.kind == "email" and not value]
    if not wanted or len(typed.values.emails) != 1 or len(typed.text.split()) <= _FEW_WORDS - 1:
        return None
    noted = here.phrase("I have noted the address: {email}", email=typed.values.emails[0])
    draft = replace(draft.with_answer(wanted[0].key, typed.values.emails), editing=step.key)
    return here.turn(draft, ask(here, draft, noted))


def _doubted(here: Here, draft: InFlow, step: Step, text: str, flow: str | None) -> Turn:
    """A short answer that reads like a wish: ask which of the two was meant."""
    question = here.phrase("Is that your answer to the question, or something new?")
    answer = draft_button(draft, here.phrase("It is the answer"), "done", step.key)
    new = [flow_button(here.world, here.language, flow, draft.controller)] if flow else []
    other = draft_button(draft, here.phrase("Ask me again"), "help")
    back_ = draft_button(draft, here.phrase("◀ Back"), "back")
    asked = replies.line(here.language, question, buttons=[answer, *new, other, back_])
    return here.turn(replace(draft, picked=(text,)), asked)


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
        return here.turn(draft, replace(replies.line(here.language, text, buttons=(*ways, *more)), asked=asked.asked))
    whom = here.world.whom_to_ask(draft.controller, here.language) if draft.controller else ""
    human = here.phrase(
        "Perhaps customer support can help better than I can. Your request stays here, and you can go on later."
    )
    led_on = replies.line(here.language, human, whom, buttons=(*person, *asked.buttons))
    return here.turn(draft, replace(led_on, asked=asked.asked))


def whose_else(here: Here, draft: InFlow) -> Turn | None:
    """Somebody else's data came up: ask whose it is, where nobody has said so yet."""
    known = any(step.key == "whose" for step in here.world.steps(draft.flows))
    if not known or draft.value("whose") not in (None, ("me",)):
        return None
    others = draft.without("whose").answers
    return proceed(here, replace(draft, answers=(("whose", NOT_SAID), *others), editing=None))


def corrected(here: Here, draft: InFlow) -> InFlow | None:
    """The draft as it stands to be corrected by an edited message; None where that message was no answer in it."""
    message = here.incoming.message
    key = next((key for key, origin in draft.origins if origin == message), None)
    answered = {step.key for step, value in rows_of(here, draft) if value is not None}
    return replace(draft, editing=key, picked=(), misses=0) if key in answered else None
