"""``make bench``: ``run`` on Slack in a process of its own, over HTTP and over a socket: paced load, then a burst."""

import asyncio
import gc
from time import perf_counter
from typing import Any

from tests.measure.turns import SCRIPT
from tests.measure.watching import Arrivals, served, spread
from tests.platforms.fake_slack import Ack, FakeSlack, _Delivery
from tests.platforms.fake_slack_api import Call
from tests.platforms.housed import free_port
from tests.platforms.slack_scenes import TOPICS

_PEOPLE, _SECONDS, _RATE = 200, 20, 100
_BURST, _BURST_PEOPLE = 10_000, 500


class Watched(FakeSlack):
    """Notes when each person gets messages; calls are let go of, so that only the house is measured."""

    def __init__(self) -> None:
        super().__init__()
        self.patience = 60.0
        self.came = Arrivals[str]()
        self.tried: dict[str, asyncio.Event] = {}

    def _carry_out(self, call: Call) -> dict[str, Any]:
        if call.method == "chat.postMessage":
            self.came.note(f"U{call.params['channel'][1:]}", _topic(call))
        self.calls.clear()
        return super()._carry_out(call)

    def _taken(self, delivery: _Delivery, ack: Ack) -> None:
        super()._taken(delivery, ack)
        if ack.final and delivery.key in self.tried:
            self.tried[delivery.key].set()

    async def taken(self, key: str) -> None:
        """Wait until something was acknowledged."""
        await self.tried.setdefault(key, asyncio.Event()).wait()


def _topic(call: Call) -> str:
    """The topic that a message answers, by its buttons to vote."""
    votes = [one for block in call.params["blocks"] if block["type"] == "context_actions" for one in block["elements"]]
    return next((str(vote["positive_button"]["value"]).split(":")[1] for vote in votes), "")


def _settings(fake: FakeSlack, mode: str) -> dict[str, str]:
    port = free_port()
    fake.transport = "http" if mode == "http" else "socket"
    fake.request_url = f"http://127.0.0.1:{port}/slack/events"
    return {
        "SLACK_BOT_TOKEN": fake.bot_token,
        "SLACK_API_URL": fake.url,
        "SLACK_MODE": mode,
        "SLACK_APP_TOKEN": fake.app_token,
        "SLACK_SIGNING_SECRET": fake.signing_secret,
        "HTTP_PORT": str(port),
    }


def main() -> None:
    """Print how long the acknowledgement of an event takes, and its first reply, and what became of a burst."""
    gc.disable()  # the one who measures makes no pauses of its own
    print(
        "Slack on loopback, the house in a process of its own: from an event to its acknowledgement, and to its reply"
    )
    for mode in ("http", "socket"):
        for measure in (_paced, _burst):
            asyncio.run(_measured(mode, measure))


async def _measured(mode: str, measure: Any) -> None:
    async with Watched() as fake:
        async with served(_settings(fake, mode), lambda log: b"serving Slack" in log):
            await measure(fake, mode)
        for problem in sorted(set(fake.problems))[:5]:
            print(f"  problem: {problem}")


async def _paced(fake: Watched, mode: str) -> None:
    """So many events a second, evenly: each person walks through questions and a request, in words and by buttons."""
    people = [f"U{number}" for number in range(_PEOPLE)]
    for user in people:
        await asyncio.sleep(0.02)
        fake.say(user, "/start kaltiot")
    await fake.came.reach(_PEOPLE, 60)
    fake.came.clear()
    fake.acks.clear()
    handed: dict[str, list[float]] = {}
    began, late = perf_counter(), 0.0
    for number in range(_RATE * _SECONDS):
        due = began + number / _RATE
        await asyncio.sleep(max(0.0, due - perf_counter()))
        late = max(late, perf_counter() - due)
        user = people[number % _PEOPLE]
        mine = handed.setdefault(user, [])
        _do(fake, user, SCRIPT[len(mine) % len(SCRIPT)])
        mine.append(perf_counter())
    await fake.came.reach(_RATE * _SECONDS, 60)
    waits, lost = fake.came.waits(handed)
    acks = sorted(ack.seconds for ack in fake.acks)
    failed = sum(not ack.ok for ack in fake.acks)
    print(
        f"  {mode:6} {_RATE} events/s, {_PEOPLE} people, {_SECONDS} s, sent up to {late * 1e3:.0f} ms behind the pace"
    )
    print(f"         acknowledged: {spread(acks)}; {len(acks)} in all, {failed} failed")
    print(f"         first reply:  {spread(waits)}; {len(waits)} answered, {lost} lost")


def _do(fake: FakeSlack, user: str, line: str) -> None:
    """Write a line of the script, or press; where the button is not there (yet), ask for it in words."""
    label = line.removeprefix("!")
    shown = any(known.startswith(label) for message in fake.messages(user)[-2:] for known, _, _ in message.buttons)
    if line.startswith("!") and shown:
        fake.press(user, label)
    else:
        fake.say(user, label)


async def _burst(fake: Watched, mode: str) -> None:
    """All people at once, each as fast as they are acknowledged: only so has what one of them says an order over HTTP.

    A second stays between two messages to one person, as in life.
    """
    each = _BURST // _BURST_PEOPLE
    wanted = [TOPICS[number % len(TOPICS)] for number in range(each)]
    people = [f"U{number}" for number in range(_BURST_PEOPLE)]

    async def asks(user: str) -> None:
        for topic in wanted:
            await fake.taken(fake.say(user, f"/start {topic}--kaltiot"))

    began = perf_counter()
    await asyncio.gather(*map(asks, people))
    taken = perf_counter() - began
    await fake.came.reach(_BURST, 600)
    took = perf_counter() - began
    lost, disordered = fake.came.against(people, wanted)
    acks = sorted(ack.seconds for ack in fake.acks)
    print(
        f"  {mode:6} a burst of {_BURST} events over {_BURST_PEOPLE} people: acknowledged after {taken:.1f} s"
        f" ({_BURST / taken:.0f}/s; {spread(acks)}), all answered after {took:.1f} s,"
        f" {lost} lost, {disordered} people out of order"
    )


if __name__ == "__main__":
    main()
