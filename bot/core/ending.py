"""Where flows end: a request sent or a letter written, a cookie choice kept, a conversation handed over."""

from dataclasses import replace
from typing import assert_never

from bot.core import letters, replies
from bot.core.asking import ask, case_buttons, resume_button, rows_of
from bot.core.buttons import StartFlow
from bot.core.chat import Button, Effect, Export, File, Hand, KeepChoice, Say, Submit
from bot.core.flow import UNVERIFIED, InFlow
from bot.core.here import Here, Turn
from bot.core.own import forget, show_case, withdraw
from bot.core.request import Case, CookieChoice, Handoff, Item, Verification, new_reference
from bot.core.review import Walked, line, passed_on, writes_letter
from bot.core.session import Idle
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph, plain

#: More requests from one chat in a day are no person's wish any more.
_REQUESTS_A_DAY = 10
_DAY_SECONDS = 24 * 60 * 60


def finish(here: Here, draft: InFlow) -> Turn:
    """What a flow whose last step is done does."""
    rows = rows_of(here, draft)
    ends = here.world.flow(draft.flows[0]).ends
    match ends:
        case "case":
            return _letter(here, draft, rows) if writes_letter(here, draft) else _submit(here, draft, rows)
        case "cookies":
            return _cookies(here, draft, rows)
        case "handoff":
            return _hand_over(here, draft, rows)
        case "status":
            return over(here, draft, *show_case(here, _chosen(rows)))
        case "withdraw":
            return over(here, draft, *withdraw(here, _chosen(rows)))
        case "export":
            return over(here, draft, Export())
        case "forget":
            return forget(here)
        case "language" | "controller":
            return over(here, draft)
        case _:
            assert_never(ends)


def over(here: Here, draft: InFlow, *effects: Effect) -> Turn:
    """A flow is over: what was put aside for it is offered again."""
    parked = tuple(other for other in here.session.parked if other.id != draft.id)
    session = replace(here.session, place=Idle(), parked=parked, recent=())  # a later yes is no wish for it
    if parked and effects and isinstance(effects[-1], Say):
        buttons = (*effects[-1].buttons, resume_button(here, parked[-1]))
        effects = (*effects[:-1], replace(effects[-1], buttons=buttons))
    return Turn(session, effects)


def _chosen(rows: Walked) -> str:
    return next(value[0] for step, value in rows if step.kind == "case" and value)


def _submit(here: Here, draft: InFlow, rows: Walked) -> Turn:
    recent = [c for c in here.incoming.cases if (here.incoming.at - c.received).total_seconds() < _DAY_SECONDS]
    if len(recent) >= _REQUESTS_A_DAY:
        many = here.phrase(
            "This chat has sent many requests today, so I cannot take another one now. Your answers are kept;"
            " please come back tomorrow."
        )
        return here.turn(draft, ask(here, draft, many))
    case, copy = _case(here, draft, rows)
    receipt = letters.receipt(here, case)
    mailed = here.phrase("The receipt and the exact text also go to this address: {email}", email=case.email)
    ways = case_buttons(here, case)
    files = () if case.practice else (File(f"{case.reference}.txt", case.copy),)  # practice shows the mails themselves
    say = Say(here.language, (*receipt, Fine(mailed)), ways, files=files)
    sent = (Submit(case), letters.inbox_mail(here, case, copy), letters.receipt_mail(here, case, copy))
    return over(here, draft, *sent, say)


def _case(here: Here, draft: InFlow, rows: Walked) -> tuple[Case, tuple[Block, ...]]:
    controller = draft.controller or ""
    reference = new_reference(here.incoming.random)
    email = "".join(letters.value_of(rows, "email"))
    verification = _verification(rows)
    copy = letters.exact_copy(here, draft, rows, reference, email, verification)
    text, digest = letters.digest(copy)
    timed = any(here.world.flow(flow).deadline for flow in draft.flows)
    case = Case(
        id=f"{reference}.{draft.id}",
        reference=reference,
        draft=draft.id,
        chat=here.session.chat,
        controller=controller,
        language=here.language,
        received=here.incoming.at,
        deadline=here.world.deadline(controller, here.incoming.at) if timed else None,
        items=tuple(Item(flow) for flow in draft.flows),
        answers=tuple((step.key, value) for step, value in rows if value),
        email=email,
        verification=verification,
        copy=text,
        digest=digest,
        practice=here.world.practice,
    )
    return case, copy


def _verification(rows: Walked) -> Verification:
    code = letters.value_of(rows, "code")
    if not code:
        return "not_asked"
    return "unverified" if code == (UNVERIFIED,) else "verified"


def _letter(here: Here, draft: InFlow, rows: Walked) -> Turn:
    """Nothing is sent: the finished letter, and where to send it."""
    nothing = here.phrase("Nothing has been sent: this is the finished letter for you to send.")
    language = here.language
    to = "".join(letters.value_of(rows, "complaint.to"))
    where: list[Block] = [Paragraph(nothing)]
    if any(here.world.flow(flow).deadline for flow in draft.flows):
        where.append(Paragraph(here.phrase("The time for an answer begins when the letter arrives.")))
    if to.startswith("authority"):
        where += _authority(here, draft, "cookies" if to == "authority_cookies" else "data")
    elif draft.controller:
        where.append(Paragraph(here.world.whom_to_ask(draft.controller, language)))
    written = letters.letter(here, draft, rows)
    day = letters.shown_at(here, here.incoming.at, draft.controller)
    company = ", ".join(here.world.company_contact(draft.controller or ""))
    company = company or here.world.controller_name(draft.controller or "", language)
    concerns = here.phrase("Company concerned: {company}", company=company)
    who = Paragraph(here.phrase("Name: ________\nAddress: ________\nE-mail: ________"))
    blocks = (Paragraph(day), Paragraph(concerns), *written, who)
    return over(here, draft, Say(language, tuple(where)), Say(language, blocks, _complain(here, draft)))


def _authority(here: Here, draft: InFlow, kind: str) -> list[Block]:
    lines = here.world.authority(draft.controller or "", "cookies" if kind == "cookies" else "data", here.language)
    told = here.phrase("The letter is for this authority; I never send it for you:")
    may = here.phrase(
        "If you live or work in another EU or EEA country, or it happened there, you can turn to that country's"
        " authority instead (article 77 of the GDPR)."
    )
    return [Paragraph(told), Bullets(lines), *([Fine(may)] if kind == "data" else [])]


def _complain(here: Here, draft: InFlow) -> tuple[Button, ...]:
    if "complaint" in draft.flows:
        return ()
    title = here.world.flow_title("complaint", here.language)
    return (Button(title, StartFlow("complaint", draft.controller)),)


def _cookies(here: Here, draft: InFlow, rows: Walked) -> Turn:
    """Keep a choice with a receipt, and say that nothing in the browser has changed by it."""
    language, controller = here.language, draft.controller or ""
    step, allowed = next((step, value or ()) for step, value in rows if step.kind == "cookies")
    words = here.world.step_words(step.key, language).options
    known = tuple(o.id for o in step.options if here.world.trait(controller, f"cookies_{o.id}") == "yes")
    refused = tuple(option for option in known if option not in allowed)
    yes = here.world.listing(language, [words[o] for o in allowed]) if allowed else here.phrase("none")
    no = here.world.listing(language, [words[o] for o in refused]) if refused else here.phrase("none")
    lines = (
        here.phrase("Company: {company}", company=here.world.controller_name(controller, language)),
        here.phrase("Allowed: {kinds}", kinds=yes),
        here.phrase("Refused: {kinds}", kinds=no),
        here.phrase("Chosen on: {day}", day=letters.shown_at(here, here.incoming.at, controller)),
        here.phrase("Cookie policy in force: {document}", document=here.world.document(controller, language)),
    )
    text, digest = letters.digest((Bullets(lines),))
    reference = new_reference(here.incoming.random)
    choice = CookieChoice(
        reference,
        controller,
        here.incoming.at,
        language,
        allowed,
        refused,
        here.world.document(controller),
        text,
        digest,
    )
    plainly = here.phrase(
        "I have kept your choice, but nothing has changed in your browser yet: a chat cannot reach it. Make the same"
        " choice on the website, and it takes effect there:"
    )
    how = here.world.answer(controller, "cookies_manage", language)
    head = Heading(here.phrase("Receipt: {reference}", reference=reference))
    blocks: tuple[Block, ...] = (head, Bullets(lines), Paragraph(plainly))
    fine = Fine(here.phrase("SHA-256 of the exact text: {hash}", hash=digest))
    say = Say(language, (*blocks, *replies.answer_blocks(here.world, language, how), fine))
    return over(here, draft, KeepChoice(choice), say)


def _hand_over(here: Here, draft: InFlow, rows: Walked) -> Turn:
    """Pass on what was agreed to, and nothing else."""
    language, controller = here.language, draft.controller or ""
    reference = new_reference(here.incoming.random)
    told = [line(here, step, value) for step, value in rows if value and step.key == "escalate.message"]
    told += passed_on(here, rows)
    reply_to = "".join(letters.value_of(rows, "escalate.reply_to"))
    answer = here.phrase("Please reply to this e-mail address: {email}", email=reply_to)
    no_answer = here.phrase("No address for an answer was given.")
    blocks: tuple[Block, ...] = (Bullets(tuple(told)), Paragraph(answer if reply_to else no_answer))
    hand = Hand(Handoff(reference, controller, language, blocks, reply_to))
    company = here.world.controller_name(controller, language)
    done: list[Block] = [
        Heading(here.phrase("Your message: {reference}", reference=reference)),
        Paragraph(
            here.phrase("Your message goes to the company's customer support. Company: {company}", company=company)
        ),
        Paragraph(plain(blocks)),
    ]
    if here.world.practice:
        done.insert(1, Paragraph(letters.practice_note(here)))
    return over(here, draft, hand, Say(language, tuple(done)))
