"""The forms a case's page shows: one decision, and what else its reader may do now."""

from __future__ import annotations

from dataclasses import dataclass

from anju.foundation.access.types import Actor
from anju.foundation.casework.types import CaseFile
from anju.web.case_words import REASONS
from anju.web.officer.case_forms import OTHER_POINT, asked_materials
from anju.web.officer.case_words import ACTS, say_effect
from anju.web.public.paging import Option
from anju_rules.clocks import PauseReason
from anju_rules.procedures.states import ActionKind
from anju_rules.procedures.types import Effect, Ending, Outcome, Procedure, Source, Step

COUNTS = {"households_consenting": "同意的户数", "households": "全部户数"}
"""What the shares of our procedures count."""
_PLAIN = (ActionKind.ACCEPT, ActionKind.DECLINE, ActionKind.TURN_AWAY, ActionKind.WITHDRAW)
_PLAIN_TOO = (ActionKind.KEEP, ActionKind.REVOKE)
_SAYS_WHY = frozenset({ActionKind.DECLINE, ActionKind.TURN_AWAY, ActionKind.REVOKE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One outcome as a choice, with its key on the keyboard."""

    code: str
    title: str
    effect: str
    clause: str
    key: str
    must_say_why: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A material or a count that a form asks for."""

    code: str
    title: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The form of one decision."""

    step: str
    title: str
    clause: str
    choices: tuple[Choice, ...]
    lacks: tuple[Wanted, ...]
    """Materials that the step needs and the case has not; they may come with the decision."""
    makes: tuple[Wanted, ...]
    """What the step makes: its paper goes with the decision."""
    counts: tuple[Wanted, ...]
    needs_second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The form of a correction notice: everything at once, and once."""

    step: str
    points: tuple[Wanted, ...]
    was_asked: bool
    """A second one needs the supervisor, or a reason that arose later."""
    arose: tuple[Option, ...]
    """Steps and materials later than the first notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainAct:
    """An act that takes a reason at most."""

    kind: str
    title: str
    must_say_why: bool
    needs_second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseForms:
    """Everything that the reader may try now: no other button is drawn."""

    decision: Decision | None
    others: tuple[Option, ...]
    """The steps that the reader may decide, where there are several."""
    take_up: str
    """The step that may be taken up; empty: none."""
    correction: Correction | None
    stops: tuple[Option, ...]
    stop_step: str
    resume_step: str
    supplies: tuple[Wanted, ...]
    is_awaited: bool
    """Whether what comes in now answers a correction."""
    plain: tuple[PlainAct, ...]


def lay_out_forms(file: CaseFile, *, procedure: Procedure, asked_step: str, by: Actor) -> CaseForms:
    """Give the forms for what is lawful for the reader; who only supervises gets none."""
    lawful = file.what_is_lawful if by.role != "supervisor" else ()
    steps = list(dict.fromkeys(one.step for one in lawful if one.kind is ActionKind.DECIDE))
    step = asked_step if asked_step in steps else next(iter(steps), "")
    kinds = {one.kind: one.step for one in reversed(lawful)}
    stops = [one for one in lawful if one.kind is ActionKind.STOP and one.reason is not None]
    is_awaited = ActionKind.RECEIVE_CORRECTION in kinds
    may_supply = not kinds.keys().isdisjoint({ActionKind.SUPPLY, ActionKind.RECEIVE_CORRECTION})
    return CaseForms(
        decision=_decision(file, procedure, step) if step else None,
        others=tuple(
            Option(key=code, label=procedure.steps[code].title.zh, is_on=code == step)
            for code in steps
        )
        if len(steps) > 1
        else (),
        take_up=next((one.step for one in lawful if one.kind is ActionKind.TAKE_UP), ""),
        correction=_correction(file, procedure, kinds[ActionKind.ASK_CORRECTION])
        if ActionKind.ASK_CORRECTION in kinds
        else None,
        stops=tuple(
            Option(key=reason.value, label=REASONS[reason], is_on=False)
            for reason in dict.fromkeys(one.reason for one in stops)
            if isinstance(reason, PauseReason)
        ),
        stop_step=stops[0].step if stops else "",
        # A correction ends by what comes in, not by somebody's word.
        resume_step="" if is_awaited else kinds.get(ActionKind.RESUME, ""),
        supplies=_supplies(file) if may_supply else (),
        is_awaited=is_awaited,
        plain=tuple(
            PlainAct(
                kind=kind.value,
                title=ACTS[kind],
                must_say_why=kind in _SAYS_WHY,
                needs_second=kind is ActionKind.REVOKE,
            )
            for kind in (*_PLAIN, *_PLAIN_TOO)
            if kind in kinds
        ),
    )


def lacks_of(file: CaseFile, step: Step) -> tuple[Wanted, ...]:
    """Give what a step still needs that somebody brings or shares: what it makes itself is not."""
    held = {line.code: line for line in file.materials}
    return tuple(
        Wanted(
            code=need,
            title=held[need].title.zh,
            hint="可以容缺" if not held[need].is_core else "",
        )
        for need in step.needs
        if held[need].state == "missing" and held[need].source is not Source.PRODUCED
    )


def _decision(file: CaseFile, procedure: Procedure, code: str) -> Decision:
    step = procedure.steps[code]
    lawful = {one.outcome for one in file.what_is_lawful if one.step == code}
    held = {line.code: line for line in file.materials}
    outcomes = [one for one in step.outcomes if one.code in lawful]
    shares = [one.threshold for one in outcomes if one.threshold is not None]
    counted = dict.fromkeys(name for share in shares for name in (share.part, share.whole))
    return Decision(
        step=code,
        title=step.title.zh,
        clause=step.basis.clause,
        choices=tuple(
            _choice(procedure, one, place) for place, one in enumerate(outcomes, start=1)
        ),
        lacks=lacks_of(file, step),
        makes=tuple(Wanted(code=made, title=held[made].title.zh) for made in step.produces),
        counts=tuple(Wanted(code=name, title=COUNTS.get(name, name)) for name in counted),
        needs_second=step.signs > 1,
    )


def _choice(procedure: Procedure, outcome: Outcome, place: int) -> Choice:
    goes_on = outcome.effect in (Effect.ADVANCE, Effect.TOLERATE)
    return Choice(
        code=outcome.code,
        title=outcome.title.zh,
        effect=say_effect(procedure, outcome),
        clause=outcome.basis.clause,
        key=str(place) if place < 10 else "",
        must_say_why=not (goes_on or outcome.ends_as is Ending.DONE),
    )


def _correction(file: CaseFile, procedure: Procedure, step: str) -> Correction:
    places = [line.place for line in file.actions if line.kind is ActionKind.ASK_CORRECTION]
    later = [line for line in file.actions if places and line.place > places[0]]
    steps = [line.step for line in later if line.kind is ActionKind.DECIDE]
    codes = [one.code for line in later for one in line.materials]
    return Correction(
        step=step,
        points=(
            *(
                Wanted(code=code, title=procedure.materials[code].title.zh)
                for code in asked_materials(procedure)
            ),
            Wanted(code=OTHER_POINT, title="其他"),
        ),
        was_asked=bool(places),
        arose=tuple(
            Option(key=code, label=_say_origin(procedure, code), is_on=False)
            for code in dict.fromkeys((*steps, *codes))
        ),
    )


def _say_origin(procedure: Procedure, code: str) -> str:
    step = procedure.steps.get(code)
    return step.title.zh if step else procedure.materials[code].title.zh


def _supplies(file: CaseFile) -> tuple[Wanted, ...]:
    """Give what an applicant may bring; while a correction is awaited, what was asked for."""
    asked = {point.code for point in file.asked}
    return tuple(
        Wanted(
            code=line.code,
            title=line.title.zh,
            hint="已有一份，换新的" if line.state == "held" else "",
        )
        for line in file.materials
        if line.source in (Source.ASKED, Source.COMMITTED) and (not asked or line.code in asked)
    )
