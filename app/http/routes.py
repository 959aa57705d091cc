"""The routes of the service, one per path.

The router prefers a path without parameters, so `start` never matches `{interview_id}`.
"""

from app.http.endpoints.auth import JwksEndpoint, LoginEndpoint, MeEndpoint
from app.http.endpoints.export import ExportEndpoint
from app.http.endpoints.health import HealthEndpoint, ReadinessEndpoint
from app.http.endpoints.interviews import InterviewEndpoint, InterviewsEndpoint, PermissionsEndpoint
from app.http.endpoints.outcome import OutcomeEndpoint
from app.http.endpoints.pages import (
    docs,
    error_responses,
    openapi_json,
    openapi_yaml,
    redirect_error_responses,
    root,
    static_file,
)
from app.http.endpoints.turns import ContinueEndpoint, StartEndpoint
from app.http.router import Route

API = "/api/v1"

ROUTES = [
    Route(f"{API}/health", HealthEndpoint),
    Route(f"{API}/health/ready", ReadinessEndpoint),
    Route(f"{API}/interviews", InterviewsEndpoint),
    Route(f"{API}/interviews/", InterviewsEndpoint),  # Old clients use it. They do not expect a redirect.
    Route(f"{API}/interviews/permissions", PermissionsEndpoint),
    Route(f"{API}/interviews/start", StartEndpoint),
    Route(f"{API}/interviews/continue", ContinueEndpoint),
    Route(f"{API}/interviews/export", ExportEndpoint),
    Route(f"{API}/interviews/{{interview_id}}", InterviewEndpoint),
    Route(f"{API}/interviews/{{interview_id}}/outcome", OutcomeEndpoint),
    Route(f"{API}/auth/login", LoginEndpoint),
    Route(f"{API}/auth/jwks", JwksEndpoint),
    Route(f"{API}/auth/me", MeEndpoint),
    Route("/openapi.json", openapi_json),
    Route("/openapi.yaml", openapi_yaml),
    Route("/docs", docs),
    Route("/docs/errors", error_responses),
    Route("/docs/refusals", redirect_error_responses),
    Route("/static/{name}", static_file),
    Route("/", root),
]
