"""The review page: every answer with *change* beside it; only what stands on it can be submitted."""

import hashlib
from collections.abc import Iterable
from datetime import date

from bot.core.chat import Button, Say
from bot.core.flow import UNVERIFIED, InFlow, Step, Value
from bot.core.here import Here
from bot.core.replies import draft_button
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph

#: The flows whose rights can stand together in one request.
RIGHTS = (
    "access",
    "rectification",
    "erasure",
    "restriction",
    "portability",
    "objection",
    "withdraw_consent",
    "marketing_opt_out",
)

Walked = tuple[tuple[Step, Value | None], ...]


def review_page(here: Here, draft: InFlow, walked: Iterable[tuple[Step, Value | None]]) -> Say:
    """All answers of a draft, and what can be done with it now."""
    rows = tuple(walked)
    language, flows = here.language, draft.flows
    blocks: list[Block] = [Paragraph(here.world.step_words("review", language).ask)]
    if draft.controller:
        company = here.world.controller_name(draft.controller, language)
        blocks.append(Paragraph(here.phrase("Company: {company}", company=company)))
    for flow in flows:
        if here.world.flow(flow).ends == "case":
            blocks.append(Heading(here.world.flow_name(flow, language)))
        lines = [line(here, step, value) for step, value in rows if value is not None and _of(step, flow)]
        blocks.extend([Bullets(tuple(lines))] if lines else [])
    shared = [line(here, step, value) for step, value in rows if value is not None and "." not in step.key]
    blocks.extend([Bullets(tuple(shared))] if shared else [])
    if topics := passed_on(here, rows):
        blocks.append(Bullets(tuple(topics)))
    if draft.unfit:
        blocks.append(Paragraph(here.phrase("These questions have changed since you answered. You had written:")))
        blocks.append(Bullets(draft.unfit))
    blocks.append(Fine(_what_next(here, draft)))
    return Say(language, tuple(blocks), tuple(_buttons(here, draft, rows)))


def _of(step: Step, flow: str) -> bool:
    return step.key.partition(".")[0] == flow and "." in step.key


def line(here: Here, step: Step, value: Value) -> str:
    """One answer as a line: what was asked, what was answered."""
    words = here.world.step_words(step.key, here.language)
    if step.kind == "code":
        verified = value != (UNVERIFIED,)
        answer = here.phrase("confirmed by the code") if verified else here.phrase("not confirmed by a code")
    elif step.kind == "date":
        answer = _when(here, value[0]) if value else "–"
    else:
        answer = ", ".join(words.options.get(part, part) for part in value) or "–"
    return f"{words.label}: {answer}"


def _when(here: Here, written: str) -> str:
    """A day as the language writes it, or roughly when, as the person wrote it."""
    try:
        return here.world.day(here.language, date.fromisoformat(written))
    except ValueError:
        return written


def passed_on(here: Here, rows: Walked) -> list[str]:
    """What is passed on to a person beside the message, where that was agreed to: topics, not words."""
    if not any(step.key == "escalate.pass" and value == ("topics",) for step, value in rows):
        return []
    language = here.language
    titles = [here.world.topic_title(topic, language) for topic in here.session.answered]
    asked = here.world.listing(language, titles) if titles else here.phrase("none")
    spoken = here.phrase("Language: {language}", language=here.world.language_name(language, language))
    return [here.phrase("Asked about last: {topics}", topics=asked), spoken]


def digest(here: Here, draft: InFlow, walked: Iterable[tuple[Step, Value | None]]) -> str:
    """What stands on a page to confirm, in eight hexadecimal digits: a press on an older page confirms nothing else."""
    rows = tuple(walked)
    answers = [(step.key, value) for step, value in rows]
    text = repr((here.language, draft.flows, draft.controller, answers, passed_on(here, rows)))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _what_next(here: Here, draft: InFlow) -> str:
    ends = here.world.flow(draft.flows[0]).ends
    if ends == "handoff":
        return here.phrase("Nothing has been sent yet. That happens only when you press “Send”.")
    if writes_letter(here, draft):
        return here.phrase("Nothing is sent from here: at the end you get the finished letter, to send yourself.")
    return here.phrase("Nothing has been sent yet. That happens only when you press “Send”.")


def writes_letter(here: Here, draft: InFlow) -> bool:
    """Whether a draft ends in a letter for the person to send: to an authority, or without address or inbox."""
    to = draft.value("complaint.to") or ()
    if any(part.startswith("authority") for part in to) or draft.value("email") == ():
        return True
    return here.world.trait(draft.controller, "inbox") != "yes"


def _buttons(here: Here, draft: InFlow, rows: Walked) -> list[Button]:
    ends = here.world.flow(draft.flows[0]).ends
    letter = ends == "case" and writes_letter(here, draft)
    send = here.phrase("Write the letter") if letter else here.phrase("✔ Send")
    buttons = [draft_button(draft, send, "send", "", digest(here, draft, rows))]
    for step, value in rows:
        if value is None or (step.kind == "code" and value != (UNVERIFIED,)):
            continue
        what = here.world.step_words(step.key, here.language).label
        if len(draft.flows) > 1 and "." in step.key:
            what = f"{what} ({here.world.flow_name(step.key.partition('.')[0], here.language)})"
        buttons.append(draft_button(draft, here.phrase("Change: {what}", what=what), "change", step.key))
    if any(flow in RIGHTS for flow in draft.flows):
        if len(draft.flows) < len(RIGHTS):
            buttons.append(draft_button(draft, here.phrase("Add another right"), "more"))
        if len(draft.flows) > 1:
            last = draft.flows[-1]
            label = here.phrase("Leave out: {title}", title=here.world.flow_name(last, here.language))
            buttons.append(draft_button(draft, label, "drop", "", last))
    buttons.append(draft_button(draft, here.phrase("✕ Cancel"), "cancel"))
    return buttons
