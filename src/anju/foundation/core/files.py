"""Files: written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from anju_rules.values import Refusal


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as stream:
        stream.write(text)


def write_folder(folder: Path, fill: Callable[[Path], None], *, replace: bool) -> None:
    """Let ``fill`` write a new folder, and put it in its place only when it is whole.

    Refuses with ``files.folder-not-empty`` to overwrite what is there, unless ``replace`` is set.
    """
    if folder.exists() and not replace and any(folder.iterdir()):
        raise Refusal("files.folder-not-empty", folder=str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fill(fresh)
        fresh.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
