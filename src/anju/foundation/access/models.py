"""Tables of access: organisations, accounts, tokens, and which projects lie where."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Organisation(models.Model):
    """An organisation of one of the three tiers, known by its division code."""

    id = models.UUIDField(primary_key=True)
    division = models.CharField(max_length=9)
    name = models.TextField()
    tier = models.CharField(max_length=8)

    class Meta:
        db_table = "access_organisation"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["division", "name"], name="access_organisation_name_once"
            ),
            models.CheckConstraint(
                condition=models.Q(tier="city", division__regex="^[0-9]{4}$")
                | models.Q(tier="district", division__regex="^[0-9]{6}$")
                | models.Q(tier="street", division__regex="^[0-9]{9}$"),
                name="access_organisation_division",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division} {self.name}"


class Account(AbstractBaseUser):
    """Who can sign in: an officer with password and code, or a household with code and PIN.

    A household's proxy has an account of its own, bound to the household: a code and a PIN too.

    A household's ``login`` is the blind index of its code, so the table does not give codes away.
    Names and TOTP secrets are sealed with a data key of the account's own.
    """

    id = models.UUIDField(primary_key=True)
    login = models.TextField()
    kind = models.CharField(max_length=9)
    role = models.TextField()
    name_sealed = models.BinaryField(null=True)
    organisation_id = models.UUIDField(null=True)
    division = models.CharField(max_length=9, default="")
    """The organisation's division code; empty for a household."""
    project_id = models.UUIDField(null=True)
    """A household's project; an officer who has one is posted to it and sees nothing else."""
    household_id = models.UUIDField(null=True)
    totp_sealed = models.BinaryField(null=True)
    totp_step = models.BigIntegerField(default=0)
    """The half minute of the last code used: none serves twice."""
    is_active = models.BooleanField(default=True)
    last_login = None
    """The ledger knows; a column would be written without an entry."""

    objects: ClassVar[BaseUserManager[Any]] = BaseUserManager()
    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "access_account"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["login"], name="access_account_login_once"),
            models.UniqueConstraint(
                fields=["project_id", "household_id"],
                condition=models.Q(role="household"),
                name="access_account_household_once",
            ),
            models.UniqueConstraint(
                fields=["project_id", "household_id"],
                condition=models.Q(role="proxy", is_active=True),
                name="access_account_proxy_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind="household",
                    role__in=["household", "proxy"],
                    division="",
                    project_id__isnull=False,
                    household_id__isnull=False,
                )
                | (
                    models.Q(kind="officer", household_id__isnull=True)
                    & ~models.Q(division="")
                    & ~models.Q(role__in=["household", "proxy", "system"])
                ),
                name="access_account_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"


class Token(models.Model):
    """A token for the API; only its digest is kept."""

    id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    digest = models.BinaryField()
    label = models.TextField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "access_token"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest"], name="access_token_digest_once")
        ]

    def __str__(self) -> str:
        return f"token {self.id}"


class ProjectScope(models.Model):
    """In which division a project lies: from it follows who sees the project."""

    project_id = models.UUIDField(primary_key=True)
    division_code = models.CharField(max_length=12)

    class Meta:
        db_table = "access_project_scope"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(division_code__regex="^[0-9]{4,12}$"),
                name="access_project_scope_division",
            )
        ]

    def __str__(self) -> str:
        return f"{self.division_code} {self.project_id}"


class Throttle(models.Model):
    """How often a login or an address has tried; a counter, no register, and without entries."""

    key = models.BinaryField(primary_key=True)
    tries = models.IntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "access_throttle"

    def __str__(self) -> str:
        return f"{self.tries} tries"
