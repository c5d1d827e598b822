"""A list of communities: all its files opened in one act, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record, register_project_scope
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.types import ImportCounts
from anju.titles.communities.listing import codes_taken, read_list
from anju.titles.communities.operations.file import lay_community
from anju.titles.communities.queries import list_communities
from anju.titles.communities.types import CommunityTerms, HomeChange, TableReport
from anju_rules.hashing import digest

_KEEPS = "communities.keep"


def import_communities(
    *, data: bytes, file_name: str, is_dry_run: bool, by: Actor, at: datetime
) -> TableReport:
    """Open the files that a list names, all or none; a file that says the same stays as it is.

    What is wrong with the list stands in the answer's ``faults``: also a code whose file says
    something else, for a file changes by itself and with a reason. Refuses with
    ``communities.code-taken`` where another opened one meanwhile, and ``access.not-permitted``.
    """
    require_permission(by, _KEEPS)
    today = city_time(at).date()
    listed = read_list(data, division=by.division, on=today, file=file_name)
    with reading(by=by):
        known = {row.code: row.terms for row in list_communities()}
    fresh, differing = codes_taken(listed, known=known, file=file_name)
    faults = (*listed.faults, *differing)
    counts = ImportCounts(rows_total=listed.rows_total)
    if faults:
        return TableReport(file=file_name, is_dry_run=is_dry_run, counts=counts, faults=faults)
    if fresh and not is_dry_run:
        open_communities(terms=fresh, list_digest=digest(data).hex(), by=by, at=at)
    return TableReport(
        file=file_name,
        is_dry_run=is_dry_run,
        counts=ImportCounts(
            rows_total=listed.rows_total,
            added=len(fresh),
            unchanged=len(listed.terms) - len(fresh),
        ),
        changes=tuple(HomeChange(number=one.code, is_new=True, terms={}) for one in fresh),
    )


@operation(
    permits=_KEEPS,
    action="communities.list.opened",
    clauses=("registration-rules/8",),
    level=Secrecy.PUBLIC,
)
def open_communities(
    *, terms: Sequence[CommunityTerms], list_digest: str, by: Actor, at: datetime
) -> None:
    """Open several files in one act; refuses as ``open_community`` does, and then opens none."""
    del by
    for one in terms:
        community = lay_community(community_id=new_id(), terms=one, origin="listed", at=at)
        register_project_scope(project_id=community.id, division_code=one.division)
    record(
        target=new_id(),
        body={"digest": list_digest, "codes": [one.code for one in terms]},
    )
