"""E-mail: what is written, and how it is handed to a real mail server on this machine."""

import asyncio
import socket
import ssl
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.core.mail import DeliveryError, Mail
from bot.core.text import Bullets, Fine, Heading, Paragraph
from bot.delivery.email import Server, SmtpCourier, message, parse_url

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SENDER = "Kotopro Oy <privacy@example.com>"
MAIL = Mail(
    id="7f3c.receipt",
    to="aino@example.com",
    subject="Pyyntösi on vastaanotettu – tämä on kuittaus, jonka voit säästää, Ärende 12",
    blocks=(Heading("Hei Aino"), Paragraph("Saimme pyyntösi.\nKiitos!"), Bullets(("nimi", "osoite")), Fine("15 art.")),
    language="fi",
)
USER, PASSWORD = "kotopro@example.com", "pä/ss:w@rd%#?"
LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"
ELSEWHERE = "mail.example.com"

Hook = Callable[..., Awaitable[str]]


@dataclass(frozen=True)
class Post:
    """What a mail server was given: mails, whether each came over TLS, and logins."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    async def keep(self, _server: object, session: Session, envelope: Envelope) -> str:
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        parsed = message_from_bytes(envelope.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.envelopes.append(envelope)
        self.secure.append(session.ssl is not None)
        return "250 OK"

    def login(self, *details: Any) -> AuthResult:
        """Let in whoever knows the password."""
        given = details[-1]
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=self.logins[-1] == (USER, PASSWORD), handled=False)

    def url(self, login: str = "", host: str = "127.0.0.1", scheme: str = "smtp") -> str:
        """Where to find it."""
        return f"{scheme}://{login}{host}:{self.port}"


class _Server(Controller):
    """A mail server on the port that the system gives it."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's


@contextmanager
def _post(hooks: dict[str, Hook] | None = None, **options: Any) -> Iterator[Post]:
    """Run a mail server; ``hooks`` answer SMTP commands in its place."""
    post = Post()
    hooks = {"DATA": post.keep} | (hooks or {})
    handler = SimpleNamespace(**{f"handle_{command}": hook for command, hook in hooks.items()})
    server = _Server(handler, hostname="127.0.0.1", port=0, authenticator=post.login, **options)
    server.start()
    try:
        yield replace(post, port=server.port)
    finally:
        server.stop()


def _says(answer: str) -> Hook:
    async def hook(*_: object) -> str:
        return answer

    return hook


async def _waits(*_: object) -> str:
    await asyncio.sleep(60)
    return "250 OK"


async def _hangs_up(server: Any, *_: object) -> str:
    server.transport.abort()
    return "250 OK"


def _send(url: str, mail: Mail = MAIL, tls: ssl.SSLContext | None = None, timeout: float = 5) -> None:
    asyncio.run(SmtpCourier(url, SENDER, timeout, tls).send(mail))


def _failure(url: str, mail: Mail = MAIL, tls: ssl.SSLContext | None = None, timeout: float = 5) -> DeliveryError:
    """Send in vain; what is told, and what a log would show of it, names nobody."""
    with pytest.raises(DeliveryError) as caught:
        _send(url, mail, tls, timeout)
    shown = "".join(traceback.format_exception(caught.value))
    assert not any(secret in shown for secret in ("aino", PASSWORD, quote(PASSWORD, safe=""), "Pyyntösi"))
    return caught.value


def _text(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


def _written(mail: Mail = MAIL) -> EmailMessage:
    """A mail as it is read by who gets it."""
    parsed = message_from_bytes(message(mail, SENDER, AT).as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


@dataclass(frozen=True)
class Tls:
    """The two ends of a connection under one self-made certificate, for ``ELSEWHERE`` and 127.0.0.1."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A server's certificate, and a client that trusts it."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    _certify(file)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return Tls(server, ssl.create_default_context(cafile=file))


def _certify(file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ELSEWHERE)])
    names = x509.SubjectAlternativeName([x509.DNSName(ELSEWHERE), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(pem))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names outside this machine lead to it, so that a server of the tests can stand for one on the network."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **named: resolve("127.0.0.1", *rest, **named))


def test_a_mail_arrives_as_it_was_written() -> None:
    """Sender, recipient, headers and both bodies reach the server; umlauts and spaces of a long subject with them."""
    with _post() as post:
        _send(post.url())
    [mail], [envelope] = post.mails, post.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("privacy@example.com", ["aino@example.com"])
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "aino@example.com", MAIL.subject)
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "fi")
    assert abs(mail["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)
    assert _text(mail, "plain") == "Hei Aino\n\nSaimme pyyntösi.\nKiitos!\n\n- nimi\n- osoite\n\n15 art.\n"
    assert "Saimme pyyntösi.<br>\nKiitos!" in _text(mail, "html")


def test_a_repeat_is_recognised() -> None:
    """The same mail has the same Message-ID whenever it is sent, and says first that it may be a repeat."""
    with _post() as post:
        _send(post.url())
        _send(post.url(), replace(MAIL, repeat="Tämä viesti on ehkä jo tullut."))
    first, second = post.mails
    assert first["Message-ID"] == second["Message-ID"] == "<7f3c.receipt@example.com>"
    assert _text(second, "plain").startswith("Tämä viesti on ehkä jo tullut.\n\nHei Aino")
    assert _text(second, "html").index("ehkä jo tullut") < _text(second, "html").index("Hei Aino")


def test_a_long_subject_keeps_its_spaces() -> None:
    """Python 3.11 by itself glues two words of this one together."""
    subject = "Din begäran är mottagen och behandlas före månadens slut – Ärendet gäller åtkomst"
    mail = message(replace(MAIL, subject=subject), SENDER, AT)
    assert _written(replace(MAIL, subject=subject))["Subject"] == subject
    assert max(map(len, mail.as_bytes().splitlines())) <= 78


def test_html_shows_words_as_words() -> None:
    """Nothing that stands in a mail becomes HTML, in no kind of block and not in the title."""
    word = "<img src=x onerror=\"alert('1')\"> & co"
    blocks = (Heading(word), Paragraph(word), Bullets((word,)), Fine(word))
    page = _text(_written(replace(MAIL, subject=word, blocks=blocks, repeat=word)), "html")
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=&quot;alert(&#x27;1&#x27;)&quot;&gt; &amp; co") == 6


def test_html_is_small_and_needs_nothing_else() -> None:
    """The page names its language, fits a phone, marks each kind of block, and loads nothing."""
    page = _text(_written(), "html")
    assert page.startswith('<!doctype html>\n<html lang="fi">')
    assert 'name="viewport"' in page
    assert all(tag in page for tag in ("<h2 ", "<p ", "<ul ", "<li>nimi</li>", "<small>15 art.</small>"))
    assert not any(word in page for word in ("http", "src=", "<link", "<script", "url("))
    assert len(page) < 1500


@pytest.mark.parametrize(
    "wrong",
    [
        *({"subject": f"Hei{end}Bcc: eve@example.com"} for end in ("\n", "\r\n", "\r", "\0", "\x85", "\u2028")),
        {"subject": "Hei\n"},
        {"subject": "=?utf-8?q?Hei=0D=0ABcc:_eve@example.com?="},
        {"subject": "half a letter \ud83d"},
        {"to": "aino@example.com\nBcc: eve@example.com"},
        {"to": "aino@example.com, eve@example.com"},
        {"to": "=?utf-8?q?aino=0A?=@example.com"},
        {"to": "Aino <aino@example.com>"},
        {"to": "aino@example.com> SIZE=1"},
        {"to": "aino@" + "ä" * 70 + ".example.com"},
        {"to": "aino@" + "a." * 130 + "example.com"},
        {"to": "aino"},
        {"to": ""},
        {"id": "1>\nBcc: eve@example.com"},
        {"id": ""},
        {"blocks": (Paragraph("half a letter \ud83d"),)},
    ],
)
def test_no_header_is_smuggled_in(wrong: dict[str, Any]) -> None:
    """What cannot stand in its header is refused for good, without a word of it in the error, and nothing is sent."""
    with _post() as post:
        failure = _failure(post.url(), replace(MAIL, **wrong))
    assert failure.permanent
    assert "eve" not in str(failure)
    assert post.mails == []


def test_domains_with_umlauts_are_reached() -> None:
    """A domain with ö is written in its ASCII form."""
    with _post(enable_SMTPUTF8=False) as post:
        _send(post.url(), replace(MAIL, to="aino@yhtiö.example.com"))
    assert post.envelopes[0].rcpt_tos == ["aino@xn--yhti-8qa.example.com"]


def test_a_name_with_umlauts_needs_a_server_that_takes_it() -> None:
    """``väinö@…`` is delivered where the server can, and refused for good where it cannot."""
    mail = replace(MAIL, to="väinö@example.com")
    with _post() as post:
        _send(post.url(), mail)
    assert post.envelopes[0].rcpt_tos == ["väinö@example.com"]
    with _post(enable_SMTPUTF8=False) as post:
        assert _failure(post.url(), mail).permanent


def test_tls_is_used_where_it_is_offered(tls: Tls) -> None:
    """A server that offers STARTTLS gets the mail over TLS only."""
    with _post(tls_context=tls.server) as post:
        _send(post.url(), tls=tls.client)
    assert post.secure == [True]


def test_an_unknown_certificate_ends_it(tls: Tls) -> None:
    """A certificate that nobody vouches for is no reason to go on in clear, nor to give up for good."""
    with _post(tls_context=tls.server) as post:
        failure = _failure(post.url())
    assert (str(failure), failure.permanent) == (
        "no TLS with the server: its certificate or protocol is not trusted",
        False,
    )
    assert post.mails == []


@pytest.mark.usefixtures("elsewhere")
def test_a_certificate_of_another_ends_it(tls: Tls) -> None:
    """A trusted certificate has to be for the server's name."""
    with _post(tls_context=tls.server) as post:
        assert "certificate" in str(_failure(post.url(host="other.example.com"), tls=tls.client))
        _send(post.url(host=ELSEWHERE), tls=tls.client)
    assert post.secure == [True]


@pytest.mark.usefixtures("elsewhere")
def test_a_login_goes_over_tls(tls: Tls) -> None:
    """User and password arrive with all their special characters, after STARTTLS."""
    with _post(tls_context=tls.server, auth_required=True) as post:
        _send(post.url(LOGIN, ELSEWHERE), tls=tls.client)
    assert (post.logins, post.secure) == ([(USER, PASSWORD)], [True])


@pytest.mark.usefixtures("elsewhere")
def test_no_password_is_sent_in_clear() -> None:
    """A server on the network that offers a login without STARTTLS gets neither password nor mail."""
    with _post(auth_require_tls=False) as post:
        failure = _failure(post.url(LOGIN, ELSEWHERE))
    assert (str(failure), failure.permanent) == (
        "the server offers no STARTTLS, and no password is sent without it",
        False,
    )
    assert (post.logins, post.mails) == ([], [])


def test_a_login_on_this_machine_needs_no_tls() -> None:
    """On a loopback address nobody listens in."""
    with _post(auth_require_tls=False) as post:
        _send(post.url(LOGIN))
    assert (post.logins, len(post.mails)) == ([(USER, PASSWORD)], 1)


def test_smtps_is_tls_from_the_start(tls: Tls) -> None:
    """No word is said before TLS, and the certificate is verified here too."""
    with _post(ssl_context=tls.server, auth_require_tls=False) as post:
        _send(post.url(LOGIN, scheme="smtps"), tls=tls.client)
        assert "certificate" in str(_failure(post.url(LOGIN, scheme="smtps")))
    assert (post.logins, len(post.mails)) == ([(USER, PASSWORD)], 1)


@pytest.mark.parametrize(
    ("command", "code", "permanent", "reason"),
    [
        ("RCPT", 550, True, "the server refuses the recipient"),
        ("RCPT", 451, False, "the server refuses the recipient"),
        ("RCPT", 421, False, "the server refuses the recipient"),
        ("DATA", 554, True, "the server refuses the mail"),
        ("DATA", 452, False, "the server refuses the mail"),
        ("MAIL", 550, False, "the server refuses the sender"),
        ("MAIL", 451, False, "the server refuses the sender"),
        ("AUTH", 535, False, "the server refuses the login"),
        ("AUTH", 454, False, "the server refuses the login"),
    ],
)
def test_refusals_are_told_apart(command: str, code: int, permanent: bool, reason: str) -> None:
    """What is wrong with this mail is permanent; what passes or what an operator can mend is not."""
    hooks = {command: _says(f"{code} 5.1.1 <aino@example.com> is not welcome")}
    with _post(hooks, auth_require_tls=False) as post:
        failure = _failure(post.url(LOGIN if command == "AUTH" else ""))
    assert (str(failure), failure.permanent) == (f"SMTP {code}: {reason}", permanent)


def test_a_wrong_password_can_be_mended() -> None:
    """The mail waits until the operator has set the right one."""
    with _post(auth_require_tls=False) as post:
        failure = _failure(post.url("kotopro:wrong@"))
    assert (str(failure), failure.permanent) == ("SMTP 535: the server refuses the login", False)


def test_a_login_that_is_not_offered_can_be_mended() -> None:
    """A server without logins is told from one that refuses them."""
    with _post() as post:
        failure = _failure(post.url(LOGIN))
    assert (str(failure), failure.permanent) == ("the server offers no login that is known here", False)


def test_a_server_that_is_down_may_come_back() -> None:
    """A refused connection is not the mail's fault."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        failure = _failure(f"smtp://127.0.0.1:{closed.getsockname()[1]}")
    assert (str(failure), failure.permanent) == ("the server cannot be reached", False)


def test_nobody_waits_for_ever() -> None:
    """A server that says nothing, at the start or in the middle, is given up for now."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        failures = [_failure(f"smtp://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)]
    for command in ("RCPT", "DATA"):
        with _post({command: _waits}) as post:
            failures.append(_failure(post.url(), timeout=0.2))
    assert {(str(failure), failure.permanent) for failure in failures} == {
        ("the server did not answer in time", False),
    }


def test_a_server_that_hangs_up_may_come_back() -> None:
    """A connection that breaks in the middle is not the mail's fault."""
    with _post({"RCPT": _hangs_up}) as post:
        failure = _failure(post.url())
    assert (str(failure), failure.permanent) == ("the server broke off", False)


@pytest.mark.parametrize("farewell", [_says("500 no"), _waits, _hangs_up])
def test_a_bad_farewell_undoes_nothing(farewell: Hook) -> None:
    """A mail that was taken is not sent again because the server fails to say goodbye."""
    with _post({"QUIT": farewell}) as post:
        _send(post.url(), timeout=1)
    assert len(post.mails) == 1


def test_a_probe_sends_nothing(tls: Tls) -> None:
    """It connects, logs in and leaves."""
    with _post(tls_context=tls.server) as post:
        asyncio.run(SmtpCourier(post.url(LOGIN), SENDER, tls=tls.client).probe())
    assert (post.logins, post.mails) == ([(USER, PASSWORD)], [])


def test_a_probe_tells_what_is_wrong() -> None:
    """A failed login, and a server that is there but does not work."""
    with _post({"NOOP": _says("451 later")}, auth_require_tls=False) as post:
        for login, told in (("kotopro:wrong@", "SMTP 535: .*login"), ("", "SMTP 451: the server refuses to talk")):
            with pytest.raises(DeliveryError, match=told):
                asyncio.run(SmtpCourier(post.url(login), SENDER).probe())


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", Server("mail.example.com", 587, tls=False)),
        ("smtps://mail.example.com/", Server("mail.example.com", 465, tls=True)),
        ("smtp://[::1]:2525", Server("::1", 2525, tls=False)),
        ("smtp://a%40example.com:p%2Fw%C3%A4@localhost:25", Server("localhost", 25, False, "a@example.com", "p/wä")),
    ],
)
def test_urls_are_read(url: str, server: Server) -> None:
    """Ports have their defaults; users and passwords are percent-encoded."""
    assert parse_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://:25",
        "smtp://kotopro:s3cret@",
        "smtp://kotopro:s3cret@mail.example.com:70000",
        "smtp://kotopro:s3cret@mail.example.com:0",
        "smtp://kotopro:s3c/s3cret@mail.example.com",
        "smtp://kotopro:25/s3cret@mail.example.com",
        "smtp://kotopro:25#s3cret@mail.example.com",
        "smtp://kotopro:25?s3cret@mail.example.com",
        "smtp://kotopro:s3cret@mail..example.com",
        "smtp://kotopro:s3cret@[mail.example.com",
        "smtp://kotopro:s3cret\u2100@mail.example.com",
        "smtp://kotopro:s3cret@mail example.com",
        "smtp://kotopro@mail.example.com",
        "smtp://:s3cret@mail.example.com",
        "smtp://@mail.example.com",
    ],
)
def test_wrong_urls_are_refused_without_their_password(url: str) -> None:
    """The error shows the right form and no part of the wrong url, and so does a log of it."""
    with pytest.raises(ValueError, match="must be smtp://USER:PASSWORD@HOST:PORT") as caught:
        SmtpCourier(url, SENDER)
    assert "s3c" not in "".join(traceback.format_exception(caught.value, limit=0))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_near(host: str) -> None:
    """Only these need no TLS for a password."""
    near = partial(Server, port=25, tls=False, user="kotopro")
    assert near(host).start_tls is None
    assert near(f"{host}.example.com").start_tls is True


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "privacy",
        "Kotopro, Oy <privacy@example.com>",
        "a@example.com, b@example.com",
        "Oy\n <privacy@example.com>",
        "Oy <privacy@exam\nple.com>",
        "=?utf-8?q?Oy=0A?= <privacy@example.com>",
        "tietosuoja-ää@example.com",
    ],
)
def test_a_wrong_sender_is_refused_at_the_start(sender: str) -> None:
    """Not at the first mail; the error shows the right form."""
    with pytest.raises(ValueError, match=r"Name <name@example\.com>"):
        SmtpCourier("smtp://localhost", sender)


def test_no_secret_shows() -> None:
    """Neither a password nor a person or what is written to them appears in a ``repr``."""
    courier = SmtpCourier(f"smtp://{LOGIN}localhost", SENDER)
    shown = repr((courier, parse_url(courier.url), MAIL))
    assert not any(secret in shown for secret in (PASSWORD, quote(PASSWORD, safe=""), "aino", "Aino", "Pyyntösi"))
