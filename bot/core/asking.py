"""How a step of a flow is asked: its text, and its buttons."""

from dataclasses import replace

from bot.core.buttons import OwnCase, StartFlow
from bot.core.chat import Asked, Button, Say
from bot.core.code import MINUTES
from bot.core.flow import InFlow, Rows, Step, StepWords, Value, before, current, options, walk
from bot.core.here import Here
from bot.core.letters import dates
from bot.core.replies import draft_button as button
from bot.core.request import Case
from bot.core.review import digest, review_page
from bot.core.text import Block, Bullets, Fine, Paragraph, parse, plain


def rows_of(here: Here, draft: InFlow) -> Rows:
    """The steps of a draft that are asked or have been asked, with their answers."""
    return walk(here.world.steps(draft.flows), draft, here.trait(draft))


def step_now(here: Here, draft: InFlow) -> Step | None:
    """The step to ask, None where everything is answered."""
    return current(rows_of(here, draft), draft)


def choices(here: Here, draft: InFlow, step: Step, rows: Rows | None = None) -> tuple[str, ...]:
    """The options of a step that exist here."""
    if step.kind == "cookies":
        return tuple(o.id for o in step.options if here.world.trait(draft.controller, f"cookies_{o.id}") == "yes")
    if not any(option.when for option in step.options):
        return tuple(option.id for option in step.options)
    answers = {row.key: value for row, value in rows or rows_of(here, draft) if value is not None}
    return options(step, answers, here.trait(draft))


def ask(here: Here, draft: InFlow, *before_it: Block | str, again: bool = False) -> Say:
    """Ask the step that a draft stands at; ``before_it`` is said first, ``again``: in other words."""
    if case := known_case(here, draft):
        return _known_page(here, draft, case)
    rows = rows_of(here, draft)
    step = current(rows, draft)
    first: list[Block] = [Paragraph(text) if isinstance(text, str) else text for text in before_it]
    if step is None:
        return Say(here.language, tuple(first))
    if step.kind == "review" and again:
        words = here.world.step_words(step.key, here.language)
        short = (*first, *parse(words.again or words.ask))
        return Say(here.language, short, review_page(here, draft, rows).buttons, asked=_asked(draft, step, first))
    if step.kind == "review":
        page = review_page(here, draft, rows)
        return replace(page, blocks=(*first, *page.blocks), asked=_asked(draft, step, first))
    words = here.world.step_words(step.key, here.language)
    blocks = [*first, *_question(here, draft, step, words, so_far(rows, step), again=again)]
    buttons = (*_own(here, draft, step, words, rows), *_common(here, draft, step, rows))
    return Say(here.language, tuple(blocks), buttons, asked=_asked(draft, step, first))


def _asked(draft: InFlow, step: Step, first: list[Block]) -> Asked:
    return Asked(draft.id, step.key, step.kind, step.optional, plain(tuple(first)))


def so_far(rows: Rows, step: Step) -> Value | None:
    """The answer to a step so far, be it the one that it has by default."""
    return next((value for row, value in rows if row.key == step.key), None)


def _question(
    here: Here, draft: InFlow, step: Step, words: StepWords, value: Value | None, *, again: bool
) -> list[Block]:
    company = here.world.controller_name(draft.controller, here.language) if draft.controller else ""
    text = (words.again if again else words.ask).replace("{company}", company)
    blocks: list[Block] = list(parse(text))
    if step.kind == "cookies" and draft.controller and not again:
        blocks.insert(0, Bullets(here.world.cookies(draft.controller, here.language)))
    if step.kind == "code" and draft.code and draft.code.tries:
        return []  # what was wrong has been said, and the buttons tell what can be done
    if step.kind == "code" and draft.code and not again:
        sent = here.phrase(
            "A six-digit code was mailed to {email}. It is valid for {minutes} minutes; please type it here.",
            email=draft.code.to,
            minutes=MINUTES,
        )
        return [Paragraph(sent)]
    if step.kind == "confirm" and (case := _chosen_case(here, draft)):
        names = here.asked_for(case)
        what = here.phrase("Asked for: {what}", what=here.world.listing(here.language, names))
        blocks.insert(0, Bullets((here.phrase("Reference: {reference}", reference=case.reference), what)))
    if draft.editing == step.key and value and step.kind not in ("code", "case"):
        so_far = ", ".join(words.options.get(part, part) for part in value)
        blocks.append(Fine(here.phrase("Current answer: {answer}", answer=so_far)))
    return blocks


def _chosen_case(here: Here, draft: InFlow) -> Case | None:
    """The request that a draft is about, where it is about one."""
    chosen = {value[0] for key, value in draft.answers if key.endswith(".case") and value}
    return next((case for case in here.incoming.cases if case.reference in chosen), None)


def _own(here: Here, draft: InFlow, step: Step, words: StepWords, rows: Rows) -> list[Button]:
    """The buttons that only this step has."""
    key = step.key
    match step.kind:
        case "choose_one":
            return [button(draft, words.options[o], "pick", key, o) for o in choices(here, draft, step, rows)]
        case "choose_several" | "cookies":
            return _ticks(here, draft, step, words, rows)
        case "confirm":
            return [
                button(draft, here.phrase("Yes, do it"), "yes", key, digest(here, draft, rows)),
                button(draft, here.phrase("No, leave it"), "no", key),
            ]
        case "case":
            open_only = [case for case in here.incoming.cases if case.open or not step.open]
            return [button(draft, _case_label(here, case), "pick", key, case.reference) for case in open_only[:8]]
        case "code":
            return [
                button(draft, here.phrase("Send a new code"), "resend", key),
                button(draft, here.phrase("Change the address"), "change", "email"),
                button(draft, here.phrase("Go on without the code"), "unverified", key),
            ]
        case "stop":
            return _led_on(here, draft, step)
        case _:
            return []


def _case_label(here: Here, case: Case) -> str:
    names = here.asked_for(case)
    return f"{case.reference} · {names[0]}" + (" …" if len(names) > 1 else "")


def _ticks(here: Here, draft: InFlow, step: Step, words: StepWords, rows: Rows) -> list[Button]:
    """Options to tick; refusing all cookies is one press, and no harder to find than accepting."""
    key, known = step.key, choices(here, draft, step, rows)
    buttons = []
    if step.kind == "cookies":
        buttons.append(button(draft, here.phrase("Refuse all"), "only", key))
        buttons.append(button(draft, here.phrase("Allow all"), "all", key))
    elif step.alone in known:
        buttons.append(button(draft, words.options[step.alone or ""], "only", key, step.alone or ""))
    if step.kind == "cookies" and len(known) == 1:  # all and none are the whole choice then
        return buttons
    for option in (o for o in known if o != step.alone):
        mark = "☑" if option in draft.picked else "☐"
        buttons.append(button(draft, f"{mark} {words.options[option]}", "toggle", key, option))
    if draft.picked:
        buttons.append(button(draft, here.phrase("That is all"), "done", key))
    return buttons


def _led_on(here: Here, draft: InFlow, step: Step) -> list[Button]:
    """Where a way that ends leads on to."""
    if not step.offers:
        return []
    return [Button(here.world.flow_title(step.offers, here.language), StartFlow(step.offers, draft.controller))]


def _common(here: Here, draft: InFlow, step: Step, rows: Rows) -> list[Button]:
    buttons = []
    if draft.editing == step.key and so_far(rows, step) is not None:
        buttons.append(button(draft, here.phrase("Keep it as it is"), "keep", step.key))
    elif step.optional:
        skip = here.phrase("I have no e-mail") if step.key == "email" else here.phrase("Skip this")
        buttons.append(button(draft, skip, "skip", step.key))
    if before(rows, draft) is not None:
        buttons.append(button(draft, here.phrase("◀ Back"), "back"))
    if step.kind != "confirm":
        buttons.append(button(draft, here.phrase("✕ Cancel"), "cancel"))
    return buttons


def resume_button(here: Here, draft: InFlow) -> Button:
    """A button that goes on with a draft that was put aside."""
    title = here.world.flow_title(draft.flows[0], here.language)
    return button(draft, here.phrase("Continue: {title}", title=title), "resume")


def case_buttons(here: Here, case: Case) -> tuple[Button, ...]:
    """What can be done with a request that was made."""
    shown = Button(here.phrase("Show this request"), OwnCase(case.reference, "show"))
    withdrawn = Button(here.phrase("Withdraw this request"), OwnCase(case.reference, "withdraw"))
    return (shown, withdrawn) if case.undoable else (shown,)


def known_case(here: Here, draft: InFlow) -> Case | None:
    """An open request for the same right at the same company; only a press can make a second one."""
    if draft.anew or here.world.flow(draft.flows[0]).ends != "case":
        return None
    same = (case for case in here.incoming.cases if case.open and case.controller == draft.controller)
    return next((case for case in same if any(item.flow == draft.flows[0] for item in case.items)), None)


def _known_page(here: Here, draft: InFlow, case: Case) -> Say:
    """The same wish twice: the open request, and what can be done."""
    text = here.phrase(
        "You have made this request already, and it is still open: {reference}", reference=case.reference
    )
    anew = button(draft, here.phrase("Make a new one anyway"), "anew")
    leave = button(draft, here.phrase("✕ Cancel"), "cancel")
    blocks = (Paragraph(text), Bullets(tuple(dates(here, case))))
    return Say(here.language, blocks, (*case_buttons(here, case), anew, leave))
