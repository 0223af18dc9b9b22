"""Calls to Telegram over aiohttp, which Slack needs anyway: they cost a third of those of the library's own client."""

from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

#: How long a call may take, in seconds, where nothing else is asked for.
_SECONDS = 10.0


class Connections(BaseRequest):
    """python-telegram-bot's seam for another HTTP client. ``size``: so many connections are kept open."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return _SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._size)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=True)

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,  # noqa: ARG002 - the library's own form
        connect_timeout: Any = None,  # noqa: ARG002
        pool_timeout: Any = None,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NetworkError("not connected")
        seconds = read_timeout if isinstance(read_timeout, int | float) else _SECONDS
        timeout = aiohttp.ClientTimeout(total=seconds + _SECONDS, sock_read=seconds, sock_connect=_SECONDS)
        try:
            async with self._session.request(method, url, data=_body(request_data), timeout=timeout) as answer:
                return answer.status, await answer.read()
        except TimeoutError as failure:
            raise TimedOut from failure
        except (aiohttp.ClientConnectorError, OSError) as failure:
            raise NetworkError(f"Connect: {type(failure).__name__}") from failure
        except aiohttp.ClientError as failure:
            raise NetworkError(type(failure).__name__) from failure


def _body(data: RequestData | None) -> Any:
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form
