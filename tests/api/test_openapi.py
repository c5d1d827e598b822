"""The description of the API, tried with generated requests: nothing crashes, nothing surprises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.support.askers import asker
from tests.support.site import Seeds

pytestmark = pytest.mark.long

EXAMPLES = 15
SEED = 20261122
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]


def application() -> Any:
    """Give the site as its server runs it."""
    from anju.config.wsgi import application as wsgi

    return wsgi


def try_operation(operation: Any, *, headers: dict[str, str], code: str) -> int:
    """Send generated requests to one operation; gives how many were sent.

    Every other one is about the project that exists: a made-up code gets no further than the door.
    """
    sent = 0

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        if sent % 2 and "code" in case.path_parameters:
            case.path_parameters["code"] = code
        case.call_and_validate(headers=headers, checks=CHECKS)

    send()
    return sent


def every_operation(schema: Any) -> Iterator[Any]:
    """Give what a schema describes; what it describes wrongly raises."""
    return (found.ok() for found in schema.get_all_operations())


@pytest.mark.filterwarnings("ignore::DeprecationWarning:schemathesis.*")
def test_generated_requests_find_nothing(seeds: Seeds) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application())
    headers = asker(seeds.officer).headers
    tried = {
        f"{found.method.upper()} {found.path}": try_operation(
            found, headers=headers, code=seeds.code
        )
        for found in every_operation(schema)
    }
    described = {
        f"{method.upper()} {path}"
        for path, methods in schema.raw_schema["paths"].items()
        for method in methods
    }
    assert tried.keys() == described
    assert all(tried.values())


def test_control_an_answer_that_was_not_described_is_found(seeds: Seeds) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application())
    described = schema.raw_schema["paths"]["/api/projects"]["get"]["responses"]
    described.pop("401")
    spoilt = schemathesis.openapi.from_dict(schema.raw_schema)
    spoilt.app = application()
    operation = next(found for found in every_operation(spoilt) if found.path == "/api/projects")
    with pytest.raises(BaseException, match="401"):
        try_operation(operation, headers={"Authorization": "Bearer none"}, code=seeds.code)
