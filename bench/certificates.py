"""Certificates a minute, from the issue to the signed paper, beside the bare sheet set as a PDF.

The value is whole certificates: numbered, signed with SM2, sealed, recorded, opened again, proven
in the log, set as PDF/A-3 with its data attached, and signed. The yardstick sets a sheet of the
same make alone, in the same process. One writer, one processor's worth of work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.installations import quick_database
from bench.measure import report, seconds_of

if TYPE_CHECKING:
    from anju.titles.certificates.types import CertificateRow

HOMES = 120
PAPERS = 30
"""Papers are slower by far: a part of the homes shows how fast they come."""


def main() -> None:
    """Measure on a database of its own, and report."""
    with quick_database():
        measure()


def measure() -> None:
    """Issue, hand over and print; each part by itself."""
    from anju.foundation.access.context import reading  # noqa: PLC0415
    from anju.titles.certificates.queries import handed_over, verify_state  # noqa: PLC0415
    from anju.web.papers import set_paper  # noqa: PLC0415
    from anju.web.public.certificate_sheets import print_certificate  # noqa: PLC0415
    from tests.support.certificates import open_office, seal_log  # noqa: PLC0415
    from tests.support.communities import AT  # noqa: PLC0415

    office = open_office(homes=HOMES)
    clerk = office.clerk
    rows: list[CertificateRow] = []
    issuing = seconds_of(lambda: rows.extend(office.issue(n) for n in range(1, HOMES + 1)))
    seal_log()
    host = "https://anju.example"

    def print_one(number: int) -> bytes:
        with reading(by=clerk):
            handed = handed_over(certificate_id=rows[number].id, at=AT)
        return print_certificate(handed, certificate_id=rows[number].id, host=host, at=AT)

    size = len(print_one(0))  # loads what is loaded once
    worked = time.process_time()
    printing = seconds_of(lambda: [print_one(number) for number in range(1, PAPERS + 1)])
    worked = time.process_time() - worked
    answering = seconds_of(
        lambda: [verify_state(certificate_id=row.id, at=AT) for row in rows[:PAPERS]]
    )
    lines = [("权利人", "张三丰"), ("坐落", "安居路 1 号"), ("面积", "89.50 ㎡")] * 4
    facts: dict[str, object] = {"number": "鲁(2026)济南市不动产权第0000001号", "lines": lines}

    def set_one() -> object:
        return set_paper("parts/certificate_sheet.html", facts)

    bare = seconds_of(_times(set_one, PAPERS))
    whole = issuing / HOMES + printing / PAPERS
    report(
        name="certificates",
        value=round(60 / whole, 1),
        unit="certificates a minute",
        yardstick=round(60 * PAPERS / bare, 1),
        ratio=round(bare / PAPERS / whole, 3),
        issued_a_minute=round(60 * HOMES / issuing, 1),
        papers_a_minute=round(60 * PAPERS / printing, 1),
        states_a_minute=round(60 * PAPERS / answering, 1),
        processor_seconds_a_paper=round(worked / PAPERS, 2),
        paper_bytes=size,
        homes=HOMES,
    )


def _times(work: Callable[[], object], count: int) -> Callable[[], object]:
    return lambda: [work() for _ in range(count)]


if __name__ == "__main__":
    main()
