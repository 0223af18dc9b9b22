"""The tables of the embedded store, made by migrations that are applied inside one transaction."""

from typing import Final

from sqlite_utils import Database, Migrations

MIGRATIONS: Final = Migrations("assistant")


@MIGRATIONS()
def feedback(db: Database) -> None:
    """Feedback knows no chat and no person."""
    columns = {"id": int, "at": str, "kind": str, "language": str, "controller": str, "topic": str, "text": str}
    db.table("feedback").create(columns, pk="id", not_null={"at", "kind", "language", "text"})
    db.table("feedback").create_index(["at"])


@MIGRATIONS()
def secrets(db: Database) -> None:
    """Secrets of this database, wrapped by the master key."""
    db.table("secrets").create({"name": str, "wrapped": bytes}, pk="name", not_null={"wrapped"})


@MIGRATIONS()
def chats(db: Database) -> None:
    """A chat under its mark: its key, its session sealed with it, and when it was heard of (seconds since 1970)."""
    db.table("chats").create(
        {"mark": str, "wrapped": bytes, "language": str, "session": bytes, "first_seen": float, "seen": float},
        pk="mark",
        not_null={"wrapped", "session", "first_seen", "seen"},
    )
    db.table("chats").create_index(["seen"])
    # What each turn writes lies in one place a chat: fewer pages to write, and to erase.
    db.execute("create table events (chat text, id text, at float not null, primary key (chat, id)) without rowid")
    db.table("events").create_index(["at"])
    due = "due float not null"
    db.execute(f"create table timers (chat text, timer text, {due}, primary key (chat, timer)) without rowid")
    db.table("timers").create_index(["due"])
    columns = {"id": str, "chat": str, "at": float, "choice": bytes}
    db.table("choices").create(columns, pk="id", not_null={"chat", "at", "choice"})
    db.table("choices").create_index(["chat"])


@MIGRATIONS()
def cases(db: Database) -> None:
    """A request with a key of its own, so that it outlives its chat; ``chat`` is null once that is forgotten."""
    db.table("cases").create(
        {
            "id": str,
            "reference": str,
            "chat": str,
            "controller": str,
            "state": str,
            "practice": int,
            "received": float,
            "due": str,
            "closed": float,
            "delivered": float,
            "wrapped": bytes,
            "body": bytes,
        },
        pk="id",
        not_null={"reference", "controller", "state", "practice", "received", "wrapped", "body"},
    )
    db.table("cases").create_index(["reference"], unique=True)
    db.table("cases").create_index(["chat"])
    db.table("cases").create_index(["state", "due"])
    columns = {"id": int, "case_id": str, "at": float, "actor": str, "what": str}
    db.table("case_events").create(columns, pk="id", not_null={"case_id", "at", "actor", "what"})
    db.table("case_events").create_index(["case_id"])


@MIGRATIONS()
def outbox(db: Database) -> None:
    """Effects that are still to be carried out, in order within a lane; a sent one keeps its key and loses its body."""
    db.table("outbox").create(
        {
            "id": int,
            "key": str,
            "lane": str,
            "kind": str,
            "chat": str,
            "case_id": str,
            "at": float,
            "due": float,
            "leased": float,
            "tries": int,
            "unclear": int,
            "state": str,
            "reason": str,
            "body": bytes,
        },
        pk="id",
        not_null={"key", "lane", "kind", "at", "due", "tries", "unclear", "state"},
    )
    db.table("outbox").create_index(["key"], unique=True)
    db.table("outbox").create_index(["state", "due"])
    db.table("outbox").create_index(["lane", "state", "id"])
    db.table("outbox").create_index(["case_id"])
    db.table("outbox").create_index(["chat"])
    db.table("mailed").create({"id": int, "what": str, "address": str, "chat": str, "at": float}, pk="id")
    db.table("mailed").create_index(["at"])
    db.table("mailed").create_index(["what", "at"])
    db.table("mailed").create_index(["address", "at"])
    db.table("mailed").create_index(["chat", "at"])


@MIGRATIONS()
def closed(db: Database) -> None:
    """When a chat was closed by its visitor; null while it is open."""
    db.table("chats").add_column("closed", float)


@MIGRATIONS()
def installs(db: Database) -> None:
    """What a platform gave when a workspace installed the app, under the workspace's mark, sealed with its own key."""
    columns = {"mark": str, "wrapped": bytes, "body": bytes, "at": float}
    db.table("installs").create(columns, pk="mark", not_null={"wrapped", "body", "at"})
