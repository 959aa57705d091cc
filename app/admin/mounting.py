"""Piccolo Admin, set up for this service. Imported only where ADMIN is true: it needs the extra `admin`."""

import logging
from datetime import timedelta
from functools import partial
from pathlib import Path

from piccolo_admin.endpoints import TableConfig, create_admin
from piccolo_api.crud.endpoints import OrderBy, PiccoloCRUD
from piccolo_api.crud.validators import Validators
from piccolo_api.csp.middleware import CSPConfig, CSPMiddleware
from piccolo_api.rate_limiting.middleware import RateLimitProvider
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount

from app.admin.gate import Gate
from app.admin.headers import HEADERS, CarefulHeaders
from app.admin.logins import Users, sessions_that_last
from app.http.router import Route
from app.identity.login_limit import LoginLimit
from app.state import Services
from app.use_cases.administration import ShownAccount, ShownInterview, ShownMessage, ShownUser

_POLICY = (
    "self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self"
)
"""The Content-Security-Policy from behind `default-src '` to before the last quote: both are piccolo-api's to write.

Styles may stand in the page because the pages' icons and menus make them as they go; scripts may not.
"""

_OWN_FILES = sorted((Path(__file__).parent / "static").iterdir())
_HEAD = '<script src="./static/admin.js"></script><link rel="stylesheet" href="./static/admin.css"></head>'


def admin_routes(services: Services) -> list[BaseRoute]:
    """The admin pages, all of them under /admin/; and the way there from /admin."""
    settings = services.settings
    lifetime = timedelta(seconds=settings.admin_session_lifetime)
    # It logs what the gate turns into an answer, and logs, anyway.
    logging.getLogger("piccolo_admin").setLevel(logging.CRITICAL)
    pages = create_admin(
        tables=_tables(),
        auth_table=Users,
        session_table=sessions_that_last(lifetime),
        session_expiry=lifetime,
        max_session_expiry=lifetime,
        increase_expiry=None,
        read_only=True,
        rate_limit_provider=_Limit(services),
        production=True,
        site_name="Interview System",
        auto_include_related=False,
        allowed_hosts=settings.admin_hosts,
    )
    pages.template = pages.template.replace("</head>", _HEAD)
    gate = CSPMiddleware(CarefulHeaders(Gate(pages, services)), CSPConfig(default_src=_POLICY))
    files = [Route(f"/admin/static/{path.name}", partial(_own_file, path)) for path in _OWN_FILES]
    return [Route("/admin", _to_pages), *files, Mount("/admin", gate)]


async def _to_pages(request: Request) -> Response:  # noqa: ARG001 - the signature of every page
    return RedirectResponse("/admin/", status_code=307)


async def _own_file(path: Path, request: Request) -> Response:  # noqa: ARG001
    """What the pages load beside Piccolo Admin's own files."""
    return FileResponse(path, headers={**HEADERS, "Cache-Control": "no-cache"})


class _Limit(RateLimitProvider):
    """The limit on logins, the same as the API's: attempts there and here add up."""

    def __init__(self, services: Services) -> None:
        self._limit = services.issuer.login_limit if services.issuer else LoginLimit(services.settings)

    def increment(self, identifier: str) -> None:
        """Count one attempt from an address. Raises TooManyAttempts, which the gate answers."""
        self._limit.count(identifier)


def _bounded(piccolo_crud: PiccoloCRUD, request: Request) -> None:
    """Refuse to list every id of a table at once, which Piccolo does where no limit is named."""
    limit = request.query_params.get("limit", "")
    if not limit.isdecimal() or int(limit[:9]) > piccolo_crud.max_page_size:
        raise HTTPException(400, f"a limit of {piccolo_crud.max_page_size} at the most is expected")


def _tables() -> list[TableConfig]:
    validators = Validators(get_ids=[_bounded])
    return [
        TableConfig(
            ShownInterview,
            exclude_visible_columns=[
                ShownInterview.technical_level,
                ShownInterview.roles,
                ShownInterview.employee_id,
                ShownInterview.organization_id,
            ],
            order_by=[OrderBy(ShownInterview.started_at, ascending=False)],
            menu_group="Interviews",
            validators=validators,
        ),
        TableConfig(
            ShownMessage,
            exclude_visible_columns=[ShownMessage.id_message],
            link_column=ShownMessage.sequence_number,
            order_by=[OrderBy(ShownMessage.interview_id, ascending=False), OrderBy(ShownMessage.sequence_number)],
            menu_group="Interviews",
            validators=validators,
        ),
        TableConfig(
            ShownAccount,
            exclude_visible_columns=[ShownAccount.employee_id, ShownAccount.organization_id],
            order_by=[OrderBy(ShownAccount.name)],
            menu_group="Accounts",
            validators=validators,
        ),
        TableConfig(ShownUser, order_by=[OrderBy(ShownUser.email)], menu_group="Accounts", validators=validators),
    ]
