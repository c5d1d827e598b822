"""Tables of messages. No telephone number and no text stands here: they are made when sending."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anju_rules.messages import Channel, MessageState

CHANNELS = tuple(channel.value for channel in Channel)
STATES = tuple(state.value for state in MessageState)


class MessageRecord(models.Model):
    """One message to one household over one channel; only how it stands ever changes."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    kind = models.CharField(max_length=32)
    """Which text it is: a table of ``texts.toml``."""
    channel = models.CharField(max_length=8)
    subject_id = models.UUIDField()
    """What it tells of: a turn."""
    round = models.PositiveIntegerField()
    """Which time it is told of it: a household that comes back is called again."""
    facts = models.JSONField()
    """What the text is filled with; nothing of it names a person."""
    laid_at = models.DateTimeField()
    useful_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, default=MessageState.WAITING.value)
    receipt = models.TextField(blank=True)
    """The gateway's own number for it."""
    accepted_at = models.DateTimeField(null=True)
    """When the gateway took it, by its clock."""
    text_digest = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True)
    event_id = models.UUIDField(null=True)
    """The entry that tells how it ended."""

    class Meta:
        db_table = "messages_message"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "subject_id"], name="messages_message_subject"),
            models.Index(fields=["project_id", "household_id"], name="messages_message_whose"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(channel__in=CHANNELS), name="messages_message_channel_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=STATES), name="messages_message_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sent")
                | (models.Q(accepted_at__isnull=False) & ~models.Q(receipt="")),
                name="messages_message_sent_with_receipt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class DispatchRecord(models.Model):
    """How sending goes: when next. Written beside the message, no fact of its own."""

    message_id = models.UUIDField(primary_key=True)
    project_id = models.UUIDField()
    household_id = models.UUIDField()
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    """None: nothing more is to be sent."""
    fault = models.CharField(max_length=64, blank=True)
    """Why the last attempt brought nothing, as a code."""

    class Meta:
        db_table = "messages_dispatch"
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(next_at__isnull=False),
                name="messages_dispatch_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempts} of {self.message_id}"
