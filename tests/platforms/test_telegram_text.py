"""Replies as Telegram takes them: markup that always reads, pieces that always fit, keyboards that always work."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.buttons import LIMIT_BYTES, AskTopic, InPrivate, StartFlow, decode
from bot.core.chat import Button, File, Say
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph
from bot.platforms.telegram_text import LIMIT, html, keyboard, split, units
from tests.platforms.telegram_limits import parsed
from tests.platforms.telegram_limits import units as counted

_SIGNS = st.sampled_from([*string.printable, "ä", "€", "\N{GRINNING FACE}", "\u200d", "<b>", "&lt;", "&", "\n\n"])
_SHORT = st.lists(_SIGNS, min_size=1, max_size=12).map("".join).filter(str.strip)
_LONG = st.builds(
    lambda word, times, gap: gap.join([word] * times),
    _SHORT,
    st.integers(1, 3_000),
    st.sampled_from(["", " ", "\n", ". "]),
).map(lambda text: text[:12_000])
_TEXT = st.one_of(_SHORT, _LONG)
_BLOCK: st.SearchStrategy[Block] = st.one_of(
    _TEXT.map(Paragraph),
    _TEXT.map(Heading),
    _TEXT.map(Fine),
    st.lists(_TEXT, min_size=1, max_size=4).map(lambda items: Bullets(tuple(items))),
)
_BLOCKS = st.lists(_BLOCK, min_size=1, max_size=5).map(tuple)
_BUTTON = Button("Go on", AskTopic("dpo", "kaltiot"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_length_is_counted_as_telegram_counts(text: str) -> None:
    """A sign beyond the first 65,536 counts as two."""
    assert units(text) == counted(text) == sum(2 if ord(sign) > 0xFFFF else 1 for sign in text)


@given(_BLOCKS)
def test_markup_reads_back_as_what_was_meant(blocks: tuple[Block, ...]) -> None:
    """Whatever signs a text holds, Telegram can read the markup and shows those signs."""
    shown, _ = parsed(html(blocks), "HTML")
    for block in blocks:
        for text in block.items if isinstance(block, Bullets) else (block.text,):
            assert "".join(text.split()) in "".join(shown.split())


@settings(max_examples=60, deadline=None)
@given(_BLOCKS)
def test_pieces_fit_and_lose_nothing(blocks: tuple[Block, ...]) -> None:
    """Every piece is a message that Telegram takes; together they hold every sign; the last has the buttons."""
    pieces = split(Say("en", blocks, (_BUTTON,)))
    texts = [parsed(html(piece.blocks), "HTML")[0] for piece in pieces]
    assert all(0 < counted(text) <= LIMIT for text in texts)
    assert [piece.buttons for piece in pieces] == [()] * (len(pieces) - 1) + [(_BUTTON,)]
    assert _bare("".join(texts)) == _bare(parsed(html(blocks), "HTML")[0])


def _bare(text: str) -> str:
    return "".join(text.split()).replace("•", "")


def test_a_text_is_cut_where_it_hurts_least() -> None:
    """At lines before sentences, at sentences before words, at words before anywhere."""
    sentence = "One two three four. "
    lines = [piece.blocks for piece in split(Say("en", (Paragraph((sentence * 20 + "\n") * 30),)))]
    assert all(isinstance(block, Paragraph) and block.text.strip().endswith("four.") for (block,) in lines)
    (first, *_), *_ = [piece.blocks for piece in split(Say("en", (Paragraph("word " * 2_000),)))]
    assert isinstance(first, Paragraph)
    assert first.text.endswith("word")
    pieces = split(Say("en", (Paragraph("\N{CAT FACE}" * 5_000),)))
    assert [counted(html(piece.blocks)) for piece in pieces] == [4_094, 4_094, 1_812]


def test_small_print_folds_into_one_quote() -> None:
    """Sources and law that follow each other fold together; other text does not."""
    blocks = (Heading("A & B"), Fine("one <1>"), Fine("two"), Bullets(("x", "y")), Fine("three"))
    assert html(blocks) == (
        "<b>A &amp; B</b>\n\n<blockquote expandable>one &lt;1&gt;\n\ntwo</blockquote>\n\n• x\n• y\n\n"
        "<blockquote expandable>three</blockquote>"
    )


def test_files_follow_the_text_each_by_itself() -> None:
    """Text first with the keyboard, then a message for each file."""
    files = (File("a.txt", "a"), File("b.json", "{}", protected=True))
    text, first, second = split(Say("en", (Paragraph("x"),), (_BUTTON,), files=files))
    assert (text.buttons, text.files) == ((_BUTTON,), ())
    assert (first.files, second.files) == ((files[0],), (files[1],))
    assert not first.blocks + second.blocks + first.buttons + second.buttons


def test_nothing_but_files_makes_no_empty_message() -> None:
    """Empty texts are left out, since Telegram refuses a message without a text."""
    assert split(Say("en", (Paragraph(""), Paragraph("  ")))) == ()
    (only,) = split(Say("en", (Paragraph(" "),), files=(File("a.txt", "a"),)))
    assert only.files


def test_a_keyboard_gives_back_the_press_itself() -> None:
    """A row a button; what comes back is read as the same press; what belongs into private is a link."""
    buttons = (
        Button("Ask", AskTopic("retention", "kaltiot")),
        Button("Begin", StartFlow("cookie_preferences", "verkkopalvelu")),
        Button("Open", InPrivate("erasure--kaltiot")),
        Button("Private", InPrivate()),
    )
    ask, begin, link, plain = keyboard(buttons, "example_bot")
    for (label, back, is_link), button in zip((ask, begin), buttons, strict=False):
        assert (label, decode(back), is_link) == (button.label, button.press, False)
        assert len(back.encode()) <= LIMIT_BYTES
    assert link == ("Open", "https://t.me/example_bot?start=erasure--kaltiot", True)
    assert plain == ("Private", "https://t.me/example_bot", True)
