"""The algorithms of an external issuer: only those that are accepted, each with its own type of key."""

import base64
import json
import time
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from pydantic import ValidationError

from app.domain.errors import InvalidToken
from app.identity.jwks import parse_jwks
from app.identity.tokens import TokenVerifier
from app.settings import Settings

KEYS = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
CODECS = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
EMPLOYEE = UUID(int=1)


def jwk(algorithm, **changes):
    members = json.loads(CODECS[algorithm].to_jwk(KEYS[algorithm].public_key()))
    members.pop("key_ops", None)
    return {"kid": algorithm, **members, **changes}


class Keys:
    """A key set with one key of each type."""

    generation = 1
    keys = parse_jwks({"keys": [jwk(algorithm) for algorithm in KEYS]})

    async def find_key(self, kid):
        return self.keys[kid]


def verifier(*algorithms):
    url = "http://127.0.0.1:1/jwks"
    return TokenVerifier(Keys(), Settings(jwt_jwks_url=url, jwt_algorithms=algorithms))


def token(algorithm, *, kid=None, alg=None):
    now = int(time.time())
    claims = {
        "sub": str(EMPLOYEE),
        "organizationId": str(UUID(int=2)),
        "roles": [],
        "permissions": [],
        "iat": now,
        "exp": now + 60,
        "iss": "interview-system",
        "aud": "interview-system",
    }
    signed = jwt.encode(claims, KEYS[algorithm], algorithm=algorithm, headers={"kid": kid or algorithm})
    if alg is None:
        return signed
    header = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": kid or algorithm}).encode()).rstrip(b"=").decode()
    return f"{header}.{signed.partition('.')[2]}"


@pytest.mark.parametrize("algorithm", KEYS)
async def test_a_token_of_an_accepted_algorithm_is_valid(algorithm):
    caller = await verifier("RS256", "ES256", "EdDSA").verify(token(algorithm))

    assert caller.employee_id == EMPLOYEE


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
async def test_a_token_of_an_algorithm_that_is_not_accepted_is_invalid(algorithm):
    with pytest.raises(InvalidToken):
        await verifier("RS256").verify(token(algorithm))


async def test_the_local_issuer_accepts_only_its_own_algorithm():
    local = TokenVerifier(Keys(), Settings(jwt_algorithms=("ES256", "RS256")))

    await local.verify(token("RS256"))
    with pytest.raises(InvalidToken):
        await local.verify(token("ES256"))


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "HS256", "none", "PS256", None, 5, ["RS256"]])
async def test_a_token_whose_algorithm_does_not_fit_the_key_is_invalid(alg):
    with pytest.raises(InvalidToken):
        await verifier("RS256", "ES256", "EdDSA").verify(token("RS256", alg=alg or "null"))


@pytest.mark.parametrize(
    "member",
    [
        jwk("RS256", key_ops=["sign"]),
        jwk("RS256", key_ops=[]),
        jwk("RS256", key_ops="verify"),
        jwk("RS256", key_ops=None),
        jwk("ES256", alg="RS256"),
        jwk("EdDSA", alg="ES256"),
        jwk("ES256", crv="P-384"),
        jwk("ES256", x="AA"),
        jwk("EdDSA", crv="X25519"),
        {"kid": "p384", **json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key()))},
    ],
)
def test_a_key_that_may_not_verify_or_fits_no_algorithm_is_skipped(member):
    assert parse_jwks({"keys": [member, jwk("ES256", kid="good")]}) == {"good": KEYS["ES256"].public_key()}


def test_a_key_that_may_verify_is_accepted():
    keys = [jwk("RS256", key_ops=["verify", "sign"]), jwk("ES256", alg="ES256"), jwk("EdDSA", use="sig")]

    assert set(parse_jwks({"keys": keys})) == {"RS256", "ES256", "EdDSA"}


@pytest.mark.parametrize("value", ["", "none", "HS256", "RS256,none"])
def test_another_algorithm_cannot_be_set(monkeypatch, value):
    monkeypatch.setenv("JWT_ALGORITHMS", value)
    if not value:
        assert Settings().jwt_algorithms == ("RS256",)
        return
    with pytest.raises(ValidationError):
        Settings()
