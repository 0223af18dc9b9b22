"""The web side: health, readiness and the webhooks of platforms, in the one event loop of the process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered over HTTP."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


#: What a platform brings or asks for: the body, the query, the headers (names in lower case).
Endpoint = Callable[[bytes, str, Mapping[str, str]], Awaitable[Answer]]

#: What is ready and what is not: a word for each part, ``ok`` where it is.
Readiness = Callable[[], Awaitable[Mapping[str, str]]]

#: Nothing that a platform brings is larger, in bytes.
_LARGEST: Final = 1_000_000


def web_app(webhooks: Mapping[str, Endpoint], pages: Mapping[str, Endpoint], readiness: Readiness) -> Starlette:
    """The application: ``/health`` (the process lives), ``/ready`` (it can serve), webhooks and pages by path."""

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        parts = await readiness()
        return JSONResponse(dict(parts), 200 if set(parts.values()) <= {"ok"} else 503)

    routes = [Route("/health", health), Route("/ready", ready)]
    routes += [Route(path, _route(webhook), methods=["POST"]) for path, webhook in webhooks.items()]
    routes += [Route(path, _route(page), methods=["GET"]) for path, page in pages.items()]
    return Starlette(routes=routes)


def _route(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        body = b""
        with suppress(ClientDisconnect):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _LARGEST:
                    return Response(status_code=413)
        answer = await endpoint(body, request.url.query, request.headers)
        return Response(answer.body, answer.status, dict(answer.headers))

    return answered


class _Server(uvicorn.Server):
    """uvicorn without its own ideas on signals: the process has one place for them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; raises OSError where that address cannot be had. ``port`` 0: the system chooses."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio lets small answers go at once (TCP_NODELAY).
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(1024)
    except OSError:
        found.close()
        raise
    return found


@asynccontextmanager
async def serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application for as long as the block runs; requests that are under way at its end are answered."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=2
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task
        listener.close()
