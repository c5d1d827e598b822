"""The RSGI application: ``anju.peak.app:app``; ``ANJU_HOME`` names the installation's folder.

    /live/<code>/            the wall as a page          /live/<code>/events    its stream
    /live/<code>/wall.json   the wall as data            /bundles/<digest>/     published results
    /assets/<digest>/…       style and script            /verify/<file>         programs to save
    /health                  that it runs

Everything is public and read only, so any site may read it; nothing is set, so there is no cookie.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from anju.foundation.core.clock import read_clock
from anju.peak.shelf import Kept, Shelf
from anju.peak.streams import Walls

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

Headers = list[tuple[str, str]]

LOOK_EVERY_S = 0.1
"""How often files are looked at: so old may an answer be, however many ask."""
MOST_LISTENERS = 20_000
"""Streams one process keeps open; the page asks again by itself."""
_YEAR = "public, max-age=31536000, immutable"
_FRESH = "no-cache"
_SAFE: Headers = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("access-control-allow-origin", "*"),
    (
        "content-security-policy",
        (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        ),
    ),
]
_PLAIN = ("content-type", "text/plain; charset=utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A body with everything said about it, as often as it is asked for."""

    body: bytes
    etag: str
    headers: Headers
    headers_unchanged: Headers
    """For who has it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One file's answers."""

    plain: Ready
    packed: Ready | None


class Peak:
    """Answers from memory; one instance a worker process."""

    def __init__(self, public: Path) -> None:
        self._shelf = Shelf(public)
        self._walls = Walls(self._shelf.root / "live")
        self._watching: asyncio.Task[None] | None = None
        self._answers: dict[str, Answers] = {}
        """By address, since the files were last looked at."""

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to look at the files."""
        self._watching = loop.create_task(self._watch())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the streams, so that the process can stop."""
        self._walls.close()
        if self._watching is not None:
            self._watching.cancel()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        answers = self._answers.get(scope.path)
        if answers is None or scope.proto != "http" or scope.method != "GET":
            await self._answer_rarer(scope, protocol)
            return
        asked = scope.headers
        ready = answers.plain
        if answers.packed is not None and _takes_gzip(asked.get("accept-encoding") or ""):
            ready = answers.packed
        held = asked.get("if-none-match")
        if held and ready.etag in _tags(held):
            protocol.response_empty(304, ready.headers_unchanged)
        else:
            protocol.response_bytes(200, ready.headers, ready.body)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._answers.clear()
            await self._walls.look()

    async def _answer_rarer(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer what is not ready: streams, what is asked first, what is asked wrongly."""
        if scope.proto != "http":
            protocol.close(400)  # type: ignore[attr-defined]  # a socket nobody offered
            return
        if scope.method not in {"GET", "HEAD"}:
            _refuse(protocol, 405, "只能读取", ("allow", "GET, HEAD"))
            return
        if scope.path == "/health":
            _answer(protocol, scope, [_PLAIN, ("cache-control", "no-store")], b"ok\n")
            return
        code = _wall_streamed(scope.path)
        if code is not None:
            await self._stream(scope, protocol, code)
            return
        kept = await self._shelf.find(scope.path)
        if kept is None:
            _refuse(protocol, 404, "没有这一页")
            return
        answers = self._answers[scope.path] = answers_of(kept)
        if scope.method == "GET":
            await self.__rsgi__(scope, protocol)
            return
        accepted = scope.headers.get("accept-encoding") or ""
        packed = answers.packed if _takes_gzip(accepted) else None
        protocol.response_empty(200, (packed or answers.plain).headers)

    async def _stream(self, scope: Scope, protocol: HTTPProtocol, code: str) -> None:
        if self._walls.find(code) is None:
            _refuse(protocol, 404, "没有这一页")
            return
        if self._walls.listeners >= MOST_LISTENERS:
            _refuse(protocol, 503, "看的人太多，请稍后", ("retry-after", "15"))
            return
        headers = [
            *_SAFE,
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-store"),
            ("x-accel-buffering", "no"),
        ]
        if scope.method == "HEAD":
            protocol.response_empty(200, headers)
            return
        seen = _revision_seen(scope)
        transport = protocol.response_stream(200, headers)
        # The page's clocks run by ours: a telephone's may be minutes off.
        greeting = f"retry: 3000\nevent: clock\ndata: {read_clock().isoformat()}\n\n"
        with contextlib.suppress(Exception):  # whoever left is not told any more
            await transport.send_bytes(greeting.encode())
            async with contextlib.aclosing(self._walls.listen(code, seen=seen)) as told:
                async for message in told:
                    await transport.send_bytes(message)


def _wall_streamed(path: str) -> str | None:
    """Give the project's code where the path is that of a stream."""
    parts = path.split("/")
    if len(parts) == 4 and (parts[0], parts[1], parts[3]) == ("", "live", "events"):
        code = parts[2]
        if code.replace("-", "").replace("_", "").isalnum() and code.isascii():
            return code
    return None


def _revision_seen(scope: Scope) -> int | None:
    """Read what the listener has: the page's revision, or the last one the stream told it."""
    told = scope.headers.get("last-event-id") or scope.query_string.removeprefix("revision=")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None


def answers_of(kept: Kept) -> Answers:
    """Prepare the answers of a file: plain and, where that is smaller, packed."""
    headers: Headers = [
        *_SAFE,
        ("content-type", kept.content_type),
        ("cache-control", _YEAR if kept.is_for_good else _FRESH),
    ]
    if kept.saved_as:
        headers.append(("content-disposition", f'attachment; filename="{kept.saved_as}"'))
    if kept.packed is None:
        return Answers(plain=_ready(kept.body, kept.etag, headers), packed=None)
    headers.append(("vary", "accept-encoding"))
    return Answers(
        plain=_ready(kept.body, kept.etag, headers),
        packed=_ready(kept.packed, f'{kept.etag[:-1]}-gz"', headers, ("content-encoding", "gzip")),
    )


def _ready(body: bytes, etag: str, headers: Headers, *of_body: tuple[str, str]) -> Ready:
    tagged = [*headers, ("etag", etag)]
    return Ready(
        body=body,
        etag=etag,
        headers=[*tagged, *of_body, ("content-length", str(len(body)))],
        headers_unchanged=tagged,
    )


@lru_cache(maxsize=1000)
def _takes_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        coding, _, weight = one.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return weight.strip("0.") != "" or weight == ""
    return False


def _tags(told: str) -> frozenset[str]:
    return frozenset(tag.strip().removeprefix("W/") for tag in told.split(","))


def _refuse(protocol: HTTPProtocol, status: int, words: str, *more: tuple[str, str]) -> None:
    headers = [*_SAFE, _PLAIN, ("cache-control", "no-store"), *more]
    protocol.response_bytes(status, headers, f"{words}\n".encode())


def _answer(protocol: HTTPProtocol, scope: Scope, headers: Headers, body: bytes) -> None:
    if scope.method == "HEAD":
        protocol.response_empty(200, [*_SAFE, *headers, ("content-length", str(len(body)))])
    else:
        protocol.response_bytes(200, [*_SAFE, *headers], body)


def build_app(variables: Mapping[str, str] | None = None) -> Peak:
    """Make the application for the installation that ``ANJU_HOME`` names."""
    told = os.environ if variables is None else variables
    return Peak(Path(told.get("ANJU_HOME") or "demo").absolute() / "public")


app = build_app()
