"""Which services are rated: cases of either wing, and other things by their scope."""

from __future__ import annotations

from anju.foundation.access.queries import scope_division
from anju.foundation.casework.queries import case_by_id, last_decider
from anju.titles.partners.models import RatingRecord
from anju.titles.partners.types import Service, ServiceRow


def service_of(service: Service) -> ServiceRow:
    """Give a service as it is rated; call it while reading or writing.

    Refuses with ``casework.unknown-case``, and with ``access.not-found`` where the scope is none.
    """
    is_rated = RatingRecord.objects.filter(
        project_id=service.project_id, service_id=service.id
    ).exists()
    if service.kind == "case":
        case = case_by_id(project_id=service.project_id, case_id=service.id)
        return ServiceRow(
            service=service,
            matter=case.procedure,
            title=case.title.zh,
            number=case.number,
            office=case.division,
            officer_id=last_decider(project_id=service.project_id, case_id=service.id),
            household_id=case.household_id,
            is_rated=is_rated,
        )
    return ServiceRow(
        service=service,
        matter=service.kind,
        title="",
        number="",
        office=scope_division(project_id=service.project_id),
        officer_id=None,
        household_id=None,
        is_rated=is_rated,
    )
