"""Keys: what is sealed opens in its own place only, and the master key can be changed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.feedback import StoreError
from bot.storage.keys import KEY_BYTES, Lookup, MasterKeys, WrongKeyError, new_key, seal, unseal
from bot.storage.sqlite import SqliteStore
from bot.storage.sqlite_transaction import Transaction
from tests.storage.conftest import Open, run
from tests.storage.values import AT, CASE, CHAT, CHOICE, IN_FLOW, MAIL

OLD, NEW, OTHER = b"o" * KEY_BYTES, b"n" * KEY_BYTES, b"x" * KEY_BYTES


@given(st.binary(max_size=300), st.text(max_size=40))
def test_what_is_sealed_opens_again(text: bytes, place: str) -> None:
    """With the same key and in the same place, the same bytes come out."""
    key = new_key()
    assert unseal(key, seal(key, text, place), place) == text


def test_no_two_seals_are_alike() -> None:
    """Whoever sees two sealed rows cannot tell whether they hold the same; nothing of the words shows."""
    one, two = (seal(OLD, b"Aino Esimerkki", "chats/1/session") for _ in range(2))
    assert one != two
    assert b"Aino" not in one


def test_another_place_or_key_opens_nothing() -> None:
    """A sealed value that is carried to another row, column or key is refused, and the error shows nothing of it."""
    sealed = seal(OLD, b"secret", "chats/1/session")
    for key, place in ((OLD, "chats/2/session"), (OLD, "chats/1/wrapped"), (OLD, ""), (NEW, "chats/1/session")):
        with pytest.raises(WrongKeyError, match="cannot be opened") as told:
            unseal(key, sealed, place)
        assert "secret" not in str(told.value)


@given(st.data())
def test_any_changed_bit_is_noticed(data: st.DataObject) -> None:
    """One bit more or less, anywhere, or an end cut off, and it does not open."""
    sealed = bytearray(seal(OLD, b"some words", "a/b/c"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WrongKeyError):
        unseal(OLD, bytes(sealed), "a/b/c")
    with pytest.raises(WrongKeyError):
        unseal(OLD, seal(OLD, b"some words", "a/b/c")[: bit // 8], "a/b/c")


def test_a_wrapped_key_opens_with_any_key_at_hand() -> None:
    """The newest wraps, older ones still open; the place counts here too."""
    key = new_key()
    old, both, new = MasterKeys((OLD,)), MasterKeys((NEW, OLD)), MasterKeys((NEW,))
    wrapped = old.wrap(key, "chats/1/wrapped")
    assert both.unwrap(wrapped, "chats/1/wrapped") == key
    assert new.unwrap(both.wrap(key, "chats/1/wrapped"), "chats/1/wrapped") == key
    assert (old.is_newest(wrapped), both.is_newest(wrapped)) == (True, False)
    with pytest.raises(WrongKeyError, match="none of the keys in MASTER_KEY fits"):
        new.unwrap(wrapped, "chats/1/wrapped")
    with pytest.raises(WrongKeyError, match="cannot be opened"):
        old.unwrap(wrapped, "chats/2/wrapped")


def test_marks_tell_kinds_and_databases_apart() -> None:
    """The same text gives the same mark; another kind or another database another; the text cannot be seen in it."""
    lookup, elsewhere = Lookup(OLD), Lookup(NEW)
    mark = lookup.mark("chat", "aino")
    assert mark == lookup.mark("chat", "aino")
    assert len({mark, lookup.mark("address", "aino"), elsewhere.mark("chat", "aino"), lookup.mark("chat", "Aino")}) == 4
    assert "aino" not in mark
    assert len({lookup.pepper, lookup.outbox, lookup.secret, elsewhere.pepper, elsewhere.outbox}) == 5


def test_no_key_shows_in_repr(store: SqliteStore) -> None:
    """No log that prints what holds a key shows the key."""
    chat = run(store, lambda tx: tx.chat(CHAT, AT))
    for value in (MasterKeys((OLD,)), Lookup(OLD)):
        assert repr(OLD) not in repr(value)
    assert repr(chat.key) not in repr(chat)


def _fill(tx: Transaction) -> None:
    chat = tx.chat(CHAT, AT)
    tx.save(chat, IN_FLOW, AT)
    tx.add_choice(CHOICE, chat)
    tx.add_case(CASE, chat.mark)
    tx.put("mail", MAIL, AT, chat.mark, CASE.id)


def _is_all_there(store: SqliteStore) -> bool:
    def read(tx: Transaction) -> bool:
        chat = tx.chat(CHAT, AT)
        waiting = tx.db.execute("select key, kind, chat, case_id, body from outbox").fetchone()
        return (
            (chat.session, tx.choices(chat), tx.cases(chat.mark), tx.case(CASE.reference))
            == (IN_FLOW, (CHOICE,), (CASE,), CASE)
        ) and tx._load(*waiting) == MAIL  # noqa: SLF001 - to lease it would change it

    return run(store, read)


def test_the_master_key_can_be_changed(opened: Open) -> None:
    """Opened once with ``new,old``, a database needs the old key no more; nothing is lost, codes and marks stay."""
    store = opened(OLD)
    run(store, _fill)
    pepper = store.pepper
    store.close()
    for keys in ((OLD,), (NEW, OLD), (NEW, OLD), (NEW,)):
        store = opened(*keys)
        assert _is_all_there(store)
        assert store.pepper == pepper
        store.close()
    with pytest.raises(StoreError, match="MASTER_KEY"):
        opened(OLD)


def test_a_wrong_key_is_named(opened: Open) -> None:
    """With another key nothing opens and nothing is harmed: one line that names the setting and the file."""
    store = opened(OLD)
    run(store, _fill)
    store.close()
    with pytest.raises(StoreError, match=r"a\.db: MASTER_KEY does not fit this database") as told:
        opened(OTHER)
    assert "\n" not in str(told.value)
    assert _is_all_there(opened(OLD))


def test_one_broken_row_does_not_stop_the_change_of_keys(opened: Open) -> None:
    """A row that no key opens is left as it is; all others go over to the new key."""
    store = opened(OLD)
    run(store, _fill)

    def spoil(tx: Transaction) -> None:
        other = tx.chat("console:2", AT)
        tx.save(other, replace(IN_FLOW, chat="console:2"), AT)
        tx.db.execute("update chats set wrapped = x'00' where mark = ?", [other.mark])

    run(store, spoil)
    store.close()
    opened(NEW, OLD).close()
    store = opened(NEW)
    assert _is_all_there(store)
    assert run(store, lambda tx: tx.chat("console:2", AT)).session.place.kind == "lost"
