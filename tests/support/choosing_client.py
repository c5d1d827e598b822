"""A process of its own that chooses: reads turns and homes line by line, and says what came of it.

Run as ``python -m tests.support.choosing_client PROJECT``, with the database in the environment.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from uuid import UUID

import django


def main() -> None:
    """Choose for each line ``turn home`` of the input; answer ``ok turn`` or the refusal's code."""
    django.setup()
    from anju.resettlement.selection.operations.choosing import choose_homes
    from anju_rules.values import Refusal
    from tests.support.selections import AT, officer

    project_id = UUID(sys.argv[1])
    by = officer()
    print("ready", flush=True)  # noqa: T201 - its parent reads it
    for line in sys.stdin:
        turn, home = line.split()
        try:
            choose_homes(
                project_id=project_id,
                turn_id=UUID(turn),
                unit_ids=[UUID(home)],
                by=by,
                at=AT + timedelta(seconds=10),
            )
            told = f"ok {turn}"
        except Refusal as refusal:
            told = f"{refusal.code} {turn}"
        print(told, flush=True)  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    main()
