"""Checks 2 to 5, 12, 13 and 18: what was decided follows from the rules and the published facts."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from anju_rules.draws import Scheme, check_ticket, commit_record
from anju_rules.hashing import bytes_from_hex, canonical
from anju_rules.matching import assign_in_order
from anju_rules.policy import RuleSet, ScoringLine, read_rule_set
from anju_rules.queue import order_places
from anju_rules.scoring import fold_lines, published_lines, score_household, show_line
from anju_rules.shapes import as_rows, read_canonical
from anju_rules.values import (
    AreaSqm,
    Fact,
    Home,
    Household,
    HouseholdNumber,
    Refusal,
    Tenths,
    Ticket,
    UnitNumber,
    exact_decimal,
)
from anju_rules.verify.amendments import order_with_placed, placed_of, struck_of
from anju_rules.verify.proofs import read_draws
from anju_rules.verify.published import Published, Row

_SALT = re.compile(r"[0-9a-f]{32}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def check_rules(published: Published) -> None:
    """2: the rule set reads, uses no prohibited fact, and opens reserved homes after a stratum."""
    rules = rules_of(published)
    if rules.version != published.manifest["rules_version"]:
        raise Refusal("verify.rules-version-differs")
    strata = published.manifest["project"]["strata"]
    for need in rules.needs:
        if need.reserved_opens_after_stratum not in {None, *strata}:
            raise Refusal("verify.opening-unknown", need=need.need)


def check_roster(published: Published) -> None:
    """3: tickets sorted and unique, commitments unique (the clash of T-05), strata known."""
    strata = set(published.manifest["project"]["strata"])
    before = ""
    commitments: set[bytes] = set()
    for row in published.roster:
        ticket = check_ticket(row["ticket"])
        if ticket <= before:
            raise Refusal("verify.roster-unsorted", ticket=ticket)
        commitment = bytes_from_hex(row["commit"])
        if commitment in commitments:
            raise Refusal("draw.commitment-twice", ticket=ticket)
        if row["stratum"] not in strata:
            raise Refusal("verify.stratum-unknown", ticket=ticket)
        if row["needs"] != sorted(set(row["needs"])):
            raise Refusal("verify.needs-unsorted", ticket=ticket)
        commitments.add(commitment)
        before = ticket


def check_units(published: Published) -> None:
    """4: each home once, with an exact positive area."""
    homes = homes_of(published)
    if len(homes) != len(published.units):
        raise Refusal("verify.unit-twice")
    for home in homes.values():
        if home.area_sqm <= 0:
            raise Refusal("verify.area-not-positive", unit=home.number)


def check_scores(published: Published) -> None:
    """5: each sheet follows from the published facts, line by line; its total is its sum.

    Lines on sensitive facts are folded into one; how much they may give is bounded here and
    checked exactly with the receipts (18).
    """
    rules = rules_of(published)
    shown = dataclasses.replace(
        rules, scoring=tuple(line for line in rules.scoring if not line.sensitive)
    )
    folded = [line for line in rules.scoring if line.sensitive]
    care_sums = _possible_care(folded)
    if [row["ticket"] for row in published.scores] != [row["ticket"] for row in published.roster]:
        raise Refusal("verify.scores-incomplete")
    for row, entry in zip(published.scores, published.roster, strict=True):
        sheet = score_household(household=household_of(entry, rules), rules=shown)
        expected = [show_line(line) for line in sheet.lines]
        lines = list(row["lines"])
        if folded:
            care = lines.pop() if lines else {}
            known = care_sums is None or care.get("tenths") in care_sums
            wanted = show_line(fold_lines(folded, tenths=Tenths(care.get("tenths", 0))))
            if not known or care != wanted:
                raise Refusal("verify.score-differs", ticket=row["ticket"], line=wanted["code"])
        for line, wanted in zip(lines, expected, strict=False):
            if line != wanted:
                raise Refusal("verify.score-differs", ticket=row["ticket"], line=wanted["code"])
        if len(lines) != len(expected):
            raise Refusal("verify.score-differs", ticket=row["ticket"], line="")
        if row["total"] != sum(line["tenths"] for line in row["lines"]):
            raise Refusal("verify.score-differs", ticket=row["ticket"], line="total")


def check_order(published: Published) -> None:
    """12: the queue follows from scores, draws and amendments, and is cut into batches."""
    project = published.manifest["project"]
    if project["mode"] not in {"score", "lottery"}:
        raise Refusal("verify.mode-unknown", mode=project["mode"])
    places = order_places(
        mode=project["mode"],
        strata=project["strata"],
        draws=_orders(published),
        totals={Ticket(row["ticket"]): Tenths(row["total"]) for row in published.scores},
        batch_size=project["batch_size"],
        struck=struck_of(published),
    )
    by_score = project["mode"] == "score"
    for row, place in zip(published.order, places, strict=False):
        wanted = {
            "place": place.place,
            "ticket": place.ticket,
            "stratum": place.stratum,
            "batch": place.batch,
            "total": place.total if by_score else None,
            "draw_number": place.draw_number,
        }
        if row != wanted:
            raise Refusal("verify.order-differs", place=place.place)
    if len(published.order) != len(places):
        raise Refusal("verify.order-differs", place=len(places))


def _orders(published: Published) -> list[tuple[Ticket, ...]]:
    """Give each draw's order; draws are read again only where something was placed in them."""
    if placed_of(published):
        return [order_with_placed(published, row, draw) for row, draw in read_draws(published)]
    return [tuple(map(Ticket, row["expected"]["order"])) for row in published.draws]


def check_choices(published: Published) -> None:
    """13: homes given by wishes in order, under the rules; no home twice."""
    rules = rules_of(published)
    homes = homes_of(published)
    entries = {row["ticket"]: row for row in published.roster}
    placements = assign_in_order(
        order=[household_of(entries[row["ticket"]], rules) for row in published.order],
        wishes={
            HouseholdNumber(row["ticket"]): tuple(
                tuple(UnitNumber(unit) for unit in wish) for wish in row["wishes"]
            )
            for row in published.roster
        },
        homes=homes,
        rules=rules,
    )
    given: set[str] = set()
    for row in published.choices:
        twice = given & set(row["units"])
        if twice or len(set(row["units"])) != len(row["units"]):
            raise Refusal("verify.home-twice", ticket=row["ticket"], unit=min(twice, default=""))
        given |= set(row["units"])
    for row, place, placement in zip(published.choices, published.order, placements, strict=False):
        area = sum(homes[number].area_sqm for number in placement.homes)
        wanted = {
            "seq": place["place"],
            "place": place["place"],
            "ticket": place["ticket"],
            "batch": place["batch"],
            "units": list(placement.homes),
            "wish": placement.wish,
            "refused": [list(codes) for codes in placement.reason_codes],
            "area_sqm": str(area),
            "proof": row["proof"],
        }
        if row != wanted:
            raise Refusal("verify.choice-differs", ticket=place["ticket"], place=place["place"])
    if len(published.choices) != len(placements):
        raise Refusal("verify.choice-differs", ticket="", place=len(placements))


def check_receipts(published: Published, *, raw: bytes, shape: object) -> None:
    """18: each receipt opens its ticket's commitment; its whole score follows from it."""
    rules = rules_of(published)
    scheme = Scheme.REHEARSAL if published.manifest["rehearsal"] else Scheme.REAL
    entries = {row["ticket"]: row for row in published.roster}
    sheets = {row["ticket"]: row for row in published.scores}
    for receipt in read_receipts(raw, shape=shape):
        ticket, record = receipt["ticket"], receipt["record"]
        entry = entries.get(ticket)
        if entry is None or _SALT.fullmatch(receipt["salt"]) is None:
            raise Refusal("verify.receipt-unknown", ticket=ticket)
        salt = bytes.fromhex(receipt["salt"])
        if commit_record(scheme=scheme, salt=salt, record=record).hex() != entry["commit"]:
            raise Refusal("verify.receipt-differs", ticket=ticket)
        same = all(record[name] == entry[name] for name in ("street", "stratum", "needs", "wishes"))
        facts = {code: record["facts"].get(code) for code in entry["facts"]}
        if not same or facts != entry["facts"]:
            raise Refusal("verify.receipt-differs", ticket=ticket)
        sheet = score_household(household=household_of({**entry, **record}, rules), rules=rules)
        if [show_line(line) for line in published_lines(sheet)] != sheets[ticket]["lines"]:
            raise Refusal("verify.score-differs", ticket=ticket, line="")


def read_receipts(raw: bytes, *, shape: object) -> Sequence[Row]:
    """Read receipts, which need not be canonical: they are the office's or the household's own."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refusal("verify.receipts-unreadable") from error
    return as_rows(read_canonical(canonical(value), shape=shape, name="receipts"))


def rules_of(published: Published) -> RuleSet:
    """Read the published rules."""
    return read_rule_set(published.rules)


def homes_of(published: Published) -> dict[UnitNumber, Home]:
    """Read the published homes, by number."""
    return {
        UnitNumber(row["number"]): Home(
            **{
                **row,
                "number": UnitNumber(row["number"]),
                "area_sqm": AreaSqm(_decimal(row["area_sqm"])),
            }
        )
        for row in published.units
    }


def household_of(entry: Row, rules: RuleSet) -> Household:
    """Read a household from its line of the roster; its number is its ticket."""
    return Household(
        number=HouseholdNumber(entry["ticket"]),
        stratum=entry["stratum"],
        facts={code: _read_fact(value, code, rules) for code, value in entry["facts"].items()},
        needs=frozenset(entry["needs"]),
    )


def _read_fact(value: object, code: str, rules: RuleSet) -> Fact:
    kinds: Mapping[str, object] = {"integer": int, "flag": bool, "area": str}
    kind = rules.facts.get(code)
    if kind is None or type(value) is not kinds[kind]:
        raise Refusal("verify.fact-malformed", fact=code)
    return _decimal(value) if isinstance(value, str) else value  # type: ignore[return-value]


def _decimal(text: str) -> Decimal:
    if _DECIMAL.fullmatch(text) is None:
        raise Refusal("verify.number-malformed", value=text[:40])
    return exact_decimal(text)


def _possible_care(folded: Sequence[ScoringLine]) -> frozenset[int] | None:
    """Give every sum the folded lines can have, or ``None`` where a line has no bound."""
    sums = {0}
    for line in folded:
        most = 1 if line.per is None else line.at_most_times
        if most is None:
            return None
        sums = {known + line.tenths * times for known in sums for times in range(most + 1)}
    return frozenset(sums)
