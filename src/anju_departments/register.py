"""The register that simulated departments answer from: a JSON file, by identity number.

``{"<identity number>": {"<kind>": {"<fact>": "…"}}}``; what stands there is on record, what does
not is not. The facts of each kind are those of the contract.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from anju_rules.departments.kinds import FOUND, NO, YES, QuestionKind, are_facts_whole
from anju_rules.values import Refusal

Facts = Mapping[str, str]
"""What is on record of one kind, without `found`."""
Records = Mapping[str, Mapping[str, Facts]]


@dataclass(frozen=True, slots=True)
class Register:
    """What the simulated departments know."""

    records: Records = field(repr=False)

    def facts_of(self, kind: QuestionKind, fields: Mapping[str, str]) -> dict[str, str]:
        """Give what is on record of whom the fields name."""
        record = self.records.get(fields.get("identity_number", ""), {}).get(kind.value)
        asked = fields.get("unit_code")
        is_other_home = asked is not None and record is not None and record["unit_code"] != asked
        return {FOUND: NO} if record is None or is_other_home else {FOUND: YES, **record}


def read_register(file: Path) -> Register:
    """Read a register; refuses with ``simulator.register-malformed``."""
    malformed = Refusal("simulator.register-malformed", file=str(file))
    try:
        register = Register(json.loads(file.read_text(encoding="utf-8")))
        kinds = {
            QuestionKind(kind): number
            for number, records in register.records.items()
            for kind in records
            if not are_facts_whole(
                QuestionKind(kind),
                register.facts_of(QuestionKind(kind), {"identity_number": number}),
            )
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise malformed from error
    if kinds:
        raise malformed
    return register


def write_register(file: Path, records: Records) -> None:
    """Write a register as its file, readable by its owner alone: it is about people."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(records, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
