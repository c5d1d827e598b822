"""The API: what it offers and how it says no. Its endpoints stand in the files beside this one."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from anju.api import (
    casework,
    draws,
    eligibility,
    imports,
    log,
    notices,
    planning,
    projects,
    proofs,
    registers,
    selection,
    titles,
)
from anju.api.refusals import add_refusals
from anju.api.tokens import TokenDoor


class DescribedAPI(NinjaAPI):
    """The API with its description, written once a process: half a second for who asks first."""

    def __init__(self, **told: Any) -> None:  # noqa: ANN401 - the library's own arguments
        super().__init__(**told)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Give the description under a prefix; it changes with the program alone."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._described:
            self._described[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._described[prefix]


api = DescribedAPI(
    title="安居 Anju",
    version="1",
    description=(
        "回迁房分房平台的接口。每个请求带 `Authorization: Bearer <令牌>`；"
        "拒绝时返回 `refused`：代码、事实、说明和条款，与网页、命令行一致。"
    ),
    urls_namespace="api",
    docs_url="/docs",
    openapi_url="/openapi.json",
    auth=TokenDoor(),
)
add_refusals(api)
for _endpoints in (
    *(projects, registers, imports, selection, draws, notices),
    *(planning, eligibility),
):
    api.add_router("/projects", _endpoints.router)
api.add_router("/projects", casework.cases)
api.add_router("/casework", casework.router)
api.add_router("/communities", titles.router)
api.add_router("/proofs", proofs.router)
api.add_router("/log", log.router)
