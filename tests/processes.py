"""The program as a process of its own, for tests: started, watched by what it logs, asked over HTTP, ended."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

import httpx

from tests.conftest import ROOT

Environment = Callable[..., Mapping[str, str]]

#: A line of the log, or of what is told while learning; the rest of standard error is for who started it.
_LOG = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (?:INFO|WARNING) |learn", re.IGNORECASE)


@dataclass
class Running:
    """A process that serves."""

    process: asyncio.subprocess.Process
    port: int
    log: list[str] = field(default_factory=list)

    async def get(self, path: str) -> httpx.Response:
        """Ask its web side."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(f"http://127.0.0.1:{self.port}{path}")

    async def end(self, sign: signal.Signals = signal.SIGTERM) -> float:
        """End it; how long that took, in seconds."""
        began = monotonic()
        self.process.send_signal(sign)
        async with asyncio.timeout(15):
            await self.process.wait()
        return monotonic() - began

    async def read(self) -> None:
        """Take in what it logs, until it ends."""
        assert self.process.stderr
        while line := await self.process.stderr.readline():
            self.log.append(line.decode())


async def launch(environment: Mapping[str, str], *command: str) -> asyncio.subprocess.Process:
    """The program with a command, by default ``run``."""
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *(command or ("run",)), env=environment, cwd=ROOT, stdout=pipe, stderr=pipe
    )


@asynccontextmanager
async def serving(environment: Mapping[str, str], port: int, told: str) -> AsyncIterator[Running]:
    """``run``, from when it has logged that it serves until the block ends."""
    there = Running(await launch(environment), port)
    reading = asyncio.create_task(there.read())
    try:
        async with asyncio.timeout(20):
            while not any(told in line for line in there.log):
                assert there.process.returncode is None, there.log
                await asyncio.sleep(0.01)
        yield there
    finally:
        if there.process.returncode is None:
            there.process.kill()
        await there.process.wait()
        await reading


async def fails(environment: Mapping[str, str], *command: str) -> str:
    """The one line that a start ends with which fails."""
    started = await launch(environment, *command)
    async with asyncio.timeout(30):
        out, error = await started.communicate()
    assert started.returncode == 1, error
    assert out == b""
    assert "Traceback" not in error.decode()
    (line,) = [line for line in error.decode().splitlines() if not _LOG.match(line)]
    return line
