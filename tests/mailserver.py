"""A real mail server for tests, on the port that the system gives it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Server(Controller):
    """Listens on port 0, and knows afterwards which one that was."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's


def parsed(envelope: Envelope) -> EmailMessage:
    """A mail as it is read by who gets it."""
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


class Post:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a mail."""
        self.mails.append(parsed(envelope))
        return "250 OK"


@contextmanager
def post_office() -> Iterator[Post]:
    """A mail server that takes every mail, for as long as the block runs."""
    post = Post()
    server = Server(post, hostname="127.0.0.1", port=0)
    server.start()
    post.port = server.port
    try:
        yield post
    finally:
        server.stop()
