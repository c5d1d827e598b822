"""Words of the desk for cases: queues, flags, steps, materials, alerts and what may be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anju.foundation.casework.types import StepState
from anju.web.case_words import REASONS, STATUSES
from anju.web.context import role_title
from anju_rules.alerts import AlertRung
from anju_rules.procedures.queues import QueueKind
from anju_rules.procedures.states import ActionKind, Flag
from anju_rules.procedures.types import Effect, Outcome, Procedure, Source
from anju_rules.values import Refusal

QUEUES: Mapping[QueueKind, str] = {
    QueueKind.INTAKE: "待受理",
    QueueKind.OFFICE: "待办",
    QueueKind.STOPPED: "停着",
    QueueKind.WITHDRAWAL: "申请撤回",
    QueueKind.APPLICANT: "等对方",
    QueueKind.CLOSED: "已结束",
}
FLAGS: Mapping[Flag, str] = {
    Flag.STOPPED: "计时停着",
    Flag.AWAITS_CORRECTION: "等补正",
    Flag.OWES_MATERIAL: "容缺欠件",
    Flag.COMMITTED: "告知承诺",
    Flag.SENT_BACK: "退回重办",
    Flag.QUALITY_DEFECT: "质量缺陷",
    Flag.WITHDRAWAL_ASKED: "申请撤回",
}
CALM_FLAGS = frozenset({Flag.COMMITTED, Flag.OWES_MATERIAL})
"""Flags that say how a case goes its way; the others ask somebody for something."""
STEPS: Mapping[StepState, str] = {
    StepState.AHEAD: "未到",
    StepState.OPEN: "待办",
    StepState.IN_HAND: "办理中",
    StepState.DECIDED: "已办",
    StepState.ON_CALL: "需要时才办",
}
SIGNS: Mapping[StepState, str] = {
    StepState.AHEAD: "○",
    StepState.OPEN: "●",
    StepState.IN_HAND: "●",
    StepState.DECIDED: "✓",
    StepState.ON_CALL: "◌",
}
"""A step's state never rests on colour alone."""
SOURCES: Mapping[Source, str] = {
    Source.ASKED: "当事人交",
    Source.SHARED: "部门共享，不得向当事人要",
    Source.COMMITTED: "当事人承诺，事后核查",
    Source.PRODUCED: "办理中产生",
}
RUNGS: Mapping[AlertRung, str] = {
    AlertRung.HALF: "时间过半",
    AlertRung.TWO_LEFT: "还剩两天",
    AlertRung.DUE: "最后一天",
    AlertRung.ONE_LATE: "超一天",
    AlertRung.THREE_LATE: "超三天，报监督员",
}
TIERS: Mapping[str, str] = {
    "city": "市级",
    "district": "区县",
    "street": "街道",
    "outside": "群众和部门",
}
ACTS: Mapping[ActionKind, str] = {
    ActionKind.ACCEPT: "受理",
    ActionKind.DECLINE: "不予受理",
    ActionKind.TURN_AWAY: "不归本单位，告知去处",
    ActionKind.TAKE_UP: "我来办",
    ActionKind.ASK_CORRECTION: "一次性告知补正",
    ActionKind.RECEIVE_CORRECTION: "补正材料齐了",
    ActionKind.STOP: "中止计时",
    ActionKind.RESUME: "恢复计时",
    ActionKind.SUPPLY: "收下补交的材料",
    ActionKind.WITHDRAW: "确认撤回",
    ActionKind.KEEP: "当事人不撤回了，接着办",
    ActionKind.REVOKE: "撤销结果",
}
"""What the buttons of the desk say."""


@dataclass(frozen=True, slots=True)
class FlagWord:
    """A flag in words, and whether it asks for attention."""

    words: str
    is_calm: bool


def say_flags(flags: Iterable[Flag]) -> tuple[FlagWord, ...]:
    """Say what holds of a case beside its status, always in one order."""
    held = frozenset(flags)
    return tuple(
        FlagWord(words, flag in CALM_FLAGS) for flag, words in FLAGS.items() if flag in held
    )


def say_role(role: str) -> str:
    """Say whose turn it is; ``department`` has no account and so no title of its own.

    >>> say_role("department"), say_role("street-officer")
    ('部门', '街道经办')
    """
    return "部门" if role == "department" else role_title(role) or role


def say_effect(procedure: Procedure, outcome: Outcome) -> str:
    """Say in a few words what a decision does to the case."""
    if outcome.effect is Effect.SEND:
        return f"转到“{procedure.steps[outcome.to].title.zh}”"
    if outcome.effect is Effect.END:
        return "办结" if outcome.ends_as == "done" else "结束，不通过"
    if outcome.effect is Effect.TOLERATE:
        return "通过，欠件限期补交"
    return "不通过" if outcome.effect is Effect.REFUSE else "通过，往下走"


def say_facts(refusal: Refusal, procedure: Procedure) -> Refusal:
    """Give a refusal with the names that its reader knows in place of the definition's codes."""
    return Refusal(
        refusal.code,
        clause=refusal.clause,
        **{name: _say_fact(name, fact, procedure) for name, fact in refusal.facts.items()},
    )


def _say_fact(name: str, fact: object, procedure: Procedure) -> object:
    told = str(fact)
    if name in {"step", "to", "other"} and told in procedure.steps:
        return procedure.steps[told].title.zh
    if name in {"material", "point"} and told in procedure.materials:
        return procedure.materials[told].title.zh
    if name in {"role", "expected"}:
        return "、".join(TIERS.get(one) or say_role(one) for one in told.split(", "))
    if name == "outcome":
        found = [step.outcome(told) for step in procedure.steps.values()]
        return next((one.title.zh for one in found if one is not None), told)
    words: Mapping[str, Mapping[str, str]] = {
        "tier": TIERS,
        "status": {status.value: say for status, say in STATUSES.items()},
        "reason": {reason.value: say for reason, say in REASONS.items()},
    }
    return words.get(name, {}).get(told, fact)
