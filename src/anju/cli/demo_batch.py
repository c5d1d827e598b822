"""The demo's batch: a second building's homes filed at once, one of them with a fault.

The pack lies beside the demo as a folder and as a ZIP, so that a visitor can check it offline and
hand it in again.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont
from stdnum.cn import ric

from anju.cli.demo_homes import owners_by_home
from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.titles.cases.batches.operations import receive_batch
from anju.titles.cases.batches.queries import batches_of
from anju.titles.cases.batches.reading import manifest_columns
from anju.titles.cases.batches.running import run_batch
from anju.titles.cases.batches.terms import brought_materials, procedure_of
from anju.titles.cases.batches.types import BatchTerms
from anju.titles.communities.types import HomeRow
from anju_rules.sheets import yuan_from_fen
from anju_rules.values import Fen

FOLDER, ARCHIVE = "batch", "batch.zip"
_SHARED = "共用/开发企业授权.pdf"
_TERMS = f"""procedure = "title-6-steps"
[homes]
is_first_sale = true
construction_cost_yuan_per_sqm = "2600"
[[shared]]
material = "company-record"
file = "{_SHARED}"
"""
_FAULTY = 3
"""The home, counted from one, whose unit code was written down wrongly."""
_SHEET = (827, 1169)
"""A page of A4 at 100 dots an inch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBatch:
    """The batch of one community, while the demo is being made."""

    home: Path
    community_id: UUID
    officer: Callable[[str], Actor]
    say: Callable[[str], None]

    def prepare(self, homes: Sequence[HomeRow]) -> None:
        """File these homes in one batch, unless one was taken in before."""
        by = self.officer("district")
        with reading(by=by):
            if batches_of(project_id=self.community_id):
                return
        self.say("成批收件：一包八户，一户写错……")
        packed = self._write(self._files(homes))
        if not settings.SCANNER:  # no file comes in then, not even the demo's own
            self.say("（没有设置杀毒程序，略过）")
            return
        came = receive_batch(
            project_id=self.community_id,
            data=packed,
            file_name=ARCHIVE,
            is_dry_run=False,
            by=by,
            at=read_clock(),
        )
        run_batch(project_id=self.community_id, batch_id=came.id, by=by, at=read_clock())

    def _files(self, homes: Sequence[HomeRow]) -> dict[str, bytes]:
        """Give the manifest, its terms and a scan for each paper of each home, by their names."""
        procedure = procedure_of(BatchTerms())
        columns = manifest_columns(procedure)
        papers = tuple(brought_materials(procedure).values())
        files = {"batch.toml": _TERMS.encode(), _SHARED: draw_scan("company-record")}
        table = io.StringIO(newline="")
        writer = csv.writer(table)
        writer.writerow([column.header for column in columns])
        for serial, home in enumerate(homes, start=1):
            row = self._row(home, serial=serial, papers=papers)
            if serial == _FAULTY:
                row["unit_code"] = row["unit_code"][:-1]
            writer.writerow([row.get(column.key, "") for column in columns])
            files |= {row[f"file:{code}"]: draw_scan(f"{home.number} {code}") for code in papers}
        return files | {"manifest.csv": table.getvalue().encode("utf-8-sig")}

    def _row(self, home: HomeRow, *, serial: int, papers: Sequence[str]) -> dict[str, str]:
        owners = owners_by_home()[home.number]
        area, price = home.contracted_sqm or Decimal(0), home.price_fen_per_sqm or 0
        return {
            "number": home.number,
            "unit_code": home.unit_code,
            "owners": "、".join(owners),
            "papers": "、".join(
                _identity_number(10 * serial + place) for place in range(len(owners))
            ),
            "shares": "、".join("1/2" for _ in owners) if len(owners) > 1 else "",
            "contract": f"YS-{serial:05}",
            "price": yuan_from_fen(Fen(int(area * price))),
            "each": yuan_from_fen(Fen(price)),
            "contracted": str(area),
            "registered": str(home.registered_sqm or ""),
            "owned": "1",
            "tax": f"SP2026{serial:06}",
            **{f"file:{code}": f"材料/{home.number}-{code}.pdf" for code in papers},
        }

    def _write(self, files: Mapping[str, bytes]) -> bytes:
        """Lay the pack beside the demo, as a folder and packed; gives the ZIP."""
        for name, content in files.items():
            place = self.home / FOLDER / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        (self.home / ARCHIVE).write_bytes(packed.getvalue())
        return packed.getvalue()


def draw_scan(words: str) -> bytes:
    """Draw a page of a form with nothing on it but lines and ``words`` (ASCII); gives a PDF."""
    page = Image.new("L", _SHEET, 252)
    pen = ImageDraw.Draw(page)
    pen.text((90, 90), f"DEMO  {words}", fill=40, font=ImageFont.load_default(size=26))
    for down in range(220, 1000, 60):
        pen.line(((90, down), (737, down)), fill=150, width=2)
    told = io.BytesIO()
    page.save(told, "PDF", resolution=100)
    return told.getvalue()


def _identity_number(serial: int) -> str:
    """Give a well-formed identity number that is nobody's: no division has the code 370199."""
    body = f"370199{1950 + serial % 50:04}0101{serial % 1000:03}"
    return body + ric.calc_check_digit(body + "0")
