"""Reading a policy of fees from a table, as ``tomllib`` gives it; every refusal names the path."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TypedDict

from anju_rules.fees.types import FEE_FACTS, Effect, FeeKind, FeeLine, FeePolicy, Gate, Relief
from anju_rules.policy.lines import read_condition, read_full_basis
from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.policy.types import Basis, Condition
from anju_rules.procedures.reading import read_lines, read_words
from anju_rules.procedures.types import Words

_PER_CASE = (FeeKind.REGISTRATION, FeeKind.COPIES)
_PER_CASE_FACTS = {"further_copies"}
CIVIL_CODE_PER_CASE = "civil-code/223"


class _Named(TypedDict):
    code: str
    kind: FeeKind
    title: Words
    from_on: date
    until_on: date | None
    when: tuple[Condition, ...]
    basis: Basis


def read_fee_policy(table: Mapping[str, object]) -> FeePolicy:
    """Read a policy of fees.

    Refuses with a ``policy.*`` code, or with ``fees.ends-before-it-begins``, ``fees.outside-band``
    (a rate that the law does not let a province set), ``fees.by-area-or-price`` (a fee for
    registering is by the case: Civil Code 223) or ``fees.relief-unclear``.
    """
    top = PolicyTable(table, path="")
    policy = FeePolicy(
        code=top.take_word("code"),
        title=read_words(top),
        lines=tuple(_read_line(line) for line in read_lines(top, "lines")),
        reliefs=tuple(_read_relief(line) for line in read_lines(top, "reliefs")),
        gates=tuple(_read_gate(line) for line in read_lines(top, "gates")),
    )
    top.close()
    for name, ones in (
        ("lines", policy.lines),
        ("reliefs", policy.reliefs),
        ("gates", policy.gates),
    ):
        codes = [one.code for one in ones]
        for place, code in enumerate(codes, start=1):
            if code in codes[: place - 1]:
                refuse_at(f"{name}[{place}].code", "policy.duplicate", value=code)
    for place, relief in enumerate(policy.reliefs, start=1):
        levied = [line for line in policy.lines if line.kind is relief.kind]
        if relief.effect is Effect.DEDUCT and any(len(line.of) != 1 for line in levied):
            # Fen can only be deducted from fen, not from square metres times fen.
            refuse_at(f"reliefs[{place}]", "fees.relief-unclear", line=relief.code)
    return policy


def _read_named(table: PolicyTable) -> _Named:
    from_on = table.take_date("from")
    until_on = table.take_date("until") if table.has("until") else None
    if until_on is not None and until_on < from_on:
        refuse_at(table.path_of("until"), "fees.ends-before-it-begins", value=until_on.isoformat())
    return {
        "code": table.take_word("code"),
        "kind": FeeKind(table.take_one_of("fee", tuple(kind.value for kind in FeeKind))),
        "title": read_words(table),
        "from_on": from_on,
        "until_on": until_on,
        "when": tuple(_read_when(one) for one in read_lines(table, "when")),
        "basis": read_full_basis(table),
    }


def _read_when(table: PolicyTable) -> Condition:
    return read_condition(table, facts=FEE_FACTS)


def _read_line(table: PolicyTable) -> FeeLine:
    named = _read_named(table)
    rate = table.take_decimal("rate")
    of = table.take_texts("of") if table.has("of") else ()
    for fact in of:
        if FEE_FACTS.get(fact, "flag") == "flag":
            refuse_at(table.path_of("of"), "policy.unknown-fact", fact=fact)
    if named["kind"] in _PER_CASE and not _PER_CASE_FACTS.issuperset(of):
        refuse_at(
            table.path_of("of"),
            "fees.by-area-or-price",
            clause=CIVIL_CODE_PER_CASE,
            line=named["code"],
        )
    if table.has("band"):
        _check_band(table, rate)
    table.close()
    return FeeLine(**named, rate=rate, of=of)


def _check_band(table: PolicyTable, rate: Decimal) -> None:
    """Hold a rate to the band within which the law lets a province or a city set it."""
    band = table.take_decimals("band")
    if len(band) != 2 or band[0] > band[1]:
        refuse_at(table.path_of("band"), "policy.not-from-to")
    if not band[0] <= rate <= band[1]:
        refuse_at(
            table.path_of("rate"),
            "fees.outside-band",
            value=rate,
            least=band[0],
            most=band[1],
        )


def _read_relief(table: PolicyTable) -> Relief:
    named = _read_named(table)
    effect = Effect(table.take_one_of("effect", tuple(effect.value for effect in Effect)))
    deducts = table.take_text("deducts") if effect is Effect.DEDUCT else ""
    if deducts and not deducts.endswith("_fen"):
        refuse_at(table.path_of("deducts"), "fees.relief-unclear", line=named["code"])
    if deducts and deducts not in FEE_FACTS:
        refuse_at(table.path_of("deducts"), "policy.unknown-fact", fact=deducts)
    share = table.take_decimal("share") if effect is Effect.REFUND else Decimal(0)
    if share > 1:
        refuse_at(table.path_of("share"), "fees.relief-unclear", line=named["code"])
    table.close()
    return Relief(**named, effect=effect, deducts=deducts, share=share)


def _read_gate(table: PolicyTable) -> Gate:
    named = _read_named(table)
    table.close()
    return Gate(**named)
