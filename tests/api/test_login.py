"""POST /auth/login: one test per status and reason."""

from datetime import UTC, datetime

import httpx2
import pytest
from piccolo.apps.user.tables import BaseUser

from app.database.unit_of_work import UnitOfWork
from app.domain.permissions import ROLES
from app.settings import Settings
from app.use_cases.accounts import NewAccount
from tests.api.conftest import PASSWORD
from tests.support.assertions import assert_error, assert_success, assert_validation_error
from tests.support.clients import open_client

LOGIN = "/auth/login"


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
async def test_200_with_a_token_of_the_account(
    client: httpx2.AsyncClient, account: NewAccount, spelling: object
) -> None:
    response = await client.post(LOGIN, json={"email": spelling(account.email), "password": PASSWORD})

    data, meta = assert_success(response, "Login successful")
    expires_at = data.pop("expiresAt")
    assert data.pop("access_token") == data["token"]
    expected = {"token": ..., "token_type": "bearer", "tokenType": "bearer", "expires_in": 3600}
    assert ({**data, "token": ...}, meta) == (expected, None)
    me = await client.get("/auth/me", headers={"Authorization": f"Bearer {data['token']}"})
    claims, _ = assert_success(me, "Claims retrieved successfully")
    assert datetime.fromisoformat(expires_at) == datetime.fromtimestamp(claims["exp"], UTC)
    assert claims.pop("exp") - claims.pop("iat") == 3600
    assert claims == {
        "sub": str(account.employee_id),
        "organizationId": str(account.organization_id),
        "organizationName": account.organization_name,
        "email": account.email,
        "name": account.name,
        "roles": ["manager"],
        "permissions": list(ROLES["manager"]),
        "iss": "interview-system",
        "aud": "interview-system",
    }


async def test_200_stores_the_time_of_the_login(
    client: httpx2.AsyncClient, account: NewAccount, database: UnitOfWork
) -> None:
    await client.post(LOGIN, json={"email": account.email, "password": PASSWORD})

    async def last_login() -> object:
        row = await BaseUser.select(BaseUser.last_login).where(BaseUser.email == account.email).first()
        return row["last_login"]

    assert await database.read(last_login) is not None


async def test_401_is_the_same_for_a_wrong_password_and_an_unknown_account(
    client: httpx2.AsyncClient, account: NewAccount
) -> None:
    wrong = await client.post(LOGIN, json={"email": account.email, "password": "wrong"})
    unknown = await client.post(LOGIN, json={"email": "nobody@example.com", "password": PASSWORD})

    for response in (wrong, unknown):
        assert_error(response, 401, "Invalid credentials", {"field": "credentials", "error": ...})
    texts = [response.text.replace(response.headers["x-request-id"], "") for response in (wrong, unknown)]
    assert texts[0] == texts[1]


async def test_401_if_the_account_is_inactive(
    client: httpx2.AsyncClient, account: NewAccount, database: UnitOfWork
) -> None:
    async def deactivate() -> None:
        await BaseUser.update({BaseUser.active: False}).where(BaseUser.email == account.email)

    await database.write(deactivate)

    response = await client.post(LOGIN, json={"email": account.email, "password": PASSWORD})

    assert_error(response, 401, "Invalid credentials", {"field": "credentials", "error": ...})


async def test_415_if_the_body_is_a_form(client: httpx2.AsyncClient) -> None:
    response = await client.post(LOGIN, data={"email": "a", "password": "b"})

    assert_error(response, 415, "Unsupported media type", {"field": "body", "error": ...})


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("email", "missing"), ("password", "missing")]),
        ({"email": "", "password": ""}, [("email", "string_too_short"), ("password", "string_too_short")]),
        ({"email": "x" * 255, "password": "x" * 129}, [("email", "string_too_long"), ("password", "string_too_long")]),
        ({"email": "a\0", "password": 1}, [("email", "string_pattern_mismatch"), ("password", "string_type")]),
    ],
)
async def test_422_lists_every_error(
    client: httpx2.AsyncClient, body: dict[str, object], faults: list[tuple[str, str]]
) -> None:
    assert_validation_error(await client.post(LOGIN, json=body), *faults)


async def test_429_after_too_many_attempts(settings: Settings) -> None:
    async with open_client(settings, login_attempts=3) as client:
        attempts = [await client.post(LOGIN, json={"email": "a@b.c", "password": "wrong"}) for _ in range(4)]
        malformed = await client.post(LOGIN, json={})

    assert [attempt.status_code for attempt in attempts] == [401, 401, 401, 429]
    assert_error(attempts[3], 429, "Too many attempts", {"field": "email", "error": ...})
    assert 1 <= int(attempts[3].headers["retry-after"]) <= settings.login_window + 1
    assert malformed.status_code == 422


@pytest.mark.parametrize(
    ("proxies", "status"),
    [("", 429), ("127.0.0.1", 401), ("10.0.0.0/8, 127.0.0.0/8", 401), ("::1", 429), ("198.51.100.0/24", 429)],
)
async def test_429_counts_only_the_address_that_a_trusted_proxy_forwards(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, proxies: str, status: int
) -> None:
    monkeypatch.setattr("app.http.endpoints.auth.verify_password", _reject)  # the real one takes 0.3 seconds
    trusting = Settings(**{**settings.model_dump(), "trusted_proxies": proxies, "login_attempts": 1})
    async with open_client(trusting) as client:
        body = {"email": "a@b.c", "password": "wrong"}
        first = await client.post(LOGIN, json=body, headers={"X-Forwarded-For": "198.51.100.1"})
        second = await client.post(LOGIN, json=body, headers={"X-Forwarded-For": "198.51.100.2"})
        again = await client.post(LOGIN, json=body, headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.1"})

    assert (first.status_code, second.status_code, again.status_code) == (401, status, 429)


async def _reject(*_: object) -> bool:
    return False
