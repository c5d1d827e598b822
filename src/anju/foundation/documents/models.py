"""Tables of documents: what was handed in, and where it came from."""

from __future__ import annotations

from django.db import models


class DocumentRecord(models.Model):
    """One document; its content lies sealed in the storage."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    owner_kind = models.CharField(max_length=32)
    """What it belongs to: ``case``, ``household``, ``notice``."""
    owner_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    """Whose it is; the household's key seals it and closes it for ever."""
    kind = models.CharField(max_length=8)
    name_sealed = models.BinaryField()
    """The name it came under: people write names and numbers into it."""
    size = models.BigIntegerField()
    pages = models.IntegerField()
    digest = models.CharField(max_length=64)
    """SM3 of what is kept, after it was made harmless; hexadecimal."""
    arrived_digest = models.CharField(max_length=64)
    """SM3 of what arrived."""
    stored_as = models.CharField(max_length=64)
    scanned_by = models.CharField(max_length=32)
    channel = models.CharField(max_length=16)
    """``desk``, ``phone`` or ``api``."""
    handed_in_by = models.UUIDField()
    handed_in_role = models.CharField(max_length=32)
    handed_in_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "documents_document"
        indexes = [
            models.Index(
                fields=["project_id", "owner_kind", "owner_id"], name="documents_document_owner"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=("pdf", "jpg", "png", "ofd")),
                name="documents_document_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=("desk", "phone", "api")),
                name="documents_document_channel_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class PrereviewRecord(models.Model):
    """What a machine found in a document: advice, noted and never changed."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    document_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    """Whose key seals the findings, as the document's."""
    kind = models.CharField(max_length=32)
    """The kind of paper it was taken for."""
    reader = models.CharField(max_length=64)
    pages = models.IntegerField()
    findings_sealed = models.BinaryField()
    """The findings with what was read; names and numbers of people are masked already."""
    cites = models.IntegerField()
    doubts = models.IntegerField()
    noted_for = models.UUIDField()
    """Who asked."""
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "documents_prereview"
        indexes = [
            models.Index(fields=["project_id", "document_id"], name="documents_prereview_of")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.document_id}"
