"""Who asks: a bearer token, of which the platform keeps only a digest."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from anju.foundation.access.queries import actor_of_token
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock

_LONGEST_TOKEN = 200


class TokenDoor(HttpBearer):
    """Lets in who holds a token that lives; a session's cookie opens nothing here."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Give the token's actor, or ``None`` if it is unknown, run out or taken back."""
        if not token or len(token) > _LONGEST_TOKEN or not token.isascii():
            return None
        return actor_of_token(
            token=token,
            address=str(request.META.get("REMOTE_ADDR", "")),
            request_id=str(getattr(request, "request_id", "")),
            at=read_clock(),
        )
