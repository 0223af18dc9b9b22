"""What has to be said before an answer: things the document does not name, another person's data."""

from bot.core.language import Language
from bot.core.meaning import Understood
from bot.core.world import World


def remarks(world: World, language: Language, controller: str | None, understood: Understood | None) -> tuple[str, ...]:
    """The remarks that a message calls for, in the order they are said."""
    if understood is None:
        return ()
    said = []
    unnamed = [thing for thing in understood.named if controller and not world.names(controller, thing)]
    if unnamed:
        things = world.listing(language, [world.thing_name(thing) for thing in unnamed])
        said.append(world.say(language, "The company's document does not name this: {things}.", things=things))
    if understood.someone_else and _about_ones_data(world, understood):
        said.append(_who_may_ask(world, language))
    return tuple(said)


def _about_ones_data(world: World, understood: Understood) -> bool:
    """Whether it is about rights or what is stored; who sees one's data is another thing."""
    first = understood.candidates[0] if understood.candidates else None
    if first is None or first.flow:
        return first is not None
    topic = world.topic(first.id)
    return topic is not None and topic.group in ("rights", "collected", "storage")


def _who_may_ask(world: World, language: Language) -> str:
    return world.say(
        language,
        "If this is about another person's data: you can only ask for your own data, unless you are a child's"
        " guardian or hold the person's power of attorney. The GDPR does not cover the"
        " dead; their estate can still turn to the company.",
    )
