"""Tables of the public draw: constraints only, no rules. All of it is public, sooner or later."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

REAL = "anju-draw-1"


class CeremonyRecord(models.Model):
    """A ceremony: one draw a stratum, announced together."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    use = models.TextField()
    batch = models.TextField()
    sequence = models.PositiveIntegerField()
    scheme = models.TextField()
    step = models.TextField(default="opened")
    void_cause = models.TextField(default="")
    opened_at = models.DateTimeField()
    freeze_at = models.DateTimeField()
    beacon_at = models.DateTimeField()
    beacon_rule = models.TextField()
    redraw_rule = models.TextField()
    postponed_to = models.DateTimeField(null=True)
    take = models.PositiveIntegerField(null=True)
    announced_event_id = models.UUIDField(null=True)
    result_digest = models.TextField(default="")

    class Meta:
        db_table = "draws_ceremony"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "use", "batch"],
                condition=Q(scheme=REAL) & ~Q(step="void"),
                name="draws_ceremony_one_that_counts",
            ),
            models.UniqueConstraint(
                fields=["project_id", "use", "batch", "scheme", "sequence"],
                name="draws_ceremony_sequence_once",
            ),
            models.CheckConstraint(
                condition=Q(step="void") & ~Q(void_cause="") | ~Q(step="void") & Q(void_cause=""),
                name="draws_ceremony_void_has_cause",
            ),
        ]


class PartyRecord(models.Model):
    """Who takes part in a ceremony; nobody holds two shares."""

    pk = models.CompositePrimaryKey("project_id", "ceremony_id", "who")
    project_id = models.UUIDField()
    ceremony_id = models.UUIDField()
    who = models.TextField()
    position = models.PositiveIntegerField()
    party = models.TextField()
    account_id = models.UUIDField()

    class Meta:
        db_table = "draws_party"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "ceremony_id", "account_id"], name="draws_party_person_once"
            )
        ]


class DrawRecord(models.Model):
    """The draw of one stratum."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    ceremony_id = models.UUIDField()
    position = models.PositiveIntegerField()
    draw_number = models.TextField()
    stratum = models.TextField()
    size = models.PositiveIntegerField()
    disputed = models.PositiveIntegerField()
    root = models.TextField()
    disputed_root = models.TextField()
    announcement = models.TextField(default="")
    seed = models.TextField(default="")

    class Meta:
        db_table = "draws_draw"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draw_number"], name="draws_draw_number_once"),
            models.UniqueConstraint(
                fields=["project_id", "ceremony_id", "stratum"], name="draws_draw_stratum_once"
            ),
            models.UniqueConstraint(
                fields=["project_id", "ceremony_id", "position"], name="draws_draw_position_once"
            ),
        ]


class EntryRecord(models.Model):
    """One entry of a list. After the freeze the database itself refuses every write."""

    pk = models.CompositePrimaryKey("project_id", "ceremony_id", "ticket")
    project_id = models.UUIDField()
    ceremony_id = models.UUIDField()
    ticket = models.TextField(db_collation="C")
    draw_id = models.UUIDField()
    commitment = models.BinaryField()
    masked_name = models.TextField(blank=True)
    street = models.TextField(blank=True)
    is_disputed = models.BooleanField(default=False)
    is_decided = models.BooleanField(default=True)

    class Meta:
        db_table = "draws_entry"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "draw_id", "ticket"], name="draws_entry_of_draw")
        ]


class CommitmentRecord(models.Model):
    """What one party put in the box for one draw; once two people scanned it, its secret."""

    pk = models.CompositePrimaryKey("project_id", "draw_id", "who")
    project_id = models.UUIDField()
    draw_id = models.UUIDField()
    who = models.TextField()
    ceremony_id = models.UUIDField()
    commitment = models.TextField()
    entered_by = models.UUIDField()
    entered_at = models.DateTimeField()
    secret = models.TextField(default="")
    first_scan_by = models.UUIDField(null=True)
    second_scan_by = models.UUIDField(null=True)

    class Meta:
        db_table = "draws_commitment"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "draw_id", "commitment"], name="draws_commitment_once"
            ),
            models.CheckConstraint(
                condition=Q(second_scan_by__isnull=True)
                | Q(first_scan_by__isnull=False) & ~Q(second_scan_by=models.F("first_scan_by")),
                name="draws_commitment_two_people",
            ),
        ]


class FailedScanRecord(models.Model):
    """A card that did not open: what was scanned, by whom. Two people's make a cause to void."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    ceremony_id = models.UUIDField()
    draw_id = models.UUIDField()
    who = models.TextField()
    secret = models.TextField()
    scanned_by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "draws_failed_scan"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "ceremony_id"], name="draws_failed_scan_of")
        ]


class StreetCountRecord(models.Model):
    """The count that a street signed."""

    pk = models.CompositePrimaryKey("project_id", "ceremony_id", "street")
    project_id = models.UUIDField()
    ceremony_id = models.UUIDField()
    street = models.TextField()
    counted = models.PositiveIntegerField()
    signed_by = models.UUIDField()
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "draws_street_count"


class BeaconPartRecord(models.Model):
    """One part of the beacon, typed by one person and then, alike, by another."""

    pk = models.CompositePrimaryKey("project_id", "ceremony_id", "place")
    project_id = models.UUIDField()
    ceremony_id = models.UUIDField()
    place = models.PositiveIntegerField()
    text = models.TextField()
    first_by = models.UUIDField()
    first_at = models.DateTimeField()
    second_by = models.UUIDField(null=True)
    second_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "draws_beacon_part"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=models.F("first_by")),
                name="draws_beacon_part_two_people",
            )
        ]


class SignatureRecord(models.Model):
    """A signature under a step, or under a void and its cause."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    ceremony_id = models.UUIDField()
    step = models.TextField()
    cause = models.TextField(default="")
    who = models.TextField()
    party = models.TextField()
    account_id = models.UUIDField()
    at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "draws_signature"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "ceremony_id", "step", "cause", "account_id"],
                name="draws_signature_once",
            )
        ]


class AgreementRecord(models.Model):
    """The digest of the result that one verifier gave on one person's machine."""

    pk = models.CompositePrimaryKey("project_id", "ceremony_id", "verifier")
    project_id = models.UUIDField()
    ceremony_id = models.UUIDField()
    verifier = models.TextField()
    digest = models.TextField()
    account_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "draws_agreement"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "ceremony_id", "account_id"],
                name="draws_agreement_person_once",
            )
        ]


class AmendmentRecord(models.Model):
    """A line struck or placed after the freeze, or added on paper before it; by two people."""

    pk = models.CompositePrimaryKey("project_id", "ceremony_id", "kind", "ticket")
    project_id = models.UUIDField()
    ceremony_id = models.UUIDField()
    kind = models.TextField()
    ticket = models.TextField(db_collation="C")
    draw_id = models.UUIDField()
    reason = models.TextField()
    line = models.JSONField(default=dict)
    """Of a paper entry: commitment, masked name, street."""
    first_by = models.UUIDField()
    first_at = models.DateTimeField()
    second_by = models.UUIDField(null=True)
    second_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "draws_amendment"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=("strike", "place", "paper")),
                name="draws_amendment_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=models.F("first_by")),
                name="draws_amendment_two_people",
            ),
        ]


class PlaceRecord(models.Model):
    """A place in a derived order; written by the derivation and by nothing else (P7)."""

    pk = models.CompositePrimaryKey("project_id", "draw_id", "place")
    project_id = models.UUIDField()
    draw_id = models.UUIDField()
    place = models.PositiveIntegerField()
    ticket = models.TextField(db_collation="C")
    ceremony_id = models.UUIDField()

    class Meta:
        db_table = "draws_place"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "ceremony_id", "ticket"], name="draws_place_ticket_once"
            )
        ]


class EventRecord(models.Model):
    """A line of the public log, beside the ledger entry that proves it."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    """The ledger entry's id."""
    ceremony_id = models.UUIDField()
    at = models.DateTimeField()
    kind = models.TextField()
    role = models.TextField()
    facts = models.JSONField()

    class Meta:
        db_table = "draws_event"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "ceremony_id", "at"], name="draws_event_of")
        ]
