"""``make bench``: the house of ``run`` on Telegram, by polling over loopback: paced load, then a burst."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.app import Assistant, open_assistant
from tests.measure.turns import SCRIPT
from tests.platforms.fake_telegram import Call, FakeTelegram
from tests.platforms.on_telegram import OnTelegram
from tests.platforms.scenes import TOPICS
from tests.visiting import assistant_settings, world_with

_CHATS, _SECONDS = 200, 20
_BURST, _BURST_CHATS = 10_000, 500


class _Watched(FakeTelegram):
    """Notes when each chat gets its messages; calls are let go of, so that only the house is measured."""

    def __init__(self) -> None:
        super().__init__()
        self.came: dict[int, list[tuple[float, str]]] = {}

    async def _carry_out(self, call: Call) -> Any:
        if call.method == "sendMessage":
            markup = call.params.get("reply_markup", {}).get("inline_keyboard", [])
            votes = [str(button.get("callback_data", "")) for row in markup for button in row]
            topic = next((data.split(":")[1] for data in votes if data.startswith("u:")), "")
            self.came.setdefault(call.params["chat_id"], []).append((perf_counter(), topic))
        self.calls.clear()
        return await super()._carry_out(call)


def main() -> None:
    """Print how long it takes from an update to the first message for it, and what became of a burst."""
    assistant = open_assistant(assistant_settings())
    print("Telegram on loopback, the fake in the same process: from handing over an update to its reply")
    for rate in (25, 100):
        asyncio.run(_with_house(assistant, lambda there, fake, rate=rate: _paced(there, fake, rate)))
    asyncio.run(_with_house(assistant, _burst))


async def _with_house(assistant: Assistant, measure: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with _Watched() as fake:
            served = Assistant(assistant.settings, assistant.content, world_with(assistant.world, inboxes=True))
            there = OnTelegram(served, fake, Path(folder) / "telegram.db", rate=100_000)
            await there.start()
            try:
                await measure(there, fake)
            finally:
                await there.stop()
            for problem in sorted(set(fake.problems)):
                print(f"  problem: {problem}")


async def _paced(there: OnTelegram, fake: _Watched, rate: int) -> None:
    """So many updates a second, evenly: each of the chats walks through questions and a request."""
    for chat in range(1, _CHATS + 1):
        fake.say(chat, "/start")
    await there.settled(60)
    for chat in range(1, _CHATS + 1):
        await there.begin("kaltiot", chat=chat)
    fake.came.clear()
    handed: dict[int, list[float]] = {}
    began, late = perf_counter(), 0.0
    for number in range(rate * _SECONDS):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - perf_counter()))
        late = max(late, perf_counter() - due)
        chat = number % _CHATS + 1
        mine = handed.setdefault(chat, [])
        _do(fake, chat, SCRIPT[len(mine) % len(SCRIPT)])
        mine.append(perf_counter())
    await there.settled(60)
    waits, lost = _waits(handed, fake.came)
    label = f"  {rate:4} updates/s, {_CHATS} chats, {_SECONDS} s"
    spread = ", ".join(f"{name} {waits[int((len(waits) - 1) * part)] * 1e3:.0f} ms" for name, part in _PARTS)
    print(f"{label}: {spread}; {len(waits)} answered, {lost} lost; sent up to {late * 1e3:.0f} ms behind the pace")


_PARTS = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))


def _do(fake: FakeTelegram, chat: int, line: str) -> None:
    """Write a line of the script, or press; where the button is not there (yet), ask for it in words."""
    label = line.removeprefix("!")
    shown = any(known.startswith(label) for message in fake.messages(chat) for known, _ in message.buttons)
    if line.startswith("!") and shown:
        fake.press(chat, label)
    else:
        fake.say(chat, label)


def _waits(handed: Mapping[int, list[float]], came: Mapping[int, list[tuple[float, str]]]) -> tuple[list[float], int]:
    """How long each update waited for its first message; every turn here brings exactly one message."""
    waits, lost = [], 0
    for chat, times in handed.items():
        arrived = [at for at, _ in came.get(chat, [])]
        lost += max(0, len(times) - len(arrived))
        waits += [at - begun for begun, at in zip(times, arrived, strict=False)]
    return sorted(waits), lost


async def _burst(there: OnTelegram, fake: _Watched) -> None:
    each = _BURST // _BURST_CHATS
    began = perf_counter()
    for number in range(each):
        for chat in range(1, _BURST_CHATS + 1):
            fake.say(chat, f"/start {TOPICS[number % len(TOPICS)]}--kaltiot")
    await there.settled(600)
    took = perf_counter() - began
    wanted = [TOPICS[number % len(TOPICS)] for number in range(each)]
    told = [[topic for _, topic in fake.came.get(chat, [])] for chat in range(1, _BURST_CHATS + 1)]
    lost = sum(len(wanted) - len(set(row) & set(wanted)) for row in told)
    disordered = sum(row != [topic for topic in wanted if topic in row] for row in told)
    print(
        f"  a burst of {_BURST} updates over {_BURST_CHATS} chats: all answered after {took:.1f} s"
        f" ({_BURST / took:.0f}/s), {lost} lost, {disordered} chats out of order"
    )


if __name__ == "__main__":
    main()
