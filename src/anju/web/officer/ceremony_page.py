"""A ceremony as the desk lays it out: what is done, what is next, and whose hand is wanted.

Tickets only: nothing here carries a name or a household's number, for any role (DRW-2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.words import say
from anju.foundation.draws.queries import party_of
from anju.foundation.draws.types import (
    CeremonyRow,
    EventRow,
    NextRow,
    PartyRow,
    SignatureRow,
    StreetCountRow,
)
from anju.web.officer.ceremony_rows import (
    CardRow,
    CauseRow,
    DigestRow,
    LogRow,
    PartRow,
    SeatRow,
    SignedRow,
    StepRow,
    StepState,
)
from anju.web.officer.ceremony_words import BeaconAsk, beacon_asks, say_turn
from anju.web.public.ceremonies import say_counting
from anju.web.public.draw_events import say_event
from anju.web.public.draw_words import STEPS, say_cause, say_party, say_use, say_verifier
from anju_rules.ceremony import (
    COMMIT_INVALID,
    CUSTODY,
    ORDER,
    VERIFIERS,
    Act,
    Party,
    Step,
    has_reached,
    require_void_in_time,
    step_after,
)
from anju_rules.values import Refusal

_KINDS: Mapping[Step, str] = {
    Step.OPENED: "draws.ceremony.opened",
    Step.COUNTED: "draws.street.counted",
    Step.COMMITTED: "draws.commitments.entered",
    Step.BEACON: "draws.beacon.entered",
    Step.REVEALED: "draws.card.scanned",
    Step.AGREED: "draws.result.verified",
}
"""The lines of the log that do a step, beside signatures."""
_VERIFIER_OF: Mapping[Party, str] = {
    Party.OPERATOR: "anju",
    Party.SUPERVISOR: "python",
    Party.NOTARY: "browser",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyPage:
    """What the page of one ceremony shows to one person."""

    ceremony: CeremonyRow
    title: str
    counting: str
    headline: str
    act: Act | None
    """By what the next step is done, where it is this person's turn; else ``None``."""
    next: NextRow
    mine: PartyRow | None
    my_name: str
    steps: tuple[StepRow, ...]
    parties: tuple[SeatRow, ...]
    asks: tuple[BeaconAsk, ...]
    """The parts of the beacon that this person has still to type."""
    beacon: tuple[PartRow, ...]
    cards: tuple[CardRow, ...]
    verifiers: tuple[tuple[str, str], ...]
    """The programs that have not reported yet: code and words."""
    my_verifier: str
    """The program that this party usually runs."""
    platform: tuple[DigestRow, ...]
    """What the platform found; shown to the operator alone until all three agree."""
    reports: tuple[DigestRow, ...]
    """What is to be reported of each draw; filled in where the platform itself is the program."""
    streets: tuple[StreetCountRow, ...]
    """The streets this person may sign for now."""
    causes: tuple[CauseRow, ...]
    may_change: bool
    """Whether lines may be struck: after the freeze, by the parties."""
    may_place: bool
    may_postpone: bool
    changes: tuple[str, ...]
    """Lines struck and placed, in words."""
    why: str
    """Why this person has nothing to do now, in words."""
    log: tuple[LogRow, ...]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.state == "done" for step in self.steps)

    @property
    def mark(self) -> str:
        """Changes whenever the ceremony does: a poll that knows it gets no answer to swap."""
        return f"{self.ceremony.step}.{len(self.log)}"

    @property
    def now_mark(self) -> str:
        """Changes when this person's turn comes or goes, and not while they type."""
        waits = "" if self.act else ".".join(self.next.waits_for)
        return f"{self.next.step}.{self.act}.{waits}.{len(self.streets)}"


def lay_out_ceremony_page(
    ceremony: CeremonyRow, *, events: Sequence[EventRow], following: NextRow, by: Actor
) -> CeremonyPage:
    """Lay out the page of a ceremony for the person who opens it."""
    mine = party_of(ceremony, by=by)
    asks = _asks(ceremony, events, mine)
    act = _act_of(ceremony, following, mine, asks)
    streets = _streets(ceremony, by)
    platform = _platform(ceremony, mine)
    is_running = mine is not None and ceremony.step not in {Step.VOID, Step.LOCKED}
    is_past_freeze = has_reached(ceremony.step, Step.FROZEN)
    return CeremonyPage(
        ceremony=ceremony,
        title=say_ceremony(ceremony),
        counting=say_counting(ceremony),
        headline=_headline(ceremony, following, is_mine=act is not None, streets=streets),
        act=act,
        next=following,
        mine=mine,
        my_name=say_party(mine.who, mine.party) if mine else "",
        steps=_steps(ceremony, events),
        parties=_parties(ceremony, mine),
        asks=asks,
        beacon=_beacon(ceremony),
        cards=_cards(ceremony),
        verifiers=_open_verifiers(ceremony),
        my_verifier=_VERIFIER_OF.get(mine.party, "") if mine else "",
        platform=platform,
        reports=platform
        or tuple(DigestRow(draw_number=draw.draw_number, digest="") for draw in ceremony.draws),
        streets=streets,
        causes=_causes(ceremony) if is_running else (),
        may_change=is_running and is_past_freeze,
        may_place=is_running and has_reached(ceremony.step, Step.DERIVED),
        may_postpone=is_running and ceremony.step is Step.ANNOUNCED,
        changes=_changes(ceremony),
        why=_why(ceremony, following, mine, act),
        log=tuple(_log(row, ceremony) for row in sorted(events, key=_moment, reverse=True)),
    )


def _act_of(
    ceremony: CeremonyRow,
    following: NextRow,
    mine: PartyRow | None,
    asks: Sequence[BeaconAsk],
) -> Act | None:
    """Give by what this person does the next step; ``None`` where another's hand is wanted."""
    if mine is None or not following.may_act or mine.party not in following.waits_for:
        return None
    if following.kind is Act.ENTER_BEACON and not asks:
        return None
    if following.kind is Act.COUNT_AND_SIGN and any(
        row.counted is None for row in ceremony.streets
    ):
        return None
    return following.kind


def _why(ceremony: CeremonyRow, following: NextRow, mine: PartyRow | None, act: Act | None) -> str:
    if act is not None or following.step is None:
        return ""
    if mine is None:
        return "您不在这一场的四方之中，可以看，不能办"
    if following.kind is Act.COUNT_AND_SIGN and mine.party is Party.SUPERVISOR:
        left = [row.street for row in ceremony.streets if row.counted is None]
        return f"还有 {len(left)} 个街道没有核数签字：{'、'.join(left)}"
    if following.may_act and following.kind is Act.ENTER_BEACON:
        return "您已经录入，等另一个人独立再录一遍"
    return say(following.why, {}) if following.why else ""


def say_ceremony(ceremony: CeremonyRow) -> str:
    """Say what a ceremony is for, and of which batch."""
    return say_use(ceremony.use, batch=ceremony.batch, stratum="")


def _moment(row: EventRow) -> datetime:
    return row.at


def _headline(
    ceremony: CeremonyRow,
    following: NextRow,
    *,
    is_mine: bool,
    streets: Sequence[StreetCountRow],
) -> str:
    if ceremony.step is Step.VOID:
        return "这次摇号作废"
    if following.step is None or following.kind is None:
        return "摇号已经完成并锁定"
    if streets:
        return "请核对本街道的户数并签字"
    return say_turn(
        step=following.step,
        act=following.kind,
        waits_for=following.waits_for,
        is_mine=is_mine,
    )


def _steps(ceremony: CeremonyRow, events: Sequence[EventRow]) -> tuple[StepRow, ...]:
    reached = reached_steps(ceremony)
    following = step_after(ceremony.step)
    rows = []
    for number, step in enumerate(ORDER, start=1):
        name, words = STEPS[step]
        state: StepState = "done" if step in reached else "now" if step is following else "later"
        done_by = _done_by(ceremony, step, events)
        rows.append(
            StepRow(number=number, name=name, words=words, state=state, done_by=tuple(done_by))
        )
    return tuple(rows)


def reached_steps(ceremony: CeremonyRow) -> frozenset[Step]:
    """Give the steps that were done; of a void, those that its signatures and values show."""
    if ceremony.step is not Step.VOID:
        return frozenset(step for step in ORDER if has_reached(ceremony.step, step))
    done = {Step.OPENED}
    done |= {row.step for row in ceremony.signatures if row.step in ORDER and not row.cause}
    if ceremony.announced_event_id is not None:
        done |= {Step.COMMITTED, Step.ANNOUNCED}
    if ceremony.beacon and all(part.text for part in ceremony.beacon):
        done.add(Step.BEACON)
    last = max(ORDER.index(step) for step in done)
    return frozenset(ORDER[: last + 1])


def _done_by(ceremony: CeremonyRow, step: Step, events: Sequence[EventRow]) -> Sequence[SignedRow]:
    """Give who did a step: its signatures, else the lines of the log that belong to it."""
    signatures = [row for row in ceremony.signatures if row.step is step and not row.cause]
    rows = [_signed(row) for row in signatures]
    kind = _KINDS.get(step, "")
    rows += [
        SignedRow(words=say_event(row, ceremony), at=row.at, event_id=row.event_id)
        for row in events
        if row.kind == kind and row.outcome == "done"
    ]
    if step is Step.OPENED and not rows:
        rows = [SignedRow(words="开场", at=ceremony.opened_at)]
    return sorted(rows, key=lambda row: row.at)


def _signed(row: SignatureRow) -> SignedRow:
    return SignedRow(words=f"{say_party(row.who, row.party)}签字", at=row.at, event_id=row.event_id)


def _asks(
    ceremony: CeremonyRow, events: Sequence[EventRow], mine: PartyRow | None
) -> tuple[BeaconAsk, ...]:
    """Give the parts that are not certain, less those this person has typed already."""
    typed_by_me: set[object] = set()
    for row in sorted(events, key=_moment):
        if row.kind == "draws.beacon.postponed":
            typed_by_me.clear()
        if row.kind != "draws.beacon.entered" or "place" not in row.facts:
            continue
        if row.outcome != "done":
            # The two differed: both are gone.
            typed_by_me.discard(row.facts["place"])
        elif mine is not None and row.facts.get("who") == mine.who:
            typed_by_me.add(row.facts["place"])
    certain = {part.place for part in ceremony.beacon if part.text}
    return tuple(
        ask for ask in beacon_asks(ceremony.beacon_rule) if ask.place not in certain | typed_by_me
    )


def _beacon(ceremony: CeremonyRow) -> tuple[PartRow, ...]:
    titles = {ask.place: ask.title for ask in beacon_asks(ceremony.beacon_rule)}
    return tuple(
        PartRow(title=titles[row.place], text=row.text, entries=row.entries)
        for row in ceremony.beacon
    )


def _parties(ceremony: CeremonyRow, mine: PartyRow | None) -> tuple[SeatRow, ...]:
    return tuple(
        SeatRow(
            who=row.who,
            name=say_party(row.who, row.party),
            is_me=row == mine,
            has_committed=row.has_committed,
        )
        for row in ceremony.parties
    )


def _cards(ceremony: CeremonyRow) -> tuple[CardRow, ...]:
    parties = {row.who: row.party for row in ceremony.parties}
    return tuple(
        CardRow(
            draw_number=draw.draw_number,
            party=say_party(row.who, parties[row.who]),
            commitment=row.commitment,
            scans=row.scans,
        )
        for draw in ceremony.draws
        for row in draw.commitments
    )


def _platform(ceremony: CeremonyRow, mine: PartyRow | None) -> tuple[DigestRow, ...]:
    """Give the platform's digests; who runs another program must not have them to copy."""
    is_shown = has_reached(ceremony.step, Step.AGREED) or (
        mine is not None and mine.party is Party.OPERATOR
    )
    if not is_shown or not ceremony.result_digest:
        return ()
    digests = ceremony.result_digest.split(" ")
    return tuple(
        DigestRow(draw_number=draw.draw_number, digest=digest)
        for draw, digest in zip(ceremony.draws, digests, strict=True)
    )


def _changes(ceremony: CeremonyRow) -> tuple[str, ...]:
    verbs = {"strike": "划去", "place": "按钥匙放回", "paper": "补录纸质材料"}
    return tuple(
        f"{verbs.get(row.kind, row.kind)} {row.ticket}"
        f"{f'（{row.reason}）' if row.reason else ''}"
        f"：{'两人一致，已办' if row.is_done else '等第二个人'}"
        for row in ceremony.amendments
    )


def _open_verifiers(ceremony: CeremonyRow) -> tuple[tuple[str, str], ...]:
    reported = {row.verifier for row in ceremony.agreements}
    return tuple((one, say_verifier(one)) for one in VERIFIERS if one not in reported)


def _streets(ceremony: CeremonyRow, by: Actor) -> tuple[StreetCountRow, ...]:
    if ceremony.step is not Step.FROZEN or not is_permitted(by, "draws.count"):
        return ()
    return tuple(row for row in ceremony.streets if row.street and row.signed_at is None)


def _causes(ceremony: CeremonyRow) -> tuple[CauseRow, ...]:
    """Give the listed causes that may be claimed now; a wish for another result is none."""
    parties = {row.who: row.party for row in ceremony.parties}
    is_any_card_open = any(row.scans for draw in ceremony.draws for row in draw.commitments)
    rows = []
    for cause in (CUSTODY, *(f"{COMMIT_INVALID}:{who}" for who in parties)):
        try:
            require_void_in_time(cause, standing=ceremony.step, is_any_card_open=is_any_card_open)
        except Refusal:
            continue
        signed = [
            say_party(row.who, row.party)
            for row in ceremony.signatures
            if row.step is Step.VOID and row.cause == cause
        ]
        words = say_cause(cause, parties=parties)
        rows.append(CauseRow(cause=cause, words=words, signed="、".join(signed)))
    return tuple(rows)


def _log(row: EventRow, ceremony: CeremonyRow) -> LogRow:
    return LogRow(
        at=row.at,
        words=say_event(row, ceremony),
        is_refused=row.outcome != "done",
        event_id=row.event_id,
    )
