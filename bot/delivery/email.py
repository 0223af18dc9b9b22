"""E-mail over SMTP: how a mail is written, and how it is handed to a mail server."""

import re
from asyncio import BaseTransport, WriteTransport
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import getaddresses
from html import escape
from ipaddress import ip_address
from ssl import SSLContext, SSLError
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from bot.core.mail import DeliveryError, Mail
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph, plain

_PORTS: Final = {"smtp": 587, "smtps": 465}
_FORM: Final = "must be smtp://USER:PASSWORD@HOST:PORT, or smtps:// for TLS from the start"

#: Line breaks, control characters and halves of letters; and encoded words, which ``email`` would decode to them.
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|=\?[^?]*\?[bq]\?", re.IGNORECASE)
_ADDRESS: Final = re.compile(r'([^\s@<>()\[\],;:"\\]+)@([^\s@<>()\[\],;:"\\]+)')
_ID: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
#: What the path of an address may hold (RFC 5321, 4.5.3.1.3), less the brackets.
_LONGEST_ADDRESS: Final = 254
#: The first digit of an SMTP code that says: not now and not later.
_LASTING: Final = 5

# The styles stand in each tag, because some mail programs drop a style sheet; no colours, so that dark mode works.
_BODY: Final = "margin:0 auto;padding:16px;max-width:40em;font:16px/1.5 sans-serif;overflow-wrap:anywhere"
_HEADING: Final = "margin:24px 0 8px;font-size:18px;line-height:1.3"
_TEXT: Final = "margin:0 0 16px"
_LIST: Final = "margin:0 0 16px;padding-left:24px"
_SMALL: Final = "margin:0 0 16px;font-size:14px"


class _Subject(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]  # the registry joins them the same way
    """A subject that keeps its spaces; Python 3.11 drops or doubles some where it folds a long line with ä or ö."""

    def fold(self, *, policy: Policy) -> str:
        """Write the header with the older of the standard library's two writers."""
        words = Header(self, "us-ascii" if self.isascii() else "utf-8", header_name="Subject")
        return f"Subject: {words.encode(linesep=policy.linesep)}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("subject", _Subject)
_POLICY: Final = EmailPolicy(header_factory=_headers)


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to connect; ``tls``: from the start. No ``user``: without a login."""

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def near(self) -> bool:
        """Whether what is sent stays on this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def start_tls(self) -> bool | None:
        """STARTTLS as aiosmtplib takes it: never, by all means, or (None) where the server offers it."""
        if self.tls:
            return False
        return True if self.user and not self.near else None


@dataclass(frozen=True)
class SmtpCourier:
    """Hands mails to the server at ``url``; ``timeout`` is the seconds for each step. Raises ValueError when created.

    ``tls`` is for a certificate that the machine does not know; certificates are verified with it or without it.
    """

    url: str = field(repr=False)
    sender: str
    timeout: float = 20
    tls: SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse a wrong setting at the start, not at the first mail."""
        parse_url(self.url)
        _sender(self.sender)

    async def send(self, mail: Mail) -> None:
        """Hand one mail over; raises DeliveryError."""
        written = message(mail, self.sender, datetime.now(UTC))
        addresses = _sender(self.sender).addr_spec, _recipient(mail.to).addr_spec
        async with self._session() as client:
            with _told("the mail cannot be sent in this form", handing_over=True):
                await client.send_message(written, sender=addresses[0], recipients=[addresses[1]])

    async def probe(self) -> None:
        """Connect, log in and leave, without a mail; raises DeliveryError."""
        async with self._session() as client:
            with _told("the server does not answer as it should"):
                await client.noop()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[SMTP]:
        server = parse_url(self.url)
        client = SMTP(
            hostname=server.host,
            port=server.port,
            timeout=self.timeout,
            use_tls=server.tls,
            start_tls=server.start_tls,
            tls_context=self.tls,
        )
        transport: BaseTransport | None = None
        try:
            with _told("the server offers no STARTTLS, and no password is sent without it"):
                await client.connect()
            transport = client.transport
            if server.user:
                with _told("the server offers no login that is known here"):
                    await client.login(server.user, server.password)
            yield client
            # What was handed over is handed over: a bad farewell must not have it sent again.
            with suppress(SMTPException, OSError):
                await client.quit()
        finally:
            client.close()
            # TLS would now wait for the other end to close as well; a short command ends before that.
            if isinstance(transport, WriteTransport):
                transport.abort()


def parse_url(url: str) -> Server:
    """Read ``smtp://user:password@host:port``; raises ValueError, whose text holds no part of the url."""
    parts, port = _split(url)
    if parts.scheme not in _PORTS or not re.fullmatch(r"[\w.:-]+", parts.hostname or ""):
        raise ValueError(_FORM)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"{_FORM}; in a user or password, write / as %2F, ? as %3F and # as %23")
    if "@" in parts.netloc and not (parts.username and parts.password):
        raise ValueError(f"{_FORM}; user and password come together or not at all")
    return Server(
        host=parts.hostname or "",
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:  # its text may hold the password, where that has a / in it
        port = 0
    if port == 0:
        raise ValueError(f"{_FORM}; the host or the port cannot be read")
    return parts, port


def message(mail: Mail, sender: str, at: datetime) -> EmailMessage:
    """Write a mail as text and as HTML; raises DeliveryError where it cannot be sent, ValueError for the sender."""
    origin, recipient = _sender(sender), _recipient(mail.to)
    if _UNSAFE.search(mail.subject) or not _ID.fullmatch(mail.id):
        raise DeliveryError("the mail's subject or id cannot stand in a header", permanent=True)
    written = EmailMessage(_POLICY)
    written["From"] = origin
    written["To"] = recipient
    written["Subject"] = mail.subject
    written["Date"] = at
    written["Message-ID"] = f"<{mail.id}@{origin.domain}>"
    written["Auto-Submitted"] = "auto-generated"
    blocks = (*([Paragraph(mail.repeat)] if mail.repeat else []), *mail.blocks)
    try:
        # Quoted-printable passes every server, and what is readable in it stays readable.
        written.set_content(plain(blocks) + "\n", cte="quoted-printable")
        written.add_alternative(_page(mail, blocks), subtype="html", cte="quoted-printable")
    except UnicodeError:  # half of a letter, as JSON can bring it
        raise DeliveryError("the mail's text cannot be written as UTF-8", permanent=True) from None
    # After the content, which takes every header named Content-… along into its first part.
    written["Content-Language"] = mail.language
    return written


def _recipient(text: str) -> Address:
    try:
        return _address(text)
    except ValueError:
        raise DeliveryError("the recipient's address is none", permanent=True) from None


def _sender(text: str) -> Address:
    try:
        if _UNSAFE.search(text):
            raise ValueError("no line of text")
        [(name, spec)] = getaddresses([text])
        address = _address(spec, name)
        address.username.encode("ascii")
    except ValueError:
        raise ValueError("the sender must be name@example.com, or Name <name@example.com> on one line") from None
    return address


def _address(spec: str, name: str = "") -> Address:
    match = _ADDRESS.fullmatch(spec)
    if not match or _UNSAFE.search(spec) or len(spec) > _LONGEST_ADDRESS:
        raise ValueError("no address")
    # A domain with ä or ö is sent in its ASCII form, which every server takes.
    return Address(name, match[1], match[2].encode("idna").decode("ascii"))


def _page(mail: Mail, blocks: tuple[Block, ...]) -> str:
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{escape(mail.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(mail.subject)}</title>\n</head>\n"
        f'<body style="{_BODY}">\n{body}\n</body>\n</html>\n'
    )


def _html(block: Block) -> str:
    match block:
        case Heading(text):
            return f'<h2 style="{_HEADING}">{_lines(text)}</h2>'
        case Bullets(items):
            entries = "\n".join(f"<li>{_lines(item)}</li>" for item in items)
            return f'<ul style="{_LIST}">\n{entries}\n</ul>'
        case Fine(text):
            return f'<p style="{_SMALL}"><small>{_lines(text)}</small></p>'
        case Paragraph(text):
            return f'<p style="{_TEXT}">{_lines(text)}</p>'


def _lines(text: str) -> str:
    return "<br>\n".join(escape(line) for line in text.splitlines())


@contextmanager
def _told(otherwise: str, *, handing_over: bool = False) -> Iterator[None]:
    """Turn what goes wrong into a DeliveryError; ``otherwise`` is the reason where the failure's type tells none.

    Where the connection ends while a mail is handed over, nobody knows whether the server has taken it.
    """
    try:
        yield
    except SMTPRecipientsRefused as failure:
        raise _refusal(failure.recipients[0]) from None
    except SMTPResponseException as failure:
        raise _refusal(failure) from None
    except (SMTPException, OSError, ValueError) as failure:
        # Where the address has letters that the server cannot take, it never will.
        permanent, unclear = isinstance(failure, SMTPNotSupported), handing_over and isinstance(failure, OSError)
        raise DeliveryError(_reason(failure, otherwise), permanent=permanent, unclear=unclear) from None


def _refusal(failure: SMTPResponseException) -> DeliveryError:
    """Judge the server's code; its text stays unread, because it may name the person."""
    lasting = failure.code // 100 == _LASTING
    match failure:
        case SMTPRecipientRefused():
            return DeliveryError(f"SMTP {failure.code}: the server refuses the recipient", permanent=lasting)
        case SMTPDataError():
            return DeliveryError(f"SMTP {failure.code}: the server refuses the mail", permanent=lasting)
        case SMTPAuthenticationError():
            reason = "the server refuses the login"
        case SMTPSenderRefused():
            reason = "the server refuses the sender"
        case _:
            reason = "the server refuses to talk"
    # An operator can mend these, and then the mail goes out.
    return DeliveryError(f"SMTP {failure.code}: {reason}", permanent=False)


def _reason(failure: Exception, otherwise: str) -> str:
    match failure:
        case SMTPNotSupported():
            return "the server cannot send to an address with letters outside ASCII"
        case TimeoutError():
            return "the server did not answer in time"
        case SSLError() | Exception(__cause__=SSLError()):
            return "no TLS with the server: its certificate or protocol is not trusted"
        case SMTPServerDisconnected():
            return "the server broke off"
        case OSError():
            return "the server cannot be reached"
        case _:
            return otherwise
