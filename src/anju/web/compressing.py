"""Static files, sent compressed: each is packed once and kept, for every process and every start.

Only files that are the same for everybody are compressed. Pages are not: a page that holds a secret
and echoes what was asked would tell the secret by its length.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

FOLDER = "static-gz"
_WORTH_IT = frozenset({".css", ".js", ".svg", ".html", ".txt", ".json", ".py"})
_LEAST_BYTES = 1_000
"""Below, a packet more or less makes no difference."""


class CompressedFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves static files; to a browser that takes gzip, packed."""

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:  # noqa: ANN401 - WhiteNoise's own
        """Give a file with its headers and its packed form."""
        packed = pack(Path(path), into=Path(settings.HOME) / FOLDER)
        if packed is None:
            return super().get_static_file(path, url, stat_cache)
        headers = Headers([])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        return StaticFile(path, headers.items(), encodings={"gzip": str(packed)})


def pack(file: Path, *, into: Path) -> Path | None:
    """Pack a file into the folder, unless it lies there; None: it is not worth it, or cannot be.

    The packed file is named by the digest of the content, so that a changed file is packed anew.
    """
    if file.suffix not in _WORTH_IT or not file.is_file():
        return None
    content = file.read_bytes()
    if len(content) < _LEAST_BYTES:
        return None
    packed = into / f"{hashlib.sha256(content).hexdigest()}.gz"
    if packed.is_file():
        return packed
    aside = packed.with_suffix(f".{os.getpid()}")
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.write_bytes(gzip.compress(content, 9, mtime=0))
        aside.replace(packed)
    except OSError:
        # A home that is read only or full: the file goes out as it is.
        return None
    return packed
