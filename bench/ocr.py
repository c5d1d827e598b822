"""Pre-review of scanned papers: seconds a page, and agreement with officers on a sealed set.

The set is generated from a seed whose digest was written down before the generator existed
(decision 0033): scans of an office, photographs of a telephone, copies of copies; half of the
papers have a fault. Its truth is what an officer would say of each point: fine, or to be looked at.
``ocr`` is the seconds a page, on one processor with the reader loaded, beside making the same page
harmless; ``document_s`` is a whole paper through the port, its process and its loading included.
``ocr-agreement`` is the share of points judged as an officer would, beside a reader that nods at
everything. Nothing was tuned on this set.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from random import Random
from typing import Any

from anju.foundation.documents.cleaning import make_harmless
from anju.foundation.documents.reading import ChildReader, is_reader_installed, paper_from
from anju.foundation.documents.reading_process import load_engine, read_paper
from anju_rules.prereview.reviewing import review_paper
from bench.measure import ROOT, report

PAPERS = 100
THROUGH_THE_PORT = 5
WORKERS = 2
SEED_FILE = ROOT / "bench" / "ocr_seed.txt"
SEED_DIGEST = "71ab438cb56bf42bfe35ab65e434d48036307883588b4179a92c936d07323e76"
"""As decision 0033 states it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A paper that was read and judged, as it comes back from its process."""

    number: int
    pages: int
    reading_s: float
    cleaning_s: float
    table: list[tuple[tuple[str, str], int]]
    points: list[tuple[tuple[str, bool], int]]
    is_right: bool


def main() -> int:
    """Measure, and print two lines."""
    forms = import_module("tests.support.scan_forms")
    marks = import_module("tests.support.scan_marks").Marks()
    if not is_reader_installed() or forms.find_font() is None:
        sys.stderr.write("Needs the extra ocr (make setup-ocr) and a Chinese font (Noto CJK).\n")
        return 1
    seed = SEED_FILE.read_text(encoding="ascii").strip()
    if hashlib.sha256(seed.encode()).hexdigest() != SEED_DIGEST:
        sys.stderr.write("This is not the sealed set.\n")
        return 1
    numbers = [range(start, PAPERS, WORKERS) for start in range(WORKERS)]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as workers:
        parts = list(workers.map(judge_papers, [seed] * WORKERS, numbers))
    rows = [row for part in parts for row in part]
    pages = sum(row.pages for row in rows)
    for row in rows:
        marks.table.update(dict(row.table))
        marks.points.update(dict(row.points))
        marks.papers_right += row.is_right
    seconds = sum(row.reading_s for row in rows) / pages
    harmless = sum(row.cleaning_s for row in rows) / pages
    report(
        "ocr",
        round(seconds, 2),
        "processor seconds a page",
        round(harmless, 3),
        round(seconds / harmless, 1),
        pages=pages,
        papers=PAPERS,
        document_s=round(seconds_through_the_port(seed), 2),
    )
    told = marks.two_by_two()
    nodding = told.get("fine_cited", 0) + told.get("fine_doubted", 0)
    report(
        "ocr-agreement",
        round(100 * marks.right / marks.judged, 2),
        "% of points",
        round(100 * nodding / marks.judged, 2),
        round(marks.right / nodding, 3),
        points=marks.judged,
        papers_all_right=marks.papers_right,
        confusion=told,
        table={f"{word} / {code}": count for (word, code), count in sorted(marks.table.items())},
        wrong_by_point={
            point: count for (point, is_right), count in marks.points.items() if not is_right
        },
    )
    return 0


def make_scans(seed: str, numbers: range) -> Iterator[tuple[int, Any, bytes]]:
    """Make the papers of the set, each from its own seed."""
    faults = import_module("tests.support.scan_faults")
    wear = import_module("tests.support.scan_wear")
    for number in numbers:
        random = Random(f"{seed}:{number}")
        made = faults.make_paper(random)
        yield number, made, wear.wear_paper(made, random)


def judge_papers(seed: str, numbers: range) -> list[Judged]:
    """Read and judge some of the papers in one process; a row of counts each."""
    marks_of = import_module("tests.support.scan_marks").Marks
    engine, rows = load_engine(threads=1), []
    for number, made, scan in make_scans(seed, numbers):
        start = time.process_time()
        kept = make_harmless(scan).content
        between = time.process_time()
        paper = paper_from(read_paper(engine, kept))
        found = review_paper(paper=paper, kind=made.kind, known=made.known)
        end = time.process_time()
        marks = marks_of()
        wrong = marks.mark(found, made.truth)
        if wrong:
            sys.stderr.write(
                json.dumps([number, made.kind.value, wrong], ensure_ascii=False) + "\n"
            )
        rows.append(
            Judged(
                number=number,
                pages=paper.pages,
                reading_s=end - between,
                cleaning_s=between - start,
                table=list(marks.table.items()),
                points=list(marks.points.items()),
                is_right=not wrong,
            )
        )
    return rows


def seconds_through_the_port(seed: str) -> float:
    """Give the seconds on the clock that one whole paper takes, its process included."""
    start, papers = time.perf_counter(), 0
    for _, _, scan in make_scans(seed, range(THROUGH_THE_PORT)):
        ChildReader().read_text(content=make_harmless(scan).content)
        papers += 1
    return (time.perf_counter() - start) / papers


if __name__ == "__main__":
    sys.exit(main())
