"""``make bench``: ``run`` on Telegram in a process of its own, by polling over loopback: paced load, then a burst."""

import asyncio
import gc
from time import perf_counter
from typing import Any

from tests.measure.turns import SCRIPT
from tests.measure.watching import Arrivals, served, spread
from tests.platforms.fake_telegram import Call, FakeTelegram
from tests.platforms.housed import free_port
from tests.platforms.scenes import TOPICS

_CHATS, _SECONDS = 200, 20
_BURST, _BURST_CHATS = 10_000, 500
_QUESTIONS = ("which cookies do you use?", "how long do you keep my data?", "who sees my data?", "is my data safe?")


class Watched(FakeTelegram):
    """Notes when each chat gets its messages; calls are let go of, so that only the house is measured."""

    def __init__(self) -> None:
        super().__init__()
        self.came = Arrivals[int]()

    async def _carry_out(self, call: Call) -> Any:
        if call.method == "sendMessage":
            markup = call.params.get("reply_markup", {}).get("inline_keyboard", [])
            votes = [str(button.get("callback_data", "")) for row in markup for button in row]
            topic = next((data.split(":")[1] for data in votes if data.startswith("u:")), "")
            self.came.note(call.params["chat_id"], topic)
        self.calls.clear()
        return await super()._carry_out(call)


def _settings(fake: FakeTelegram) -> dict[str, str]:
    row = {"TELEGRAM_BOT_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url}
    return row | {"TELEGRAM_RATE": "100000", "HTTP_PORT": str(free_port())}


def main() -> None:
    """Print how long it takes from an update to the first message for it, and what became of a burst."""
    gc.disable()  # the one who measures makes no pauses of its own
    print("Telegram on loopback, the house in a process of its own: from handing over an update to its reply")
    for rate in (25, 100):
        asyncio.run(_measured(lambda fake, rate=rate: _paced(fake, rate)))
    asyncio.run(_measured(_burst))


async def _measured(measure: Any) -> None:
    async with Watched() as fake:
        async with served(_settings(fake), lambda _log: fake.idle):
            await measure(fake)
        for problem in sorted(set(fake.problems)):
            print(f"  problem: {problem}")


async def _paced(fake: Watched, rate: int) -> None:
    """So many updates a second, evenly: each chat asks some questions and makes a request, each at another time."""
    for number in range(_CHATS):
        await asyncio.sleep(0.02)
        fake.say(number + 1, "/start kaltiot")
    await fake.came.reach(_CHATS, 60)
    fake.came.clear()
    handed: dict[int, list[float]] = {}
    began, late = perf_counter(), 0.0
    for number in range(rate * _SECONDS):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - perf_counter()))
        late = max(late, perf_counter() - due)
        chat = number % _CHATS + 1
        mine = handed.setdefault(chat, [])
        _do(fake, chat, _line(chat, len(mine)))
        mine.append(perf_counter())
    await fake.came.reach(rate * _SECONDS, 60)
    waits, lost = fake.came.waits(handed)
    label = f"  {rate:4} updates/s, {_CHATS} chats, {_SECONDS} s"
    print(
        f"{label}: {spread(waits)}; {len(waits)} answered, {lost} lost; sent up to {late * 1e3:.0f} ms behind the pace"
    )


def _line(chat: int, number: int) -> str:
    """What somebody writes as their so-manieth message: a few questions, more or fewer, and then the request."""
    first = chat % len(SCRIPT)
    return _QUESTIONS[number % len(_QUESTIONS)] if number < first else SCRIPT[(number - first) % len(SCRIPT)]


def _do(fake: FakeTelegram, chat: int, line: str) -> None:
    """Write a line of the script, or press; where the button is not there (yet), ask for it in words."""
    label = line.removeprefix("!")
    shown = any(known.startswith(label) for message in fake.messages(chat)[-1:] for known, _ in message.buttons)
    if line.startswith("!") and shown:
        fake.press(chat, label)
    else:
        fake.say(chat, label)


async def _burst(fake: Watched) -> None:
    """Everything at once; a second stays between two messages to one chat, as in life."""
    each = _BURST // _BURST_CHATS
    wanted = [TOPICS[number % len(TOPICS)] for number in range(each)]
    began = perf_counter()
    for topic in wanted:
        for chat in range(1, _BURST_CHATS + 1):
            fake.say(chat, f"/start {topic}--kaltiot")
    await fake.came.reach(_BURST, 600)
    took = perf_counter() - began
    lost, disordered = fake.came.against(range(1, _BURST_CHATS + 1), wanted)
    print(
        f"  a burst of {_BURST} updates over {_BURST_CHATS} chats: all answered after {took:.1f} s"
        f" ({_BURST / took:.0f}/s), {lost} lost, {disordered} chats out of order"
    )


if __name__ == "__main__":
    main()
