"""Checks 6 to 11, 14 and 15: the draws and the ledger of a published result."""

from __future__ import annotations

from collections.abc import Iterator

from anju_rules.beacons import check_beacon
from anju_rules.draw_records import read_draw, show_lines
from anju_rules.draws import (
    Draw,
    Scheme,
    announce_draw,
    check_terms,
    derive_seed,
    freeze_list,
    open_commitments,
    order_tickets,
    place_disputed,
)
from anju_rules.hashing import bytes_from_hex
from anju_rules.ledger import PUBLIC_SALT, Checkpoint, commit_body, hash_entry, write_note
from anju_rules.merkle import merkle_root, verify_inclusion
from anju_rules.publication import tell_entries
from anju_rules.values import Refusal
from anju_rules.verify.amendments import check_amendments, placed_of
from anju_rules.verify.published import Published, Row


def check_draw_terms(published: Published) -> None:
    """6: one draw a stratum, over just the published list, on the right side of the freeze."""
    rehearsal = published.manifest["rehearsal"]
    scheme = str(Scheme.REHEARSAL if rehearsal else Scheme.REAL)
    strata = published.manifest["project"]["strata"]
    if [row["stratum"] for row in published.draws] != strata:
        raise Refusal("verify.strata-differ")
    ids: set[str] = set()
    placed = placed_of(published)
    for place, (row, draw) in enumerate(read_draws(published), start=1):
        terms = draw.terms
        if row["scheme"] != scheme:
            raise Refusal("verify.rehearsal-mixed", stratum=row["stratum"])
        if row["place_of_draw"] != place or terms.stratum != row["stratum"]:
            raise Refusal("verify.strata-differ")
        if terms.draw_id in ids:
            raise Refusal("verify.draw-twice", draw_id=terms.draw_id)
        ids.add(terms.draw_id)
        check_terms(terms, committers=[who for who, _ in draw.commitments])
        check_beacon(rule=terms.beacon_rule, parts=draw.beacon)
        listed = [
            {"ticket": one["ticket"], "commit_h": one["commit"]}
            for one in published.roster
            if one["stratum"] == terms.stratum and one["ticket"] not in placed
        ]
        if sorted(show_lines(draw.lines), key=lambda line: line["ticket"]) != listed:
            raise Refusal("verify.list-differs", stratum=terms.stratum)
    check_amendments(published, (draw for _, draw in read_draws(published)))


def check_draw_roots(published: Published) -> None:
    """7: the roots of the list and of the tickets in dispute."""
    for row, draw in read_draws(published):
        told = row["expected"]
        _same(told["R"], freeze_list(draw.lines).root, "R", draw)
        _same(told["P"], freeze_list(draw.disputed).root, "P", draw)


def check_draw_commitments(published: Published) -> None:
    """8: every secret opens the commitment that was announced for it."""
    for _, draw in read_draws(published):
        open_commitments(terms=draw.terms, commitments=draw.commitments, secrets=draw.secrets)


def check_draw_announcement(published: Published) -> None:
    """9: the announcement follows from all that was fixed."""
    for row, draw in read_draws(published):
        _same(row["expected"]["A"], _announcement(draw), "A", draw)


def check_draw_seed(published: Published) -> None:
    """10: the seed follows from announcement, beacon and secrets."""
    for row, draw in read_draws(published):
        seed = derive_seed(
            scheme=draw.terms.scheme,
            announcement=_announcement(draw),
            beacon=draw.beacon,
            secrets=[secret for _, secret in draw.secrets],
        )
        _same(row["expected"]["seed"], seed, "seed", draw)


def check_draw_order(published: Published) -> None:
    """11: the order follows from the seed, ticket by ticket."""
    for row, draw in read_draws(published):
        told = row["expected"]
        seed = bytes_from_hex(told["seed"])
        order = order_tickets(
            scheme=draw.terms.scheme, seed=seed, tickets=[line.ticket for line in draw.lines]
        )
        if list(order) != told["order"]:
            raise Refusal("verify.draw-differs", draw_id=draw.terms.draw_id, part="order")
        disputed = place_disputed(draw, seed=seed, order=order)
        shown = [{"ticket": ticket, "before": before} for ticket, before in disputed]
        if shown != told["disputed_would_stand_before"]:
            raise Refusal("verify.draw-differs", draw_id=draw.terms.draw_id, part="disputed")


def check_ledger(published: Published) -> None:
    """14: the ledger says what the files say, entry by entry, and its root is the manifest's."""
    told = published.ledger
    expected = list(
        tell_entries(digests=published.digests, draws=published.draws, choices=published.choices)
    )
    if len(expected) != len(told["entries"]):
        raise Refusal("verify.ledger-length", expected=len(expected), found=len(told["entries"]))
    leaves: list[bytes] = []
    for index, ((action, target, body), entry) in enumerate(
        zip(expected, told["entries"], strict=True)
    ):
        header = {"action": action, "target": target}
        commitment = commit_body(salt=PUBLIC_SALT, body=body)
        if entry != {"index": index, "header": header, "commit": commitment.hex()}:
            raise Refusal("verify.ledger-differs", index=index)
        leaves.append(hash_entry(header=header, commitment=commitment))
    root = merkle_root(leaves)
    origin = f"anju/{published.manifest['project']['code']}"
    note = write_note(Checkpoint(origin, len(leaves), root))
    checkpoint = {"size": len(leaves), "root": root.hex(), "note": note}
    manifest = published.manifest
    if told["checkpoint"] != checkpoint:
        raise Refusal("verify.checkpoint-differs")
    if (manifest["root"], manifest["size"]) != (root.hex(), len(leaves)):
        raise Refusal("verify.checkpoint-differs")


def check_paths(published: Published) -> None:
    """15: each choice's own proof leads to the root."""
    entries = published.ledger["entries"]
    first = len(entries) - len(published.choices)
    root = bytes_from_hex(published.manifest["root"])
    for index, choice in enumerate(published.choices, start=first):
        leaf = hash_entry(
            header=entries[index]["header"],
            commitment=bytes_from_hex(entries[index]["commit"]),
        )
        proof = choice["proof"]
        proven = proof["index"] == index and verify_inclusion(
            leaf=leaf,
            index=index,
            size=len(entries),
            path=[bytes_from_hex(node) for node in proof["path"]],
            root=root,
        )
        if not proven:
            raise Refusal("verify.proof-wrong", ticket=choice["ticket"])


def read_draws(published: Published) -> Iterator[tuple[Row, Draw]]:
    """Read the draws, each with the row it was read from."""
    for row in published.draws:
        if row["scheme"] not in set(Scheme):
            raise Refusal("verify.scheme-unknown", scheme=row["scheme"])
        yield (
            row,
            read_draw(
                row["input"],
                scheme=Scheme(row["scheme"]),
                commitments=row["expected"]["commitments"],
            ),
        )


def _announcement(draw: Draw) -> bytes:
    return announce_draw(
        terms=draw.terms,
        frozen=freeze_list(draw.lines),
        disputed=freeze_list(draw.disputed),
        commitments=draw.commitments,
    )


def _same(told: str, found: bytes, part: str, draw: Draw) -> None:
    if told != found.hex():
        raise Refusal("verify.draw-differs", draw_id=draw.terms.draw_id, part=part)
