"""Accounts of proxies: bound to a household, one open at a time, closed by whoever sent them."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from anju.foundation.core.schema import sees_project

_SEES = f"""
    id = (SELECT nullif(current_setting('anju.actor', true), '')::uuid)
    OR login = (SELECT nullif(current_setting('anju.login', true), ''))
    OR {sees_project()}
    OR starts_with(
        nullif(division, ''), (SELECT nullif(current_setting('anju.division', true), ''))
    )
"""
# A household closes the account of the proxy it sent; of its proxy it sees that row alone.
_AND_ITS_PROXY = """
    OR (role = 'proxy' AND household_id =
        (SELECT nullif(current_setting('anju.household', true), '')::uuid))
"""


def _policy(using: str) -> str:
    return (
        "ALTER POLICY access_account_in_sight ON access_account"
        f" USING ({using}) WITH CHECK ({using})"
    )


def _kind(*, of_households: list[str]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(
            kind="household",
            role__in=of_households,
            division="",
            project_id__isnull=False,
            household_id__isnull=False,
        )
        | (
            models.Q(kind="officer", household_id__isnull=True)
            & ~models.Q(division="")
            & ~models.Q(role__in=[*of_households, "system"])
        ),
        name="access_account_kind",
    )


class Migration(migrations.Migration):
    """Constraints and row security; no row changes."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("access", "0001_tables")]

    operations: ClassVar[list[Operation]] = [
        migrations.RemoveConstraint("account", "access_account_kind"),
        migrations.AddConstraint("account", _kind(of_households=["household", "proxy"])),
        migrations.RemoveConstraint("account", "access_account_household_once"),
        migrations.AddConstraint(
            "account",
            models.UniqueConstraint(
                fields=["project_id", "household_id"],
                condition=models.Q(role="household"),
                name="access_account_household_once",
            ),
        ),
        migrations.AddConstraint(
            "account",
            models.UniqueConstraint(
                fields=["project_id", "household_id"],
                condition=models.Q(role="proxy", is_active=True),
                name="access_account_proxy_once",
            ),
        ),
        migrations.RunSQL(_policy(_SEES + _AND_ITS_PROXY), _policy(_SEES)),
    ]
