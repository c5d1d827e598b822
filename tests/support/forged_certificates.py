"""Certificates that somebody has tampered with: each must be told, by every verifier alike."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from anju.foundation.core.crypto import KeyPair, new_key_pair, tested_provider
from anju_rules.hashing import canonical

CHANGED: dict[str, object] = {
    "area_sqm": "189.50",
    "authority": "11370105MB2850001X",
    "authority_name": "青岛市不动产登记中心",
    "format": "anju-certificate-2",
    "holders": [{"name": "李四", "number": "", "share": ""}],
    "land_until": "2194-03-31",
    "location": "安居路 2 号",
    "notes": "无抵押",
    "number": "鲁(2026)济南市不动产权第0000099号",
    "ownership": "joint",
    "registered_on": "2025-09-17",
    "registration": 100,
    "replaces": "鲁(2025)济南市不动产权第0000001号",
    "right": "集体土地使用权",
    "unit_code": "370105012002GB00001F00010009",
    "use": "商业",
}
"""What a forger might write into each field."""
NEIGHBOUR = "11370202MB28500015"
"""Who signs with the next county's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """A tampered certificate, and which of the three questions must not be answered with yes."""

    name: str
    content: bytes
    question: str
    """``intact``, ``force`` or ``whom``."""
    answer: str
    state: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """What forgers start from."""

    told: dict[str, Any]
    """A certificate in force, as its file has it."""
    other: dict[str, Any]
    """Another home's."""
    revoked: dict[str, Any]
    """One that is revoked; its own word of the register says so."""
    replayed: bytes
    """The word of the register from before the revocation, two days old."""
    limited: dict[str, Any]
    """One whose home is seized; its own word of the register says so."""
    paper: bytes
    neighbour: KeyPair
    """The key of the next county's registry, which the verifier knows as well."""


def forgeries(genuine: Genuine) -> Iterator[Forgery]:
    """Give every forgery."""
    yield from _changed_fields(genuine)
    yield from _signatures(genuine)
    yield from _proofs(genuine)
    yield from _states(genuine)
    yield from _papers(genuine)


def _write(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def _forge(
    name: str, told: object, question: str, answer: str = "no", *, state: bytes = b""
) -> Forgery:
    content = told if isinstance(told, bytes) else _write(told)
    return Forgery(name=name, content=content, question=question, answer=answer, state=state)


def _changed_fields(genuine: Genuine) -> Iterator[Forgery]:
    assert sorted(CHANGED) == sorted(genuine.told["record"])
    for field, value in CHANGED.items():
        told = copy.deepcopy(genuine.told)
        told["record"][field] = value
        yield _forge(f"changed {field}", told, "intact")


def sign_anew(told: dict[str, Any], pair: KeyPair) -> dict[str, Any]:
    """Sign a record with a forger's own key."""
    made = copy.deepcopy(told)
    made["public"] = pair.public.hex()
    made["signature"] = _sign(pair, canonical(made["record"]))
    return made


def _sign(pair: KeyPair, message: bytes) -> str:
    return tested_provider().sm2_sign(private_key=pair.private, message=message).hex()


def _signatures(genuine: Genuine) -> Iterator[Forgery]:
    told = genuine.told
    yield _forge("another's signature", {**told, "signature": genuine.other["signature"]}, "intact")
    yield _forge("no signature", {**told, "signature": "00" * 64}, "intact")
    yield _forge("cut signature", {**told, "signature": told["signature"][:-2]}, "intact")
    pair = new_key_pair()
    yield _forge("a key of one's own", sign_anew(told, pair), "whom", "unknown")
    forged = copy.deepcopy(told)
    forged["record"]["holders"] = CHANGED["holders"]
    yield _forge("own key, another holder", sign_anew(forged, pair), "intact")
    yield _forge("the next county's key", sign_anew(told, genuine.neighbour), "whom")
    named = {**told, "record": {**told["record"], "authority": NEIGHBOUR}}
    yield _forge("the next county's registry", sign_anew(named, genuine.neighbour), "whom")
    yield _forge(
        "own key, the registry's named",
        {**sign_anew(forged, pair), "public": told["public"]},
        "intact",
    )


def _proofs(genuine: Genuine) -> Iterator[Forgery]:
    told, other = genuine.told, genuine.other
    yield _forge("no proof", {**told, "proof": None}, "intact", "unknown")
    yield _forge("another's proof", {**told, "proof": other["proof"]}, "intact")
    proof = told["proof"]
    for name, part in (
        ("moved index", {"index": proof["index"] + 1}),
        ("another salt", {"salt": "11" * 16}),
        ("another body", {"body": {**proof["body"], "case": "x"}}),
        ("another action", {"header": {**proof["header"], "action": "titles.certificate.revoked"}}),
        ("longer path", {"path": [*proof["path"], "00" * 32]}),
        ("another root", {"note": proof["note"].replace("\n", "\n1", 1)}),
        ("unsigned note", {"note": proof["note"].split("\n\n")[0] + "\n\n"}),
    ):
        yield _forge(name, {**told, "proof": {**proof, **part}}, "intact")


def _states(genuine: Genuine) -> Iterator[Forgery]:
    told = genuine.told
    revoked = genuine.revoked
    yield _forge("revoked", revoked, "force")
    yield _forge("no word of the register", {**told, "state": None}, "force", "unknown")
    yield _forge(
        "the word from before the revocation, replayed",
        {**revoked, "state": None},
        "force",
        "unknown",
        state=genuine.replayed,
    )
    state = copy.deepcopy(revoked["state"])
    state["told"]["status"] = "in-force"
    yield _forge("revocation written over", {**revoked, "state": state}, "force", "unknown")
    pair = new_key_pair()
    own = _word(pair, state)
    yield _forge("a word of one's own", {**revoked, "state": own}, "force", "unknown")
    yield _forge(
        "a word without proof",
        {**told, "state": {**told["state"], "proof": None}},
        "force",
        "unknown",
    )
    yield _forge(
        "a word with another's proof",
        {**told, "state": {**told["state"], "proof": genuine.other["state"]["proof"]}},
        "force",
        "unknown",
    )
    neighbours = _word(genuine.neighbour, state, authority=NEIGHBOUR)
    yield _forge(
        "a word of the next county's", {**revoked, "state": neighbours}, "force", "unknown"
    )
    ahead = _word(pair, state, as_of="2099-01-01T00:00:00.000000Z")
    yield _forge(
        "a later word of one's own beside the revocation",
        {**revoked, "state": ahead},
        "force",
        state=_write(revoked["state"]),
    )
    yield _forge(
        "the revocation carried, the word from before it beside",
        revoked,
        "force",
        state=genuine.replayed,
    )
    limited = genuine.limited
    yield _forge("seized", limited, "force", "limited")
    freed = copy.deepcopy(limited["state"])
    freed["told"]["status"] = "in-force"
    yield _forge("seizure written over", {**limited, "state": freed}, "force", "unknown")
    others = copy.deepcopy(told)
    others["state"] = genuine.other["state"]
    yield _forge("another's word", others, "force", "any")


def _word(pair: KeyPair, state: dict[str, Any], **told: str) -> dict[str, Any]:
    """Give a word of the register with other words in it, signed with another key."""
    made = {**state["told"], **told}
    signature = _sign(pair, canonical(made))
    return {**state, "told": made, "public": pair.public.hex(), "signature": signature}


def _papers(genuine: Genuine) -> Iterator[Forgery]:
    paper = genuine.paper
    place = paper.index(b"/Title") + 8
    flipped = bytearray(paper)
    flipped[place] ^= 1
    yield _forge("paper: one bit", bytes(flipped), "intact")
    yield _forge("paper: something added", paper + b"\n% more\n", "intact")
    yield _forge("paper: cut off", paper[: len(paper) * 2 // 3], "intact")
    yield _forge("paper: last line cut", paper[:-6], "intact")
    yield _forge("no certificate", b'{"format": "x"}', "intact")
    yield _forge("no file", b"hello", "intact")
