"""Where sealed documents lie: behind a port, under names that say nothing.

What is stored is ciphertext already (SM4-GCM, bound to its document), so whoever holds the place
holds nothing. The default is a folder; another place is another class with these three methods.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anju_rules.values import Refusal

_NAME = re.compile(r"[0-9a-f]{64}")


class Storage(Protocol):
    """A place that keeps bytes under names of 64 hex digits."""

    def put(self, *, name: str, sealed: bytes) -> None:
        """Keep bytes; they are safe when this returns."""

    def get(self, *, name: str) -> bytes:
        """Give them back; refuses with ``documents.missing``."""

    def drop(self, *, name: str) -> None:
        """Destroy them; those that are gone already are no fault."""


@dataclass(frozen=True, slots=True)
class FolderStorage:
    """A folder, two digits a sub-folder; written beside and renamed, so never half."""

    folder: Path

    def put(self, *, name: str, sealed: bytes) -> None:
        """Keep bytes; they are on the disk when this returns."""
        place = self._place(name)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = place.with_suffix(".part")
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "wb") as stream:
            stream.write(sealed)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(place)

    def get(self, *, name: str) -> bytes:
        """Give bytes back; refuses with ``documents.missing``."""
        try:
            return self._place(name).read_bytes()
        except OSError:
            raise Refusal("documents.missing") from None

    def drop(self, *, name: str) -> None:
        """Destroy bytes."""
        self._place(name).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise Refusal("documents.missing")
        return self.folder / name[:2] / name
