"""Tables of the selection: constraints only, no rules.

Draws, places, batches, turns, choices and signatures are what the public wall shows: tickets,
masked names and random ids. The receipts, which bind a ticket to a person, are sealed and kept
apart.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

# Here, so that Django finds them: it looks for tables in this file.
from anju.resettlement.selection import attendance_models  # noqa: F401

SIDES = ("household", "office", "check")
TURN_STATES = ("waiting", "called", "chosen", "missed", "waived", "returned")
BATCH_STATES = ("waiting", "open", "closed")
RECORDING_KINDS = ("selection", "process")


class DrawRecord(models.Model):
    """The draw of the public draw's tables that one stratum's order was taken from (its ``id``)."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    ceremony_id = models.UUIDField()
    stratum = models.TextField()
    place_of_draw = models.PositiveIntegerField()
    drawn_at = models.DateTimeField()
    drawn_by = models.UUIDField(null=True)
    event_id = models.UUIDField()

    class Meta:
        db_table = "selection_draw"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "stratum"], name="selection_draw_stratum_once"
            )
        ]


class PlaceRecord(models.Model):
    """A household's place in the order. Written with the draw, in its transaction, and never else.

    ``total_tenths`` is the score that the order rests on; ``masked_name`` and ``budget`` (what the
    household may choose: square metres, or a band) are what the wall shows of it.
    """

    pk = models.CompositePrimaryKey("project_id", "place")
    project_id = models.UUIDField()
    place = models.PositiveIntegerField()
    household_id = models.UUIDField()
    ticket = models.TextField()
    stratum = models.TextField()
    batch = models.PositiveIntegerField()
    draw_number = models.PositiveIntegerField()
    total_tenths = models.IntegerField()
    masked_name = models.TextField()
    budget = models.TextField(blank=True)

    class Meta:
        db_table = "selection_place"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "household_id"], name="selection_place_household_once"
            ),
            models.UniqueConstraint(
                fields=["project_id", "ticket"], name="selection_place_ticket_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project_id", "stratum", "batch"], name="selection_place_stratum")
        ]


class ReceiptRecord(models.Model):
    """What binds a ticket to its household: salt and record, sealed under the household's key."""

    pk = models.CompositePrimaryKey("project_id", "household_id")
    project_id = models.UUIDField()
    household_id = models.UUIDField()
    receipt_sealed = models.BinaryField()

    class Meta:
        db_table = "selection_receipt"


class BatchRecord(models.Model):
    """A batch: at most thirty households of one stratum (SEL-1). Made with the draw."""

    pk = models.CompositePrimaryKey("project_id", "batch")
    project_id = models.UUIDField()
    batch = models.PositiveIntegerField()
    stratum = models.TextField()
    households = models.PositiveIntegerField()
    state = models.TextField(default="waiting")
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "selection_batch"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=BATCH_STATES), name="selection_batch_state_known"
            ),
            models.UniqueConstraint(
                fields=["project_id"],
                condition=Q(state="open"),
                name="selection_batch_one_open",
            ),
        ]


class TurnRecord(models.Model):
    """A household's turn. A household that missed it comes back once, at the end of its batch.

    ``named_at``: since when the homes are named that it is to sign for, ``sign_by`` until when.
    ``step`` counts the changes of its choice: who signs says which naming they have seen;
    ``sides``: who must sign, as the rules said when the homes were named.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    place = models.PositiveIntegerField()
    batch = models.PositiveIntegerField()
    household_id = models.UUIDField()
    state = models.TextField(default="waiting")
    called_at = models.DateTimeField(null=True)
    limit_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    times_called = models.PositiveIntegerField(default=0)
    has_come_back = models.BooleanField(default=False)
    desk = models.PositiveIntegerField(db_default=1)
    step = models.PositiveIntegerField(db_default=0)
    named_at = models.DateTimeField(null=True)
    sign_by = models.DateTimeField(null=True)
    is_by_wishes = models.BooleanField(db_default=False)
    sides = models.TextField(db_default="")

    class Meta:
        db_table = "selection_turn"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=TURN_STATES), name="selection_turn_state_known"
            ),
            models.UniqueConstraint(
                fields=["project_id", "place"], name="selection_turn_place_once"
            ),
            models.UniqueConstraint(
                fields=["project_id", "desk"],
                condition=Q(state="called"),
                name="selection_turn_one_a_desk",
            ),
            models.CheckConstraint(condition=Q(desk__gte=1), name="selection_turn_desk_from_one"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["project_id", "batch", "state", "place"], name="selection_turn_next"
            ),
            models.Index(fields=["project_id", "household_id"], name="selection_turn_household"),
        ]


class ChoiceRecord(models.Model):
    """A home given to a household in its turn; no home is given twice, whatever fails or races.

    ``is_named``: named, and not signed by every side yet; held all the same. ``rank``: where it
    stands among the homes that were named together.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    turn_id = models.UUIDField()
    household_id = models.UUIDField()
    place = models.PositiveIntegerField()
    unit_id = models.UUIDField()
    chosen_at = models.DateTimeField()
    chosen_by = models.UUIDField(null=True)
    event_id = models.UUIDField()
    released_at = models.DateTimeField(null=True)
    is_named = models.BooleanField(db_default=False)
    rank = models.PositiveIntegerField(db_default=1)

    class Meta:
        db_table = "selection_choice"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "unit_id"],
                condition=Q(released_at__isnull=True),
                name="selection_choice_unit_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["project_id", "-chosen_at"], name="selection_choice_latest"),
            models.Index(fields=["project_id", "turn_id"], name="selection_choice_turn"),
        ]


class SignatureRecord(models.Model):
    """A side's signature under a choice; a naming that changes or is dropped voids it.

    ``call`` is which call of the turn it belongs to; ``is_automatic``: given by the platform for a
    person, in a rehearsal that plays itself; ``is_by_proxy``: by whom the household sent.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    turn_id = models.UUIDField()
    call = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    side = models.TextField()
    account_id = models.UUIDField()
    is_automatic = models.BooleanField(default=False)
    is_by_proxy = models.BooleanField(default=False, db_default=False)
    document_id = models.UUIDField(null=True)
    signed_at = models.DateTimeField()
    event_id = models.UUIDField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "selection_signature"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(side__in=SIDES), name="selection_signature_side_known"
            ),
            models.UniqueConstraint(
                fields=["project_id", "turn_id", "call", "side"],
                condition=Q(voided_at__isnull=True),
                name="selection_signature_side_once",
            ),
            models.UniqueConstraint(
                fields=["project_id", "turn_id", "call", "account_id"],
                condition=Q(voided_at__isnull=True, is_automatic=False),
                name="selection_signature_person_once",
            ),
        ]


class AnswerRecord(models.Model):
    """What an act under a key was answered: asked again, it is told again and not done again."""

    pk = models.CompositePrimaryKey("project_id", "account_id", "key")
    project_id = models.UUIDField()
    account_id = models.UUIDField()
    key = models.TextField()
    act = models.TextField()
    asked = models.TextField()
    answer = models.JSONField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        db_table = "selection_answer"


class PublicationRecord(models.Model):
    """A result that was published: the digest that names its folder, and the entry that tells it.

    ``part`` is ``draw`` for the draw and the order, published before anybody chooses; ``stage`` for
    the choices so far; ``result`` for all, once every batch is closed.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    part = models.TextField()
    digest = models.TextField()
    published_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "selection_publication"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "digest"], name="selection_publication_digest_once"
            )
        ]


class PauseRecord(models.Model):
    """A pause of the choosing: from when, why, and till when; no clock of a turn runs in it."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    batch = models.PositiveIntegerField()
    reason = models.CharField(max_length=16)
    paused_at = models.DateTimeField()
    event_id = models.UUIDField()
    resumed_at = models.DateTimeField(null=True)
    resumed_event_id = models.UUIDField(null=True)

    class Meta:
        db_table = "selection_pause"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id"],
                condition=Q(resumed_at__isnull=True),
                name="selection_pause_one_open",
            )
        ]


class WatchRecord(models.Model):
    """What a look at wall, tables and ledger found, where it was not what the look before found."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    state = models.CharField(max_length=16)
    wall_root = models.CharField(max_length=64, blank=True)
    stored_root = models.CharField(max_length=64)
    ledger_differences = models.PositiveIntegerField()
    homes = models.JSONField()
    noted_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "selection_watch"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "-noted_at"], name="selection_watch_latest")
        ]


class ShownRecord(models.Model):
    """In which revision of the public wall a call was shown first; no fact of its own, but proof.

    Written by a job that looks at the wall as it is served; the entry of a missed turn quotes it.
    """

    pk = models.CompositePrimaryKey("project_id", "turn_id", "times_called")
    project_id = models.UUIDField()
    turn_id = models.UUIDField()
    times_called = models.PositiveIntegerField()
    revision = models.PositiveBigIntegerField()
    shown_at = models.DateTimeField()

    class Meta:
        db_table = "selection_shown"


class RecordingRecord(models.Model):
    """Which recording of a batch's choosing is kept where; a line is never changed, but corrected.

    ``digest``: SM3 of the file, in hex. ``corrects_id``: the line that this one takes the place of.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    batch = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    recorded_on = models.DateField()
    camera = models.TextField()
    digest = models.CharField(max_length=64)
    place = models.TextField()
    corrects_id = models.UUIDField(null=True)
    entered_at = models.DateTimeField()
    entered_by = models.UUIDField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "selection_recording"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=RECORDING_KINDS), name="selection_recording_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(digest__regex="^[0-9a-f]{64}$"), name="selection_recording_digest_hex"
            ),
            models.UniqueConstraint(
                fields=["project_id", "corrects_id"], name="selection_recording_corrected_once"
            ),
        ]
