"""The page about oneself that some platforms have beside the chat: choices, requests, and what is kept."""

from bot.core import letters, replies
from bot.core.asking import resume_button
from bot.core.buttons import AskTopic, OwnCase, StartFlow
from bot.core.chat import Button, Say
from bot.core.flow import InFlow
from bot.core.here import Here
from bot.core.language import OWN_NAMES
from bot.core.own import state_name
from bot.core.request import Case
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph

#: So many requests are shown; all of them are in what is handed out.
_REQUESTS = 10


def home(here: Here) -> Say:
    """Everything at one look, with a way to change each of it."""
    session, language = here.session, here.language
    unset = here.phrase("not chosen")
    company = here.world.controller_name(session.controller, language) if session.controller else unset
    blocks: list[Block] = [
        Heading(here.phrase("Privacy assistant")),
        Paragraph(here.phrase("I am an automated assistant, not a person. Ask me in the messages.")),
        Bullets(
            (
                here.phrase("Language: {language}", language=OWN_NAMES[language]),
                here.phrase("Company: {company}", company=company),
            )
        ),
        Heading(here.phrase("My requests")),
        *_requests(here),
        Heading(here.phrase("My cookie choices")),
        *_choices(here),
        Heading(here.phrase("What is kept about me here")),
        Fine(here.phrase("Only what stands on this page, what we talked about last, and unfinished requests.")),
    ]
    return Say(language, tuple(blocks), tuple(_buttons(here)), home=True)


def _requests(here: Here) -> list[Block]:
    if not here.incoming.cases:
        return [Paragraph(here.phrase("No requests have been made."))]
    return [Bullets(tuple(_request(here, case) for case in here.incoming.cases[:_REQUESTS]))]


def _request(here: Here, case: Case) -> str:
    asked = here.world.listing(here.language, here.asked_for(case))
    due = f" · {letters.dates(here, case)[-1]}" if case.open else ""
    return f"{case.reference} · {asked} · {state_name(here, case.state)}{due}"


def _choices(here: Here) -> list[Block]:
    if not here.incoming.choices:
        return [Paragraph(here.phrase("No cookie choices have been made."))]
    return [Paragraph(choice.text) for choice in here.incoming.choices[:1]]


def _buttons(here: Here) -> list[Button]:
    world, language, controller = here.world, here.language, here.session.controller
    buttons = list(replies.language_buttons(language))
    if len(world.controllers) > 1:
        buttons.append(Button(world.flow_title("controller", language), StartFlow("controller")))
    drafts = [*here.session.parked, *([here.session.place] if isinstance(here.session.place, InFlow) else [])]
    buttons += [resume_button(here, draft) for draft in drafts]
    buttons += [
        Button(here.phrase("Show: {reference}", reference=case.reference), OwnCase(case.reference, "show"))
        for case in here.incoming.cases[:_REQUESTS]
    ]
    if controller:
        buttons.append(replies.flow_button(world, language, "cookie_preferences", controller))
    buttons.append(Button(world.topic_title("assistant_data", language), AskTopic("assistant_data")))
    buttons += [
        Button(world.flow_title(flow, language), StartFlow(flow)) for flow in ("assistant_export", "assistant_forget")
    ]
    return buttons
