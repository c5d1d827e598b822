"""Read one spreadsheet in a process of its own: the file comes in, JSON goes out.

Why a process: a spreadsheet is untrusted input to a native parser that lays the sheet out as one
dense rectangle. A single stray or damaged cell address makes it ask for tens of gigabytes and ends
the process it runs in. Here that ends only this process, within a memory limit, and is told as a
fault.

Run as a file by :mod:`anju.foundation.exchange.sheets`; it imports nothing of Anju.
Standard output holds one object: ``{"fault": code, ...}`` or
``{"sheets": [...], "sheet": name, "rows": [[cell, ...], ...], "merged": [[r1, c1, r2, c2], ...]}``.
A cell is text, a number, true/false, or ``{"date"|"time"|"error": text}``. Rows count from 0.
"""

from __future__ import annotations

import datetime
import io
import json
import re
import sys
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

from python_calamine import (  # type: ignore[attr-defined,unused-ignore]
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 240
MOST_UNPACKED_BYTES = 1024**3
_ERROR_CELL = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>.*?<v>([^<]{0,40})</v>', re.DOTALL)
_CELL_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def limit_this_process() -> None:
    """Keep a damaged file from taking the machine with it; systems without limits go without."""
    try:
        import resource  # noqa: PLC0415 - some systems have none
    except ImportError:  # not on Windows
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        _, hard = resource.getrlimit(what)
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def written_cell(cell: object) -> object:
    """Give a cell as JSON can carry it."""
    if isinstance(cell, str | bool | int | float):
        return cell
    if isinstance(cell, datetime.datetime):
        return {"date": cell.isoformat(sep=" ")}
    if isinstance(cell, datetime.date):
        return {"date": cell.isoformat()}
    return {"time": str(cell)}


def _parse(xml: bytes) -> ET.Element:
    # Expat refuses entities that swell (since 2.4.1), and this process is limited besides.
    return ET.fromstring(xml)  # noqa: S314


def sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Find which part of an .xlsx holds the sheet."""
    wanted = None
    for node in _parse(archive.read("xl/workbook.xml")).iter():
        if node.tag.endswith("}sheet") and node.get("name") == sheet:
            wanted = next(
                (value for key, value in node.attrib.items() if key.endswith("}id")), None
            )
    for node in _parse(archive.read("xl/_rels/workbook.xml.rels")).iter():
        if node.get("Id") == wanted and wanted is not None:
            target = node.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def error_cells(data: bytes, sheet: str) -> list[tuple[int, int, str]]:
    """List the cells of an .xlsx that show an error (``#REF!``): the parser gives them as empty.

    Rows and columns count from 0.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = sheet_part(archive, sheet)
        xml = archive.read(part) if part in archive.namelist() and part is not None else b""
    found = []
    if b't="e"' in xml:
        for match in _ERROR_CELL.finditer(xml):
            address = _CELL_ADDRESS.search(match[1])
            if address is not None:
                column = 0
                for letter in address[1]:
                    column = column * 26 + letter - 64
                found.append((int(address[2]) - 1, column - 1, match[2].decode("ascii", "replace")))
    return found


def read_workbook(data: bytes, sheet: str) -> dict[str, Any]:
    """Read one sheet: the named one, or the first that is visible."""
    is_zip = data.startswith(b"PK")
    if is_zip:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED_BYTES:
                return {"fault": "import.file-too-large"}
    elif _ENCRYPTED in data:
        return {"fault": "import.encrypted-file"}
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = [
        about.name for about in workbook.sheets_metadata if about.typ == SheetTypeEnum.WorkSheet
    ]
    visible = [
        about.name
        for about in workbook.sheets_metadata
        if about.name in names and about.visible == SheetVisibleEnum.Visible
    ]
    if sheet and sheet not in names:
        return {"fault": "import.sheet-missing", "sheets": names}
    if not names:
        return {"fault": "import.sheet-missing", "sheets": []}
    name = sheet or (visible or names)[0]
    opened = workbook.get_sheet_by_name(name)
    rows = [[written_cell(cell) for cell in row] for row in opened.to_python(skip_empty_area=False)]
    if is_zip:
        for row, column, text in error_cells(data, name):
            if row < len(rows):
                rows[row].extend([""] * (column + 1 - len(rows[row])))
                rows[row][column] = {"error": text}
    merged = [[*first, *last] for first, last in opened.merged_cell_ranges or []]
    return {"sheets": names, "sheet": name, "rows": rows, "merged": merged}


def main() -> int:
    """Read standard input, write the object, and leave with 0 even where it tells a fault."""
    limit_this_process()
    data = sys.stdin.buffer.read()
    try:
        told = read_workbook(data, sys.argv[1] if len(sys.argv) > 1 else "")
    except PasswordError:
        told = {"fault": "import.encrypted-file"}
    except (
        CalamineError,
        zipfile.BadZipFile,
        ET.ParseError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        OSError,
        MemoryError,
    ) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        told = {"fault": "import.damaged-file"}
    sys.stdout.write(json.dumps(told, ensure_ascii=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
