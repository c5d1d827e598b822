"""Tables of area settlements: constraints only, no rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

SOURCES = ("contract", "plan", "law")
CHOICES = ("", "keeps", "withdraws")


class AreaTermsRecord(models.Model):
    """What contracts or the plan state of a difference in area; the newest counts."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    home_id = models.UUIDField(null=True)
    """The one home they hold for; empty: every home of the community that has none of its own."""
    source = models.CharField(max_length=8)
    """``contract``, ``plan``; ``law``: nothing is stated, and the law's rule holds."""
    clause = models.TextField()
    tolerance = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    within = models.SmallIntegerField(default=1)
    larger_beyond = models.SmallIntegerField(default=0)
    smaller_beyond = models.SmallIntegerField(default=0)
    may_withdraw = models.BooleanField(default=False)
    stated_by = models.UUIDField()
    stated_at = models.DateTimeField()

    class Meta:
        db_table = "titlecases_area_terms"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "home_id"], name="titlecases_area_terms_home")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(source__in=SOURCES), name="titlecases_area_terms_source_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.clause}"


class SettlementRecord(models.Model):
    """A settlement as it was drawn up; another measurement draws up another."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    home_id = models.UUIDField()
    household_id = models.UUIDField(null=True)
    """The owners; empty while nobody bought the home."""
    edition = models.IntegerField()
    """From 1; the highest of a home stands."""
    is_standing = models.BooleanField(default=True)
    contracted_sqm = models.DecimalField(max_digits=12, decimal_places=4)
    registered_sqm = models.DecimalField(max_digits=12, decimal_places=4)
    price_fen_per_sqm = models.BigIntegerField()
    source = models.CharField(max_length=8)
    clause = models.TextField()
    lines = models.JSONField()
    """Code, clause, facts and exact fen of each line, as they were reckoned."""
    buyer_pays_fen = models.BigIntegerField()
    """Negative: what the buyer gets back."""
    is_within = models.BooleanField()
    may_withdraw = models.BooleanField()
    digest = models.CharField(max_length=64)
    """SM3 over the sheet."""
    settled_by = models.UUIDField()
    settled_at = models.DateTimeField()
    choice = models.CharField(max_length=9, blank=True)
    """What the buyer decided where the law lets them: ``keeps`` or ``withdraws``."""
    chosen_by = models.UUIDField(null=True)
    chosen_at = models.DateTimeField(null=True)
    receipt = models.TextField(blank=True)
    """The number of the receipt by which it was paid or given back."""
    cleared_on = models.DateField(null=True)

    class Meta:
        db_table = "titlecases_settlement"
        indexes: ClassVar = [
            models.Index(fields=["project_id", "household_id"], name="titlecases_settlement_owner")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(source__in=SOURCES), name="titlecases_settlement_source_known"
            ),
            models.CheckConstraint(
                condition=Q(choice__in=CHOICES), name="titlecases_settlement_choice_known"
            ),
            models.CheckConstraint(
                condition=~Q(choice="withdraws") | Q(may_withdraw=True),
                name="titlecases_settlement_may_withdraw",
            ),
            models.CheckConstraint(
                condition=Q(cleared_on__isnull=True, receipt="")
                | (Q(cleared_on__isnull=False) & ~Q(receipt="")),
                name="titlecases_settlement_cleared_with_receipt",
            ),
            models.UniqueConstraint(
                fields=["project_id", "home_id"],
                condition=Q(is_standing=True),
                name="titlecases_settlement_one_stands",
            ),
            models.UniqueConstraint(
                fields=["project_id", "home_id", "edition"],
                name="titlecases_settlement_edition_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} of {self.home_id}"
