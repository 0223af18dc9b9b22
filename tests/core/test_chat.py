"""Rich text."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.chat import Said
from bot.core.text import Bullets, Paragraph, parse, plain

words = st.text("abcdefg", min_size=1, max_size=8)
blocks = st.lists(
    st.builds(Paragraph, words) | st.builds(Bullets, st.lists(words, min_size=1, max_size=3).map(tuple)),
    min_size=1,
    max_size=5,
).map(tuple)


@given(blocks)
def test_plain_text_reads_back(given_blocks: tuple[Paragraph | Bullets, ...]) -> None:
    """What is written as plain text is read as the same blocks."""
    assert parse(plain(given_blocks)) == given_blocks


def test_a_list_may_follow_its_sentence() -> None:
    """An author need not leave an empty line before a list, and may wrap long items."""
    assert parse("Two things:\n- one\n  goes on\n- two") == (
        Paragraph("Two things:"),
        Bullets(("one goes on", "two")),
    )


def test_a_persons_words_are_not_shown_by_repr() -> None:
    """No log that prints an event shows what somebody wrote."""
    assert "secret" not in repr(Said("secret"))
