"""Words that steer, options, corrections: what is taken for them and what is not."""

import pytest

from bot.content.assistant import ContentWorld
from bot.core.language import Language
from bot.understanding.hedges import Hedges
from bot.understanding.steering import choose, mentions

#: A language without any negation.
NONE = Hedges((), (), (), {})
OPTIONS = {"everything": ("Everything", "all of it"), "some": ("Only some of it", "just a part")}


@pytest.mark.parametrize(
    ("language", "text", "control"),
    [
        ("en", "cancel", "cancel"),
        ("en", "Cancell!", "cancel"),
        ("en", "Go back, please", None),
        ("en", "I want my order cancelled because it was wrong", None),
        ("fi", "peruuta", "cancel"),
        ("fi", "Takaisin.", "back"),
        ("sv", "avbryt", "cancel"),
        ("sv", "hoppa över", "skip"),
        ("sv", "nej", "no"),
        ("fi", "juu", "yes"),
        ("en", "", None),
    ],
)
def test_whole_messages_steer(world: ContentWorld, language: Language, text: str, control: str | None) -> None:
    """A word that steers is the whole message; a longer sentence that holds it is an answer."""
    found = world.control(language, text)
    assert found == control or (control is None and found in (None, "back"))


def test_what_is_said_of_a_code_may_be_said_in_many_ways(world: ContentWorld) -> None:
    """At the code, and nowhere else, words for not having it may stand among others."""
    text = "hello, I just cannot get the code at all"
    assert world.control("en", text) is None
    assert world.control("en", text, ("resend", "unverified")) in ("resend", "unverified")


def test_options_are_chosen_by_label_by_spelling_and_with_a_slip() -> None:
    """But not by a message that could be either, or anything else."""
    assert choose("everything", OPTIONS, NONE) == "everything"
    assert choose("Everythign", OPTIONS, NONE) == "everything"
    assert choose("all of it!", OPTIONS, NONE) == "everything"
    assert choose("it", OPTIONS, NONE) is None
    assert choose("the cat sat on the mat", OPTIONS, NONE) is None
    assert choose("", OPTIONS, NONE) is None


def test_an_option_is_found_in_a_sentence_if_it_is_the_only_one() -> None:
    """Whole words, in their order."""
    assert mentions("please take just a part away", OPTIONS) == "some"
    assert mentions("just a part, no, all of it", OPTIONS) is None
    assert mentions("partly", OPTIONS) is None


def test_a_change_needs_a_word_for_changing_and_the_name_of_one_answer(world: ContentWorld) -> None:
    """Each language by its own words; two possible answers are none."""
    names = {"email": ("mail*", "sahkoposti*", "adress*"), "known_as": ("name*", "nimi*", "namn*")}
    assert world.changes("en", "change the mail", names) == "email"
    assert world.changes("fi", "vaihda sähköposti", names) == "email"
    assert world.changes("sv", "ändra adressen", names) == "email"
    assert world.changes("en", "my mail is fine", names) is None
    assert world.changes("en", "change my name and mail", names) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sv", "skicka inte"),
        ("sv", "nej, skicka inte"),
        ("en", "do not send"),
        ("en", "don't send it"),
        ("fi", "älä lähetä"),
    ],
)
def test_a_not_is_no_slip_of_the_finger(world: ContentWorld, language: Language, text: str) -> None:
    """What is told not to be sent is not sent, however alike the words are."""
    assert world.control(language, text) not in ("send", "yes")
    assert world.choose(language, text, {"send": ("✔ Send", "✔ Skicka", "✔ Lähetä")}) is None


@pytest.mark.parametrize(
    ("language", "text", "flow", "denied"),
    [
        ("en", "I don't want to delete my data, I want a copy", "erasure", True),
        ("en", "delete my data", "erasure", False),
        ("en", "I do not want your mails any more", "marketing_opt_out", False),
        ("fi", "en halua poistaa tietojani", "erasure", True),
        ("fi", "älkää poistako tietojani", "erasure", True),
        ("fi", "poistakaa tietoni", "erasure", False),
        ("sv", "radera inte mina uppgifter", "erasure", True),
        ("sv", "jag kan inte engelska", "language", True),
        ("sv", "på engelska tack", "language", False),
    ],
)
def test_what_is_not_wanted_is_heard(
    world: ContentWorld, language: Language, text: str, flow: str, denied: bool
) -> None:
    """A negation before the deed, or in Swedish right after it, and nowhere else."""
    assert world.denies(language, text, flow) is denied
