"""Open a file that should hold a table, and give its cells as they stand; never a traceback.

``.xlsx`` and ``.xls`` are told apart by their first bytes, not by their name, and read in a process
of their own (:mod:`anju.foundation.exchange.spreadsheet_process`). Anything else is read as
``.csv`` in UTF-8 (with or without its mark) or GB 18030.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anju.foundation.exchange.cells import MarkedCell, RawCell
from anju.foundation.exchange.faults import Fault, shown

MOST_ROWS = 2_000_000
MOST_BYTES = 512 * 1024 * 1024
LONGEST_READING_SECONDS = 300
_READER = Path(__file__).with_name("spreadsheet_process.py")
_SPREADSHEETS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_OTHER_FORMATS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")
_DAMAGED: dict[str, Any] = {"fault": "import.damaged-file"}
Source = Path | bytes
"""Where a table comes from: a file, or the bytes of one that never touch the disk unsealed."""
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The cells of one sheet: row by row, ragged, from the sheet's very first row and column."""

    rows: Sequence[Sequence[RawCell]]
    merged: Sequence[tuple[int, int, int, int]] = ()
    """Merged ranges as first row, first column, last row, last column; all from 0, all inside."""


def source_name(source: Source) -> str:
    """Give the name of a source where nobody gave it one."""
    return source.name if isinstance(source, Path) else "table"


def open_sheet(source: Source, *, sheet: str = "", file: str = "") -> Sheet | Fault:
    """Read the cells of one sheet of ``source``, or say what is wrong with the file.

    ``sheet`` is the sheet's name (a .csv has none); ``file`` is the name shown to the reader.
    """
    shown_file = file or source_name(source)
    data = _read_source(source, file=shown_file)
    if isinstance(data, Fault):
        return data
    if not data.strip():
        return Fault(file=shown_file, rule="import.file-empty")
    if data.startswith(_SPREADSHEETS):
        return _open_spreadsheet(data, sheet=sheet, file=shown_file)
    if data.startswith(_OTHER_FORMATS) or data.lstrip()[:20].lower().startswith(_MARKUP):
        return Fault(file=shown_file, rule="import.wrong-format")
    return _open_csv(data, file=shown_file)


def _read_source(source: Source, *, file: str) -> bytes | Fault:
    if isinstance(source, bytes):
        is_too_large = len(source) > MOST_BYTES
        return Fault(file=file, rule="import.file-too-large") if is_too_large else source
    try:
        if not source.is_file():
            return Fault(file=file, rule="import.file-missing")
        if source.stat().st_size > MOST_BYTES:
            return Fault(file=file, rule="import.file-too-large")
        return source.read_bytes()
    except (OSError, ValueError):
        return Fault(file=file, rule="import.file-unreadable")


def _open_spreadsheet(data: bytes, *, sheet: str, file: str) -> Sheet | Fault:
    command = [sys.executable, "-I", str(_READER), sheet]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own file, no shell
            command, input=data, capture_output=True, check=False, timeout=LONGEST_READING_SECONDS
        )
        told: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else _DAMAGED
    except (OSError, ValueError, subprocess.SubprocessError, RecursionError):
        told = _DAMAGED
    if "fault" in told:
        sheets = "、".join(told.get("sheets", []))
        return Fault(
            file=file, rule=str(told["fault"]), value=shown(sheet), facts={"sheets": shown(sheets)}
        )
    rows = told["rows"]
    if len(rows) > MOST_ROWS:
        return Fault(file=file, rule="import.too-many-rows", facts={"most": MOST_ROWS})
    for row in rows:
        for at, cell in enumerate(row):
            if isinstance(cell, dict):
                ((kind, text),) = cell.items()
                row[at] = MarkedCell(kind=kind, text=text)
    return Sheet(rows=rows, merged=tuple((a, b, c, d) for a, b, c, d in told["merged"]))


def _open_csv(data: bytes, *, file: str) -> Sheet | Fault:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            return Fault(file=file, rule="import.wrong-encoding")
    if "\x00" in text:
        return Fault(file=file, rule="import.wrong-format")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[RawCell]] = []
    try:
        for row in reader:
            if len(rows) >= MOST_ROWS:
                return Fault(file=file, rule="import.too-many-rows", facts={"most": MOST_ROWS})
            rows.append(list(row))
    except csv.Error:
        # An open quotation mark would swallow all rows after it: the file is refused, not guessed
        # at.
        return Fault(file=file, row=len(rows) + 1, rule="import.broken-quotes")
    return Sheet(rows=rows)


def _delimiter(text: str) -> str:
    """Give what parts the columns: whichever of comma, tab, semicolon the first lines hold most."""
    head = text[:4000]
    return max(",\t;", key=head.count) if any(mark in head for mark in ",\t;") else ","
