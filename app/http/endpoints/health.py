"""GET /health (the process is alive) and GET /health/ready (it can serve requests)."""

from starlette.requests import Request
from starlette.responses import Response

from app.database.migrations import applied_migrations
from app.domain.errors import DatabaseUnavailable, KeyServerUnavailable
from app.http.endpoint import Endpoint
from app.http.envelope import failure, success
from app.http.error_responses import RETRY_AFTER
from app.logs import current_request_id

CONTRACT_VERSION = "1.3.0"
OK = "ok"


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
        data = {"ready": not errors, "checks": checks}
        if errors:
            meta = {"request_id": current_request_id.get()}
            return failure(503, "Not ready", errors, data=data, meta=meta, headers={"Retry-After": str(RETRY_AFTER)})
        return success("Ready", data)

    async def _database(self) -> dict[str, str]:
        try:
            applied = await self.unit_of_work.read(applied_migrations)
        except DatabaseUnavailable as error:
            return {"database": error.reason, "migrations": "not known"}
        missing = [name for name in self.services.expected_migrations() if name not in applied]
        return {"database": OK, "migrations": f"{len(missing)} to apply" if missing else OK}

    async def _keys(self) -> str:
        try:
            await self.services.keys.check()
        except KeyServerUnavailable:
            return "the key server is out of reach"
        return OK
