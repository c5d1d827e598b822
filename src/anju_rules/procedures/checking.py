"""Whether a procedure holds together: judged when it is loaded, never found out by a family.

First the definition by itself: names that lead somewhere, no circle of prerequisites, materials
that come from somewhere and serve something, promises within the law. Then every state that a case
can reach is walked: none may be a dead end, and every step and outcome must be reached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from anju_rules.clocks import Budget, Unit
from anju_rules.procedures.flow import Flow, decide_step, settle_step, start_flow
from anju_rules.procedures.types import Effect, Ending, Join, Limit, Procedure, Source, Step
from anju_rules.values import Finding, Verdict

MOST_STATES = 20_000
"""A procedure with more states than this cannot be walked, and nobody could follow it either."""
_HOURS_A_DAY = 24


def judge_procedure(procedure: Procedure, *, roles: Collection[str]) -> Verdict:
    """Say every fault of ``procedure``; ``roles`` are those that the platform knows.

    Each unmet finding has a ``procedure.*`` code, and the step, outcome or material as facts.
    """
    found = [
        *_judge_names(procedure, roles),
        *_judge_prerequisites(procedure),
        *_judge_outcomes(procedure),
        *_judge_materials(procedure),
        *_judge_limits(procedure),
    ]
    if not found:
        # Walking a graph with broken names would only repeat what has been said.
        found += _judge_walk(procedure)
    return Verdict(tuple(found))


def _fault(code: str, procedure: Procedure, *, clause: str = "", **facts: object) -> Finding:
    return Finding(
        code, clause or procedure.basis.clause, met=False, facts={"of": procedure.code, **facts}
    )


def _judge_names(procedure: Procedure, roles: Collection[str]) -> Iterator[Finding]:
    named = {procedure.intake_role, procedure.applicant_role}
    named |= {step.role for step in procedure.steps.values()}
    named |= {one.role for step in procedure.steps.values() for one in step.outcomes if one.role}
    for role in sorted(named - set(roles)):
        yield _fault("procedure.unknown-role", procedure, role=role)
    for step in procedure.steps.values():
        for code in step.after:
            if code not in procedure.steps or code == step.code:
                yield _fault("procedure.unknown-step", procedure, step=step.code, to=code)
        for code in (*step.needs, *step.produces):
            if code not in procedure.materials:
                yield _fault("procedure.unknown-material", procedure, step=step.code, material=code)
        if not step.outcomes:
            yield _fault("procedure.dead-end", procedure, step=step.code, outcome="")
        if step.signs > 2:
            yield _fault("procedure.too-many-signers", procedure, step=step.code, signs=step.signs)
        for outcome in step.outcomes:
            if outcome.effect is Effect.SEND and outcome.to not in procedure.steps:
                yield _fault("procedure.unknown-step", procedure, step=step.code, to=outcome.to)


def _judge_prerequisites(procedure: Procedure) -> Iterator[Finding]:
    for code in procedure.steps:
        if code in {step.code for step in _before(procedure, code)}:
            yield _fault("procedure.circle", procedure, step=code)
    for step in procedure.steps.values():
        if step.is_on_call and step.after:
            yield _fault("procedure.on-call-waits", procedure, step=step.code)


def _before(procedure: Procedure, code: str) -> list[Step]:
    """Give every step on which ``code`` rests, near or far."""
    found: dict[str, Step] = {}
    waiting = list(procedure.steps[code].after)
    while waiting:
        before = waiting.pop()
        if before in procedure.steps and before not in found:
            found[before] = procedure.steps[before]
            waiting += procedure.steps[before].after
    return list(found.values())


def _judge_outcomes(procedure: Procedure) -> Iterator[Finding]:
    """An outcome must lead on: to a step that its effect can open, or to the end."""
    for step in procedure.steps.values():
        joins = {one.join for one in procedure.dependents(step.code)}
        for outcome in step.outcomes:
            leads = {
                Effect.ADVANCE: bool(joins),
                Effect.TOLERATE: Join.ALL_BUT_TOLERATED in joins,
                Effect.REFUSE: Join.ANY_REFUSAL_STOPS in joins,
                Effect.SEND: True,
                Effect.END: True,
            }
            if not leads[outcome.effect]:
                yield _fault(
                    "procedure.dead-end",
                    procedure,
                    clause=outcome.basis.clause,
                    step=step.code,
                    outcome=outcome.code,
                )
            if outcome.effect is Effect.TOLERATE and not any(
                procedure.materials[code].is_tolerable
                for code in step.needs
                if code in procedure.materials
            ):
                yield _fault("procedure.nothing-tolerable", procedure, step=step.code)


def _judge_materials(procedure: Procedure) -> Iterator[Finding]:
    makers = _makers(procedure)
    needed = {code for step in procedure.steps.values() for code in step.needs}
    for code, material in procedure.materials.items():
        made_by = makers.get(code, [])
        if material.source is Source.PRODUCED and not made_by:
            yield _fault("procedure.material-from-nowhere", procedure, material=code)
        if material.source is not Source.PRODUCED and made_by:
            yield _fault("procedure.made-and-asked", procedure, material=code, step=made_by[0])
        if len(made_by) > 1:
            yield _fault("procedure.made-twice", procedure, material=code, step=made_by[1])
        if material.source is not Source.PRODUCED and code not in needed:
            yield _fault("procedure.asked-for-nothing", procedure, material=code)
        if material.is_tolerable and material.owed_within is None:
            yield _fault("procedure.owed-for-ever", procedure, material=code)
    yield from _judge_order_of_making(procedure, makers)


def _makers(procedure: Procedure) -> dict[str, list[str]]:
    """Give for each material the steps that make it."""
    makers: dict[str, list[str]] = {}
    for step in procedure.steps.values():
        for code in step.produces:
            makers.setdefault(code, []).append(step.code)
    return makers


def _judge_order_of_making(procedure: Procedure, makers: dict[str, list[str]]) -> Iterator[Finding]:
    """A step may need only what a step before it has made; one on call comes when it is called."""
    for step in procedure.steps.values():
        if step.is_on_call:
            continue
        before = {one.code for one in _before(procedure, step.code)}
        for code in step.needs:
            made_by = makers.get(code, [])
            if made_by and not before.intersection(made_by):
                yield _fault(
                    "procedure.needed-before-made", procedure, step=step.code, material=code
                )


def _judge_limits(procedure: Procedure) -> Iterator[Finding]:
    limits: list[tuple[str, Limit]] = [("", procedure.limit)]
    limits += [(step.code, step.limit) for step in procedure.steps.values()]
    for step, limit in limits:
        if limit.statutory is None or limit.promised is None:
            continue
        longer = _is_longer(limit.promised, limit.statutory)
        if longer is None:
            yield _fault("procedure.limits-not-alike", procedure, step=step)
        elif longer:
            yield _fault(
                "procedure.promise-beyond-law",
                procedure,
                clause=limit.statutory.clause,
                step=step,
                promised=limit.promised.length,
                statutory=limit.statutory.length,
            )
    for one in procedure.steps.values():
        binding, window = one.limit.binding, one.lasts_at_least
        if window is not None and window.unit is Unit.HOURS:
            yield _fault("procedure.window-in-hours", procedure, step=one.code)
        if binding is not None and window is not None and _is_longer(window, binding):
            yield _fault("procedure.window-beyond-limit", procedure, step=one.code)
    yield from _judge_whole(procedure)


def _is_longer(one: Budget, other: Budget) -> bool | None:
    """Whether ``one`` is longer than ``other``; ``None`` where their units cannot be compared."""
    if one.unit is other.unit:
        return one.length > other.length
    if {one.unit, other.unit} == {Unit.HOURS, Unit.CALENDAR_DAYS}:
        return _hours(one) > _hours(other)
    return None


def _hours(budget: Budget) -> int:
    return budget.length * (1 if budget.unit is Unit.HOURS else _HOURS_A_DAY)


def _judge_whole(procedure: Procedure) -> Iterator[Finding]:
    """The longest way through the steps must fit into the limit of the whole."""
    whole = procedure.limit.binding
    if whole is None:
        return
    longest: dict[str, int] = {}

    def reach(code: str) -> int:
        if code not in longest:
            step = procedure.steps[code]
            own = step.limit.binding
            days = own.length if own is not None and own.unit is whole.unit else 0
            longest[code] = 0  # a circle is told elsewhere
            longest[code] = days + max((reach(one) for one in step.after), default=0)
        return longest[code]

    if any(code not in procedure.steps for step in procedure.steps.values() for code in step.after):
        return
    for code in procedure.steps:
        if reach(code) > whole.length:
            yield _fault(
                "procedure.steps-beyond-whole",
                procedure,
                step=code,
                days=reach(code),
                whole=whole.length,
            )
            return


def _judge_walk(procedure: Procedure) -> list[Finding]:
    """Walk every state a case can reach."""
    start = start_flow(procedure)
    seen = {_key(start)}
    waiting = [start]
    opened: set[str] = set(start.open_steps)
    ways: dict[_Key, list[_Key]] = {}
    ends: set[_Key] = set()
    found: list[Finding] = []
    while waiting:
        flow = waiting.pop()
        key = _key(flow)
        if flow.ending is not None:
            ends.add(key)
            continue
        if not flow.open_steps and not flow.owing:
            return [_stuck(procedure, flow)]
        found += _judge_endings(procedure, flow)
        for one in _followers(procedure, flow):
            opened |= set(one.open_steps)
            ways.setdefault(_key(one), []).append(key)
            if _key(one) not in seen:
                seen.add(_key(one))
                waiting.append(one)
        if len(seen) > MOST_STATES:
            return [_fault("procedure.too-large", procedure, states=MOST_STATES)]
    found += [
        _fault("procedure.never-reached", procedure, step=code)
        for code in procedure.steps
        if code not in opened
    ]
    if seen - _leading_to(ends, ways):
        found.append(_fault("procedure.never-ends", procedure))
    return _each_once(found)


def _followers(procedure: Procedure, flow: Flow) -> Iterator[Flow]:
    """Give every state that one decision, or one debt paid, leads to."""
    for step in map(procedure.steps.__getitem__, flow.open_steps):
        for outcome in step.outcomes:
            yield decide_step(procedure, flow, step=step, outcome=outcome)
    for code in flow.owing:
        yield settle_step(procedure, flow, step=code)


def _judge_endings(procedure: Procedure, flow: Flow) -> Iterator[Finding]:
    """A case may not be done while another step is still open."""
    for step in map(procedure.steps.__getitem__, flow.open_steps):
        others = [code for code in flow.open_steps if code != step.code]
        for outcome in step.outcomes:
            if others and outcome.ends_as is Ending.DONE:
                yield _fault(
                    "procedure.ends-while-open",
                    procedure,
                    step=step.code,
                    outcome=outcome.code,
                    other=others[0],
                )


_Key = tuple[
    tuple[str, ...], frozenset[tuple[str, str]], frozenset[str], frozenset[str], Ending | None
]


def _key(flow: Flow) -> _Key:
    return (
        flow.open_steps,
        frozenset(flow.decided.items()),
        frozenset(flow.waiting),
        flow.owing,
        flow.ending,
    )


def _stuck(procedure: Procedure, flow: Flow) -> Finding:
    """Name the last decided step of a state from which nothing leads on."""
    step = next(reversed(list(flow.decided)), "")
    return _fault("procedure.dead-end", procedure, step=step, outcome=flow.decided.get(step, ""))


def _leading_to(ends: set[_Key], ways: dict[_Key, list[_Key]]) -> set[_Key]:
    """Give every state from which some end can be reached."""
    found = set(ends)
    waiting = list(ends)
    while waiting:
        for before in ways.get(waiting.pop(), ()):
            if before not in found:
                found.add(before)
                waiting.append(before)
    return found


def _each_once(found: list[Finding]) -> list[Finding]:
    kept: dict[tuple[str, str], Finding] = {}
    for finding in found:
        kept.setdefault((finding.code, str(finding.facts)), finding)
    return list(kept.values())
