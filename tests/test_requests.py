"""Rights requests through the whole house: what people and operators are promised."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.assistant import ContentWorld
from bot.core.buttons import Walk
from bot.core.chat import Pressed, Said
from bot.core.flow import InFlow, Step
from bot.core.mail import DeliveryError
from bot.core.text import plain
from bot.flood import Floods
from bot.storage.sqlite_outbox import BACKOFF
from tests.visiting import Visitor, world_with

TO_REVIEW = ("delete my data", "!Everything", "skip", "visitor@example.com", "cannot get the code")


@pytest.fixture
def visitor(world: ContentWorld, tmp_path: Path) -> Iterator[Visitor]:
    """A visitor of a company that has an inbox."""
    person = Visitor(world_with(world, inboxes=True), tmp_path / "a.db", hint="en")
    person.begin("kaltiot", "en")
    yield person
    person.close()


def walk(visitor: Visitor, *lines: str) -> str:
    """Say each line, or press the button whose label follows a ``!``."""
    for line in lines:
        _ = visitor.press(line[1:]) if line.startswith("!") else visitor.say(line)
    return visitor.text


def test_an_event_that_comes_twice_acts_once(visitor: Visitor) -> None:
    """Platforms deliver some events twice; the second brings nothing."""
    walk(visitor, *TO_REVIEW)
    send = visitor.button("✔ Send")
    visitor.send(Pressed(send), "twice")
    first = visitor.text
    assert visitor.send(Pressed(send), "twice") == first
    assert len(visitor.tx(lambda tx: tx.all_cases(only_open=False))) == 1
    assert len(visitor.postbox.mails) == 3


def test_a_second_press_confirms_nothing_twice(visitor: Visitor) -> None:
    """The button of a request that was sent shows how it stands."""
    walk(visitor, *TO_REVIEW)
    send = visitor.button("✔ Send")
    visitor.send(Pressed(send))
    assert "has been sent already" in visitor.send(Pressed(send))
    assert len(visitor.tx(lambda tx: tx.all_cases(only_open=False))) == 1


def test_only_what_the_page_showed_is_sent(visitor: Visitor) -> None:
    """A press on a review page from before a change shows the page again."""
    walk(visitor, *TO_REVIEW)
    old = visitor.button("✔ Send")
    walk(visitor, "!Change: How much", "!Only some", "the newsletter")
    assert "Something has changed" in visitor.send(Pressed(old))
    assert not visitor.tx(lambda tx: tx.all_cases(only_open=False))


def test_the_receipt_holds_the_exact_copy_and_its_hash(visitor: Visitor) -> None:
    """In the chat as a file, in the mail below the receipt: the text that the company got, word for word."""
    walk(visitor, *TO_REVIEW, "!✔ Send")
    request, receipt = visitor.postbox.mails[-2:]
    (file,) = visitor.says[-1].files
    assert file.text in plain(request.blocks)
    assert file.text in plain(receipt.blocks)
    (case,) = visitor.tx(lambda tx: tx.all_cases(only_open=False))
    assert case.digest in visitor.text
    assert case.copy == file.text
    assert "not confirmed by a code" in plain(request.blocks) or "was not confirmed" in plain(request.blocks)


def test_five_wrong_codes_void_the_code(visitor: Visitor) -> None:
    """Then even the right one is worth nothing, and a new one can be had."""
    walk(visitor, *TO_REVIEW[:-1])
    right = visitor.code
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert "not the code" in visitor.say(wrong)
    assert "too many tries" in visitor.say(right)
    visitor.press("Send a new code")
    assert "check that this is right" in visitor.say(visitor.code)


def test_a_code_is_good_for_ten_minutes(visitor: Visitor) -> None:
    """After that it is too old; a clock set back makes none too old."""
    walk(visitor, *TO_REVIEW[:-1])
    visitor.wait(minutes=11)
    assert "has expired" in visitor.say(visitor.code)
    visitor.press("Send a new code")
    visitor.wait(hours=-3)
    assert "check that this is right" in visitor.say(visitor.code)


def test_an_address_gets_at_most_three_codes_an_hour(visitor: Visitor) -> None:
    """The fourth is refused with what can be done; an hour later there is one again."""
    walk(visitor, *TO_REVIEW[:-1], "!Send a new code", "!Send a new code", "!Send a new code")
    assert "No new code was mailed" in visitor.text
    assert len(visitor.postbox.mails) == 3
    visitor.wait(hours=1, minutes=1)
    visitor.press("Send a new code")
    assert "check that this is right" in visitor.say(visitor.code)


def test_a_mail_server_that_is_down_loses_nothing(visitor: Visitor) -> None:
    """The request counts; the mails are sent as soon as somebody takes them; the status says so."""
    walk(visitor, *TO_REVIEW)
    visitor.postbox.broken = DeliveryError("the mail server does not answer", permanent=False)
    assert "Receipt: PR-" in visitor.press("✔ Send")
    assert "still on its way" in visitor.say("where is my request?")
    visitor.postbox.broken = None
    visitor.wait(seconds=BACKOFF["mail"][0] + 1)
    assert [mail.to for mail in visitor.postbox.mails[-2:]] == ["privacy.kaltiot@example.com", "visitor@example.com"]
    assert "has accepted it" in visitor.say("where is my request?")


def test_a_dead_letter_can_be_sent_again(visitor: Visitor) -> None:
    """An operator sees what was given up, without words or addresses, and has it tried again."""
    walk(visitor, *TO_REVIEW)
    visitor.postbox.broken = DeliveryError("550: refused", permanent=True)
    visitor.press("✔ Send")
    letters = visitor.tx(lambda tx: tx.dead_letters())
    assert {letter.reason for letter in letters} == {"550: refused"}
    assert "example.com" not in repr(letters)
    visitor.postbox.broken = None
    visitor.tx(lambda tx: tx.redeliver([letter.id for letter in letters], visitor.at))
    visitor.wait(seconds=1)
    assert len(visitor.postbox.mails) == 3


def test_too_long_an_answer_is_refused_with_the_limit(visitor: Visitor) -> None:
    """The other answers are kept."""
    walk(visitor, "delete my data", "!Only some")
    assert "10000 characters, and at most 2000" in visitor.say("x" * 10_000)
    assert "name" in visitor.say("the newsletter")


def test_a_flood_is_not_taken(visitor: Visitor, world: ContentWorld) -> None:
    """More than anybody writes is answered with one clear line, and nothing of it is kept."""
    visitor.service = replace(visitor.service, allow=Floods().allow)
    told = [visitor.say(f"hello {n}") for n in range(40)]
    assert "a lot at once" in told[-1]
    assert "a lot at once" not in told[5]
    assert world.say("fi", "That was a lot at once. Please wait a moment, then write again.") != told[-1]


def test_a_full_disk_is_told_and_nothing_is_lost(visitor: Visitor) -> None:
    """The person is asked to send it again; the answer before is still there."""
    walk(visitor, "delete my data", "!Everything")
    pages = visitor.tx(lambda tx: tx.db.execute("pragma page_count").fetchone()[0])
    visitor.tx(lambda tx: tx.db.execute(f"pragma max_page_count = {pages}"))
    texts = [visitor.say("what?" + "x" * 1_500) for _ in range(40)]
    assert "could not keep that" in texts[-1]
    visitor.tx(lambda tx: tx.db.execute("pragma max_page_count = 1000000"))
    place = visitor.session.place
    assert isinstance(place, InFlow)
    assert place.value("erasure.scope") == ("everything",)


def test_a_changed_flow_keeps_every_answer(visitor: Visitor) -> None:
    """Answers that fit are kept; one that no longer does is shown at the review; a new question is asked."""
    walk(visitor, "delete my data", "!Only some", "the old newsletter", "Visitor Example")
    flow = visitor.world.flows["erasure"]
    steps = [step for step in flow.steps if step.key != "erasure.what"]
    new = Step("erasure.scope", "text", limit=3)
    changed = replace(flow, steps=tuple(new if step.key == "erasure.scope" else step for step in steps), version="new")
    visitor.restart(replace(visitor.world, flows={**visitor.world.flows, "erasure": changed}))
    walk(visitor, "abc", "visitor@example.com", "cannot get the code")
    assert "have changed since you answered" in visitor.text
    assert "the old newsletter" in visitor.text
    assert "Visitor Example" in visitor.text


def test_an_unreadable_session_is_told(visitor: Visitor) -> None:
    """The chat begins anew in its language; nobody is left without a word."""
    walk(visitor, "poistakaa mun tiedot")
    visitor.tx(lambda tx: tx.db.execute("update chats set session = x'00'"))
    text = visitor.say("jatketaan")
    assert visitor.says[0].language == "fi"
    assert re.search("uudestaan|alusta|uudelleen", text)


def test_forgetting_a_chat_leaves_its_requests_to_those_who_answer(visitor: Visitor) -> None:
    """The key of the chat is gone, the request is still readable, and the chat no longer leads to it."""
    walk(visitor, *TO_REVIEW, "!✔ Send", "/forget", "!Yes, do it")
    (case,) = visitor.tx(lambda tx: tx.all_cases(only_open=True))
    assert case.reference in visitor.text
    assert case.email == "visitor@example.com"
    assert visitor.tx(lambda tx: tx.db.execute("select count(*) from chats").fetchone()[0]) == 0
    assert "No request has been made" in visitor.say("/status")


def test_ten_requests_a_day_are_enough(visitor: Visitor) -> None:
    """One chat cannot flood an inbox; the answers are kept."""
    for _ in range(10):
        walk(visitor, "stop sending me advertising")
        if "already" in visitor.text:
            visitor.press("Make a new one")
        walk(visitor, "!All marketing", "visitor@example.com", "visitor@example.com", "!✔ Send")
    walk(
        visitor,
        "stop sending me advertising",
        "!Make a new one",
        "!All marketing",
        "Visitor Example",
        "visitor@example.com",
    )
    assert "many requests today" in visitor.press("✔ Send")
    assert isinstance(visitor.session.place, InFlow)


def test_two_rights_wished_for_at_once_are_one_request(visitor: Visitor) -> None:
    """One case, each right with an outcome of its own."""
    walk(visitor, "delete my data", "!Everything", "skip", "visitor@example.com", "cannot get the code")
    walk(visitor, "!Add another", "!Copy of", "!Everything", "!✔ Send")
    (case,) = visitor.tx(lambda tx: tx.all_cases(only_open=False))
    assert [(item.flow, item.outcome) for item in case.items] == [("erasure", "open"), ("access", "open")]


def test_a_press_for_nothing_shows_where_things_stand(visitor: Visitor) -> None:
    """Forged or very old presses do no harm."""
    walk(visitor, "delete my data")
    assert "everything be erased" in visitor.send(Pressed(Walk("zzzzzz", "send", "", "00000000")))
    place = visitor.session.place
    assert isinstance(place, InFlow)
    assert "everything be erased" in visitor.send(Pressed(Walk(place.id, "pick", "email", "x")))
    assert "everything be erased" in visitor.send(Pressed(Walk(place.id, "yes", "nonsense", "")))


def test_words_of_a_person_are_in_no_repr(visitor: Visitor) -> None:
    """Whatever is printed of events, sessions, cases and mails by mistake holds no words and no address."""
    walk(visitor, *TO_REVIEW[:3], "secret.person@example.com", "cannot get the code", "!✔ Send")
    cases = visitor.tx(lambda tx: tx.all_cases(only_open=False))
    shown = repr((cases, visitor.session, visitor.postbox.mails, Said("secret words")))
    assert "secret" not in shown
