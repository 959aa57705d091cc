"""The URL table: one Route per path, and nothing else decides what lives where.

A path without parameters is looked up before the others are tried, so that `start` is never taken for an id.
"""

from app.http.endpoints.auth import JwksEndpoint, LoginEndpoint, MeEndpoint
from app.http.endpoints.export import ExportEndpoint
from app.http.endpoints.health import HealthEndpoint, ReadinessEndpoint
from app.http.endpoints.interviews import InterviewEndpoint, InterviewsEndpoint, PermissionsEndpoint
from app.http.endpoints.pages import contract_as_json, contract_as_yaml, docs, refusals, root, static_file
from app.http.endpoints.turns import ContinueEndpoint, StartEndpoint
from app.http.router import Route

API = "/api/v1"


ROUTES = [
    Route(f"{API}/health", HealthEndpoint),
    Route(f"{API}/health/ready", ReadinessEndpoint),
    Route(f"{API}/interviews", InterviewsEndpoint),
    Route(f"{API}/interviews/permissions", PermissionsEndpoint),
    Route(f"{API}/interviews/start", StartEndpoint),
    Route(f"{API}/interviews/continue", ContinueEndpoint),
    Route(f"{API}/interviews/export", ExportEndpoint),
    Route(f"{API}/interviews/{{interview_id}}", InterviewEndpoint),
    Route(f"{API}/auth/login", LoginEndpoint),
    Route(f"{API}/auth/jwks", JwksEndpoint),
    Route(f"{API}/auth/me", MeEndpoint),
    Route("/openapi.json", contract_as_json),
    Route("/openapi.yaml", contract_as_yaml),
    Route("/docs", docs),
    Route("/docs/refusals", refusals),
    Route("/static/{name}", static_file),
    Route("/", root),
]
