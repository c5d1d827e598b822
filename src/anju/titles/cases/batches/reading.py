"""The manifest of a batch: a table with one row a home, beside it the terms and the scans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final, cast

from anju.foundation.exchange.cells import Column
from anju.foundation.exchange.faults import Fault, fault_from_refusal, shown
from anju.foundation.exchange.tables import Row, TableSpec, find_repeats, read_table
from anju.titles.cases.batches.packs import Pack
from anju.titles.cases.batches.terms import TERMS_FILE, brought_materials, procedure_of, read_terms
from anju.titles.cases.batches.types import AreaWord, BatchTerms, HomeEntry
from anju.titles.communities.types import Person
from anju_rules.identifiers import check_identity_number, check_unit_code
from anju_rules.masking import mask_identity_number, mask_phone
from anju_rules.procedures.types import Procedure
from anju_rules.sheets import EXACT, fen_from_yuan, yuan_from_fen
from anju_rules.values import AreaSqm, Fen, Refusal

MANIFESTS: Final = ("manifest.xlsx", "manifest.xls", "manifest.csv")
MOST_HOMES: Final = 5_000
_OFF_MOST_FEN = 100
"""A contract's total and its price a square metre may differ by one yuan: both are rounded."""
_OF_HEADER = {"import.header-ambiguous", "import.header-duplicate", "import.column-missing"}
"""What is wrong with the header is wrong with every row."""
_PHONE = re.compile(r"1[0-9]{10}")
_WIDE = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_MOST_SQM = Decimal(100_000)
_MOST_YUAN = Decimal(10_000_000_000)
_AREA_WORDS: Mapping[str, str] = {"据实": "actual", "按套": "fixed", "未约定": "silent"}

NUMBER, UNIT_CODE, OWNERS = "房号", "不动产单元号", "权利人"
PAPERS, SHARES, PHONES = "证件号码", "共有份额", "联系电话"
CONTRACT, PRICE, PRICE_PER_SQM = "合同编号", "总价（元）", "单价（元/㎡）"
CONTRACTED, REGISTERED, OWNED = "合同面积（㎡）", "实测面积（㎡）", "家庭住房套数"
TAX, AREA = "完税凭证号", "面积差约定"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRead:
    """A manifest as read: entries by row, and what is wrong with rows or with the whole."""

    manifest: str
    terms: BatchTerms
    entries: tuple[HomeEntry, ...]
    row_faults: Mapping[int, tuple[Fault, ...]]
    faults: tuple[Fault, ...]


def manifest_columns(procedure: Procedure) -> tuple[Column, ...]:
    """Give the columns of a manifest; materials are named as the procedure names them."""
    return (
        Column(key="number", header=NUMBER, required=True),
        Column(key="unit_code", header=UNIT_CODE, required=True),
        Column(key="owners", header=OWNERS, required=True),
        Column(key="papers", header=PAPERS, required=True),
        Column(key="shares", header=SHARES),
        Column(key="phones", header=PHONES),
        Column(key="contract", header=CONTRACT, required=True),
        _money("price", PRICE),
        _money("each", PRICE_PER_SQM),
        _area("contracted", CONTRACTED, required=True),
        _area("registered", REGISTERED, required=False),
        Column(key="owned", header=OWNED, kind="integer", required=True, least=1, most=99),
        Column(key="tax", header=TAX),
        Column(key="area", header=AREA, words=_AREA_WORDS),
        *(
            Column(key=f"file:{code}", header=title)
            for title, code in brought_materials(procedure).items()
        ),
    )


def _money(key: str, header: str) -> Column:
    return Column(
        key=key,
        header=header,
        kind="decimal",
        required=True,
        least=0,
        most=_MOST_YUAN,
        most_decimals=2,
    )


def _area(key: str, header: str, *, required: bool) -> Column:
    return Column(
        key=key,
        header=header,
        kind="decimal",
        required=required,
        least=Decimal("0.01"),
        most=_MOST_SQM,
        most_decimals=4,
    )


def read_manifest(pack: Pack) -> ManifestRead:
    """Read the manifest and terms of a pack; everything wrong with them comes back as faults."""
    found = [name for name in MANIFESTS if name in pack.sizes]
    if len(found) != 1:
        rule = "batches.manifest-twice" if found else "batches.manifest-missing"
        fault = Fault(file="manifest", rule=rule, facts={"known": "、".join(MANIFESTS)})
        return _nothing("manifest", BatchTerms(), (fault,))
    name = found[0]
    try:
        terms = read_terms(pack.read(TERMS_FILE)) if TERMS_FILE in pack.sizes else BatchTerms()
        content = pack.read(name)
    except Refusal as refusal:
        return _nothing(name, BatchTerms(), (fault_from_refusal(refusal, file=TERMS_FILE),))
    procedure = procedure_of(terms)
    table = read_table(content, TableSpec(columns=manifest_columns(procedure)), file=name)
    by_row: dict[int, list[Fault]] = {}
    whole: list[Fault] = []
    for fault in table.faults:
        if fault.row is None or fault.rule in _OF_HEADER:
            whole.append(fault)
        else:
            by_row.setdefault(fault.row, []).append(fault)
    if len(table.rows) > MOST_HOMES:
        whole.append(Fault(file=name, rule="batches.too-many-homes", facts={"most": MOST_HOMES}))
    entries = []
    for row in table.rows:
        entry, faults = _read_entry(row, procedure, file=name)
        if entry is not None:
            entries.append(entry)
        if faults:
            by_row.setdefault(row.number, []).extend(faults)
    for fault in _find_repeats(entries, file=name):
        by_row.setdefault(fault.row or 0, []).append(fault)
    return ManifestRead(
        manifest=name,
        terms=terms,
        entries=tuple(entries),
        row_faults={
            place: tuple(_masked(fault) for fault in faults) for place, faults in by_row.items()
        },
        faults=tuple(whole),
    )


def _masked(fault: Fault) -> Fault:
    """Hide what names a person: others than who sent the table read its report too."""
    if not fault.value or fault.column not in {PAPERS, PHONES}:
        return fault
    mask = mask_identity_number if fault.column == PAPERS else mask_phone
    return replace(fault, value=mask(fault.value))


def _nothing(name: str, terms: BatchTerms, faults: tuple[Fault, ...]) -> ManifestRead:
    return ManifestRead(manifest=name, terms=terms, entries=(), row_faults={}, faults=faults)


def _find_repeats(entries: Iterable[HomeEntry], *, file: str) -> list[Fault]:
    """Find what stands twice: no home is filed twice, and no scan belongs to two homes."""
    told = list(entries)
    scans = [
        (entry.place, name)
        for entry in told
        for name in dict.fromkeys(name for names in entry.files.values() for name in names)
    ]
    return [
        *find_repeats(((one.place, one.number) for one in told), file=file, column=NUMBER),
        *find_repeats(((one.place, one.unit_code) for one in told), file=file, column=UNIT_CODE),
        *find_repeats(
            ((one.place, one.contract_number) for one in told), file=file, column=CONTRACT
        ),
        *find_repeats(scans, file=file, column="材料", rule="batches.file-of-another-row"),
    ]


def _read_entry(
    row: Row, procedure: Procedure, *, file: str
) -> tuple[HomeEntry | None, list[Fault]]:
    """Read a row whose cells are readable; every rule it breaks is listed."""
    faults: list[Fault] = []
    fault = _Sayer(faults, file=file, row=row.number)
    unit_code = row.text("unit_code")
    try:
        unit_code = check_unit_code(unit_code).text
    except Refusal as refusal:
        fault(refusal.code, UNIT_CODE, unit_code, **refusal.facts)
    people = _read_people(row, fault)
    price, each = _fen(row, "price"), _fen(row, "each")
    contracted = AreaSqm(cast("Decimal", row.values["contracted"]))
    registered = cast("Decimal | None", row.values["registered"])
    word = row.text("area")
    if word not in {"", *_AREA_WORDS.values()}:
        fault("batches.area-word-unknown", AREA, word, known="、".join(_AREA_WORDS))
    reckoned = EXACT.multiply(contracted, Decimal(each))
    if word != "fixed" and abs(EXACT.subtract(reckoned, Decimal(price))) > _OFF_MOST_FEN:
        fault("batches.price-differs", PRICE, yuan_from_fen(price), each=yuan_from_fen(each))
    entry = HomeEntry(
        place=row.number,
        number=row.text("number"),
        unit_code=unit_code,
        people=people,
        contract_number=row.text("contract"),
        price_fen=price,
        price_fen_per_sqm=each,
        contracted_sqm=contracted,
        registered_sqm=None if registered is None else AreaSqm(registered),
        homes_owned=cast("int", row.values["owned"]),
        tax_proof=row.text("tax"),
        area=cast("AreaWord", "" if word == "silent" else word),
        files={
            code: _names(row.text(f"file:{code}"))
            for code in brought_materials(procedure).values()
            if row.text(f"file:{code}")
        },
    )
    return entry, faults


class _Sayer:
    """Notes the faults of one row."""

    def __init__(self, faults: list[Fault], *, file: str, row: int) -> None:
        self._faults, self._file, self._row = faults, file, row

    def __call__(self, rule: str, column: str, value: object = "", **facts: object) -> None:
        """Note that ``column`` breaks ``rule``."""
        self._faults.append(
            Fault(
                file=self._file,
                row=self._row,
                column=column,
                value=shown(value),
                rule=rule,
                facts=facts,
            )
        )


def _read_people(row: Row, fault: _Sayer) -> tuple[Person, ...]:
    # People set two-letter names wide (王 伟): a blank between two Chinese letters means nothing.
    names = tuple(_WIDE.sub("", name) for name in _names(row.text("owners")))
    papers, phones = _names(row.text("papers")), _names(row.text("phones"))
    shares = _names(row.text("shares"))
    if len(papers) != len(names):
        fault("batches.papers-differ", PAPERS, "", owners=len(names), papers=len(papers))
        return ()
    if shares and len(shares) != len(names):
        fault("batches.shares-differ", SHARES, row.text("shares"), owners=len(names))
        return ()
    checked = []
    for number in papers:
        try:
            checked.append(check_identity_number(number))
        except Refusal as refusal:
            fault(refusal.code, PAPERS, number, **refusal.facts)
            checked.append("")
    if len(set(checked)) != len(checked) and all(checked):
        fault("batches.owner-repeated", PAPERS, "")
    for phone in phones:
        if not _PHONE.fullmatch(phone):
            fault("batches.phone-malformed", PHONES, phone)
    if shares and not _are_whole(shares):
        fault("batches.shares-not-whole", SHARES, row.text("shares"))
    return tuple(
        Person(
            name=name,
            identity_number=number,
            phone=phones[at] if at < len(phones) else "",
            share=shares[at] if shares else ("1" if len(names) == 1 else ""),
        )
        for at, (name, number) in enumerate(zip(names, checked, strict=True))
    )


def _are_whole(shares: tuple[str, ...]) -> bool:
    """Whether shares make one whole, exactly."""
    try:
        told = [_fraction(share) for share in shares]
    except (ValueError, ZeroDivisionError):
        return False
    return all(share > 0 for share in told) and sum(told) == 1


def _fraction(text: str) -> Fraction:
    if not re.fullmatch(r"[0-9]{1,4}(/[0-9]{1,4}|\.[0-9]{1,4})?%?", text):
        raise ValueError(text)
    share = Fraction(text.removesuffix("%"))
    return share / 100 if text.endswith("%") else share


def _names(text: str) -> tuple[str, ...]:
    """Give the names in a cell: file names hold blanks and slashes, never these marks."""
    return tuple(part.strip() for part in re.split(r"[、，,;；|]", text) if part.strip())


def _fen(row: Row, key: str) -> Fen:
    return fen_from_yuan(format(cast("Decimal", row.values[key]), "f"))
