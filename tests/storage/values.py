"""Values with everything in them that can be stored; invented people, and addresses that reach nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from bot.core.buttons import AskTopic, ChooseLanguage, OwnCase, StartFlow, Walk
from bot.core.chat import Button, File, Say
from bot.core.deadline import Deadline
from bot.core.flow import Code, InFlow
from bot.core.job import Reply
from bot.core.mail import Mail
from bot.core.meaning import Candidate
from bot.core.request import Case, CookieChoice, Item
from bot.core.session import ChoosingController, Idle, Session
from bot.core.text import Bullets, Fine, Heading, Paragraph

CHAT: Final = "telegram:358:Aino Esimerkki"
AT: Final = datetime(2026, 1, 7, 12, 0, 0, 250_000, tzinfo=UTC)

PARKED: Final = InFlow(
    "e11c02",
    ("objection",),
    "77aa01bc",
    "kotopro",
    (("objection.why", ("En halua “profilointia” – kiitos 🙂",)),),
    unfit=("objection.what",),
)
DRAFT: Final = InFlow(
    "8bf5a1",
    ("access", "erasure"),
    "4a3d78c4",
    "kaltiot",
    (
        ("whose", ("child",)),
        ("for_whom", ("Eino Esimerkki",)),
        ("erasure.scope", ("account", "marketing")),
        ("known_as", ()),
        ("email", ("aino.esimerkki@example.com",)),
    ),
    editing="email",
    picked=("account",),
    misses=2,
    code=Code("ab" * 32, "aino.esimerkki@example.com", AT, tries=3),
    unfit=("erasure.reason",),
    anew=True,
)
IDLE: Final = Session(
    CHAT,
    "sv",
    "kotopro",
    Idle(),
    (Candidate("retention", 0.6776), Candidate("flow:erasure", 0.1)),
    ("retention", "data_sources"),
    (PARKED,),
)
IN_FLOW: Final = Session(CHAT, "fi", "kaltiot", DRAFT, (Candidate("flow:access", 1.0),), (), (PARKED,))
CHOOSING: Final = Session(
    CHAT,
    "en",
    None,
    ChoosingController(("flow:rectification", "right_access"), (("rectification.wrong", ("My name is Aino",)),)),
)
SESSIONS: Final = {"session_idle": IDLE, "session_in_flow": IN_FLOW, "session_choosing": CHOOSING}

CASE: Final = Case(
    id="PR-7K4M-QXW9.8bf5a1",
    reference="PR-7K4M-QXW9",
    draft="8bf5a1",
    chat="",
    controller="kaltiot",
    language="fi",
    received=AT,
    deadline=Deadline(date(2026, 1, 7), date(2026, 2, 7), date(2026, 2, 9), "1182/71"),
    items=(Item("access"), Item("erasure", "refused", "bookkeeping")),
    answers=(("erasure.scope", ("account",)), ("email", ("aino.esimerkki@example.com",))),
    email="aino.esimerkki@example.com",
    verification="verified",
    copy="Vastaanottaja: Kaltiot\n\n- Viite: PR-7K4M-QXW9",
    digest="5e" * 32,
    practice=True,
    state="partly_fulfilled",
    closed=datetime(2026, 1, 20, 8, 30, tzinfo=UTC),
    delivered=datetime(2026, 1, 7, 12, 1, tzinfo=UTC),
)
CHOICE: Final = CookieChoice(
    "PR-9TDJ-33RD",
    "kaltiot",
    AT,
    "fi",
    ("statistics",),
    ("marketing",),
    "Cookie Policy, 2025-04-28",
    "Sallittu: tilastot",
    "17" * 32,
)
MAIL: Final = Mail(
    "PR-7K4M-QXW9.8bf5a1.receipt",
    "aino.esimerkki@example.com",
    "Kuitti: PR-7K4M-QXW9",
    (Heading("Kuitti"), Paragraph("Pyyntösi on matkalla."), Bullets(("ensin", "sitten")), Fine("SHA-256")),
    "fi",
    "Tämä viesti on ehkä jo lähetetty sinulle.",
)
SAY: Final = Say(
    "en",
    (Heading("An unfinished request"), Paragraph("Go on?"), Bullets(("one", "two")), Fine("small")),
    (
        Button("Go on", Walk("8bf5a1", "resume")),
        Button("Erasure", StartFlow("erasure")),
        Button("Retention", AskTopic("retention", "kaltiot")),
        Button("Suomi", ChooseLanguage("fi")),
        Button("Withdraw", OwnCase("PR-7K4M-QXW9", "withdraw")),
    ),
)

REPLY: Final = Reply(
    CHAT, replace(SAY, files=(File("my-data.json", '{"chat": "Aino"}', protected=True),), in_place=True), "4711"
)
