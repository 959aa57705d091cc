"""Logins to the admin pages over HTTP: rights, cookies, rate limit and expiry."""

import hashlib
from pathlib import Path

import asyncpg
import httpx2
import pytest

from tests.admin.visitor import PASSWORD, AdminService, Visitor
from tests.support.command_line import run_subprocess
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT


def _cookies(response: httpx2.Response) -> dict[str, set[str]]:
    """Return the attributes of each Set-Cookie header by the cookie's name."""
    parts = [header.split("; ") for header in response.headers.get_list("set-cookie")]
    return {
        first.partition("=")[0]: {each for each in rest if not each.startswith("Max-Age")} for first, *rest in parts
    }


def test_200_sets_an_http_only_cookie_for_the_admin_pages(visitor: Visitor, admin_service: AdminService) -> None:
    response = visitor.login(admin_service.clerk.upper())

    assert (response.status_code, response.json()) == (200, {"message": "logged in"})
    assert _cookies(response) == {"id": {"HttpOnly", "Path=/admin", "SameSite=Strict"}}
    assert _cookies(visitor.page) == {"csrftoken": {"Path=/admin", "SameSite=Strict"}}
    assert visitor.get("/user/").json()["username"] == admin_service.clerk


def test_200_over_https_sets_secure_cookies(admin_service: AdminService) -> None:
    headers = {"X-Forwarded-Proto": "https", "Origin": "https://interviews.example"}
    with Visitor(admin_service.url, **headers) as visitor:
        token = visitor.page.cookies["csrftoken"]
        visitor.http.headers["Cookie"] = f"csrftoken={token}"
        response = visitor.login(admin_service.clerk, csrf=token)

        assert response.status_code == 200, response.text
        assert _cookies(visitor.page) == {"csrftoken": {"Path=/admin", "SameSite=Strict", "Secure"}}
        assert _cookies(response) == {"id": {"HttpOnly", "Path=/admin", "SameSite=Strict", "Secure"}}


def test_403_if_the_request_comes_from_another_site(admin_service: AdminService) -> None:
    headers = {"X-Forwarded-Proto": "https", "Origin": "https://elsewhere.example"}
    with Visitor(admin_service.url, **headers) as visitor:
        token = visitor.page.cookies["csrftoken"]
        visitor.http.headers["Cookie"] = f"csrftoken={token}"
        response = visitor.login(admin_service.clerk, csrf=token)

    assert (response.status_code, response.text) == (403, "Referer or origin is incorrect")


@pytest.mark.parametrize("reason", ["wrong password", "no right", "unknown"])
def test_401_is_the_same_for_each_reason(visitor: Visitor, admin_service: AdminService, reason: str) -> None:
    email, password = {
        "wrong password": (admin_service.clerk, "not the password"),
        "no right": (admin_service.employee, PASSWORD),
        "unknown": ("nobody@example.com", PASSWORD),
    }[reason]

    response = visitor.login(email, password)

    assert (response.status_code, response.json()) == (401, {"detail": "Login failed"})
    assert "set-cookie" not in response.headers
    assert visitor.get("/user/").status_code == 401


@pytest.mark.parametrize("token", [None, "another"])
@pytest.mark.parametrize("path", ["/public/login/", "/public/logout/"])
def test_403_without_the_csrf_token(
    visitor: Visitor, admin_service: AdminService, path: str, token: str | None
) -> None:
    response = visitor.send("POST", path, {"username": admin_service.clerk, "password": PASSWORD}, csrf=token)

    assert response.status_code == 403
    assert "CSRF" in response.text
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "body", [[], "text", {}, {"username": 5, "password": PASSWORD}, {"username": "a\0b", "password": PASSWORD}]
)
def test_422_if_the_body_is_not_a_login(visitor: Visitor, body: object) -> None:
    response = visitor.send("POST", "/public/login/", body)

    assert (response.status_code, response.json()["message"]) == (422, "Validation error")


def test_429_after_too_many_attempts_including_logins_to_the_api(admin_service: AdminService, tmp_path: Path) -> None:
    settings = {"ADMIN": "true", "DATABASE_URL": admin_service.database_url, "STATE_DIR": str(tmp_path)}
    with Service(tmp_path, LOGIN_ATTEMPTS="2", **settings) as service, Visitor(service.url) as visitor:
        body = {"email": admin_service.clerk, "password": "not the password"}
        assert httpx2.post(f"{service.url}/api/v1/auth/login", json=body, timeout=TIMEOUT).status_code == 401
        assert visitor.login(admin_service.clerk, "not the password").status_code == 401

        response = visitor.login(admin_service.clerk)

        assert (response.status_code, response.json()["message"]) == (429, "Too many attempts")
        assert 1 <= int(response.headers["retry-after"]) <= 61


def test_401_after_logout(clerk: Visitor) -> None:
    session = clerk.http.cookies["id"]
    assert clerk.get("/user/").status_code == 200

    assert clerk.send("POST", "/public/logout/", {}).status_code == 200
    clerk.http.cookies.set("id", session)

    assert clerk.get("/user/").status_code == 401


async def test_401_after_the_session_expired_and_the_next_login_deletes_it(
    clerk: Visitor, admin_service: AdminService
) -> None:
    connection = await asyncpg.connect(admin_service.database_url)
    try:
        digest = hashlib.sha256(clerk.http.cookies["id"].encode()).digest()
        ended = "UPDATE admin_session SET expires_at = now() WHERE digest = $1"
        assert await connection.execute(ended, digest) == "UPDATE 1"

        assert clerk.get("/user/").status_code == 401
        assert clerk.login(admin_service.clerk).status_code == 200
        assert await connection.fetchval("SELECT count(*) FROM admin_session WHERE digest = $1", digest) == 0
    finally:
        await connection.close()


def test_401_after_the_right_was_revoked(clerk: Visitor, admin_service: AdminService) -> None:
    settings = {"DATABASE_URL": admin_service.database_url}
    assert run_subprocess("account", "revoke", admin_service.clerk, "login", **settings).returncode == 0
    try:
        assert clerk.get("/user/").status_code == 401
    finally:
        assert run_subprocess("account", "grant", admin_service.clerk, "login", **settings).returncode == 0
    assert clerk.get("/user/").status_code == 200


def test_401_after_the_password_was_changed(clerk: Visitor, admin_service: AdminService) -> None:
    changed = run_subprocess(
        "account", "password", admin_service.clerk, DATABASE_URL=admin_service.database_url, ACCOUNT_PASSWORD=PASSWORD
    )

    assert changed.returncode == 0, changed.stderr
    assert clerk.get("/user/").status_code == 401
