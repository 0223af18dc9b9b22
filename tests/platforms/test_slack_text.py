"""What Slack is given and gives, as pure functions: Block Kit that fits and holds nobody's markup, and plain words."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.core.buttons import AskTopic, InPrivate, Vote, Walk
from bot.core.chat import Button, File, Incoming, Said, Say, Unsupported
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph, plain
from bot.platforms import slack_events
from bot.platforms.slack_events import Place, place, words
from bot.platforms.slack_replies import marked
from bot.platforms.slack_text import block_kit, fallback, keyboard, split
from tests.platforms import fake_slack_api as api
from tests.platforms.fake_slack import _typed
from tests.platforms.slack_limits import problems

_ODD = "<b>bold</b> *stars* _under_ ~no~ `code` &amp; &lt; <!channel> <@U1> <https://evil.example.com|x> > quote @here"
_AT = datetime(2026, 1, 7, tzinfo=UTC)

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
_long = st.builds(lambda part, times: part * times, st.text("ab <>&*.\n", min_size=1, max_size=90), st.integers(1, 200))
_blocks = st.one_of(
    st.builds(Paragraph, _texts | _long),
    st.builds(Heading, _texts),
    st.builds(Fine, _texts),
    st.builds(Bullets, st.lists(_texts | _long, min_size=1, max_size=12).map(tuple)),
)


def _message(say: Say) -> dict[str, Any]:
    blocks = [*block_kit(say.blocks), *keyboard(say.buttons, "https://slack.com/app_redirect?app=A&team=T")]
    quiet = {"unfurl_links": False, "unfurl_media": False}
    return {"channel": "D1", "text": fallback(say), "blocks": blocks, **quiet}


def _all(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _all(inner)


@given(st.lists(_blocks, min_size=1, max_size=8).map(tuple), st.integers(0, 12))
def test_whatever_is_said_is_sent_whole_and_in_order(blocks: tuple[Block, ...], count: int) -> None:
    """Any reply becomes messages that break no limit; none of its words is lost, and the order stays."""
    say = Say("en", blocks, tuple(Button(f"Button {n}", AskTopic(f"t{n}")) for n in range(count)))
    pieces = split(say)
    assert [found for piece in pieces for found in problems("chat.postMessage", _message(piece))] == []
    told = "".join(api.plain(block_kit(piece.blocks)) for piece in pieces)
    said = "".join("".join(b.items) if isinstance(b, Bullets) else b.text for b in blocks)
    assert "".join(told.split()) == "".join(said.split())
    assert all(not piece.buttons for piece in pieces[:-1])
    assert not pieces or pieces[-1].buttons == say.buttons


@given(_texts)
def test_no_text_is_markup(text: str) -> None:
    """Somebody's words stand in rich text or plain text only, and as they are; no element mentions anybody."""
    made = block_kit((Paragraph(text), Heading(text), Fine(text), Bullets((text,))))
    kinds = {node["type"] for node in _all(made) if isinstance(node.get("type"), str)}
    assert kinds <= {"rich_text", "rich_text_section", "rich_text_list", "text", "link", "context", "plain_text"}
    section = made[0]["elements"][0]["elements"]
    assert "".join(part["text"] for part in section) == (text or " ")


def test_addresses_are_links_and_nothing_else_is() -> None:
    """A web or mail address is a link that shows itself; what follows it is no part of it."""
    (block,) = block_kit((Paragraph("See https://example.com/a?b=1&c=2, or write to dpo@example.com. Not x@y."),))
    links = [(node["url"], node["text"]) for node in _all(block) if node.get("type") == "link"]
    assert links == [
        ("https://example.com/a?b=1&c=2", "https://example.com/a?b=1&c=2"),
        ("mailto:dpo@example.com", "dpo@example.com"),
    ]
    (odd,) = block_kit((Paragraph(_ODD),))
    assert [node["url"] for node in _all(odd) if node.get("type") == "link"] == ["https://evil.example.com"]


def test_the_text_beside_the_blocks_is_escaped() -> None:
    """What notifications show is never empty, mentions nobody and is no longer than Slack takes."""
    shown = fallback(Say("en", (Paragraph(_ODD),)))
    assert "<" not in shown
    assert "&lt;!channel&gt;" in shown
    assert "&lt;b&gt;bold&lt;/b&gt;" in shown
    assert "&amp;amp;" in shown
    assert len(fallback(Say("en", (Paragraph("<" * 9_000),)))) <= 4_000
    assert fallback(Say("en", (), files=(File("my-data.json", "{}"),))) == "my-data.json"
    assert fallback(Say("en", ())).strip()


def test_a_long_reply_is_split_where_sentences_end() -> None:
    """Pieces end at the end of a sentence where there is one; the buttons and the question stand under the last."""
    sentence = "This is a sentence of an answer. "
    say = Say("en", (Paragraph(sentence * 400),), (Button("On", AskTopic("dpo")),), files=(File("a.txt", "x"),))
    *texts, last, file = split(say)
    assert len(texts) >= 2
    assert all(plain(piece.blocks).rstrip().endswith(".") for piece in (*texts, last))
    assert [piece.buttons for piece in texts] == [()] * len(texts)
    assert last.buttons == say.buttons
    assert (file.files, file.blocks, file.buttons) == (say.files, (), ())


def test_a_home_is_never_split() -> None:
    """The page about oneself is one view."""
    say = Say("en", tuple(Paragraph("x" * 2_000) for _ in range(9)), home=True)
    assert split(say) == (say,)


def test_buttons_stand_in_rows_and_votes_are_slacks_own() -> None:
    """At most five stand in a row; both votes are one pair of Slack's; what leads to private is a link as well."""
    votes = (Button("👎 No", Vote(False, "dpo", "kaltiot")), Button("👍 Yes", Vote(True, "dpo", "kaltiot")))
    others = tuple(Button(f"B{n} " + "x" * 90, AskTopic("dpo")) for n in range(7))
    made = keyboard((*others, *votes, Button("Private", InPrivate("erasure"))), "https://slack.com/x")
    assert [len(row["elements"]) for row in made] == [5, 3, 1]
    (feedback,) = made[-1]["elements"]
    assert feedback["type"] == "feedback_buttons"
    assert feedback["positive_button"]["value"] == "u:dpo:kaltiot"
    assert feedback["negative_button"]["value"] == "d:dpo:kaltiot"
    private = made[1]["elements"][-1]
    assert (private["url"], private["value"]) == ("https://slack.com/x", "i:erasure")
    assert all(len(element["text"]["text"]) <= 75 for row in made[:-1] for element in row["elements"])
    ids = [element["action_id"] for row in made for element in row["elements"]]
    assert len(set(ids)) == len(ids)
    assert "url" not in keyboard((Button("Private", InPrivate()),), "")[0]["elements"][0]
    send = keyboard((Button("Send", Walk("a", "send", "", "b")), Button("Back", Walk("a", "back"))), "")
    assert [element.get("style") for element in send[0]["elements"]] == ["primary", None]


def test_what_was_pressed_takes_the_place_of_buttons() -> None:
    """The words stay, all buttons go, and what was pressed stands below."""
    votes = (Button("👍", Vote(True, "dpo", "kaltiot")), Button("👎", Vote(False, "dpo", "kaltiot")))
    say = Say("en", (Paragraph("Question?"), Fine("small")), (Button("Yes", AskTopic("dpo")), *votes))
    blocks = marked(_message(say), Button("Yes", AskTopic("dpo")))
    assert api.plain(blocks) == "Question?\nsmall\n✓ Yes"
    assert api.buttons(blocks) == []
    assert problems("chat.update", {"channel": "D1", "ts": "1.1", "text": "x", "blocks": blocks}) == []


@given(_texts.filter(lambda text: "https:" not in text and "@" not in text))
def test_what_somebody_typed_is_read_as_typed(text: str) -> None:
    """Slack escapes what people type; after ``words`` it is what they typed."""
    assert words(_typed(text)) == text.strip()


def test_slacks_own_marks_are_read_as_people_see_them() -> None:
    """Links and addresses become their words, mentions nothing; typed markup stays as it was typed."""
    assert words("<@U0BOT> what about <mailto:a@example.com|a@example.com>?") == "what about a@example.com?"
    assert words("see <https://example.com> or <https://example.com/x|this>") == "see https://example.com or this"
    assert words("in <#C1|general>, <!here> &lt;!channel&gt; &amp;amp;") == "in general,   <!channel> &amp;"
    assert words(_typed(_ODD)) == _ODD
    assert words("&lt;https://evil.example.com|x&gt;") == "<https://evil.example.com|x>"


def _event(**raw: Any) -> Incoming | None:
    said = {"type": "message", "channel_type": "im", "channel": "D1", "ts": "1.1", "user": "U1", "text": "hello"}
    return slack_events.message({"team_id": "T1", "event_id": "Ev1", "event": said | raw}, _AT)


def test_only_what_people_say_to_it_is_an_event() -> None:
    """Words of a person in their direct messages count; of programs, of Slack, of channels nothing does."""
    found = _event()
    assert found
    assert (found.event, found.chat, found.id) == (Said("hello"), "slack:T1:U1", "Ev1")
    assert place(found.message) == Place("D1", "1.1")
    for raw in ({"bot_id": "B1"}, {"channel_type": "channel"}, {"subtype": "channel_join"}, {"subtype": "bot_message"}):
        assert _event(**raw) is None
    assert _event(subtype="message_deleted", deleted_ts="1.1") is None
    picture = _event(subtype="file_share", files=[{"id": "F1"}])
    assert picture
    assert picture.event == Unsupported("media")


def test_an_edit_is_one_only_where_words_changed() -> None:
    """An edited message corrects; a preview that Slack adds, or an edit of a program's words, is nothing."""
    old = {"user": "U1", "ts": "1.1", "text": "hello"}
    edited = {"subtype": "message_changed", "previous_message": old}
    found = _event(**edited, message={**old, "text": "good day"})
    assert found
    assert (found.event, place(found.message).ts) == (Said("good day", corrects=True), "1.1")
    assert _event(**edited, message={**old, "attachments": [{"text": "preview"}]}) is None
    assert _event(**edited, message={**old, "text": "other", "bot_id": "B1"}) is None
    assert _event(**edited, message={**old, "text": "gone", "subtype": "tombstone"}) is None


def test_blocks_are_small_as_json() -> None:
    """Even signs that JSON writes long stay within what a message may have in all."""
    pieces = split(Say("fi", tuple(Paragraph("äöå – ”" * 300) for _ in range(9))))
    assert all(len(json.dumps(block_kit(piece.blocks), ensure_ascii=False)) < 13_000 for piece in pieces)
