"""GET /interviews/permissions."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.permissions import DESCRIPTIONS
from app.endpoints.endpoint import Endpoint
from app.envelope import success

_PERMISSIONS = [{"name": name, "description": text} for name, text in DESCRIPTIONS.items()]


class PermissionsEndpoint(Endpoint):
    """What tokens may carry."""

    async def get(self, request: Request) -> Response:  # noqa: ARG002 - the signature of every operation
        """list_permissions."""
        return success(
            "Permissions retrieved successfully",
            {"permissions": _PERMISSIONS},
            {"total_permissions": len(_PERMISSIONS)},
        )
