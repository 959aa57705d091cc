"""GET /auth/jwks and GET /auth/me: one test per status and reason."""

import httpx2
import jwt
import pytest

from tests.support.actors import Actor
from tests.support.assertions import assert_error, assert_method_not_allowed, assert_success

RETRIEVED = "Claims retrieved successfully"


async def test_200_with_keys_that_verify_issued_tokens(client: httpx2.AsyncClient, owner: Actor) -> None:
    data, meta = assert_success(await client.get("/auth/jwks"), "Keys retrieved successfully")

    token = owner.token()
    keys = jwt.PyJWKSet.from_dict(data)
    claims = jwt.decode(token, keys[jwt.get_unverified_header(token)["kid"]], audience="interview-system")
    assert claims["sub"] == str(owner.employee_id)
    assert meta is None
    assert len(data["keys"]) == 1
    assert all(set(key) == {"kty", "use", "alg", "kid", "n", "e"} for key in data["keys"])
    assert all((key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256") for key in data["keys"])


async def test_200_with_the_claims_of_a_token_without_permissions(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.get("/auth/me", headers=owner.headers(permissions=[], roles=[], email="ana@example.com"))

    claims, meta = assert_success(response, RETRIEVED)
    assert claims.pop("iat") + 3600 == claims.pop("exp")
    assert claims == {
        "sub": str(owner.employee_id),
        "organizationId": str(owner.organization_id),
        "organizationName": owner.organization_name,
        "name": owner.name,
        "email": "ana@example.com",
        "roles": [],
        "permissions": [],
        "iss": "interview-system",
        "aud": "interview-system",
    }
    assert meta is None


@pytest.mark.parametrize("claim", ["employee_id", "organization_id"])
@pytest.mark.parametrize("value", ["", "42", "not-a-uuid", "{0193b1f0-5a3e-7c1d-8e2f-0123456789ab}"])
async def test_401_if_an_id_in_the_token_is_not_a_uuid(
    client: httpx2.AsyncClient, owner: Actor, claim: str, value: str
) -> None:
    response = await client.get("/auth/me", headers=owner.headers(**{claim: value}))

    assert_error(response, 401, "Invalid token", {"field": "token", "error": ...})


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "x.y.z",
        "eyJhbGciOiJub25lIn0.e30.x",  # {"alg": "none"}
        "eyJhbGciOiJSUzI1NiJ9.e30.x",  # {"alg": "RS256"}, no kid
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.x",  # an unknown kid
        "x" * 9000,
    ],
)
async def test_401_for_a_token_that_the_service_did_not_issue(client: httpx2.AsyncClient, token: str) -> None:
    response = await client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})

    assert_error(response, 401, "Invalid token", {"field": "token", "error": ...})


@pytest.mark.parametrize("path", ["/auth/jwks", "/auth/me"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_405_for_methods_other_than_get(client: httpx2.AsyncClient, path: str, method: str) -> None:
    assert_method_not_allowed(await client.request(method, path), "GET")
