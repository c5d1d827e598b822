"""Batches for tests: a manifest with scans, folder or zip, and rows that are wrong on purpose."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from stdnum.cn import ric

from anju.titles.cases.batches.reading import manifest_columns
from anju.titles.cases.batches.terms import procedure_of
from anju.titles.cases.batches.types import BatchTerms
from tests.support.hostile_files import plain_pdf

TERMS = """
procedure = "title-6-steps"
[homes]
is_first_sale = true
construction_cost_yuan_per_sqm = "2600"
[[shared]]
material = "company-record"
file = "共用/开发企业授权.pdf"
"""
PARCEL = "370105012002GB00001"
ASKED = ("title-application", "identity-proof", "floor-sketch", "home-count-commitment")
Row = dict[str, str]
Mend = Callable[[int, Row], None]
"""Told a row's place among the rows (from 0) and the row, to change it."""


def identity_number(serial: int) -> str:
    """Give a well-formed identity number that is nobody's."""
    body = f"370105{1950 + serial % 50:04}0101{serial % 1000:03}"
    return body + ric.calc_check_digit(body + "0")


def scan(serial: int, material: str) -> bytes:
    """Give a small plain PDF, another for each home and material."""
    return plain_pdf(page=f"/Anju ({material}-{serial})")


def make_files(count: int, *, mend: Mend | None = None, first: int = 1) -> dict[str, bytes]:
    """Give the files of a batch; its homes are those of a town (tests.support.communities)."""
    files: dict[str, bytes] = {
        "batch.toml": TERMS.encode(),
        "共用/开发企业授权.pdf": scan(0, "company-record"),
    }
    rows = []
    for place in range(count):
        serial = first + place
        home = f"1-{(serial - 1) // 4 + 1}{(serial - 1) % 4 + 1:02}"
        row = {
            "number": home,
            "unit_code": f"{PARCEL}F0001{serial:04}",
            "owners": f"王{'甲乙丙丁'[serial % 4]}{serial}",
            "papers": identity_number(serial),
            "shares": "",
            "phones": "13800000000",
            "contract": f"HT-{serial:05}",
            "price": "708000",
            "each": "8000",
            "contracted": "88.50",
            "registered": "91.155",
            "owned": "1",
            "tax": f"SP{serial:06}",
            "area": "",
            **{f"file:{code}": f"材料/{home}-{code}.pdf" for code in ASKED},
        }
        for code in ASKED:
            files[row[f"file:{code}"]] = scan(serial, code)
        if mend is not None:
            mend(place, row)
        rows.append(row)
    files["manifest.csv"] = told_csv(rows)
    return files


def told_csv(rows: list[Row]) -> bytes:
    """Write rows under the headers of a manifest."""
    columns = manifest_columns(procedure_of(BatchTerms()))
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow([column.header for column in columns])
    for row in rows:
        writer.writerow([row[column.key] for column in columns])
    return told.getvalue().encode("utf-8-sig")


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files of a batch into a folder."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def packed(files: Mapping[str, bytes]) -> bytes:
    """Pack the files of a batch."""
    told = io.BytesIO()
    with zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # A zip notes the hour of each file: the same files must give the same bytes.
            archive.writestr(zipfile.ZipInfo(name), content)
    return told.getvalue()
