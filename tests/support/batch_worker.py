"""A worker that takes one batch in, in a process of its own that a test may kill."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch
from uuid import UUID

import django


def main() -> None:
    """Run the batch named on the command line; with a number of homes, be killed after them.

    Killed in the next transaction: its homes are laid, and not yet recorded.
    """
    project_id, batch_id, account_id, homes = sys.argv[1:]
    django.setup()
    from anju.foundation.access.queries import actor_by_id
    from anju.titles.cases.batches import operations, running
    from anju.titles.cases.batches.filing import file_homes
    from tests.support.communities import AT

    taken_in: list[int] = []

    def die(**kwargs: Any) -> None:
        file_homes(**kwargs)
        if sum(taken_in) == int(homes):
            os.kill(os.getpid(), signal.SIGKILL)
        taken_in.append(len(kwargs["homes"]))

    with ExitStack() as patched:
        if homes:
            patched.enter_context(patch.object(running, "HOMES_AT_ONCE", int(homes)))
            patched.enter_context(patch.object(operations, "file_homes", die))
        running.run_batch(
            project_id=UUID(project_id),
            batch_id=UUID(batch_id),
            by=actor_by_id(account_id=UUID(account_id)),
            at=AT,
        )


if __name__ == "__main__":
    main()
