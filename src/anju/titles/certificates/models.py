"""Tables of certificates: constraints only, no rules."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

STATUSES = ("in-force", "limited", "suspended", "revoked", "replaced")
LIVING = ("in-force", "limited", "suspended")
KINDS = ("issue", "suspend", "resume", "limit", "release", "revoke", "replace")


class RegistryRecord(models.Model):
    """The registry of a county: how it numbers, and which key it signs with since when."""

    id = models.UUIDField(primary_key=True)
    county = models.CharField(max_length=6)
    province = models.CharField(max_length=1)
    place = models.CharField(max_length=40)
    authority = models.CharField(max_length=18)
    authority_name = models.CharField(max_length=80)
    public = models.BinaryField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta:
        db_table = "certificates_registry"
        constraints = [
            models.UniqueConstraint(
                fields=["county"],
                condition=Q(until_on__isnull=True),
                name="certificates_registry_one_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.county} {self.authority_name}"


class SeriesRecord(models.Model):
    """One county's numbers of one year; whoever takes the next holds this row."""

    id = models.UUIDField(primary_key=True)
    province = models.CharField(max_length=1)
    place = models.CharField(max_length=40)
    year = models.IntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        db_table = "certificates_series"
        constraints = [
            models.UniqueConstraint(
                fields=["province", "place", "year"], name="certificates_series_once"
            ),
            models.CheckConstraint(
                condition=Q(last__gte=0, last__lte=9_999_999), name="certificates_series_digits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province}({self.year}){self.place}"


class CertificateRecord(models.Model):
    """One certificate; what names a person is sealed with the household's key."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    """None: the developer's, at first registration."""
    series_id = models.UUIDField()
    serial = models.IntegerField()
    number = models.CharField(max_length=60)
    unit_code = models.CharField(max_length=28)
    unit_index = models.BinaryField()
    """HMAC-SM3 of the unit code: one certificate in force a home."""
    content_sealed = models.BinaryField()
    """The record that was signed, in its canonical form."""
    digest = models.CharField(max_length=64)
    """SM3 of the record, hexadecimal."""
    public = models.BinaryField()
    signature = models.BinaryField()
    status = models.CharField(max_length=16)
    status_at = models.DateTimeField()
    issued_at = models.DateTimeField()
    event_id = models.UUIDField()
    replaces_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)

    class Meta:
        db_table = "certificates_certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["series_id", "serial"], name="certificates_certificate_number_once"
            ),
            models.UniqueConstraint(
                fields=["project_id", "unit_index"],
                condition=Q(status__in=LIVING),
                name="certificates_certificate_unit_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=STATUSES), name="certificates_certificate_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["number"], name="certificates_number"),
            models.Index(fields=["id"], name="certificates_id"),
            models.Index(fields=["project_id", "household_id"], name="certificates_household"),
        ]

    def __str__(self) -> str:
        return self.number


class EntryRecord(models.Model):
    """One entry of the register about one certificate; only ever added."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    certificate_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    place = models.IntegerField()
    kind = models.CharField(max_length=8)
    at = models.DateTimeField()
    clause = models.CharField(max_length=80)
    reason_sealed = models.BinaryField()
    replaced_by = models.CharField(max_length=60, blank=True)
    by_id = models.UUIDField()
    second_id = models.UUIDField(null=True)
    event_id = models.UUIDField()

    class Meta:
        db_table = "certificates_entry"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "certificate_id", "place"], name="certificates_entry_place"
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="certificates_entry_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.certificate_id}"
