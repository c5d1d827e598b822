"""Tables of attendance: when a batch meets, who comes for whom, who stays away, who swaps."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

EXCHANGE_STATES = ("proposed", "accepted", "done", "ended")


class BatchPlanRecord(models.Model):
    """When and where a batch meets, as its notice told the households."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    batch = models.PositiveIntegerField()
    notice_id = models.UUIDField()
    begins_at = models.DateTimeField()
    place_of_meeting = models.TextField()
    desks = models.PositiveIntegerField()
    is_remote_allowed = models.BooleanField()
    turn_seconds = models.PositiveIntegerField()
    to_bring = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.UUIDField()
    event_id = models.UUIDField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "selection_batch_plan"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "batch"],
                condition=Q(replaced_at__isnull=True),
                name="selection_batch_plan_once",
            )
        ]


class MandateRecord(models.Model):
    """That a household sends a proxy to choose for it; who that is, is sealed with the household.

    The proxy's account is bound to the household, and lets it do nothing else.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    account_id = models.UUIDField()
    name_sealed = models.BinaryField()
    identity_sealed = models.BinaryField()
    document_id = models.UUIDField()
    """The paper that the household signed."""
    valid_until = models.DateField()
    registered_at = models.DateTimeField()
    registered_by = models.UUIDField()
    countersigned_by = models.UUIDField()
    event_id = models.UUIDField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)
    revoked_event_id = models.UUIDField(null=True)

    class Meta:
        db_table = "selection_mandate"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "household_id"],
                condition=Q(revoked_at__isnull=True),
                name="selection_mandate_once",
            )
        ]


class AbsenceRecord(models.Model):
    """That a household stays away and has its wishes followed, until it says otherwise."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    document_id = models.UUIDField(null=True)
    """The paper it signed at the window; none where it said so itself."""
    declared_at = models.DateTimeField()
    declared_by = models.UUIDField()
    event_id = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    ended_event_id = models.UUIDField(null=True)

    class Meta:
        db_table = "selection_absence"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "household_id"],
                condition=Q(ended_at__isnull=True),
                name="selection_absence_once",
            )
        ]


class ExchangeRecord(models.Model):
    """That two households of one batch want to swap what they have chosen, and whether they did.

    Random ids and homes only, as on the wall.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    batch = models.PositiveIntegerField()
    proposer_id = models.UUIDField()
    """The household that asks."""
    other_id = models.UUIDField()
    """The household that is asked."""
    proposer_units = models.JSONField()
    """The homes the first gives, as it chose them: ids as text."""
    other_units = models.JSONField()
    state = models.TextField(default="proposed")
    proposed_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it was carried out, withdrawn or declined."""
    event_id = models.UUIDField()
    """The entry of the last step."""

    class Meta:
        db_table = "selection_exchange"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=EXCHANGE_STATES), name="selection_exchange_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(proposer_id=models.F("other_id")),
                name="selection_exchange_of_two",
            ),
            models.UniqueConstraint(
                fields=["project_id", "proposer_id"],
                condition=Q(state__in=("proposed", "accepted")),
                name="selection_exchange_asked_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["project_id", "other_id"], name="selection_exchange_other")
        ]
