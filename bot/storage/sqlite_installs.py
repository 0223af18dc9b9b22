"""Installations in the embedded store: what a platform gave for a workspace, sealed, and erased with the app."""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.storage.keys import Lookup, MasterKeys, new_key, seal, unseal


@dataclass(frozen=True)
class Installations:
    """The part of a transaction that is about workspaces that have installed the app."""

    db: Database
    masters: MasterKeys
    lookup: Lookup

    def put_install(self, workspace: str, body: bytes, at: datetime) -> None:
        """Keep what was given for a workspace, in place of an earlier one."""
        mark, key = self.lookup.mark("install", workspace), new_key()
        wrapped = self.masters.wrap(key, f"installs/{mark}/wrapped")
        row = [mark, wrapped, seal(key, body, f"installs/{mark}/body"), at.timestamp()]
        self.db.execute("insert or replace into installs (mark, wrapped, body, at) values (?, ?, ?, ?)", row)

    def install(self, workspace: str) -> bytes | None:
        """What was given for a workspace, None where it has not installed the app."""
        mark = self.lookup.mark("install", workspace)
        row = self.db.execute("select wrapped, body from installs where mark = ?", [mark]).fetchone()
        if row is None:
            return None
        key = self.masters.unwrap(row[0], f"installs/{mark}/wrapped")
        return unseal(key, row[1], f"installs/{mark}/body")

    def drop_install(self, workspace: str) -> None:
        """Erase what was given for a workspace."""
        self.db.execute("delete from installs where mark = ?", [self.lookup.mark("install", workspace)])
