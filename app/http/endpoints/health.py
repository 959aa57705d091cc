"""GET /health (the process is alive) and GET /health/ready (it can serve requests)."""

import structlog
from starlette.requests import Request
from starlette.responses import Response

from app.database.migrations import applied_migrations
from app.database.privileges import Missing, find_missing_privileges
from app.domain.errors import DatabaseUnavailable, KeyServerUnavailable
from app.http.endpoint import Endpoint
from app.http.envelope import failure, success
from app.http.error_responses import RETRY_AFTER
from app.logs import current_request_id

CONTRACT_VERSION = "1.4.0"
OK = "ok"
_NOT_KNOWN = "not known"

log = structlog.get_logger(__name__)


class HealthEndpoint(Endpoint):
    """/health."""

    async def get(self, request: Request) -> Response:  # noqa: ARG002 - every operation takes the request
        """Report that the process is alive, without asking the database."""
        return success(
            "Service is healthy",
            {
                "service": "interview-system",
                "version": CONTRACT_VERSION,
                "status": "healthy",
                "environment": self.settings.environment,
                "model_provider": self.services.interviewer.provider,
                "model": self.services.interviewer.model,
            },
        )


class ReadinessEndpoint(Endpoint):
    """/health/ready."""

    async def get(self, request: Request) -> Response:  # noqa: ARG002 - every operation takes the request
        """Report whether requests can be served, with the reason if not."""
        checks = {**await self._database(), "keys": await self._keys()}
        errors = [{"field": name, "error": state} for name, state in checks.items() if state != OK]
        if self.services.interviewer_health is not None:  # the other operations work without it
            checks["interviewer"] = self.services.interviewer_health.state
        data = {"ready": not errors, "checks": checks}
        if errors:
            meta = {"request_id": current_request_id.get()}
            return failure(503, "Not ready", errors, data=data, meta=meta, headers={"Retry-After": str(RETRY_AFTER)})
        return success("Ready", data)

    async def _database(self) -> dict[str, str]:
        try:
            missing, applied = await self.unit_of_work.read(_inspect_database, accounts=self.settings.uses_accounts)
        except DatabaseUnavailable as error:
            return {"database": error.reason, "migrations": _NOT_KNOWN}
        to_apply = [name for name in self.services.expected_migrations() if name not in applied]
        database = OK
        if missing.privileges:
            log.error("privileges_missing", privileges=missing.privileges)
            database = f"the role of the service lacks privileges: {len(missing.privileges)}"
        elif missing.tables and not to_apply:
            log.error("tables_missing", tables=sorted(missing.tables))
            database = f"tables are missing: {len(missing.tables)}"
        if not missing.can_read_migrations:
            return {"database": database, "migrations": _NOT_KNOWN}
        return {"database": database, "migrations": f"{len(to_apply)} to apply" if to_apply else OK}

    async def _keys(self) -> str:
        try:
            await self.services.keys.check()
        except KeyServerUnavailable:
            return "the key server is out of reach"
        return OK


async def _inspect_database(*, accounts: bool) -> tuple[Missing, set[str]]:
    missing = await find_missing_privileges(accounts=accounts)
    readable = missing.can_read_migrations and "migration" not in missing.tables
    return missing, await applied_migrations() if readable else set()
