"""The programs that ``anju serve`` runs beside the servers, each by its name.

``python -m anju.cli.children worker``: light to start, since the whole command line is not read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from anju.config.startup import start_django


def run_migrations() -> None:
    """Bring the schema up to date, as its owner."""
    from django.core.management import call_command  # noqa: PLC0415 - Django is awake by now

    call_command("migrate", database="owner", interactive=False, verbosity=1)


def run_sequencer() -> None:
    """Give the ledger's new entries their place."""
    from anju.cli.ledger import sequence  # noqa: PLC0415

    sequence()


def run_signer() -> None:
    """Recompute the ledger's newest root, and sign it."""
    from anju.cli.ledger import sign  # noqa: PLC0415

    sign()


def run_worker() -> None:
    """Do queued work until told to stop."""
    from anju.jobs.working import work  # noqa: PLC0415

    work()


def run_publisher() -> None:
    """Keep the public wall's files as new as the selection."""
    from anju.jobs.loops import publish_walls_forever  # noqa: PLC0415

    publish_walls_forever()


def run_messenger() -> None:
    """Tell households by telephone what is laid for them."""
    from anju.jobs.loops import send_messages_forever  # noqa: PLC0415

    send_messages_forever()


def run_autoplay() -> None:
    """Let the demo's day run while its switch is on."""
    from anju.jobs.loops import play_forever  # noqa: PLC0415

    play_forever()


def run_demo_preparation() -> None:
    """Make the demo's city, or what is missing of it."""
    from django.conf import settings  # noqa: PLC0415

    from anju.cli.demo_city import prepare_demo  # noqa: PLC0415
    from anju.cli.demo_departments import keep_demo_departments  # noqa: PLC0415
    from anju.cli.demo_witnesses import keep_demo_witnesses  # noqa: PLC0415
    from anju.cli.serve import public_url  # noqa: PLC0415
    from anju.config.environment import read_environment  # noqa: PLC0415

    environment = read_environment()
    keep_demo_witnesses(settings.HOME, url=public_url(environment))
    keep_demo_departments(environment)
    prepare_demo(settings.HOME)


CHILDREN: Mapping[str, Callable[[], None]] = {
    "migrate": run_migrations,
    "sequencer": run_sequencer,
    "signer": run_signer,
    "worker": run_worker,
    "publisher": run_publisher,
    "messenger": run_messenger,
    "autoplay": run_autoplay,
    "prepare-demo": run_demo_preparation,
}


def main(arguments: list[str]) -> int:
    """Run one program; 2 if there is none of that name."""
    if len(arguments) != 1 or arguments[0] not in CHILDREN:
        sys.stderr.write("python -m anju.cli.children " + "|".join(CHILDREN) + "\n")
        return 2
    start_django()
    CHILDREN[arguments[0]]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
