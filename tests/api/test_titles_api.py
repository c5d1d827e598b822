"""Titles over the API: filed, listed, shown; another's community is as one that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.operations import issue_token
from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from tests.support.communities import Town, open_town
from tests.support.title_cases import default_papers, pay_tax, register_first


@pytest.fixture
def town(database: object) -> Iterator[Town]:
    del database
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield open_town(homes=1)


def headers_of(town: Town, role: str) -> dict[str, str]:
    token = issue_token(
        label="接口", lifetime=timedelta(days=1), by=town.officer(role), at=read_clock()
    )
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.req("TTL-1", "TTL-9")
def test_a_title_is_filed_listed_and_shown_with_its_fees(town: Town) -> None:
    register_first(town, at=read_clock() - timedelta(hours=2))
    client, headers = Client(), headers_of(town, "district-officer")
    base = f"/api/communities/{town.community.code}/titles"
    told: dict[str, Any] = {
        "kind": "transfer",
        "home": "1-101",
        "is_joint": True,
        "id": str(new_id()),
        "materials": [
            {"code": one.code, "document_id": str(one.document_id) if one.document_id else None}
            for one in default_papers("title-6-steps")
        ],
    }

    def post(**more: Any) -> Any:
        return client.post(base, {**told, **more}, content_type="application/json", headers=headers)

    filed = post()
    assert filed.status_code == 200, filed.content
    assert post().json()["id"] == filed.json()["id"], "the same again opens nothing more"
    again = post(id=str(new_id()))
    assert (again.status_code, again.json()["refused"][0]["code"]) == (
        409,
        "titlecases.open-already",
    )
    pay_tax(town, UUID(filed.json()["id"]), at=read_clock())
    listed = client.get(base, headers=headers).json()
    assert [one["kind"] for one in listed["cases"]] == ["transfer", "first"]
    assert (listed["counted"], listed["overdue"]) == (1, 0)
    shown = client.get(f"{base}/{told['id']}", headers=headers).json()
    assert shown["title"]["home"] == "1-101"
    tax = {one["kind"]: one for one in shown["fees"]}["deed-tax"]
    assert (tax["due_fen"], tax["unknown"], tax["is_settled"]) == (None, "fees.fact-missing", True)
    assert [one["says"] for one in shown["receipts"]] == ["paid"]
    missing = client.get("/api/communities/NO-SUCH/titles", headers=headers)
    assert (missing.status_code, missing.json()["refused"][0]["code"]) == (404, "api.not-found")
