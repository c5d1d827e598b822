"""No page of the desk leads its reader to a page that does not exist for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.permissions import permissions_by_role
from tests.support.access import open_officer, open_tier
from tests.support.databases import Database
from tests.support.selections import Selected, call_first, drawn_project
from tests.support.site import client_of

OFFICERS = sorted(
    role
    for role, permits in permissions_by_role().items()
    if "projects.see" in permits and role not in {"system", "household", "proxy"}
)
_LINK = re.compile(r'<a [^>]*href="(/[^"#]*|\?[^"#]*)')
_SAVED = re.compile(r"\.(?:csv|json|pdf|xlsx|zip)\b|\?download")


@pytest.fixture
def project(database: Database) -> Iterator[Selected]:
    assert database.name
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        project = drawn_project()
        call_first(project)
        yield project


def links_of(client: Client, address: str) -> set[str]:
    """Give where a page leads inside this site, but not what is saved as a file."""
    page = client.get(address)
    assert page.status_code == 200, address
    found = {str(link) for link in _LINK.findall(page.content.decode())}
    beside = address.partition("?")[0]
    return {
        link if link.startswith("/") else beside + link for link in found if not _SAVED.search(link)
    }


def test_the_desk_leads_nobody_to_a_page_that_is_not_theirs(project: Selected) -> None:
    code, street = project.plan.project.code, open_tier("370105001")
    dead = []
    for role in OFFICERS:
        person = open_officer(f"l-{role}", role=role, organisation_id=street, project_id=project.id)
        client = client_of(person.id)
        found = links_of(client, "/desk/") | links_of(client, f"/desk/{code}/")
        dead += [
            f"{role}: {link}"
            for link in sorted(found)
            if "sign-out" not in link and client.get(link).status_code == 404
        ]
    assert dead == []
