"""Logins: JSON and forms, OAuth 2, OpenID Connect, sessions with CSRF values, and their renewal."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.harness.http.server import ReceivedRequest, Response, serve
from tests.harness.reach.runs import broken_pins, document, run, write_contract
from tests.harness.reach.test_credentials import cookies_of

FORM = "application/x-www-form-urlencoded"
BODY = {"username": "zoë", "password": "s3cret"}
ROWS = [{"actor": "anonymous", "answer": 401}, {"actor": "caller", "answer": 200}]
MAKING = {"make_thing": {"rows": [{"actor": "caller", "answer": 201}]}}


class Api:
    """An API with logins. `forms` and `takes_json` select the bodies of `/login`. A token is valid `life` times."""

    def __init__(
        self, *, forms: bool = True, takes_json: bool = True, life: int = 1000, secret_in: str = "body"
    ) -> None:
        self.forms, self.takes_json, self.life, self.secret_in = forms, takes_json, life, secret_in
        self.uses: dict[str, int] = {}
        self.url = ""

    def __call__(self, asked: ReceivedRequest) -> Response:
        path = asked.target.partition("?")[0]
        special = {
            "/login": self.login, "/oauth/token": self.token, "/csrf": self.csrf,
            "/.well-known/openid-configuration": self.discovery,
        }.get(path)  # fmt: skip
        return special(asked) if special else self.thing(asked)

    def login(self, asked: ReceivedRequest) -> Response:
        given = self.given(asked)
        if given is None:
            return Response(415, {"error": "media type"})
        if given != BODY:
            return Response(401, {"error": "no"})
        if "csrf" in asked.target and asked.headers.get("x-csrf-token") != "first value":
            return Response(403, {"error": "CSRF"})
        return self.issue({"data": {"jwt": self.create_thing()}})

    def given(self, asked: ReceivedRequest) -> Any:
        kind = asked.headers.get("content-type", "")
        if kind == FORM and self.forms:
            return {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        return json.loads(asked.body) if kind == "application/json" and self.takes_json else None

    def issue(self, body: Any) -> Response:
        token = self.create_thing()
        cookies = [f"session={token}; Path=/; HttpOnly", "xsrf=a%20value; Path=/", "old=; Max-Age=0"]
        return Response(200, body, {"Set-Cookie": cookies, "X-Next": token, "X-CSRF-Token": "a value"})

    def csrf(self, asked: ReceivedRequest) -> Response:
        del asked
        return Response(200, {"csrf": "first value"}, {"Set-Cookie": "xsrf=first%20value"})

    def token(self, asked: ReceivedRequest) -> Response:
        given = self.given(asked) or {}
        secret = base64.b64encode(b"app:s3cret").decode()
        in_header = asked.headers.get("authorization") == f"Basic {secret}"
        in_body = (given.get("client_id"), given.get("client_secret")) == ("app", "s3cret")
        right = {
            "password": (given.get("username"), given.get("password")) == ("zoë", "s3cret"),
            "client_credentials": in_header if self.secret_in == "header" else in_body,
        }
        if not right.get(given.get("grant_type", "")):
            return Response(401, {"error": "invalid_client"})
        return Response(200, {"access_token": self.create_thing(), "token_type": "bearer"})

    def discovery(self, asked: ReceivedRequest) -> Response:
        del asked
        return Response(200, {"token_endpoint": f"{self.url}/oauth/token"})

    def create_thing(self) -> str:
        token = f"token-{len(self.uses)}"
        self.uses[token] = 0
        return token

    def thing(self, asked: ReceivedRequest) -> Response:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ") or cookies_of(asked).get("session", "")
        if token not in self.uses or self.uses[token] >= self.life:
            return Response(401, {"error": "who are you?"}, {"WWW-Authenticate": "Bearer"})
        self.uses[token] += 1
        session = "cookie" in asked.headers
        if (
            session
            and asked.method == "POST"
            and b"a value" not in asked.body + asked.headers.get("x-csrf", "").encode()
        ):
            return Response(403, {"error": "CSRF"})
        return Response(201 if asked.method == "POST" else 200, {"id": 1})


def login_operation(*media_types: str) -> dict[str, Any]:
    content = {name: {"schema": {"type": "object"}} for name in media_types}
    body = {"requestBody": {"required": True, "content": content}} if content else {}
    return {"/login": {"post": {"operationId": "login", "responses": {"200": {"description": ""}}, **body}}}


def pins(login: dict[str, Any] | None, body: dict[str, Any] = BODY, **more: Any) -> dict[str, Any]:
    actors = {"anonymous": {"anonymous": True}, "caller": {"login": body}}
    described = {"actors": actors, "fuzzer": "caller", "pins": {"get_thing": {"rows": ROWS}, **more}}
    return {**described, "login": login} if login else described


async def verify_pins(folder: Path, api: Api, read: dict[str, Any], described: dict[str, Any], **more: Any) -> Any:
    with serve(api) as server:
        api.url = server.url
        return await run(write_contract(folder, read, described), server.url, **more)


@pytest.mark.parametrize("media_type", ["application/json", FORM])
async def test_the_body_has_the_media_type_of_the_document(tmp_path: Path, media_type):
    api = Api(forms=media_type == FORM, takes_json=media_type != FORM)
    read = document(paths=login_operation(media_type))
    result = await verify_pins(tmp_path, api, read, pins({"operation": "login", "token": "data.jwt"}))
    assert broken_pins(result) == []


@pytest.mark.parametrize("forms", [True, False])
async def test_a_login_may_be_a_url_outside_the_document(tmp_path: Path, forms):
    api = Api(forms=forms, takes_json=not forms)
    result = await verify_pins(tmp_path, api, document(), pins({"url": "POST /login", "token": "header.X-Next"}))
    assert broken_pins(result) == []


@pytest.mark.parametrize("place", ["data.jwt", "cookie.session", "header.X-Next"])
async def test_the_token_comes_from_the_body_a_cookie_or_a_header(tmp_path: Path, place):
    result = await verify_pins(tmp_path, Api(), document(), pins({"url": "POST /login", "token": place}))
    assert broken_pins(result) == []


@pytest.mark.parametrize(
    ("body", "secret_in"),
    [
        (BODY, "body"),
        ({"client_id": "app", "client_secret": "s3cret"}, "body"),
        ({"client_id": "app", "client_secret": "s3cret"}, "header"),
    ],
    ids=["password", "client secret in the body", "client secret as Basic"],
)
@pytest.mark.parametrize("kind", ["oauth2", "openIdConnect"])
async def test_the_document_has_the_url_of_the_token_endpoint(tmp_path: Path, kind, body, secret_in):
    flow = {"tokenUrl": "/oauth/token", "scopes": {}}
    scheme = {"type": kind, "flows": {"password": flow, "clientCredentials": flow}}
    if kind == "openIdConnect":
        scheme = {"type": kind, "openIdConnectUrl": "/.well-known/openid-configuration"}
    read = document(security=[{"o": []}], components={"securitySchemes": {"o": scheme}})
    result = await verify_pins(tmp_path, Api(secret_in=secret_in), read, pins(None, body))
    assert broken_pins(result) == []


@pytest.mark.parametrize(
    "csrf",
    [
        {"header": "X-CSRF", "from": "cookie.xsrf"},
        {"header": "X-CSRF", "from": "header.X-CSRF-Token"},
        {"field": "token", "from": "cookie.xsrf"},
    ],
    ids=["cookie", "header", "field"],
)
async def test_a_session_keeps_its_cookies_and_sends_its_csrf_value(tmp_path: Path, csrf):
    making = {"make_thing": {"request": {"body": {"name": "x"}}, **MAKING["make_thing"]}}
    described = pins({"url": "POST /login", "cookies": True, "csrf": csrf}, **making)
    result = await verify_pins(tmp_path, Api(), document(), described)
    assert broken_pins(result) == []


async def test_a_session_is_rejected_without_the_csrf_value(tmp_path: Path):
    described = pins({"url": "POST /login", "cookies": True}, **MAKING)
    result = await verify_pins(tmp_path, Api(), document(), described)
    assert broken_pins(result) == ["make_thing · caller → promised 201, observed 403"]


async def test_a_first_csrf_value_is_fetched_for_the_login(tmp_path: Path):
    csrf = {"header": "X-CSRF-Token", "from": "cookie.xsrf", "url": "GET /csrf"}
    described = pins({"url": "POST /login?csrf", "cookies": True, "csrf": csrf})
    assert broken_pins(await verify_pins(tmp_path, Api(), document(), described)) == []


async def test_a_failed_login_skips_the_pins_of_its_actor(tmp_path: Path):
    described = pins({"url": "POST /login", "token": "data.jwt"}, {"username": "zoë", "password": "wrong"})
    result = await verify_pins(tmp_path, Api(), document(), described)
    (skipped,) = [each for each in result.outcomes if each.verdict == "skipped"]
    assert skipped.reason == "POST /login returned 401 for the login of the actor “caller”"


async def test_a_rate_limited_login_is_retried(tmp_path: Path):
    api, limits = Api(), iter([True, True, False])

    def answers(asked: ReceivedRequest) -> Response:
        if asked.target == "/login" and next(limits, False):
            return Response(429, {"error": "later"}, {"Retry-After": "0"})
        return api(asked)

    described = pins({"url": "POST /login", "token": "data.jwt"})
    with serve(answers) as server:
        assert broken_pins(await run(write_contract(tmp_path, document(), described), server.url)) == []


ENOUGH = [{"actor": "caller", "input": f"n{number}", "answer": 200} for number in range(5)]


async def test_a_401_during_the_run_renews_the_login(tmp_path: Path):
    described = pins({"url": "POST /login", "token": "data.jwt"})
    described["pins"] = {"get_thing": {"rows": ENOUGH}}
    result = await verify_pins(tmp_path, Api(life=2), document(), described)
    assert broken_pins(result) == []
    assert result.resends.renewed == 2


async def test_a_401_renews_a_session_once_for_several_workers(tmp_path: Path):
    described = pins({"url": "POST /login", "cookies": True})
    described["pins"] = {"get_thing": {"rows": ENOUGH}}
    api = Api(life=3)
    result = await verify_pins(tmp_path, api, document(), described, workers=5)
    assert broken_pins(result) == []
    assert [uses for uses in api.uses.values() if uses] == [3, 2]


async def test_a_401_after_a_renewed_login_is_the_response(tmp_path: Path):
    described = pins({"url": "POST /login", "token": "data.jwt"})
    described["pins"] = {"get_thing": {"rows": ENOUGH}}
    api = Api(life=0)
    result = await verify_pins(tmp_path, api, document(), described)
    assert broken_pins(result) == [
        f"get_thing · caller · n{number} → promised 200, observed 401" for number in range(5)
    ]
    assert result.resends.renewed == 1


async def test_a_promised_401_renews_nothing(tmp_path: Path):
    described = pins({"url": "POST /login", "token": "data.jwt"})
    described["pins"] = {"get_thing": {"rows": [{"actor": "caller", "answer": 401}]}}
    result = await verify_pins(tmp_path, Api(life=0), document(), described)
    assert (broken_pins(result), result.resends.renewed) == ([], 0)


async def test_a_race_is_repeated_if_its_login_expired(tmp_path: Path):
    described = pins({"url": "POST /login", "token": "data.jwt"})
    race = {"actor": "caller", "input": "z", "at_once": 2, "answers": {200: 2}}
    described["pins"] = {"get_thing": {"rows": [*ENOUGH[:3], race]}}
    result = await verify_pins(tmp_path, Api(life=3), document(), described)
    assert broken_pins(result) == []
    assert result.resends.renewed == 1


async def test_the_fuzzer_renews_the_login(tmp_path: Path):
    described = pins({"url": "POST /login", "token": "data.jwt"})
    read = document(security=[{"b": []}], components={"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}})
    result = await verify_pins(tmp_path, Api(life=3), read, described, fuzz=True)
    statuses = {each.key: each.count for each in result.coverage.cells() if each.operation == "get_thing"}
    assert result.resends.renewed > 1
    assert statuses["200"] > 3


async def test_keep_reads_headers_and_cookies(tmp_path: Path):
    described = pins({"url": "POST /login", "token": "data.jwt"})
    step = {"operation": "login", "actor": "anonymous", "with": {"body": BODY}}
    described["states"] = {
        "seen": {"steps": [{**step, "keep": {"next": "header.X-Next", "session": "cookie.session"}}]}
    }
    request = {"headers": {"Authorization": "Bearer {session}", "X-Seen": "{next}"}}
    rows = [{"actor": "anonymous", "answer": 200}]
    described["pins"] = {"get_thing": {"request": request, "states": ["seen"], "rows": rows}}
    result = await verify_pins(tmp_path, Api(), document(paths=login_operation(FORM)), described)
    assert broken_pins(result) == []
