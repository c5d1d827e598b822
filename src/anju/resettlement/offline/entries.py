"""Entries: what a household hands in, bound to a meaningless ticket before anything is drawn.

The list of tickets and commitments is public; the receipts, with salts and records, belong to the
office and, one each, to the households. Without its salt a record cannot be guessed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from anju.foundation.core.crypto import new_salt
from anju.resettlement.offline.plan import Plan, RegisteredHousehold
from anju_rules.draws import Line, Scheme, check_ticket, commit_record
from anju_rules.hashing import digest, encode
from anju_rules.values import Fact, HouseholdNumber, Refusal, Ticket

_RECEIPT_KEYS = {"ticket", "salt", "record"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One household's entry: its ticket, its record and the salt that binds the two."""

    ticket: Ticket
    number: HouseholdNumber
    stratum: str
    salt: bytes
    record: Mapping[str, object]

    def line(self, scheme: Scheme) -> Line:
        """Give the public line of this entry."""
        return Line(self.ticket, commit_record(scheme=scheme, salt=self.salt, record=self.record))


def show_fact(fact: Fact) -> int | str | bool:
    """Write a fact as JSON has it: decimals as text, so that nobody reads them as floats."""
    return str(fact) if isinstance(fact, Decimal) else fact


def record_of(household: RegisteredHousehold, *, plan: Plan) -> dict[str, object]:
    """Give the record that a household's commitment binds: all that its place may depend on."""
    number = household.household.number
    return {
        "number": number,
        "name": household.name,
        "identity_number": household.identity_number,
        "street": household.street,
        "stratum": household.household.stratum,
        "facts": {
            code: show_fact(fact) for code, fact in sorted(household.household.facts.items())
        },
        "needs": sorted(household.household.needs),
        "wishes": [list(wish) for wish in plan.wishes.get(number, ())],
    }


def make_entries(
    plan: Plan, *, known: Collection[HouseholdNumber] = frozenset()
) -> tuple[Entry, ...]:
    """Give every household a fresh salt and a ticket, sorted by ticket.

    Tickets are numbered in the order of the salts' digests, so a ticket says nothing of its
    household. Those ``known`` have theirs already; the new ones are numbered after them.
    """
    salted = [(new_salt(), number) for number in plan.households if number not in known]
    salted.sort(key=lambda pair: digest(encode("anju-ticket", pair[0])))
    width = max(5, len(str(len(known) + len(salted))))
    return tuple(
        Entry(
            ticket=check_ticket(f"{plan.project.code}-{place:0{width}d}"),
            number=number,
            stratum=plan.households[number].household.stratum,
            salt=salt,
            record=record_of(plan.households[number], plan=plan),
        )
        for place, (salt, number) in enumerate(salted, start=len(known) + 1)
    )


def show_receipts(entries: Sequence[Entry]) -> str:
    """Write the receipts: ticket, salt and record of every household. Not public."""
    receipts = [
        {"ticket": entry.ticket, "salt": entry.salt.hex(), "record": entry.record}
        for entry in entries
    ]
    return json.dumps(receipts, ensure_ascii=False, indent=1)


def read_entries(file: Path, *, plan: Plan) -> tuple[Entry, ...]:
    """Read the receipts of a freeze and hold them against the tables as they are now.

    Refuses with ``draw.list-changed`` where a household came, went or changed after the freeze:
    from then on no discretion is left.
    """
    try:
        receipts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal("draw.receipts-unreadable", file=file.name) from error
    entries: list[Entry] = []
    for receipt in receipts if isinstance(receipts, list) else [None]:
        if not isinstance(receipt, dict) or set(receipt) != _RECEIPT_KEYS:
            raise Refusal("draw.receipts-unreadable", file=file.name)
        record = receipt["record"]
        number = HouseholdNumber(str(record.get("number", "")))
        registered = plan.households.get(number)
        if registered is None or record_of(registered, plan=plan) != record:
            raise Refusal("draw.list-changed", household=number)
        entries.append(
            Entry(
                ticket=check_ticket(receipt["ticket"]),
                number=number,
                stratum=registered.household.stratum,
                salt=bytes.fromhex(receipt["salt"]),
                record=record,
            )
        )
    missing = set(plan.households) - {entry.number for entry in entries}
    if missing:
        raise Refusal("draw.list-changed", household=min(missing))
    return tuple(entries)
