"""A refusal as a page or a fragment: what happened, why (clause), and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anju.foundation.core.words import read_words, say
from anju.web.clauses import say_clause
from anju.web.fields import name_fields
from anju_rules.values import Refusal

_ABSENT = frozenset(
    {
        "access.not-found",
        "access.not-permitted",
        "batches.unknown",
        "casework.unknown-case",
        "communities.unknown-community",
        "communities.unknown-home",
        "certificates.unknown",
        "documents.unknown",
        "draws.no-such-ceremony",
        "draws.no-such-draw",
        "exchange.unknown-import",
        "households.unknown-household",
        "inventory.unknown-unit",
        "legacy.no-plan",
        "legacy.unknown-problem",
        "partners.unknown-party",
        "planning.paper-unknown",
        "projects.unknown-project",
        "ratings.token-unknown",
        "selection.turn-unknown",
        "titlecases.unknown-case",
        "titlecases.unknown-commitment",
        "titlecases.unknown-sample",
        "settlements.unknown",
    }
)
"""What must answer alike whether a thing does not exist or belongs to another (T-23)."""
_UNFIT = (
    "calendar.",
    *("import.", "exchange.", "policy.", "value.", "identifier.", "web."),
    *("communities.terms-unclear", "communities.survey-unclear", "communities.no-"),
    *("legacy.amount-wrong", "legacy.day-missing", "legacy.facts-missing"),
    *("area.terms-unclear", "ceremony.", "documents.", "me.typed-", "draws.use-has-no-pool"),
    *("notices.empty", "notices.personal-text", "notices.row-length", "notices.text-too-long"),
    *("notices.too-", "notices.annex-not-taken"),
    *(
        "communities.term-",
        "communities.parcel-",
        "communities.code-unclear",
        "communities.code-too",
        "communities.year-",
    ),
    *("communities.division-", "communities.day-", "fees.fact-wrong"),
    *("titlecases.amount-", "titlecases.paper-", "titlecases.reason-", "titlecases.receipt-w"),
    "commitments.not-signed",
)
"""Codes that speak of what was sent, not of the state of the project."""
_NEXT_STEPS = (
    ("selection.not-your-turn", "先在叫号台叫到这一户，再为它选房。"),
    ("selection.turn-still-running", "等时间用完再记过号；这一户随时可以选房或弃选。"),
    ("selection.turn-expired", "这一户的时间已到：在叫号台记为过号，本批末可以回来。"),
    ("selection.not-batch-end", "先把本批其余家庭办完，再请过号的家庭回来。"),
    ("selection.unit-already-held", "换一套还空着的房屋；房源以立面图的最新状态为准。"),
    ("selection.over-area-budget", "去掉一套，或换面积小一些的房屋，合计不超过面积指标。"),
    ("selection.home-reserved", "这套房屋暂留给有特殊需要的家庭，请先选其他房屋。"),
    ("selection.batch-plan-missing", "先公布安排：时间、地点、名单、要带的材料。"),
    ("selection.batch-plan-too-young", "到期再开批。"),
    ("selection.batch-plan-too-late", "把日子往后定。"),
    ("selection.batch-plan-stands", "要改，先写明原因撤回那份公告，再公布新的；天数重新算。"),
    ("selection.batch-not-begun", "到时再开批。"),
    ("selection.mandate-stands", "要换人，先撤销原来的委托。"),
    ("selection.mandate-over", "请住户到窗口重新委托，或者本人来选。"),
    ("selection.absence-without-wishes", "请先填志愿，或者请人代理。"),
    ("selection.exchange-running", "先撤回那一次，再提新的。"),
    ("selection.exchange-changed", "请撤回，按现在的房屋重新提出。"),
    ("selection.same-person", "请另一位工作人员或监督员在“待复核”里签字。"),
    ("selection.side-not-yours", "在“待复核”里看轮到哪一方签字；没有任何内容被改动。"),
    ("selection.sign-time", "留住的房屋要先放开；选房时间还有剩的，可以马上再选。"),
    ("selection.naming-changed", "回到签字页，看清现在是哪几套，再签字。"),
    ("selection.nothing-named", "刷新这一页，看看现在办到了哪一步。"),
    ("selection.call-outdated", "刷新这一页再办：这一户已经重新叫过号。"),
    ("selection.key-reused", "刷新这一页再办；上一次的结果没有变。"),
    ("selection.desk-busy", "先办完这张台上的一户，再叫下一户。"),
    ("selection.", "对照上面的原因改正后再提交；没有任何内容被改动。"),
    ("access.sign-in-refused", "核对后再试一次；忘记了请找本单位管理员，家庭请到街道窗口重设。"),
    ("access.sign-in-wait", "请稍等再试；急用请到街道现场办理。"),
    ("communities.not-the-specialist", "请本小区的专员登录后记录，或先更换专员。"),
    ("calendar.", "改好文字再读一遍；没有任何内容被改动。"),
    ("exchange.", "换一个文件重新上传；本次没有写入任何内容。"),
    ("web.", "选好后再交一次；没有任何内容被改动。"),
    ("access.second-person-", "请另一位有权限的同事在下面填账号、密码和验证码，再交一次。"),
    ("access.", "请换有权限的账号办理，或联系本单位管理员。"),
    ("import.", "按提示改好表格后重新上传；本次没有写入任何内容。"),
    ("scoring.comparison-changed", "刷新这一页，看过新的对照再签；没有任何内容被改动。"),
    ("scoring.correction-", "打开这一户的更正看看办到了哪一步；没有任何内容被改动。"),
    ("scoring.objection-", "请先办完这一户的异议复核，再据以更正。"),
    ("scoring.draw-known", "顺序以已公开的摇号为准；对结果有意见，按异议程序提出。"),
    ("scoring.evidence-missing", "附上证明再提一次；没有任何内容被改动。"),
    ("scoring.nothing-corrected", "只填要改的那一项再提一次。"),
    ("scoring.reason-missing", "写明理由再提一次；没有任何内容被改动。"),
    ("scoring.", "先完成前一步（导入登记、冻结规则），再来评分。"),
    ("notices.personal-text", "改好文字再发布；还没有任何内容公开。"),
    ("notices.", "对照上面的原因改正后再提交；没有任何内容被改动。"),
    ("partners.basis-", "先在“法律依据”里登记一条有效的依据，再来办；没有任何内容被改动。"),
    ("partners.", "对照上面的原因改正后再提交；没有任何内容被改动。"),
    ("ratings.given-already", "不用再做什么。还有话要说，请打政务服务热线 12345。"),
    ("ratings.", "改好后再交一次；您写的内容没有被记下。"),
    ("policies.", "规则冻结后不能改动；如需改动，请按程序另立版本。"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRow:
    """A refusal as its reader meets it."""

    code: str
    happened: str
    clause: str
    next_step: str
    status: int


def tell_refusal(refusal: Refusal) -> RefusalRow:
    """Put a refusal into words, with the step that helps."""
    return RefusalRow(
        code=refusal.code,
        happened=say(refusal.code, name_fields(refusal.facts)),
        clause=say_clause(refusal.clause),
        next_step=_next_step(refusal.code),
        status=status_of(refusal.code),
    )


def _next_step(code: str) -> str:
    advice = read_words().get(code, {}).get("next_zh")
    if advice:
        return advice
    for beginning, words in _NEXT_STEPS:
        if code.startswith(beginning):
            return words
    return "回到上一页核对后再试；没有任何内容被改动。"


def status_of(code: str) -> int:
    """Give the HTTP status of a refusal's code.

    >>> [
    ...     status_of(code)
    ...     for code in ("access.not-permitted", "import.no-rows", "selection.late-turn")
    ... ]
    [404, 422, 409]
    """
    if code in _ABSENT:
        return 404
    if code.startswith("access."):
        return 403
    return 422 if code.startswith(_UNFIT) else 409


def answer_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer with the refusal: into the page that asked if htmx asked, else as a page."""
    told = tell_refusal(refusal)
    if told.status == 404:
        return answer_not_found(request)
    template = "parts/_refusal.html" if "HX-Request" in request.headers else "refused.html"
    back = request.headers.get("Referer", "")
    inside = back.removeprefix(f"{request.scheme}://{request.get_host()}")
    facts = {"refusal": told, "back": inside if inside.startswith("/") else "/"}
    return render(request, template, facts, status=told.status)


def answer_not_found(request: HttpRequest) -> HttpResponse:
    """Answer as a page that does not exist, and as one that belongs to another: alike."""
    if "HX-Request" in request.headers:
        return HttpResponse(status=404)
    return render(request, "404.html", status=404)
