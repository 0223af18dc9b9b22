"""What belongs to the person in the chat: their requests, and everything the assistant keeps about them."""

from dataclasses import replace
from typing import assert_never

from bot.core import letters, replies
from bot.core.asking import case_buttons
from bot.core.buttons import StartFlow
from bot.core.chat import Button, Effect, Exported, File, Forget, Say, Withdraw
from bot.core.flow import InFlow
from bot.core.here import Here, Turn
from bot.core.language import OWN_NAMES
from bot.core.request import Case, State
from bot.core.session import Idle
from bot.core.text import Block, Bullets, Heading, Paragraph


def find_case(here: Here, reference: str) -> Case | None:
    """A request of this chat, None where the reference is not of one."""
    return next((case for case in here.incoming.cases if case.reference == reference), None)


def show_case(here: Here, reference: str) -> tuple[Effect, ...]:
    """Where a request stands."""
    case = find_case(here, reference)
    if case is None:
        return (replies.line(here.language, _no_request(here)),)
    buttons = list(case_buttons(here, case)[1:])
    served = here.served(case.controller)
    late = case.deadline is not None and here.world.today(served, here.incoming.at) > case.deadline.limit
    blocks: list[Block] = [Heading(reference), Bullets(tuple(_standing(here, case)))]
    if case.practice:
        blocks.insert(1, Paragraph(here.phrase("This is practice: the company has received nothing.")))
    if case.open and late:
        blocks.append(
            Paragraph(here.phrase("The time for the answer has passed. You can complain to the supervisory authority."))
        )
        title = here.world.flow_title("complaint", here.language)
        buttons.extend([Button(title, StartFlow("complaint", served))] if served else [])
    return (Say(here.language, tuple(blocks), tuple(buttons)),)


def _standing(here: Here, case: Case) -> list[str]:
    names = here.asked_for(case)
    delivered = here.phrase("The company's mail server has accepted it.")
    waiting = here.phrase("The mail to the company is still on its way; it is sent again until it arrives.")
    served = here.served(case.controller)
    company = here.world.controller_name(served, here.language) if served else case.controller
    rows = [
        here.phrase("Company: {company}", company=company),
        here.phrase("Asked for: {what}", what=here.world.listing(here.language, names)),
        here.phrase("Where it stands: {state}", state=state_name(here, case.state)),
        *(letters.dates(here, case) if case.open else letters.received(here, case)),
    ]
    if case.open and not case.practice:
        rows.append(delivered if case.delivered else waiting)
    return rows


def state_name(here: Here, state: State) -> str:
    """A request's state in words."""
    match state:
        case "received":
            return here.phrase("received")
        case "in_progress":
            return here.phrase("being worked on")
        case "awaiting_subject":
            return here.phrase("waiting for your answer")
        case "fulfilled":
            return here.phrase("done")
        case "partly_fulfilled":
            return here.phrase("done in part")
        case "refused":
            return here.phrase("refused")
        case "no_data":
            return here.phrase("closed: no data about you was found")
        case "withdrawn":
            return here.phrase("withdrawn by you")
        case "duplicate":
            return here.phrase("closed: the same as another request")
        case _:
            assert_never(state)


def _no_request(here: Here) -> str:
    return here.phrase(
        "No request has been made in this chat. If you made one elsewhere, its dates are on the receipt e-mailed"
        " to you. Messages to customer support are not kept here."
    )


def no_requests(here: Here) -> Say:
    """That there is nothing to show or to withdraw."""
    buttons = [Button(here.world.flow_title("access", here.language), StartFlow("access", here.session.controller))]
    return replies.line(here.language, _no_request(here), buttons=buttons)


def withdraw(here: Here, reference: str) -> tuple[Effect, ...]:
    """Withdraw a request, and tell the company where it has an address."""
    case = find_case(here, reference)
    if case is None or not case.open:
        return show_case(here, reference)
    done = here.phrase(
        "Your request has been withdrawn, and the company is told. Reference: {reference}", reference=reference
    )
    again = here.phrase("You can make the same request again at any time.")
    closed = replace(case, state="withdrawn", closed=here.incoming.at)
    if not here.world.inbox(case.controller):
        served = here.served(case.controller)
        whom = here.world.whom_to_ask(served, here.language) if served else ""
        standing = Bullets(tuple(_standing(here, closed)))
        return (Withdraw(closed), Say(here.language, (standing, *([Paragraph(whom)] if whom else []))))
    return (Withdraw(closed), letters.withdrawal_mail(here, closed), replies.line(here.language, done, again))


def forget(here: Here) -> Turn:
    """Erase everything, and say what stays and why."""
    blocks: list[Block] = [Heading(here.phrase("Everything about this chat has been erased."))]
    blocks.append(
        Paragraph(
            here.phrase(
                "Gone are the language, the company, what was talked about, unfinished requests, cookie choices and the"
                " key they were encrypted with."
            )
        )
    )
    if stays := [case.reference for case in here.incoming.cases]:
        kept = here.phrase(
            "What stays: requests that were sent, each under a key of its own, until their time is up, because"
            " they must be answered and shown to have been handled properly. I can no longer show them here; keep"
            " your receipts."
            " References: {references}",
            references=here.world.listing(here.language, stays),
        )
        blocks.append(Paragraph(kept))
    blocks.append(
        Paragraph(
            here.phrase(
                "What I cannot reach: the chat app's own history, which you can delete yourself, and the operator's"
                " backups, until they are overwritten."
            )
        )
    )
    return Turn(replace(here.session, place=Idle(), parked=()), (Forget(), Say(here.language, tuple(blocks))))


def exported(here: Here, event: Exported) -> Turn:
    """Hand out what is kept: readable, and whole as JSON."""
    session, language = here.session, here.language
    none, unset = here.phrase("none"), here.phrase("not chosen")
    drafts = [*session.parked, *([session.place] if isinstance(session.place, InFlow) else [])]
    titles = [here.world.flow_title(draft.flows[0], language) for draft in drafts]
    topics = [here.world.topic_title(topic, language) for topic in session.answered]
    company = here.world.controller_name(session.controller, language) if session.controller else unset
    own_name = OWN_NAMES[session.language] if session.language else unset
    references = [f"{case.reference} ({state_name(here, case.state)})" for case in here.incoming.cases]
    choices = [choice.reference for choice in event.choices]
    rows = [
        here.phrase("Language: {language}", language=own_name),
        here.phrase("Company: {company}", company=company),
        here.phrase("Asked about last: {topics}", topics=here.world.listing(language, topics) if topics else none),
        here.phrase("Unfinished requests: {list}", list="; ".join(titles) or none),
        here.phrase("Requests sent: {list}", list="; ".join(references) or none),
        here.phrase("Cookie choices: {list}", list="; ".join(choices) or none),
    ]
    if event.first_seen:
        day = letters.shown_at(here, event.first_seen, session.controller)
        rows.insert(0, here.phrase("This chat began on: {day}", day=day))
    head = Heading(here.phrase("Everything that the assistant keeps about this chat"))
    whole = Paragraph(here.phrase("The same in full, machine-readable (JSON):"))
    title = here.world.flow_title("assistant_forget", language)
    button = Button(title, StartFlow("assistant_forget"))
    say = Say(
        language,
        (head, Bullets(tuple(rows)), whole),
        (button,),
        files=(File("my-data.json", event.json, protected=True),),
    )
    return Turn(session, (say,))
