"""Words for cases: who acts, why a clock stands still, how a case ended, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from anju.foundation.core.definitions import read_default_procedures
from anju_rules.clocks import Budget, PauseReason, Unit
from anju_rules.procedures.states import ActionKind, Status

UNITS: Mapping[Unit, str] = {
    Unit.WORKING_DAYS: "个工作日",
    Unit.CALENDAR_DAYS: "天",
    Unit.HOURS: "小时",
}
OFFICES: Mapping[str, str] = {
    "street-officer": "街道",
    "district-officer": "区里",
    "city-officer": "市里",
    "household": "您家",
    "department": "部门",
    "supervisor": "监督员",
    "system": "平台",
}
REASONS: Mapping[PauseReason, str] = {
    PauseReason.SUPPLEMENT: "等补材料",
    PauseReason.PUBLIC_NOTICE: "正在公示",
    PauseReason.HEARING: "正在听证",
    PauseReason.SURVEY: "正在实地勘察",
    PauseReason.EXPERT_OPINION: "等专家意见",
    PauseReason.COURT_ORDER: "等法院裁定或者争议解决",
}
STATUSES: Mapping[Status, str] = {
    Status.INTAKE: "刚收到",
    Status.IN_PROGRESS: "正在办",
    Status.DONE: "办成了",
    Status.REFUSED: "没有办成",
    Status.NOT_ACCEPTED: "没有受理",
    Status.WITHDRAWN: "已撤回",
    Status.REVOKED: "结果已撤销",
}
DONE: Mapping[ActionKind, str] = {
    ActionKind.OPEN: "收到申请",
    ActionKind.ACCEPT: "受理",
    ActionKind.DECLINE: "不予受理",
    ActionKind.TURN_AWAY: "退回，不归这里办",
    ActionKind.TAKE_UP: "有人接手办理",
    ActionKind.ASK_CORRECTION: "请补材料，时间停下",
    ActionKind.RECEIVE_CORRECTION: "材料补齐，时间接着走",
    ActionKind.STOP: "时间停下",
    ActionKind.RESUME: "时间接着走",
    ActionKind.SUPPLY: "收到材料",
    ActionKind.ASK_WITHDRAWAL: "申请撤回",
    ActionKind.WITHDRAW: "撤回",
    ActionKind.KEEP: "不撤回，接着办",
    ActionKind.REVOKE: "撤销结果",
}
"""What was done, but for a decision, which says its outcome."""


def say_office(role: str) -> str:
    """Say who acts, as a family calls them.

    >>> say_office("street-officer"), say_office("notary")
    ('街道', '经办人')
    """
    return OFFICES.get(role, "经办人")


def say_budget(budget: Budget) -> str:
    """Say how long something may take.

    >>> say_budget(Budget(5, Unit.WORKING_DAYS)), say_budget(Budget(30, Unit.CALENDAR_DAYS))
    ('5 个工作日', '30 天')
    """
    return f"{budget.length} {UNITS[budget.unit]}"


_PLAIN = {"yes": "是", "no": "否"}


def say_plain(text: str) -> str:
    """Say a department's yes or no in words; anything else stays as it was written.

    >>> say_plain("yes 柳岸新村 2019-05-01"), say_plain("370105…")
    ('是 柳岸新村 2019-05-01', '370105…')
    """
    first, blank, rest = text.partition(" ")
    return f"{_PLAIN.get(first, first)}{blank}{rest}"


@cache
def say_objection_levels() -> str:
    """Say who answers an objection, and within what time.

    >>> say_objection_levels()
    '街道 3 天、区里 5 天、市里 10 天'
    """
    steps = read_default_procedures()["objection"].steps.values()
    return "、".join(
        f"{say_office(step.role)} {say_budget(step.limit.binding)}"
        for step in steps
        if step.limit.binding is not None
    )
