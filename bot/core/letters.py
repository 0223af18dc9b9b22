"""Letters: the exact copy of a request, the mails about it, and the receipt."""

import hashlib
from datetime import date, datetime

from bot.core.chat import SendMail
from bot.core.deadline import Deadline
from bot.core.flow import InFlow, Step, Value
from bot.core.here import Here
from bot.core.mail import Mail
from bot.core.request import Case, Handoff, Verification
from bot.core.review import Walked, line
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph, plain
from bot.core.world import World

#: How the ids of mails to customer support end.
HANDOFF = ".handoff"

#: Steps whose answers a letter tells in a sentence of its own, or not at all.
_TOLD_APART = ("code", "email", "complaint.to")


def letter(here: Here, draft: InFlow, rows: Walked) -> tuple[Block, ...]:
    """What the person asks for, as a letter: the rights, their details, and who asks."""
    language = here.language
    blocks: list[Block] = []
    for flow in draft.flows:
        blocks.append(Heading(here.world.flow_name(flow, language)))
        blocks.append(Paragraph(here.world.flow_request(flow, language)))
        lines = tuple(_told(here, rows, f"{flow}."))
        blocks.extend([Bullets(lines)] if lines else [])
    shared = tuple(line(here, step, value) for step, value in rows if value and _shared(step))
    blocks.extend([Heading(here.phrase("Who asks")), Bullets(shared)] if shared else [])
    return tuple(blocks)


def _told(here: Here, rows: Walked, prefix: str) -> list[str]:
    return [
        line(here, step, value)
        for step, value in rows
        if value and step.key.startswith(prefix) and step.key not in _TOLD_APART
    ]


def _shared(step: Step) -> bool:
    return "." not in step.key and step.key not in _TOLD_APART


def exact_copy(
    here: Here, draft: InFlow, rows: Walked, reference: str, email: str, verification: Verification
) -> tuple[Block, ...]:
    """The request as it goes to the company: reference, letter, where to answer, and what the address is worth."""
    company = here.world.controller_name(draft.controller or "", here.language)
    day = here.world.day(here.language, here.world.today(draft.controller, here.incoming.at))
    made_how = Paragraph(here.phrase("This was written with a privacy assistant on behalf of the person who sends it."))
    head = here.phrase("To: {company}", company=company)
    number = here.phrase("Reference: {reference}", reference=reference)
    made = here.phrase("Made on: {day}", day=day)
    answer_to = here.phrase("Please reply to this e-mail address: {email}", email=email)
    blocks = [Bullets((head, number, made)), *letter(here, draft, rows), Paragraph(answer_to)]
    return (made_how, *blocks, Paragraph(_worth(here, verification)))


def _worth(here: Here, verification: Verification) -> str:
    match verification:
        case "verified":
            return here.phrase(
                "About the address: a code that was mailed there was typed into the chat. That shows that the person"
                " reads mail at this address, and nothing more. Whether the address matches the company's records"
                " has not been checked."
            )
        case "unverified":
            return here.phrase(
                "About the address: it was not confirmed by a code, and whether it matches the company's records has"
                " not been checked. The request counts as received all the same. Where there are reasonable doubts"
                " about who is asking, the company may ask for more information (article 12(6) of the GDPR)."
            )
        case _:
            return here.phrase(
                "About the address: no code was asked for, because this must be simple to do. Whether the address"
                " matches the company's records has not been checked."
            )


def digest(copy: tuple[Block, ...]) -> tuple[str, str]:
    """The text of an exact copy, and its SHA-256 in hexadecimal."""
    text = plain(copy)
    return text, hashlib.sha256(text.encode()).hexdigest()


def receipt(here: Here, case: Case) -> tuple[Block, ...]:
    """What the person gets: the reference, to whom it went, the dates, what the address is worth, and the hash."""
    blocks: list[Block] = [Heading(here.phrase("Receipt: {reference}", reference=case.reference))]
    company = here.world.controller_name(case.controller, here.language)
    if case.practice:
        blocks = [Heading(here.phrase("Practice receipt: {reference}", reference=case.reference))]
        blocks.append(Paragraph(practice_note(here)))
        blocks.append(Paragraph(here.phrase("This is how the receipt of a real request would go on:")))
    blocks.append(
        Paragraph(here.phrase("Your request is on its way to the company. Company: {company}", company=company))
    )
    names = here.asked_for(case)
    rows = [here.phrase("Asked for: {what}", what=here.world.listing(here.language, names)), *dates(here, case)]
    blocks.append(Bullets(tuple(rows)))
    blocks.append(Paragraph(_next(here, case)))
    blocks.append(Fine(here.phrase("SHA-256 of the exact text: {hash}", hash=case.digest)))
    return tuple(blocks)


def practice_note(here: Here) -> str:
    """That all this is practice, where no mail server is set."""
    return here.phrase(
        "This is practice: no mail server is connected, so every e-mail is shown here instead of being sent."
        " No company receives anything, and no legal deadline starts to run."
    )


def dates(here: Here, case: Case) -> list[str]:
    """When a request was received, and by when it must be answered."""
    return _deadline(here, case.deadline) if case.deadline else received(here, case)


def received(here: Here, case: Case) -> list[str]:
    """When a request was received."""
    day = here.world.day(here.language, here.world.today(here.served(case.controller), case.received))
    return [here.phrase("Received: {day}", day=day)]


def _deadline(here: Here, deadline: Deadline) -> list[str]:

    def day(value: date) -> str:
        return here.world.day(here.language, value)

    rows = [here.phrase("Received: {day}", day=day(deadline.received))]
    if deadline.limit == deadline.month:
        return [*rows, here.phrase("Reply due by: {day}", day=day(deadline.month))]
    rows.append(here.phrase("One month from receipt: {day}", day=day(deadline.month)))
    rows.append(
        here.phrase("Reply due by, as the month ends on a weekend or a public holiday: {day}", day=day(deadline.limit))
    )
    return rows


def _next(here: Here, case: Case) -> str:
    flows = {item.flow for item in case.items}
    if "complaint" in flows:
        return here.phrase(
            "The law sets no time by which a company must answer a complaint. You can turn to the supervisory"
            " authority at any time."
        )
    if case.deadline is None:
        return here.phrase(
            "From the withdrawal on, the company may no longer use the data on the basis of that consent. The law sets"
            " no date for telling you; ask the company if you hear nothing."
        )
    if case.only_marketing:
        return here.phrase(
            "Your data may no longer be used for direct marketing, and the company cannot refuse (article 21(3) of the"
            " GDPR). Within the month it must also tell you what it has done."
        )
    return here.phrase(
        "The company must tell you within that time what it has done. It may take up to two months more if the request"
        " is complex, but must tell you so, with the reasons, within the first month (article 12(3) of the GDPR)."
        " If it refuses, it must say why."
    )


def inbox_mail(here: Here, case: Case, copy: tuple[Block, ...]) -> SendMail:
    """The mail with which the company gets a request."""
    names = here.asked_for(case)
    what = here.world.listing(here.language, names)
    subject = here.phrase("Request {reference}: {what}", reference=case.reference, what=what)
    blocks: tuple[Block, ...] = copy
    if case.deadline:
        blocks = (Bullets(tuple(_deadline(here, case.deadline))), *copy)
    footer = Fine(here.phrase("SHA-256 of the exact text: {hash}", hash=case.digest))
    to = here.world.inbox(case.controller)
    mail = Mail(f"{case.id}.request", to, subject, (*blocks, footer), here.language)
    return SendMail(mail, case.id)


def receipt_mail(here: Here, case: Case, copy: tuple[Block, ...]) -> SendMail:
    """The mail with which the person gets the receipt and the exact copy."""
    subject = here.phrase("Receipt: {reference}", reference=case.reference)
    told = Heading(here.phrase("The exact text of your request"))
    mail = Mail(f"{case.id}.receipt", case.email, subject, (*receipt(here, case), told, *copy), here.language)
    return SendMail(mail, case.id, limited="receipt")


def withdrawal_mail(here: Here, case: Case) -> SendMail:
    """The mail with which the company learns that a request was withdrawn."""
    subject = here.phrase("Request {reference} has been withdrawn", reference=case.reference)
    text = here.phrase(
        "The person who made this request has withdrawn it in the chat: {reference}. There is nothing left to answer.",
        reference=case.reference,
    )
    to = here.world.inbox(case.controller)
    return SendMail(Mail(f"{case.id}.withdrawn", to, subject, (Paragraph(text),), here.language), case.id)


def code_mail(here: Here, draft: InFlow, to: str, code: str, minutes: int) -> SendMail:
    """The mail with a one-time code; the code stands in the subject too, where a telephone shows it."""
    subject = here.phrase("Your code: {code}", code=code)
    what = here.phrase("Type this code into the chat: {code}", code=code)
    why = here.phrase(
        "It is valid for {minutes} minutes. With it you confirm that you can be reached at this address."
        " If you have not asked for it, you can leave this mail alone: without the code your address is not confirmed.",
        minutes=minutes,
    )
    mail = Mail(
        f"{here.incoming.random[8:16].hex()}.{draft.id}.code",
        to,
        subject,
        (Paragraph(what), Paragraph(why)),
        here.language,
    )
    return SendMail(mail, limited="code")


def shown_at(here: Here, at: datetime, controller: str | None) -> str:
    """A time as a day, by the company's calendar."""
    return here.world.day(here.language, here.world.today(controller, at))


def value_of(rows: Walked, key: str) -> Value:
    """The answer to a step, empty where it was not asked."""
    return next((value for step, value in rows if step.key == key and value), ())


def handoff_mail(world: World, over: Handoff) -> Mail:
    """The mail with which customer support gets a conversation."""
    subject = world.say(over.language, "Message to customer support: {reference}", reference=over.reference)
    return Mail(f"{over.reference}{HANDOFF}", world.support(over.controller), subject, over.blocks, over.language)
