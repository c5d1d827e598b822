"""Endpoint of proofs: that an entry stands in the ledger, for anybody who has its id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from anju.api.schemas import Refused
from anju.foundation.ledger.queries import proof_of
from anju_rules.values import Refusal

router = Router(tags=["proofs"])


class ProofOut(Schema):
    """Everything a stranger needs to check an entry; hashes in hexadecimal, the path from below."""

    event_id: UUID
    header: dict[str, Any]
    commit: str
    leaf: str
    index: int
    size: int
    path: list[str]
    root: str
    note: str | None


def show_proof(request: HttpRequest, event_id: UUID) -> ProofOut:
    """Give the proof of an entry. Public: a header holds random ids only, the body is not given."""
    del request
    proof = proof_of(event_id=event_id)
    if proof is None:
        raise Refusal("api.not-found")
    return ProofOut(
        event_id=proof.event_id,
        header=dict(proof.header),
        commit=proof.commit.hex(),
        leaf=proof.leaf.hex(),
        index=proof.index,
        size=proof.size,
        path=[node.hex() for node in proof.path],
        root=proof.root.hex(),
        note=proof.note,
    )


show_proof.is_public = True  # type: ignore[attr-defined]
show_proof.permits = ""  # type: ignore[attr-defined]
router.get("/{event_id}", response={200: ProofOut, 404: Refused, 422: Refused}, auth=None)(
    show_proof
)
