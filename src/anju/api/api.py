"""The API: what it offers and how it says no. Its endpoints stand in the files beside this one."""

from __future__ import annotations

from ninja import NinjaAPI

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
)
from anju.api.refusals import add_refusals
from anju.api.tokens import TokenDoor

api = NinjaAPI(
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
api.add_router("/proofs", proofs.router)
api.add_router("/log", log.router)
