"""The shelf: files of the public folder, kept in memory with everything an answer needs.

Nothing outside the folder can be reached: an address is taken apart into plain segments before any
path is made of it, hidden names and links are refused, and what is left must lie inside the folder.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}")
_DEEPEST = 8
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".py": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".woff2": "font/woff2",
}
_WORTH_PACKING = frozenset({".html", ".css", ".js", ".json", ".txt", ".md", ".py", ".svg"})
_SMALLEST_PACKED = 512
KEPT_FOR_GOOD = frozenset({"bundles", "assets"})
"""Folders whose files stand under their own digest: a file there never changes."""
SAVED = "verify"
"""The folder of programs that are for saving: they bring their own script, and run from a disk."""
_INDEX = {"": "index.html", "bundles": "index.html", "live": "wall.html"}

Stamp = tuple[int, int, int]
"""Inode, size in bytes and time of change: a file put in place anew differs in one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One file, ready to be sent."""

    body: bytes
    packed: bytes | None
    """The body in gzip, where that is smaller."""
    etag: str
    """The tag of the plain body, with its quotes; the packed body's ends in ``-gz``."""
    content_type: str
    is_for_good: bool
    saved_as: str
    """The name to save it under; empty: it is shown."""
    stamp: Stamp

    @property
    def weight(self) -> int:
        """Bytes of memory it takes."""
        return len(self.body) + len(self.packed or b"")


class Shelf:
    """Files below ``root``, in memory; the least used leave first beyond ``most_bytes``."""

    def __init__(self, root: Path, *, most_bytes: int = 256 << 20) -> None:
        self._root = root.resolve()
        self._most_bytes = most_bytes
        self._weight = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Kept | None]] = {}

    @property
    def root(self) -> Path:
        """The public folder."""
        return self._root

    async def find(self, address: str) -> Kept | None:
        """Give the file an address names, or None; each file is read once however many ask."""
        name = name_of(address)
        if name is None:
            return None
        kept = self._kept.get(name)
        if kept is not None and (kept.is_for_good or kept.stamp == _stamp(self._root / name)):
            self._kept.move_to_end(name)
            return kept
        loading = self._loading.get(name)
        if loading is None:
            loading = asyncio.create_task(self._load(name))
            self._loading[name] = loading
            loading.add_done_callback(lambda _: self._loading.pop(name, None))
        return await asyncio.shield(loading)

    async def _load(self, name: str) -> Kept | None:
        kept = await asyncio.to_thread(read_kept, self._root, name)
        before = self._kept.pop(name, None)
        self._weight -= before.weight if before else 0
        if kept is not None and kept.weight <= self._most_bytes:
            self._kept[name] = kept
            self._weight += kept.weight
            while self._weight > self._most_bytes:
                _, left = self._kept.popitem(last=False)
                self._weight -= left.weight
        return kept


def name_of(address: str) -> str | None:
    """Take an address apart: the name of a file below the root, or None for anything unusual.

    >>> name_of("/live/YS-2026/"), name_of("/live/../keys/master"), name_of("/bundles/%2e%2e/x")
    ('live/YS-2026/wall.html', None, None)
    """
    if not address.startswith("/"):
        return None
    segments = address[1:].split("/")
    if segments[-1] == "":
        segments[-1] = _INDEX.get(segments[0], "index.html")
    if len(segments) > _DEEPEST or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        return None
    return "/".join(segments)


def read_kept(root: Path, name: str) -> Kept | None:
    """Read one file below ``root`` and pack it; None where there is no such plain file."""
    path = root / name
    try:
        # A link, anywhere on the way, could lead out: then the true path is another one.
        if path.resolve(strict=True) != path or not path.is_file():
            return None
        stamp = _stamp(path)
        body = path.read_bytes()
    except OSError:
        return None
    if stamp is None:
        return None
    packed = None
    if path.suffix in _WORTH_PACKING and len(body) >= _SMALLEST_PACKED:
        tried = gzip.compress(body, compresslevel=6, mtime=0)
        packed = tried if len(tried) < len(body) else None
    return Kept(
        body=body,
        packed=packed,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        content_type=_TYPES.get(path.suffix, "application/octet-stream"),
        is_for_good=name.partition("/")[0] in KEPT_FOR_GOOD,
        saved_as=path.name if name.partition("/")[0] == SAVED else "",
        stamp=stamp,
    )


def _stamp(path: Path) -> Stamp | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_ino, told.st_size, told.st_mtime_ns
