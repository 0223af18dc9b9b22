"""Buttons survive the platforms."""

from hypothesis import given
from hypothesis import strategies as st

from bot.content.assistant import ContentWorld
from bot.core.buttons import (
    LIMIT_BYTES,
    AskTopic,
    ChooseController,
    ChooseLanguage,
    Press,
    ShowPlace,
    StartFlow,
    Vote,
    decode,
    encode,
)
from bot.core.language import LANGUAGES

ids = st.from_regex(r"[a-z][a-z_-]{0,20}", fullmatch=True)
presses = st.one_of(
    st.builds(AskTopic, ids, st.none() | ids),
    st.builds(StartFlow, ids, st.none() | ids),
    st.builds(ShowPlace, ids, ids),
    st.builds(Vote, st.booleans(), ids, ids),
    st.builds(ChooseController, ids),
    st.builds(ChooseLanguage, st.sampled_from(LANGUAGES)),
)


@given(presses)
def test_what_is_encoded_is_decoded(press: Press) -> None:
    """A press comes back as what it was."""
    assert decode(encode(press)) == press


@given(st.text(max_size=80))
def test_anything_else_is_no_press(text: str) -> None:
    """An old or forged press is refused, never an error; what is accepted is written the same way again."""
    press = decode(text)
    assert press is None or encode(press) == text


def test_every_button_fits_into_telegrams_bytes(world: ContentWorld) -> None:
    """The longest topic of the longest company's id stays within what Telegram gives back."""
    for controller in world.controllers:
        for topic in world.topics:
            assert len(encode(ShowPlace(topic, controller)).encode()) <= LIMIT_BYTES
