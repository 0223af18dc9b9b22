"""Keys and what they seal: AES-256-GCM, one key per chat and per case, wrapped by the master key."""

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ID_BYTES: Final = 8


class WrongKeyError(Exception):
    """Something cannot be opened with the keys at hand, or was changed."""


def new_key() -> bytes:
    """A random key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, text: bytes, place: str) -> bytes:
    """Encrypt ``text``; it opens again only with the same key and at the same ``place`` (table, row, column)."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Decrypt what ``seal`` gave; raises WrongKeyError for another key or place, or a changed byte."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):
        raise WrongKeyError(f"{place} cannot be opened") from None


def key_id(master: bytes) -> bytes:
    """By what a wrapped key tells which master key it needs, without giving anything of it away."""
    return hashlib.sha256(b"master key id" + master).digest()[:_ID_BYTES]


@dataclass(frozen=True)
class MasterKeys:
    """The operator's keys, newest first; new keys are wrapped by the first, old ones opened by any."""

    keys: Sequence[bytes] = field(repr=False)

    def wrap(self, key: bytes, place: str) -> bytes:
        """A key as it is stored."""
        return key_id(self.keys[0]) + seal(self.keys[0], key, place)

    def unwrap(self, wrapped: bytes, place: str) -> bytes:
        """A stored key; raises WrongKeyError where no master key at hand fits."""
        for master in self.keys:
            if hmac.compare_digest(wrapped[:_ID_BYTES], key_id(master)):
                return unseal(master, wrapped[_ID_BYTES:], place)
        raise WrongKeyError(f"{place}: none of the keys in MASTER_KEY fits")

    def is_newest(self, wrapped: bytes) -> bool:
        """Whether a key is wrapped by the newest master key."""
        return hmac.compare_digest(wrapped[:_ID_BYTES], key_id(self.keys[0]))


@dataclass(frozen=True)
class Lookup:
    """Finds rows by what they are about without storing it: an HMAC under a secret of the database."""

    secret: bytes = field(repr=False)

    def mark(self, kind: str, text: str) -> str:
        """The mark of a chat, an address and the like, in hexadecimal."""
        return hmac.new(self.secret, f"{kind}\n{text}".encode(), "sha256").hexdigest()

    @property
    def pepper(self) -> bytes:
        """A secret of its own for one-time codes."""
        return hmac.new(self.secret, b"pepper", "sha256").digest()

    @property
    def outbox(self) -> bytes:
        """A key for what waits to be sent and belongs to no chat any more."""
        return hmac.new(self.secret, b"outbox", "sha256").digest()
