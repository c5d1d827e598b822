"""How an owner who files from home is met: by a provider, or by one of our people (TTL-8)."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.exchange.identity import known_checker
from anju.titles.cases.identity.operations import ask_identity_check
from anju.titles.cases.identity.queries import identity_checks_of
from anju.titles.cases.identity.types import IdentityCheckRow
from anju.web.household.case import own_case
from anju.web.household.owning import answer_refused, own_name, whose
from anju.web.refusals import tell_refusal
from anju.web.routes import go_to, route
from anju_rules.identity import Way
from anju_rules.values import Refusal

WAYS = {
    Way.VIDEO: ("视频连线经办人", "经办人打电话来，开视频看一眼您和身份证。"),
    Way.WINDOW: ("到登记窗口", "带上身份证，几分钟就好，不用交材料。"),
    Way.VISIT: ("请人上门", "行动不便的，经办人到家里来。"),
}
_STATES = {
    "same": "核对好了，是本人",
    "other": "没有核对上，请换一种方式",
    "unclear": "没有看清楚，请换一种方式",
}


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="titles.file")
def show_own_identity(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Show the ways to be met, none of them the only one; a POST asks for one."""
    if request.method == "POST":
        return _ask(request, case_id, by=by)
    project_id, _ = whose(by)
    checks = identity_checks_of(project_id=project_id, case_id=case_id)
    last = checks[0] if checks else None
    facts = {
        "family_name": own_name(request, by),
        "page": own_case(case_id=case_id, by=by, at=read_clock()),
        "last": last,
        "told": _say(last),
        "ways": [(way.value, *words) for way, words in WAYS.items()],
        "is_remote_offered": known_checker(Path(settings.HOME)) is not None,
        "may_ask": last is None or last.state in {"other", "unclear"},
    }
    return render(request, "household/titles/identity.html", facts)


def _ask(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    project_id, _ = whose(by)
    with reading(by=by):
        own_case(case_id=case_id, by=by, at=read_clock())
    try:
        ask_identity_check(
            project_id=project_id,
            case_id=case_id,
            way=_way(request.POST.get("way", "")),
            consents=request.POST.get("consents") == "yes",
            by=by,
            at=read_clock(),
        )
    except Refusal as refusal:
        return answer_refused(request, tell_refusal(refusal), back="my-titles")
    return go_to("my-identity", request=request, case_id=case_id)


def _way(told: str) -> Way:
    try:
        return Way(told)
    except ValueError as fault:
        raise Refusal("web.not-a-choice") from fault


def _say(last: IdentityCheckRow | None) -> str:
    if last is None:
        return "怎么核对您是本人？"
    if last.state != "asked":
        return _STATES[last.state]
    if last.way is Way.REMOTE:
        return "正在等核验机构答复"
    return f"已经约了：{WAYS[last.way][0]}"
