"""Replies: answers and the assistant's own phrases as rich text with buttons."""

from collections.abc import Iterable

from bot.core.buttons import Act, AskTopic, ChooseController, ChooseLanguage, ShowPlace, StartFlow, Vote, Walk
from bot.core.chat import Button, Say
from bot.core.flow import InFlow
from bot.core.knowledge import Answer, Source
from bot.core.language import LANGUAGES, OWN_NAMES, Language
from bot.core.meaning import Candidate
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph, parse
from bot.core.world import World

#: More buttons than this are no choice; the company is typed then.
_BUTTONS = 10

#: What one can begin with, as buttons below a greeting or a refusal.
STARTERS = ("data_collected", "rights_overview", "cookies_used")


def line(language: Language, *texts: str, buttons: Iterable[Button] = ()) -> Say:
    """A reply of plain paragraphs."""
    return Say(language, tuple(Paragraph(text) for text in texts if text), tuple(buttons))


def joined(says: tuple[Say, ...]) -> tuple[Say, ...]:
    """The replies of one turn as one, for platforms that count messages; none for none."""
    if len(says) <= 1:
        return says
    buttons = dict.fromkeys(button for say in says for button in say.buttons)
    return (
        Say(
            says[-1].language,
            tuple(block for say in says for block in say.blocks),
            tuple(buttons),
            tuple(answer for say in says for answer in say.answers),
            tuple(file for say in says for file in say.files),
            in_place=all(say.in_place for say in says),
            asked=says[-1].asked,
        ),
    )


def answers(world: World, language: Language, found: tuple[Answer, ...], before: tuple[str, ...] = ()) -> Say:
    """One or more answers as one reply; ``before`` are paragraphs that stand above them."""
    blocks: list[Block] = [Paragraph(text) for text in before]
    for answer in found:
        if len(found) > 1:
            blocks.append(Heading(world.topic_title(answer.topic, language)))
        blocks.extend(answer_blocks(world, language, answer))
        if note := _origin(world, language, answer):
            blocks.append(Fine(note))
    return Say(language, tuple(blocks), answer_buttons(world, language, found), found)


def answer_blocks(world: World, language: Language, answer: Answer) -> tuple[Block, ...]:
    """An answer's own text, and the articles of law that it leans on."""
    blocks = parse(answer.text)
    if not answer.law:
        return blocks
    articles = "; ".join(
        world.say(language, "article {number}: {title}", number=law.article, title=law.title) for law in answer.law
    )
    return (*blocks, Fine(world.say(language, "GDPR, {articles}", articles=articles)))


def _origin(world: World, language: Language, answer: Answer) -> str:
    """The source line: where the document says it, or where one looked in vain."""
    if not answer.sources or answer.status == "general":
        return ""
    first = answer.sources[0]
    document = world.say(
        language,
        "{document}, {date}",
        document=first.document,
        date=world.day(language, first.date) if first.date else world.say(language, "undated"),
    )
    sections = "; ".join(dict.fromkeys(f"“{s.section}”" for s in answer.sources if s.section))
    place = f"{document} · {sections}" if sections else document
    if answer.status == "silent":
        return world.say(language, "Looked for in: {place}", place=place)
    return world.say(language, "Source: {place}", place=place)


def answer_buttons(world: World, language: Language, found: tuple[Answer, ...]) -> tuple[Button, ...]:
    """What one may want next: the offered flows, related topics, the exact place, and a vote."""
    if not found:
        return ()
    last = found[-1]
    asked = {answer.topic for answer in found}
    topics = [world.topic(answer.topic) for answer in found]
    offers = list(dict.fromkeys(flow for topic in topics if topic for flow in topic.offers))[:2]
    related = list(dict.fromkeys(r for topic in topics if topic for r in topic.related if r not in asked))[:3]
    buttons = [flow_button(world, language, flow, last.controller) for flow in offers]
    buttons += [topic_button(world, language, topic, last.controller) for topic in related]
    if last.controller and last.sources:
        place = ShowPlace(last.topic, last.controller)
        buttons.append(Button(world.say(language, "Show the exact place"), place))
    voted = last.controller or ""
    buttons.append(Button(world.say(language, "👍 This helped"), Vote(True, last.topic, voted)))
    buttons.append(Button(world.say(language, "👎 This did not help"), Vote(False, last.topic, voted)))
    return tuple(buttons)


def topic_button(world: World, language: Language, topic: str, controller: str | None) -> Button:
    """A button that asks a topic."""
    return Button(world.topic_title(topic, language), AskTopic(topic, controller))


def flow_button(world: World, language: Language, flow: str, controller: str | None) -> Button:
    """A button that begins a flow."""
    return Button(world.flow_title(flow, language), StartFlow(flow, controller))


def candidate_button(world: World, language: Language, candidate: Candidate, controller: str | None) -> Button:
    """A button for one of several possible meanings."""
    if candidate.flow:
        return flow_button(world, language, candidate.flow, controller)
    return topic_button(world, language, candidate.id, controller)


def draft_button(draft: InFlow, label: str, act: Act, step: str = "", value: str = "") -> Button:
    """A button that does something in a draft."""
    return Button(label, Walk(draft.id, act, step, value))


def starters(world: World, language: Language, controller: str | None) -> tuple[Button, ...]:
    """Buttons for what people ask first."""
    return tuple(topic_button(world, language, topic, controller) for topic in STARTERS)


def language_buttons(current: Language | None) -> tuple[Button, ...]:
    """A button for every language but the current one, in its own name."""
    return tuple(Button(OWN_NAMES[code], ChooseLanguage(code)) for code in LANGUAGES if code != current)


def controller_buttons(world: World, language: Language) -> tuple[Button, ...]:
    """A button for every company; where there are very many, they are named by typing instead."""
    chosen = world.controllers if len(world.controllers) <= _BUTTONS else ()
    return tuple(Button(world.controller_name(c, language), ChooseController(c)) for c in chosen)


def place(world: World, language: Language, answer: Answer, company: str) -> Say:
    """Where exactly the document says what an answer says, and which text is the authoritative one."""
    found = world.say(language, "The document says it here:")
    looked = world.say(language, "These places in the document were looked through:")
    heading = looked if answer.status == "silent" else found
    blocks: list[Block] = [Heading(company), Paragraph(heading)]
    blocks.append(Bullets(tuple(_place(world, language, source) for source in answer.sources)))
    for code in dict.fromkeys(source.language for source in answer.sources):
        name = world.language_name(language, code)
        blocks.append(
            Fine(
                world.say(
                    language, "The document's own text is the authoritative one. Language: {language}", language=name
                )
            )
        )
    return Say(language, tuple(blocks))


def _place(world: World, language: Language, source: Source) -> str:
    section = f"“{source.section}”" if source.section else world.say(language, "a part without a heading")
    date = world.day(language, source.date) if source.date else world.say(language, "undated")
    return f"{source.document} ({date}): {section}"
