"""Checking a batch: every row by the same rules, on a desk without a network and on the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from anju.foundation.documents.cleaning import make_harmless
from anju.foundation.documents.types import Harmless
from anju.foundation.exchange.faults import Fault, fault_from_refusal
from anju.titles.cases.batches.forecasting import forecast_home
from anju.titles.cases.batches.packs import Pack
from anju.titles.cases.batches.reading import TAX, ManifestRead, read_manifest
from anju.titles.cases.batches.terms import TERMS_FILE, brought_materials, procedure_of
from anju.titles.cases.batches.types import (
    BatchReport,
    BatchTerms,
    HomeEntry,
    RowReport,
    figures_of,
)
from anju_rules.hashing import canonical, digest
from anju_rules.policy.types import plain
from anju_rules.values import Refusal

_READERS = 2
"""Pictures are drawn anew outside the interpreter's lock: two at a time, and little in memory."""
OnRow = Callable[[int, int], object]
"""Told rows done and rows in all."""


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """A file of a pack after it was judged."""

    name: str
    arrived_digest: bytes = b""
    content: bytes = field(default=b"", repr=False)
    harmless: Harmless | None = None
    refusal: Refusal | None = None

    def give_harmless(self, content: bytes) -> Harmless:
        """Give what was found of this content before: a file is judged once."""
        if self.harmless is None:
            return make_harmless(content)
        return self.harmless


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRow:
    """A row's report with the files that belong to it, judged once and never read again."""

    report: RowReport
    files: Mapping[str, tuple[JudgedFile, ...]] = field(repr=False)
    """By material."""


def check_batch(*, pack: Pack, on: date, on_row: OnRow | None = None) -> BatchReport:
    """Check a whole batch without a database, and predict what each home comes to.

    What is wrong stands in the report; a pack that cannot be opened was refused before.
    """
    read = read_manifest(pack)
    shared = judge_shared(pack, read)
    rows = []
    for done, judged in enumerate(judge_rows(pack=pack, read=read, shared=shared, on=on), start=1):
        rows.append(judged.report)
        if on_row is not None:
            on_row(done, len(read.entries))
    return report_of(pack=pack, read=read, shared=shared, rows=rows, on=on)


def report_of(
    *,
    pack: Pack,
    read: ManifestRead,
    shared: Mapping[str, JudgedFile],
    rows: list[RowReport],
    on: date,
) -> BatchReport:
    """Put the report of a batch together, rows in the order of the table."""
    known = {row.place for row in rows}
    unread = [
        RowReport(place=place, number="", digest="", entry=None, faults=faults)
        for place, faults in read.row_faults.items()
        if place not in known
    ]
    every = tuple(sorted([*rows, *unread], key=lambda row: row.place))
    refused = [
        fault_from_refusal(one.refusal, file=one.name)
        for one in shared.values()
        if one.refusal is not None
    ]
    return BatchReport(
        manifest=read.manifest,
        digest=digest(
            canonical([_told_terms(read.terms), [[row.place, row.digest] for row in every]])
        ).hex(),
        terms=read.terms,
        on=on,
        rows=every,
        faults=(*read.faults, *refused),
        notes=tuple(_unnamed(pack, read)),
    )


def judge_shared(pack: Pack, read: ManifestRead) -> dict[str, JudgedFile]:
    """Judge the papers that count for every home, by material."""
    return {one.material: judge_file(pack, one.file) for one in read.terms.shared}


def judge_rows(
    *,
    pack: Pack,
    read: ManifestRead,
    shared: Mapping[str, JudgedFile],
    on: date,
    wanted: Callable[[HomeEntry], bool] = lambda _: True,
) -> Iterator[JudgedRow]:
    """Judge the readable rows one after the other, the files of the next ones beside.

    ``wanted``: which rows are still to be judged at all.
    """
    common = {material: one.arrived_digest.hex() for material, one in shared.items()}
    entries = [entry for entry in read.entries if wanted(entry)]
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        waiting = []
        ahead = iter(entries)
        for entry in ahead:
            waiting.append((entry, readers.submit(_judge_files, pack, entry)))
            if len(waiting) >= 2 * _READERS:
                break
        while waiting:
            entry, files = waiting.pop(0)
            following = next(ahead, None)
            if following is not None:
                waiting.append((following, readers.submit(_judge_files, pack, following)))
            yield _judge_row(entry, files.result(), read, common=common, on=on)


def judge_file(pack: Pack, name: str) -> JudgedFile:
    """Judge one file: what it is by its content, and whether it is nothing but paper."""
    if name not in pack.sizes:
        return JudgedFile(name, refusal=Refusal("batches.file-missing", named=name))
    try:
        content = pack.read(name)
    except Refusal as refusal:
        return JudgedFile(name, refusal=refusal)
    arrived = digest(content)
    try:
        return JudgedFile(name, arrived, content, make_harmless(content))
    except Refusal as refusal:
        return JudgedFile(name, arrived, refusal=refusal)


def digest_of_row(
    *,
    entry: HomeEntry,
    terms: BatchTerms,
    files: Mapping[str, list[str]],
    shared: Mapping[str, str],
) -> str:
    """Give the digest of all that a home is filed with: row, files, and what is shared.

    ``files`` and ``shared`` are the digests of what arrived, by material.
    """
    told = {
        "procedure": terms.procedure,
        "number": entry.number,
        "unit_code": entry.unit_code,
        "people": [[one.name, one.identity_number, one.share, one.phone] for one in entry.people],
        "contract": entry.contract_number,
        "price_fen": str(entry.price_fen),
        "price_fen_per_sqm": str(entry.price_fen_per_sqm),
        "contracted_sqm": _told_area(entry.contracted_sqm),
        "registered_sqm": _told_area(entry.registered_sqm),
        "homes_owned": entry.homes_owned,
        "tax_proof": entry.tax_proof,
        "area": entry.area,
        "files": dict(files),
        "shared": dict(shared),
    }
    return digest(canonical(told)).hex()


def _judge_files(pack: Pack, entry: HomeEntry) -> dict[str, tuple[JudgedFile, ...]]:
    return {
        material: tuple(judge_file(pack, name) for name in names)
        for material, names in entry.files.items()
    }


def _judge_row(
    entry: HomeEntry,
    files: Mapping[str, tuple[JudgedFile, ...]],
    read: ManifestRead,
    *,
    common: Mapping[str, str],
    on: date,
) -> JudgedRow:
    procedure = procedure_of(read.terms)
    titles = {code: title for title, code in brought_materials(procedure).items()}
    faults = list(read.row_faults.get(entry.place, ()))
    notes: list[Fault] = []
    for material, ones in files.items():
        faults += [
            fault_from_refusal(
                one.refusal,
                file=read.manifest,
                row=entry.place,
                column=titles[material],
                value=one.name,
            )
            for one in ones
            if one.refusal is not None
        ]
    for code, title in titles.items():
        if code not in files and code not in common:
            is_owed = procedure.materials[code].is_tolerable
            (notes if is_owed else faults).append(
                Fault(
                    file=read.manifest,
                    row=entry.place,
                    column=title,
                    rule="batches.material-owed" if is_owed else "batches.material-missing",
                    facts={"material": title},
                )
            )
    if not entry.tax_proof:
        notes.append(
            Fault(file=read.manifest, row=entry.place, column=TAX, rule="batches.tax-proof-owed")
        )
    forecast = forecast_home(entry=entry, terms=read.terms, on=on, file=read.manifest)
    told = digest_of_row(
        entry=entry,
        terms=read.terms,
        files={
            material: [one.arrived_digest.hex() for one in ones] for material, ones in files.items()
        },
        shared=common,
    )
    report = RowReport(
        place=entry.place,
        number=entry.number,
        digest=told,
        entry=entry,
        faults=tuple(faults),
        notes=(*notes, *forecast.unknown),
        figures=figures_of(forecast),
    )
    return JudgedRow(report=report, files=files)


def _unnamed(pack: Pack, read: ManifestRead) -> Iterator[Fault]:
    """Say which files nobody named: most often a name that was mistyped in a row."""
    if read.faults or len(read.entries) < len(read.row_faults.keys() | _places(read)):
        return  # a row that cannot be read names its files all the same
    named = {name for one in read.entries for names in one.files.values() for name in names}
    named |= {one.file for one in read.terms.shared} | {read.manifest, TERMS_FILE}
    for name in pack.sizes:
        if name not in named:
            yield Fault(file=name, rule="batches.file-unnamed")


def _places(read: ManifestRead) -> set[int]:
    return {entry.place for entry in read.entries}


def _told_area(area: Decimal | None) -> str:
    return "" if area is None else plain(area.normalize())


def _told_terms(terms: BatchTerms) -> list[object]:
    return [terms.procedure, [[one.material, one.file] for one in terms.shared]]
