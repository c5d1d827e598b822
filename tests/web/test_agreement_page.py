"""A family's agreement on its own page: only a yes signs it."""

from __future__ import annotations

import pytest
from django.test.utils import override_settings

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.operations import HouseholdKey, create_household_accounts
from tests.contexts.test_negotiation import project, propose
from tests.support.access import SYSTEM
from tests.support.selections import AT, Selected
from tests.support.site import client_of

__all__ = ["project"]


@pytest.mark.req("PLN-1")
@override_settings(ALLOWED_HOSTS=["testserver"])
@pytest.mark.parametrize("told", [{}, {"answer": ""}, {"answer": "maybe"}])
def test_an_answer_that_is_none_signs_no_agreement(
    project: Selected,
    told: dict[str, str],
) -> None:
    household, home = "H0001", "1-1-203"
    propose(project, household, home)
    account_id = create_household_accounts(
        project_id=project.id,
        keys=[
            HouseholdKey(
                household_id=project.households[household],
                code=new_household_code(),
                pin=new_pin(),
            )
        ],
        by=SYSTEM,
        at=AT,
    )[0]
    client = client_of(account_id)
    assert client.post("/me/agreement/", told).status_code == 303
    assert "同意，签字" in client.get("/me/agreement/").content.decode(), "still to be answered"
    assert client.post("/me/agreement/", {"answer": "yes"}).status_code == 303
    assert "同意，签字" not in client.get("/me/agreement/").content.decode()
