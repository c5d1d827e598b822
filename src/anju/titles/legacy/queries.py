"""Reads of legacy problems: inside a context (``reading`` or an operation); nothing names a person.

Frozen plans are public; what they come from is the office's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import Count, Q

from anju.foundation.core.legacy import default_blockers
from anju.titles.communities.queries import (
    community_by_id,
    homes_by_ids,
    homes_of,
)
from anju.titles.communities.types import CommunityRow, HomeRow
from anju.titles.legacy.mapping import (
    archive_from,
    blocker_from,
    community_from,
    expense_from,
    homes_to_title,
    plan_from,
)
from anju.titles.legacy.models import (
    DISPUTE,
    STANDING,
    ArchiveRecord,
    BlockerRecord,
    ExpenseRecord,
    PlanRecord,
)
from anju.titles.legacy.types import (
    ArchiveRow,
    Blocked,
    BlockerRow,
    ExpenseRow,
    LegacyCounts,
    PlannedCommunity,
    PlanRow,
    Triage,
)
from anju_rules.shares import Share
from anju_rules.triage.backlog import Backlog, Case, order_backlog
from anju_rules.triage.easy_first import Means
from anju_rules.triage.planning import plan_community
from anju_rules.triage.types import DISPUTE_CLAUSE, Blocker, OwedBy
from anju_rules.triage.ways import Graph, draw_graph, may_separate
from anju_rules.values import Refusal

_MOST_NODES = 400
"""Steps of the search over many communities: a page waits for it."""
_DISPUTED_LAND = "Z"
_PARCEL_KIND = slice(12, 13)


def blockers_of(*, project_id: UUID) -> list[BlockerRow]:
    """Give all that was ever answered about a community's buildings, the newest answer last."""
    found = BlockerRecord.objects.filter(project_id=project_id)
    return [blocker_from(one) for one in found.order_by("building", "kind", "found_at", "id")]


def count_blockers(*, community_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the problems that stand in each of these communities; one without any is left out."""
    found = BlockerRecord.objects.filter(project_id__in=list(community_ids), state__in=STANDING)
    return dict(found.values_list("project_id").annotate(problems=Count("id")))


def blocker_by_id(*, project_id: UUID, blocker_id: UUID) -> BlockerRow:
    """Give one answer; refuses with ``legacy.unknown-problem``."""
    kept = BlockerRecord.objects.filter(project_id=project_id, id=blocker_id).first()
    if kept is None:
        raise Refusal("legacy.unknown-problem", problem=blocker_id)
    return blocker_from(kept)


def triage_of(*, project_id: UUID) -> Triage:
    """Give a community as triage sees it. Refuses with ``communities.unknown-community``."""
    return _triage(community_by_id(community_id=project_id))


def _triage(community: CommunityRow) -> Triage:
    homes = homes_to_title(homes_of(project_id=community.id))
    told = blockers_of(project_id=community.id)
    # The newest answer holds; but no answer hides a problem that stands still.
    rows = {row.code: row for row in sorted(told, key=lambda row: row.stands)}
    plan = newest_plan(project_id=community.id)
    return Triage(
        community=community_from(
            code=community.code, homes=homes, rows=rows.values(), kinds=default_blockers()
        ),
        rows=rows,
        home_ids={home.number: home.id for home in homes},
        is_separated=plan is not None and plan.is_separated,
    )


def plan_for(
    *, project_id: UUID, means: Means, is_separated: bool | None = None
) -> PlannedCommunity:
    """Plan a community from its rows, changing nothing.

    ``is_separated``: ``None`` as the newest frozen plan decided, else as if so decided. Refuses
    with ``communities.unknown-community`` and ``triage.*``.
    """
    triage = triage_of(project_id=project_id)
    plan = plan_community(
        triage.community,
        kinds=default_blockers(),
        means=means,
        is_separated=triage.is_separated if is_separated is None else is_separated,
    )
    return PlannedCommunity(triage=triage, plan=plan)


def graph_of(triage: Triage, *, is_separated: bool | None = None) -> Graph:
    """Give what waits for what in a community."""
    return draw_graph(
        triage.community,
        kinds=default_blockers(),
        is_separated=triage.is_separated if is_separated is None else is_separated,
    )


def triaged(*, communities: Sequence[CommunityRow]) -> dict[str, Triage]:
    """Give those of the communities for which anything was ever answered, by code."""
    asked = set(
        BlockerRecord.objects.filter(project_id__in=[one.id for one in communities])
        .values_list("project_id", flat=True)
        .distinct()
    )
    return {one.code: _triage(one) for one in communities if one.id in asked}


def backlog_for(*, triages: Mapping[str, Triage], means: Means, separated: bool = False) -> Backlog:
    """Order the homes of communities, easy ones first, under given means; changes nothing.

    ``separated``: as if title and payment were separated in all of them.
    """
    return order_backlog(
        [
            Case(community=one.community, is_separated=separated or one.is_separated)
            for one in triages.values()
        ],
        kinds=default_blockers(),
        means=means,
        most_nodes=_MOST_NODES,
    )


def title_refusals(*, project_id: UUID, home_ids: Collection[UUID]) -> dict[UUID, Refusal]:
    """Say why homes get no title now, as the refusal of each; left out: nothing found forbids it.

    Refuses with ``communities.unknown-home``.
    """
    homes = homes_by_ids(project_id=project_id, home_ids=home_ids)
    for home_id in home_ids:
        if home_id not in homes:
            raise Refusal("communities.unknown-home", home=home_id)
    blocked = blocked_titles(project_id=project_id, homes=homes.values())
    return {one: found.refusal(home=homes[one].number) for one, found in blocked.items()}


def first_title_refusal(*, project_id: UUID) -> Refusal | None:
    """Say why a whole community gets no first registration now, as the refusal of it.

    A dispute about any of its homes keeps it back, while other problems are what it is there to
    solve. ``None``: nothing found forbids it.
    """
    homes = {home.id: home for home in homes_to_title(homes_of(project_id=project_id))}
    touched = {one for one, home in homes.items() if is_on_disputed_land(home)}
    for row in blockers_of(project_id=project_id):
        if row.state == "blocked":
            touched |= row.home_ids
    disputed = sorted(homes[one].number for one in touched if one in homes)
    if not disputed:
        return None
    return _blocked(kind=DISPUTE, blocker_id=None).refusal(home=disputed[0])


def blocked_titles(*, project_id: UUID, homes: Collection[HomeRow]) -> dict[UUID, Blocked]:
    """Say what forbids the titles of homes now, by home; a dispute of land or ownership first.

    Told are problems that were found, and land that a home's own unit code marks as disputed; what
    nobody has answered yet plans but does not forbid. Two statements for all homes.
    """
    plan = newest_plan(project_id=project_id)
    is_separated = plan is not None and plan.is_separated
    found = BlockerRecord.objects.filter(
        project_id=project_id,
        state__in=STANDING,
        home_ids__overlap=[home.id for home in homes],
    ).order_by("kind")
    standing = [row for row in found if not (is_separated and _is_separable(row))]
    standing.sort(key=lambda row: row.kind != DISPUTE)
    blocked = {}
    for home in homes:
        mine = next((row for row in standing if home.id in row.home_ids), None)
        if is_on_disputed_land(home):
            blocked[home.id] = _blocked(kind=DISPUTE, blocker_id=None)
        elif mine is not None:
            blocked[home.id] = _blocked(kind=mine.kind, blocker_id=mine.id)
    return blocked


def is_on_disputed_land(home: HomeRow) -> bool:
    """Whether a home's own unit code says that its land is disputed."""
    return home.unit_code[_PARCEL_KIND] == _DISPUTED_LAND


def _is_separable(row: BlockerRecord) -> bool:
    told = Blocker(code="", kind=row.kind, homes=frozenset(), owed_by=OwedBy(row.owed_by))
    return may_separate(told, kinds=default_blockers())


def _blocked(*, kind: str, blocker_id: UUID | None) -> Blocked:
    told = default_blockers()[kind]
    return Blocked(
        blocker_id=blocker_id,
        kind=kind,
        title=told.title,
        owner=told.owner,
        clause=DISPUTE_CLAUSE if told.is_dispute else told.basis.clause,
        is_dispute=told.is_dispute,
    )


def waits_for(*, project_id: UUID, blocker: BlockerRow, remedy: str) -> tuple[str, ...]:
    """Give the kinds that must be solved before ``remedy`` of a problem may be worked on."""
    graph = graph_of(triage_of(project_id=project_id))
    before = graph.before.get((blocker.code, remedy), frozenset())
    return tuple(sorted({graph.blockers[code].kind for code in before}))


def plans_of(*, project_id: UUID) -> list[PlanRow]:
    """Give a community's frozen plans, the newest first."""
    found = PlanRecord.objects.filter(project_id=project_id).order_by("-version")
    return [plan_from(one) for one in found]


def newest_plan(*, project_id: UUID) -> PlanRow | None:
    """Give the plan that holds; ``None`` before any was frozen."""
    kept = PlanRecord.objects.filter(project_id=project_id).order_by("-version").first()
    return None if kept is None else plan_from(kept)


def plan_by_version(*, project_id: UUID, version: int) -> PlanRow:
    """Give one frozen plan; refuses with ``legacy.no-plan``."""
    kept = PlanRecord.objects.filter(project_id=project_id, version=version).first()
    if kept is None:
        raise Refusal("legacy.no-plan")
    return plan_from(kept)


def expenses_of(*, project_id: UUID) -> list[ExpenseRow]:
    """Give what was spent in the developer's place, in the order it was paid."""
    found = ExpenseRecord.objects.filter(project_id=project_id).order_by("paid_on", "id")
    return [expense_from(one) for one in found]


def archive_of(*, project_id: UUID) -> list[ArchiveRow]:
    """Give the papers of the rebuilt archive, in the order they came."""
    found = ArchiveRecord.objects.filter(project_id=project_id).order_by("entered_at", "id")
    return [archive_from(one) for one in found]


def count_legacy() -> LegacyCounts:
    """Count the whole city's communities with a plan, and its problems solved."""
    problems = list(
        BlockerRecord.objects.exclude(state="absent")
        .values("project_id", "building", "kind")
        .annotate(standing=Count("id", filter=Q(state__in=STANDING)))
    )
    communities = {one["project_id"] for one in problems}
    planned = set(
        PlanRecord.objects.filter(project_id__in=communities).values_list("project_id", flat=True)
    )
    return LegacyCounts(
        planned=Share(len(planned), len(communities)),
        solved=Share(sum(not one["standing"] for one in problems), len(problems)),
    )


def dispute_against(*, project_id: UUID, home_id: UUID | None) -> BlockerRow | None:
    """Give the dispute that touches a home or, without one, any home still to be registered."""
    if home_id is not None:
        touched = {home_id}
    else:
        touched = {one.id for one in homes_to_title(homes_of(project_id=project_id))}
    found = BlockerRecord.objects.filter(project_id=project_id, state="blocked")
    rows = (blocker_from(one) for one in found.order_by("found_at", "id"))
    return next((row for row in rows if touched & row.home_ids), None)
