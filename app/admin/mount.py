"""Configure Piccolo Admin for this service and mount it. Requires the extra `admin`."""

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

from app.admin.headers import HEADERS, SecurityHeaders
from app.admin.middleware import AdminMiddleware
from app.admin.session_auth import AuthTable, create_session_table
from app.http.router import Route
from app.identity.login_limit import LoginLimit
from app.state import Services
from app.use_cases.administration import AccountView, InterviewView, MessageView, UserView

_POLICY = (
    "self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self"
)
"""The Content-Security-Policy without `default-src '` and the final quote, which piccolo-api adds.

Inline styles are allowed because the icons and menus of the pages create them. Inline scripts are not.
"""

_STATIC_FILES = sorted((Path(__file__).parent / "static").iterdir())
_HEAD = '<script src="./static/admin.js"></script><link rel="stylesheet" href="./static/admin.css"></head>'


def admin_routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the admin pages under /admin/, and the redirect from /admin."""
    settings = services.settings
    lifetime = timedelta(seconds=settings.admin_session_lifetime)
    # AdminMiddleware already logs these errors.
    logging.getLogger("piccolo_admin").setLevel(logging.CRITICAL)
    pages = create_admin(
        tables=_table_configs(),
        auth_table=AuthTable,
        session_table=create_session_table(lifetime),
        session_expiry=lifetime,
        max_session_expiry=lifetime,
        increase_expiry=None,
        read_only=True,
        rate_limit_provider=_AdminLoginLimit(services),
        production=True,
        site_name="Interview System",
        auto_include_related=False,
        allowed_hosts=settings.admin_hosts,
    )
    pages.template = pages.template.replace("</head>", _HEAD)
    app = CSPMiddleware(SecurityHeaders(AdminMiddleware(pages, services)), CSPConfig(default_src=_POLICY))
    files = [Route(f"/admin/static/{path.name}", partial(_static_file, path)) for path in _STATIC_FILES]
    return [Route("/admin", _redirect), *files, Mount("/admin", app)]


async def _redirect(request: Request) -> Response:  # noqa: ARG001 - every page takes the request
    return RedirectResponse("/admin/", status_code=307)


async def _static_file(path: Path, request: Request) -> Response:  # noqa: ARG001
    """Return a style sheet or script that we add to the pages."""
    return FileResponse(path, headers={**HEADERS, "Cache-Control": "no-cache"})


class _AdminLoginLimit(RateLimitProvider):
    """The rate limit of logins, shared with the API."""

    def __init__(self, services: Services) -> None:
        self._limit = services.issuer.login_limit if services.issuer else LoginLimit(services.settings)

    def increment(self, identifier: str) -> None:
        """Count one attempt from an address. Raises TooManyAttempts."""
        self._limit.count(identifier)


def _require_limit(piccolo_crud: PiccoloCRUD, request: Request) -> None:
    """Raise an error if the request has no valid limit, because Piccolo would list every id of the table."""
    limit = request.query_params.get("limit", "")
    if not limit.isdecimal() or int(limit[:9]) > piccolo_crud.max_page_size:
        raise HTTPException(400, f"limit should be a number of at most {piccolo_crud.max_page_size}")


def _table_configs() -> list[TableConfig]:
    validators = Validators(get_ids=[_require_limit])
    return [
        TableConfig(
            InterviewView,
            exclude_visible_columns=[
                InterviewView.technical_level,
                InterviewView.roles,
                InterviewView.employee_id,
                InterviewView.organization_id,
            ],
            order_by=[OrderBy(InterviewView.started_at, ascending=False)],
            menu_group="Interviews",
            validators=validators,
        ),
        TableConfig(
            MessageView,
            exclude_visible_columns=[MessageView.id_message],
            link_column=MessageView.sequence_number,
            order_by=[OrderBy(MessageView.interview_id, ascending=False), OrderBy(MessageView.sequence_number)],
            menu_group="Interviews",
            validators=validators,
        ),
        TableConfig(
            AccountView,
            exclude_visible_columns=[AccountView.employee_id, AccountView.organization_id],
            order_by=[OrderBy(AccountView.name)],
            menu_group="Accounts",
            validators=validators,
        ),
        TableConfig(UserView, order_by=[OrderBy(UserView.email)], menu_group="Accounts", validators=validators),
    ]
