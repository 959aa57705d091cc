"""GET /health: alive. GET /health/ready: able to serve."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import DatabaseUnavailable, KeyServerUnavailable
from app.endpoints.endpoint import Endpoint
from app.envelope import failure, success
from app.logs import request_id_of_lines
from app.refusals import RETRY_AFTER
from app.use_cases.readiness import applied_migrations

CONTRACT_VERSION = "1.3.0"
OK = "ok"


class HealthEndpoint(Endpoint):
    """Says that the process lives, whatever its database does."""

    async def get(self, request: Request) -> Response:  # noqa: ARG002 - the signature of every operation
        """Health."""
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
    """Says whether requests can be served now, and if not, why."""

    async def get(self, request: Request) -> Response:  # noqa: ARG002 - the signature of every operation
        """Readiness."""
        checks = {**await self._database(), "keys": await self._keys()}
        faults = [{"field": name, "error": state} for name, state in checks.items() if state != OK]
        data = {"ready": not faults, "checks": checks}
        if faults:
            meta = {"request_id": request_id_of_lines.get()}
            return failure(503, "Not ready", faults, data=data, meta=meta, headers={"Retry-After": str(RETRY_AFTER)})
        return success("Ready", data)

    async def _database(self) -> dict[str, str]:
        try:
            applied = await self.database.reading(applied_migrations)
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
