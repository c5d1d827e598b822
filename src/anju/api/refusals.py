"""How the API says no: one JSON shape, the code as on page and command line."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from anju.foundation.core.words import Language, say
from anju.resettlement.offline.plan import PlanFaults
from anju_rules.values import Refusal

_UNSEEN = frozenset(
    {
        *("access.not-permitted", "access.not-found", "api.not-found"),
        *("draws.no-such-ceremony", "draws.no-such-draw"),
    }
)
"""Answered as if the thing did not exist: an answer that differs would tell that it does (T-23)."""
_UNFIT = (
    *("import.", "plan.", "policy.", "value.", "identifier.", "api.malformed", "environment."),
    "witness.",  # a cosignature handed in is taken or is none
)
"""Codes that speak of what was sent, not of the state of the project."""


def status_of(code: str) -> int:
    """Give the HTTP status of a refusal's code.

    401 is for a missing or dead token alone; what one may not do and what is not there are both
    404; a request that cannot be read is 422; what the state of things forbids is 409.

    >>> status_of("selection.not-your-turn"), status_of("access.not-permitted")
    (409, 404)
    """
    if code.startswith(_UNFIT):
        return 422
    if code in _UNSEEN or code.endswith((".unknown", "-unknown", "-not-found")):
        return 404
    return 404 if ".unknown-" in code else 409


def told_refusal(
    code: str, facts: Mapping[str, object], *, clause: str = "", language: Language = "zh"
) -> dict[str, object]:
    """Put one refusal into the API's shape."""
    return {
        "code": code,
        "facts": {name: str(value) for name, value in facts.items()},
        "message": say(code, facts, language=language),
        "clause": clause,
    }


def language_of(request: HttpRequest) -> Language:
    """Chinese, unless the reader asks for English."""
    asked = request.headers.get("Accept-Language", "")
    return "en" if asked.lower().startswith("en") else "zh"


def add_refusals(api: NinjaAPI) -> None:
    """Make every refusal of an operation an answer in the one shape."""

    def answer(
        request: HttpRequest, status: int, code: str, clause: str = "", **facts: object
    ) -> HttpResponse:
        told = told_refusal(code, facts, clause=clause, language=language_of(request))
        return api.create_response(request, {"refused": [told]}, status=status)

    @api.exception_handler(Refusal)
    def tell_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        status = status_of(refusal.code)
        if status == 404:
            return answer(request, status, "api.not-found")
        return answer(request, status, refusal.code, refusal.clause, **refusal.facts)

    @api.exception_handler(PlanFaults)
    def tell_faults(request: HttpRequest, faults: PlanFaults) -> HttpResponse:
        language = language_of(request)
        told = [
            told_refusal(fault.rule, {"column": fault.column, **fault.facts}, language=language)
            for fault in faults.faults
        ]
        return api.create_response(request, {"refused": told}, status=422)

    @api.exception_handler(AuthenticationError)
    def tell_unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        del error
        response = answer(request, 401, "api.token-needed")
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(ValidationError)
    def tell_malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
        # Where it is wrong, not what was sent: an answer must not repeat personal data into logs.
        places = ", ".join(
            ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
            for fault in error.errors
        )
        return answer(request, 422, "api.malformed", places=places)

    @api.exception_handler(HttpError)
    def tell_http(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = "api.malformed" if error.status_code in {400, 422} else "api.not-found"
        return answer(request, 422 if code == "api.malformed" else 404, code, places="body")
