"""Words that steer, options, corrections: what is taken for them and what is not."""

import pytest

from bot.content.assistant import ContentWorld
from bot.core.language import Language
from bot.understanding.steering import choose, mentions

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
    assert choose("everything", OPTIONS) == "everything"
    assert choose("Everythign", OPTIONS) == "everything"
    assert choose("all of it!", OPTIONS) == "everything"
    assert choose("it", OPTIONS) is None
    assert choose("the cat sat on the mat", OPTIONS) is None
    assert choose("", OPTIONS) is None


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
