"""The text of a paper, with its places: behind a port, read in a child process that may die.

Reading advises. Where no reader is installed, or a paper cannot be read, people look as before.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from anju.foundation.documents.kinds import DocumentKind, kind_of
from anju_rules.prereview.types import PaperText, Place, TextLine
from anju_rules.values import Refusal

LONGEST_READING_SECONDS = 120
_READER = Path(__file__).with_name("reading_process.py")
_CORNERS = 4
_MOST_LINES = 20_000
_LONGEST_LINE = 500
_PNG = b"\x89PNG\r\n\x1a\n"
_NOT_READ = {"fault": "documents.not-readable"}


class TextReader(Protocol):
    """Something that reads papers."""

    def read_text(self, *, content: bytes) -> PaperText:
        """Give the lines of a paper that was made harmless before.

        Refuses with ``documents.no-reader`` where none is installed, ``documents.not-readable``
        what broke it, took too long or is an OFD.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildReader:
    """Reads in a child process within limits; nothing of a paper is written down or logged."""

    seconds: int = LONGEST_READING_SECONDS
    """For a whole paper, on the clock and of the processor."""
    program: Path = _READER

    def read_text(self, *, content: bytes) -> PaperText:
        """Give the lines of a paper; refuses as :class:`TextReader` says."""
        if kind_of(content) is DocumentKind.OFD:
            raise Refusal("documents.not-readable")
        try:
            told: dict[str, Any] = json.loads(self._ask(content))
        except (ValueError, RecursionError):
            told = _NOT_READ
        if "fault" in told:
            raise Refusal(str(told["fault"]))
        return paper_from(told)

    def draw_page(self, *, content: bytes, page: int) -> bytes:
        """Give one page of a PDF or a picture as PNG, for a person to look at.

        Refuses with ``documents.not-readable``, also where there is no such page.
        """
        drawn = self._ask(content, str(page))
        if not drawn.startswith(_PNG):
            raise Refusal("documents.not-readable")
        return drawn

    def _ask(self, content: bytes, *more: str) -> bytes:
        """Give what the child answers; one that hung or died has answered nothing."""
        command = [sys.executable, "-I", str(self.program), str(self.seconds), *more]
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, our own file, no shell
                command, input=content, capture_output=True, check=False, timeout=self.seconds
            )
        except (OSError, subprocess.SubprocessError):
            return b""
        return done.stdout if done.returncode == 0 else b""


def is_reader_installed() -> bool:
    """Whether the extra ``ocr`` is there, without loading any of it."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "pypdfium2"))


def paper_from(told: dict[str, Any]) -> PaperText:
    """Take only what has the agreed form: a child that was broken may say anything."""
    try:
        lines = tuple(
            TextLine(
                text=str(text)[:_LONGEST_LINE],
                certainty=int(certainty),
                place=Place(page=number, corners=_corners_from(corners)),
            )
            for number, page in enumerate(told["pages"], 1)
            for text, certainty, corners in page["lines"]
        )
        paper = PaperText(
            pages=len(told["pages"]),
            lines=lines,
            turned=tuple(int(page["turned"]) for page in told["pages"]),
            reader=str(told["reader"]),
        )
    except (KeyError, TypeError, ValueError):
        raise Refusal("documents.not-readable") from None
    if len(lines) > _MOST_LINES:
        raise Refusal("documents.not-readable")
    return paper


def _corners_from(corners: Any) -> tuple[tuple[int, int], ...]:  # noqa: ANN401 - judged here
    taken = tuple((int(across), int(down)) for across, down in corners)
    if len(taken) != _CORNERS:
        raise ValueError(len(taken))
    return taken
