"""Every address asks for a permission or is on the short public list; every queue has a worker."""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from anju.foundation.access.permissions import known_permissions
from anju.jobs.queues import QUEUES
from tests.architecture.source_files import python_files, read_tree
from tests.support.operations import declared_operations
from tests.support.routes import Address, addresses

# No database is asked here: the word stands so that Django is set up before this file is read.
PUBLIC = frozenset(
    {
        "",
        "api/docs",
        "api/log/cosignatures",
        "api/log/head",
        "api/openapi.json",
        "api/proofs/<event_id>",
        "draws/slip.html",
        "draws/statistics/",
        "draws/verify.html",
        "draws/verify_draw.py",
        "health",
        "notices/<notice_id>/",
        "p/<code>/",
        "p/<code>/building/",
        "p/<code>/compare/",
        "p/<code>/draw/",
        "p/<code>/draws/",
        "p/<code>/draws/<draw_number>/",
        "p/<code>/draws/<draw_number>/bundle.json",
        "p/<code>/draws/<draw_number>/stage",
        "p/<code>/find/",
        "p/<code>/homes/",
        "p/<code>/homes/<number>/",
        "p/<code>/homes.csv",
        "p/<code>/materials/<document_id>",
        "p/<code>/notices/",
        "p/<code>/recordings/",
        "p/<code>/rematch/",
        "p/<code>/rematch/<quarter>.json",
        "p/<code>/rooms/<layout>.svg",
        "p/<code>/plan/",
        "p/<code>/plan/consents/",
        "p/<code>/plan/papers/<document_id>",
        "p/<code>/score/",
        "policies/",
        "policies/<law>/",
        "print-size/",
        "proof/<event_id>/",
        "rate/<token>/",
        "rate/<token>/give/",
        "sign-in/",
        "sign-out/",
        "titles/<code>/plan/",
        "titles/<code>/plan/<version>.json",
        "titles/guide/",
        "titles/partners/",
        "titles/process/",
        "titles/programme/",
        "titles/",
        "titles/<code>/",
        "verify/",
        "verify/certificate-keys.json",
        "verify/certificate.html",
        "verify/certificates/",
        "verify/certificates/<certificate_id>/",
        "verify/certificates/<certificate_id>/state.json",
        "verify/checks/<name>",
    }
)
"""Everything a stranger may open. A new line here is a decision: nothing on it is personal."""


def undeclared(found: list[Address]) -> list[str]:
    """Give the addresses that neither ask for a permission nor are called public."""
    return sorted(
        f"{address.method} {address.path}"
        for address in found
        if not address.permits and not address.is_public
    )


def test_every_address_asks_for_a_permission_or_is_public() -> None:
    found = addresses()
    assert len(found) > 30
    assert undeclared(found) == []


def test_the_public_list_is_the_short_one() -> None:
    assert {address.path for address in addresses() if address.is_public} == PUBLIC


def test_every_permission_asked_for_is_some_roles() -> None:
    asked = {address.permits for address in addresses() if address.permits}
    declared = {declaration.permits for declaration in declared_operations().values()}
    assert (asked | declared) - known_permissions() == set()


def test_control_an_address_without_a_word_is_found() -> None:
    bare = Address(path="desk/secret/", method="GET", permits="", is_public=False)
    assert undeclared([bare]) == ["GET desk/secret/"]


def queues_of(tasks: dict[str, Callable[..., object] | SimpleNamespace]) -> dict[str, str]:
    """Give the queue of each task of ours."""
    return {
        name: str(getattr(task, "queue", ""))
        for name, task in tasks.items()
        if not name.startswith(("builtin:", "procrastinate."))
    }


def test_every_queue_has_a_worker() -> None:
    from procrastinate.contrib.django import app

    import anju.jobs.tasks  # noqa: F401

    queues = queues_of(dict(app.tasks))
    assert set(queues.values()) == set(QUEUES)


def test_control_a_task_on_a_queue_that_nobody_reads_is_found() -> None:
    queues = queues_of({"lost": SimpleNamespace(queue="attic"), "builtin:x": SimpleNamespace()})
    assert set(queues.values()) - set(QUEUES) == {"attic"}


ASKING = "configure_task"


def deferred_names(tree: ast.Module) -> set[str]:
    """Give the names of the tasks that a module asks for by name."""
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == ASKING
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_task_asked_for_by_name_exists() -> None:
    from procrastinate.contrib.django import app

    import anju.jobs.tasks  # noqa: F401

    asking = [file for file in python_files("src") if ASKING in file.read_text(encoding="utf-8")]
    asked = set().union(*(deferred_names(read_tree(file)) for file in asking))
    assert asked
    assert asked - set(app.tasks) == set()


def test_control_a_task_that_does_not_exist_is_found() -> None:
    assert deferred_names(ast.parse("app.configure_task('gone').defer()")) == {"gone"}


@pytest.mark.req("GOV-1")
def test_the_addresses_of_every_audience_are_there() -> None:
    paths = {address.path for address in addresses()}
    assert {"desk/", "me/", "sign-in/", "health", "api/projects"} <= paths
