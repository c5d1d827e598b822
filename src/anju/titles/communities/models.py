"""Tables of communities: constraints only, no rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

ORIGINS = ("listed", "resettled")
USES = ("home", "parking", "shop", "common")
TITLE_STATES = ("none", "first", "titled")


class CommunityRecord(models.Model):
    """A community's file (一小区一档案); its id is the scope of all that belongs to it."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=24, unique=True)
    name = models.TextField()
    division = models.CharField(max_length=12)
    address = models.TextField(blank=True)
    parcel = models.CharField(max_length=19, blank=True)
    """The first 19 characters of its unit codes; empty where no parcel was ever registered."""
    origin = models.CharField(max_length=16, default="listed")
    built_year = models.IntegerField(null=True)
    accepted_on = models.DateField(null=True)
    """When its completion was accepted (竣工验收)."""
    handed_over_on = models.DateField(null=True)
    developer_name = models.TextField(blank=True)
    developer_credit = models.CharField(max_length=18, blank=True)
    manager_name = models.TextField(blank=True)
    manager_credit = models.CharField(max_length=18, blank=True)
    specialist_id = models.UUIDField(null=True)
    """The account of the officer who answers for it (一对一专员)."""
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "communities_community"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(origin__in=ORIGINS), name="communities_community_origin_known"
            ),
            models.CheckConstraint(
                condition=Q(division__regex="^[0-9]{6}([0-9]{3}){0,2}$"),
                name="communities_community_division",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class BuildingRecord(models.Model):
    """A building of a community."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    number = models.TextField()

    class Meta:
        db_table = "communities_building"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "number"], name="communities_building_number_once"
            )
        ]

    def __str__(self) -> str:
        return self.number


class OwnerRecord(models.Model):
    """The owners of a home together (业主): what names them is sealed with their own key."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    """A household id: account, key and cases go by it."""
    people_sealed = models.BinaryField(null=True)
    """JSON: a list of name, identity number, telephone and share of each owner."""
    people_count = models.IntegerField()
    content_index = models.BinaryField()
    """HMAC-SM3 of the people: equal, and nothing is written."""
    identity_index = models.BinaryField(null=True)
    """HMAC-SM3 of their identity numbers and shares: the same owners of another home are found."""

    class Meta:
        db_table = "communities_owner"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "identity_index"], name="communities_owner_identity")
        ]

    def __str__(self) -> str:
        return str(self.id)


class HomeRecord(models.Model):
    """A real-estate unit of a community."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    building_id = models.UUIDField()
    number = models.TextField()
    use = models.CharField(max_length=8, default="home")
    floor = models.IntegerField(null=True)
    unit_code = models.CharField(max_length=28, blank=True)
    contracted_sqm = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    registered_sqm = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    price_fen_per_sqm = models.BigIntegerField(null=True)
    title_state = models.CharField(max_length=8, default="none")
    """``none``, ``first`` (the developer's registration stands), ``titled`` (the owner's)."""
    household_id = models.UUIDField(null=True)
    """Its owners, once they are known."""

    class Meta:
        db_table = "communities_home"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "household_id"], name="communities_home_household")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "number"], name="communities_home_number_once"
            ),
            models.UniqueConstraint(
                fields=["unit_code"],
                condition=~Q(unit_code=""),
                name="communities_home_code_once",
            ),
            models.CheckConstraint(condition=Q(use__in=USES), name="communities_home_use_known"),
            models.CheckConstraint(
                condition=Q(title_state__in=TITLE_STATES), name="communities_home_title_known"
            ),
            models.CheckConstraint(
                condition=Q(contracted_sqm__isnull=True) | Q(contracted_sqm__gt=0),
                name="communities_home_contracted_positive",
            ),
            models.CheckConstraint(
                condition=Q(registered_sqm__isnull=True) | Q(registered_sqm__gt=0),
                name="communities_home_registered_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class VisitRecord(models.Model):
    """A visit of the specialist's; written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    visited_on = models.DateField()
    by = models.UUIDField()
    findings = models.TextField()
    """What was found and promised; names nobody."""
    at = models.DateTimeField()

    class Meta:
        db_table = "communities_visit"

    def __str__(self) -> str:
        return str(self.visited_on)


class RevisionRecord(models.Model):
    """A change of what a file says; written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    changes = models.JSONField()
    """Name of each term that changed: what it said before, and what it says now; as text."""
    reason = models.TextField()
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "communities_revision"

    def __str__(self) -> str:
        return self.reason


class SurveyRecord(models.Model):
    """A survey whose areas were taken over; written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    surveyed_on = models.DateField()
    surveyor = models.TextField()
    homes = models.IntegerField()
    """Homes that its table names."""
    digest = models.CharField(max_length=64)
    """SM3 of the table as it came, hexadecimal."""
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "communities_survey"

    def __str__(self) -> str:
        return self.surveyor
