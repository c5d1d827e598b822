"""Programs that ask the API, and a project that is in the middle of its selection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client

from anju.foundation.access.operations import issue_token
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from tests.support.site import Seeds, seed_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A program that asks the API with one token."""

    client: Client
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers of each of its requests."""
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> Any:
        """Ask for something."""
        return self.client.get(f"/api{path}", headers=self.headers)

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        """Send JSON."""
        return self.client.post(
            f"/api{path}", body, content_type="application/json", headers=self.headers | headers
        )


def asker(by: Actor) -> Asker:
    """Give somebody a token and the client that uses it."""
    token = issue_token(label="tests", lifetime=timedelta(days=1), by=by, at=read_clock())
    return Asker(client=Client(), token=token)


def seed_midway(folder: Path) -> Seeds:
    """Give a project in mid-selection: the first household of the first batch is called."""
    planted = seed_project(folder, homes=60, households=40)
    planted.register()
    planted.freeze()
    planted.score()
    planted.draw()
    planted.open()
    planted.call()
    return planted
