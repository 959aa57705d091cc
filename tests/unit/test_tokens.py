"""Issued tokens, the verification of tokens, and attacks on it."""

import base64
import contextlib
import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidToken, KeyServerUnavailable, TokenExpired
from app.identity.issuing import TokenSubject, issue_token
from app.identity.jwks import thumbprint
from app.identity.signing_keys import SigningKey
from app.identity.tokens import CACHE_DURATION, TokenCache, TokenVerifier
from app.settings import Settings

NOW = 1_700_000_000.5
EMPLOYEE = UUID("0189a8f0-1111-7abc-8def-0123456789ab")
ORGANIZATION = UUID("0189a8f0-2222-7abc-8def-0123456789ab")
SETTINGS = Settings(jwt_issuer="our-issuer", jwt_audience="our-audience", jwt_leeway=0, token_lifetime=3600)


def create_key():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return SigningKey(thumbprint(private.public_key()), private)


OWN_KEY = create_key()
OTHER_KEY = create_key()
PUBLIC_PEM = OWN_KEY.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Clock:
    now = NOW

    def __call__(self):
        return self.now


class Keys:
    """A key set in memory that counts its lookups."""

    def __init__(self, *keys):
        self.known = {key.kid: key.public for key in keys}
        self.generation = 1
        self.lookups = 0

    async def find_key(self, kid):
        self.lookups += 1
        if kid not in self.known:
            raise InvalidToken
        return self.known[kid]

    async def aclose(self):
        pass


class UnreachableKeys(Keys):
    async def find_key(self, kid):
        raise KeyServerUnavailable


def create_verifier(keys=None, settings=SETTINGS, clock=None):
    return TokenVerifier(keys or Keys(OWN_KEY), settings, clock or Clock())


def encode(part):
    if not isinstance(part, bytes):
        part = json.dumps(part).encode()
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def sign_rs256(signed):
    return OWN_KEY.private.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def token(header=None, payload=None, sign=sign_rs256):
    """Assemble and sign a token. header, payload: objects, or their bytes."""
    signed = f"{encode(header if header is not None else HEADER)}.{encode(payload if payload is not None else CLAIMS)}"
    return f"{signed}.{encode(sign(signed.encode()))}"


HEADER = {"alg": "RS256", "typ": "JWT", "kid": OWN_KEY.kid}
CLAIMS = {
    "sub": str(EMPLOYEE),
    "organizationId": str(ORGANIZATION),
    "email": "ana@example.com",
    "roles": ["employee"],
    "permissions": ["interviews:read"],
    "iat": int(NOW),
    "exp": int(NOW) + 60,
    "iss": "our-issuer",
    "aud": "our-audience",
}
PARTS = token().split(".")


def header(**changes):
    return {**HEADER, **changes}


def claims(**changes):
    return {**CLAIMS, **changes}


def omit(members, name):
    return {key: value for key, value in members.items() if key != name}


def sign_hs256(secret):
    return lambda signed: hmac.digest(secret, signed, hashlib.sha256)


def sign_with_library(algorithm, key):
    """Return a token that PyJWT signs with another algorithm and the kid of the service."""
    return jwt.encode(CLAIMS, key, algorithm, headers={"kid": OWN_KEY.kid})


def raw_claims(name, text):
    """Return the bytes of the payload with the value of a member replaced by `text`."""
    return json.dumps(omit(CLAIMS, name)).encode()[:-1] + f', "{name}": {text}}}'.encode()


ATTACKS = {
    # no signature, or a signature without the private key
    "algorithm none": token(header(alg="none"), sign=lambda _: b""),
    "algorithm none with a valid signature": token(header(alg="none")),
    "algorithm None": token(header(alg="None"), sign=lambda _: b""),
    "algorithm nOnE": token(header(alg="nOnE"), sign=lambda _: b""),
    "algorithm NONE with a signature of zeros": token(header(alg="NONE"), sign=lambda _: bytes(256)),
    "no algorithm": token(omit(HEADER, "alg")),
    "algorithm null": token(header(alg=None)),
    "algorithm empty": token(header(alg="")),
    "algorithm as a list": token(header(alg=["RS256"])),
    "algorithm as an object": token(header(alg={"RS256": 1})),
    "algorithm rs256": token(header(alg="rs256")),
    "algorithm RS256 with a space": token(header(alg="RS256 ")),
    "HS256 with the public key as its secret": token(header(alg="HS256"), sign=sign_hs256(PUBLIC_PEM)),
    "HS256 with the trimmed public key as its secret": token(header(alg="HS256"), sign=sign_hs256(PUBLIC_PEM.strip())),
    "HS256 with an empty secret": token(header(alg="HS256"), sign=sign_hs256(b"")),
    "RS256 in the header, HMAC signature": token(sign=sign_hs256(PUBLIC_PEM)),
    "RS384": sign_with_library("RS384", OWN_KEY.private),
    "RS512": sign_with_library("RS512", OWN_KEY.private),
    "PS256": sign_with_library("PS256", OWN_KEY.private),
    "RS256 in the header, PS256 signature": token(
        sign=lambda signed: OWN_KEY.private.sign(
            signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()
        )
    ),
    "ES256": sign_with_library("ES256", ec.generate_private_key(ec.SECP256R1())),
    "signed by another key with the kid of the service": token(
        sign=lambda signed: OTHER_KEY.private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    ),
    "expired and forged": token(payload=claims(exp=1), sign=lambda _: bytes(256)),
    # kid
    "no kid": token(omit(HEADER, "kid")),
    "unknown kid": token(header(kid="another")),
    "empty kid": token(header(kid="")),
    "kid as a path": token(header(kid="../../dev/null")),
    "kid as a path with the valid kid": token(header(kid=f"../keys/{OWN_KEY.kid}")),
    "kid as SQL": token(header(kid="x' UNION SELECT 'secret")),
    "kid as a number": token(header(kid=1)),
    "kid null": token(header(kid=None)),
    "kid as a list": token(header(kid=[OWN_KEY.kid])),
    "kid as an object": token(header(kid={"kid": OWN_KEY.kid})),
    "kid with a NUL": token(header(kid=OWN_KEY.kid + "\0")),
    "jku with an unknown kid": token(header(kid="another", jku="https://attacker.example/jwks")),
    "x5u with an unknown kid": token(header(kid="another", x5u="https://attacker.example/cert")),
    "jwk of the attacker": token(
        header(jwk={"kty": "RSA", "n": encode(b"n"), "e": "AQAB", "kid": OWN_KEY.kid}),
        sign=lambda signed: OTHER_KEY.private.sign(signed, padding.PKCS1v15(), hashes.SHA256()),
    ),
    "crit of an unknown extension": token(header(crit=["exp"], exp=1)),
    "crit of b64": token(header(crit=["b64"], b64=True)),
    "crit of b64, false": token(header(crit=["b64"], b64=False)),
    "crit empty": token(header(crit=[])),
    "crit null": token(header(crit=None)),
    "b64 false without crit": token(header(b64=False)),
    # structure and encoding
    "nothing": "",
    "a dot": ".",
    "two dots": "..",
    "no dot": "abc",
    "two segments": ".".join(PARTS[:2]),
    "no signature": ".".join([*PARTS[:2], ""]),
    "no header": ".".join(["", *PARTS[1:]]),
    "no payload": ".".join([PARTS[0], "", PARTS[2]]),
    "four segments": ".".join([*PARTS, PARTS[2]]),
    "five segments, as if encrypted": ".".join([*PARTS, *PARTS[1:]]),
    "a trailing dot": ".".join([*PARTS, ""]),
    "padding": ".".join(PARTS) + "==",
    "a trailing line feed": ".".join(PARTS) + "\n",
    "a space inside": ".".join([PARTS[0], PARTS[1][:9] + " " + PARTS[1][9:], PARTS[2]]),
    "the other base64": ".".join([*PARTS[:2], PARTS[2].replace("-", "+").replace("_", "/") + "+/"]),
    "invalid base64": "!!!.???.***",
    "not ASCII": ".".join([PARTS[0], PARTS[1], "ñ" + PARTS[2]]),
    "a lone surrogate": ".".join(PARTS) + "\ud800",
    "half a signature": ".".join([*PARTS[:2], PARTS[2][: len(PARTS[2]) // 2]]),
    "a signature one byte short": token(sign=lambda signed: sign_rs256(signed)[:-1]),
    "a signature one byte long": token(sign=lambda signed: sign_rs256(signed) + b"\0"),
    "a signature with unused bits set": ".".join([*PARTS[:2], PARTS[2][:-1] + chr(ord(PARTS[2][-1]) + 1)]),
    "the signature of another token": ".".join([*PARTS[:2], token(payload=claims(exp=int(NOW) + 61)).split(".")[2]]),
    "the payload of another token": ".".join([PARTS[0], encode(claims(permissions=["interviews:delete"])), PARTS[2]]),
    "the header changed": ".".join([encode(header(typ="at+jwt")), *PARTS[1:]]),
    "more than 8 KiB, otherwise valid": token(payload=claims(filler="x" * 8192)),
    "a megabyte": "x" * 1_000_000,
    "header not JSON": token(b"no JSON"),
    "header an array": token([HEADER]),
    "header not UTF-8": token(b'{"alg":"RS256","kid":"\xff"}'),
    "header with alg twice, none last": token(
        b'{"alg":"RS256","kid":"%s","alg":"none"}' % OWN_KEY.kid.encode(), sign=lambda _: b""
    ),
    "header nested too deeply": token(b'{"alg":' + b"[" * 4000 + b"]" * 1000 + b"}"),
    "header with a number of 5,000 digits": token(b'{"kid":' + b"9" * 5000 + b"}"),
    "payload not JSON": token(payload=b"no JSON"),
    "payload an array": token(payload=[CLAIMS]),
    "payload a string": token(payload="text"),
    "payload null": token(payload=b"null"),
    "payload not UTF-8": token(payload=raw_claims("name", '"').replace(b'"}', b'\xff"}')),
    "payload with a byte order mark": token(payload=b"\xef\xbb\xbf" + json.dumps(CLAIMS).encode()),
    "payload in UTF-16": token(payload=json.dumps(CLAIMS).encode("utf-16")),
    "payload nested too deeply": token(payload=b"[" * 5000),
    "NaN in an unknown claim": token(payload=raw_claims("score", "NaN")),
    # claims
    **{f"without {name}": token(payload=omit(CLAIMS, name)) for name in CLAIMS if name != "email"},
    **{f"{name} null": token(payload=claims(**{name: None})) for name in CLAIMS if name != "email"},
    "another issuer": token(payload=claims(iss="their-issuer")),
    "issuer as a list": token(payload=claims(iss=["our-issuer"])),
    "issuer with a space": token(payload=claims(iss="our-issuer ")),
    "another audience": token(payload=claims(aud="their-audience")),
    "an audience that contains the valid one": token(payload=claims(aud="not-our-audience-either")),
    "a list of other audiences": token(payload=claims(aud=["theirs", "another"])),
    "no audience in the list": token(payload=claims(aud=[])),
    "a list of audiences with a number": token(payload=claims(aud=["our-audience", 1])),
    "audience as an object": token(payload=claims(aud={"our-audience": 1})),
    "sub not a UUID": token(payload=claims(sub="ana")),
    "sub a UUID without hyphens": token(payload=claims(sub=EMPLOYEE.hex)),
    "sub a UUID in braces": token(payload=claims(sub=f"{{{EMPLOYEE}}}")),
    "sub a URN": token(payload=claims(sub=EMPLOYEE.urn)),
    "sub a UUID with a line feed": token(payload=claims(sub=f"{EMPLOYEE}\n")),
    "sub in digits that are not ASCII": token(payload=claims(sub=str(EMPLOYEE).replace("1", "١"))),
    "sub a number": token(payload=claims(sub=1)),
    "organizationId not a UUID": token(payload=claims(organizationId="acme")),
    "organizationId a list": token(payload=claims(organizationId=[str(ORGANIZATION)])),
    "roles a string": token(payload=claims(roles="admin")),
    "roles an object": token(payload=claims(roles={"admin": True})),
    "roles of numbers": token(payload=claims(roles=[1])),
    "a role with a NUL": token(payload=claims(roles=["ad\0min"])),
    "permissions a string": token(payload=claims(permissions="interviews:read")),
    "permissions of null": token(payload=claims(permissions=[None])),
    "name a number": token(payload=claims(name=1)),
    "name with a NUL": token(payload=claims(name="An\0a")),
    "name with a lone surrogate": token(payload=raw_claims("name", r'"\ud800"')),
    "name of 256 characters": token(payload=claims(name="x" * 256)),
    "email an object": token(payload=claims(email={})),
    "email with a NUL": token(payload=claims(email="ana@example.com\0")),
    "organizationName a list": token(payload=claims(organizationName=["Acme"])),
    "organizationName with a NUL": token(payload=claims(organizationName="\0")),
    "organizationName of 256 characters": token(payload=claims(organizationName="x" * 256)),
    "exp true": token(payload=claims(exp=True)),
    "exp a string": token(payload=claims(exp=str(int(NOW) + 60))),
    "exp a list": token(payload=claims(exp=[int(NOW) + 60])),
    "exp NaN": token(payload=raw_claims("exp", "NaN")),
    "exp Infinity": token(payload=raw_claims("exp", "Infinity")),
    "exp 1e400": token(payload=raw_claims("exp", "1e400")),
    "exp -1e400": token(payload=raw_claims("exp", "-1e400")),
    "exp 10 to the 400": token(payload=raw_claims("exp", "1" + "0" * 400)),
    "exp of 5,000 digits": token(payload=raw_claims("exp", "9" * 5000)),
    "iat a string": token(payload=claims(iat="yesterday")),
    "iat true": token(payload=claims(iat=True)),
    "iat in the far future": token(payload=claims(iat=int(NOW) + 10_000, exp=int(NOW) + 20_000)),
    "iat 1e400": token(payload=raw_claims("iat", "1e400")),
    "nbf in the future": token(payload=claims(nbf=int(NOW) + 1)),
    "nbf a string": token(payload=claims(nbf="now")),
    "nbf null": token(payload=claims(nbf=None)),
    "nbf true": token(payload=claims(nbf=True)),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
async def test_an_attack_is_an_invalid_token(attack):
    with pytest.raises(InvalidToken):
        await create_verifier().verify(attack)


@pytest.mark.parametrize("attack", [text for name, text in ATTACKS.items() if "kid" not in name][:25])
async def test_a_repeated_attack_stays_invalid(attack):
    token_verifier = create_verifier()
    for _ in range(2):
        with pytest.raises(InvalidToken):
            await token_verifier.verify(attack)


async def test_a_token_of_another_algorithm_does_not_reach_the_key_set():
    keys = UnreachableKeys()
    for name in ("algorithm none", "HS256 with an empty secret", "crit of b64", "no kid", "a megabyte", "two dots"):
        with pytest.raises(InvalidToken):
            await create_verifier(keys).verify(ATTACKS[name])


async def test_unavailable_if_the_key_set_is_unreachable():
    with pytest.raises(KeyServerUnavailable):
        await create_verifier(UnreachableKeys()).verify(token())


ACCEPTABLE = {
    "as issued": token(),
    "another typ": token(header(typ="at+jwt")),
    "typ a number": token(header(typ=1)),
    "no typ": token(omit(HEADER, "typ")),
    "jku, x5u, x5c and jwk with a valid kid": token(
        header(jku="http://127.0.0.1:1/jwks", x5u="http://127.0.0.1:1/", x5c=["rubbish"], jwk={"kty": "oct", "k": ""})
    ),
    "alg twice, RS256 last": token(b'{"alg":"none","kid":"%s","alg":"RS256"}' % OWN_KEY.kid.encode()),
    "the audience in a list": token(payload=claims(aud=["theirs", "our-audience"])),
    "exp with a fraction": token(payload=claims(exp=NOW + 0.25)),
    "exp as 1e300": token(payload=raw_claims("exp", "1e300")),
    "exp in 30 digits": token(payload=claims(exp=10**29)),
    "iat now": token(payload=claims(iat=NOW)),
    "nbf in the past": token(payload=claims(nbf=0)),
    "UUIDs in capitals": token(payload=claims(sub=str(EMPLOYEE).upper(), organizationId=str(ORGANIZATION).upper())),
    "optional claims null": token(payload=claims(email=None, name=None, organizationName=None)),
    "unknown claims": token(payload=claims(jti=7, azp="x", realm_access={"roles": ["x"]}, organizationID=1)),
    "names of 255 characters": token(payload=claims(name="ñ" * 255, organizationName="😀" * 255)),
    "no roles and no permissions": token(payload=claims(roles=[], permissions=[])),
}


@pytest.mark.parametrize("acceptable", ACCEPTABLE.values(), ids=ACCEPTABLE.keys())
async def test_a_valid_token_with_unusual_members_is_accepted(acceptable):
    caller = await create_verifier().verify(acceptable)

    assert (caller.employee_id, caller.organization_id) == (EMPLOYEE, ORGANIZATION)


async def test_an_issued_token_contains_the_caller():
    text = issue_token(
        TokenSubject(
            employee_id=EMPLOYEE,
            organization_id=ORGANIZATION,
            roles=["manager"],
            permissions=["interviews:read", "coffee:brew"],
            name="Ana",
            email="ana@example.com",
            organization_name="Acme",
        ),
        OWN_KEY,
        SETTINGS,
        clock=Clock(),
    )

    caller = await create_verifier().verify(text)

    assert (caller.name, caller.organization_name) == ("Ana", "Acme")
    assert caller.roles == ("manager",)
    assert caller.permissions == {"interviews:read", "coffee:brew"}
    assert caller.claims == {
        "sub": str(EMPLOYEE),
        "organizationId": str(ORGANIZATION),
        "name": "Ana",
        "email": "ana@example.com",
        "organizationName": "Acme",
        "roles": ["manager"],
        "permissions": ["interviews:read", "coffee:brew"],
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
        "iss": "our-issuer",
        "aud": "our-audience",
    }
    assert jwt.get_unverified_header(text) == {"alg": "RS256", "typ": "JWT", "kid": OWN_KEY.kid}


async def test_an_issued_token_omits_unknown_claims_and_ids_replace_the_names():
    text = issue_token(
        TokenSubject(employee_id=EMPLOYEE, organization_id=ORGANIZATION, roles=[], permissions=[]),
        OWN_KEY,
        SETTINGS,
        clock=Clock(),
    )

    caller = await create_verifier().verify(text)

    assert not {"name", "email", "organizationName"} & set(caller.claims)
    assert (caller.name, caller.organization_name) == (str(EMPLOYEE), str(ORGANIZATION))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": "Ana", "email": "ana@example.com"}, "Ana"),
        ({"name": "", "email": "ana@example.com"}, "ana@example.com"),
        ({"email": "ana@example.com"}, "ana@example.com"),
        ({"name": "", "email": ""}, str(EMPLOYEE)),
    ],
)
async def test_the_name_is_the_claim_or_the_email_or_the_id(changes, name):
    caller = await create_verifier().verify(token(payload={**omit(CLAIMS, "email"), **changes}))

    assert caller.name == name


async def test_an_issued_token_can_have_another_lifetime():
    text = issue_token(
        TokenSubject(employee_id=EMPLOYEE, organization_id=ORGANIZATION, roles=[], permissions=[]),
        OWN_KEY,
        SETTINGS,
        lifetime=-1,
        clock=Clock(),
    )

    with pytest.raises(TokenExpired):
        await create_verifier().verify(text)


@pytest.mark.parametrize("exp", [NOW, NOW - 0.001, int(NOW), 0, -1, -1e300])
async def test_a_token_expires_exactly_at_exp(exp):
    with pytest.raises(TokenExpired):
        await create_verifier().verify(token(payload=claims(exp=exp)))


@pytest.mark.parametrize(
    "changes", [{"iss": "theirs"}, {"aud": "theirs"}, {"sub": "ana"}, {"roles": None}, {"nbf": int(NOW) + 60}]
)
async def test_expiry_comes_before_other_errors_if_the_signature_is_valid(changes):
    with pytest.raises(TokenExpired):
        await create_verifier().verify(token(payload=claims(exp=int(NOW) - 1, **changes)))


async def test_the_leeway_applies_in_both_directions():
    token_verifier = create_verifier(settings=SETTINGS.model_copy(update={"jwt_leeway": 5.0}))

    await token_verifier.verify(token(payload=claims(exp=NOW - 4.9)))
    await token_verifier.verify(token(payload=claims(iat=NOW + 4.9, nbf=NOW + 4.9)))
    with pytest.raises(TokenExpired):
        await token_verifier.verify(token(payload=claims(exp=NOW - 5)))
    with pytest.raises(InvalidToken):
        await token_verifier.verify(token(payload=claims(iat=NOW + 5.1)))
    with pytest.raises(InvalidToken):
        await token_verifier.verify(token(payload=claims(nbf=NOW + 5.1)))


async def test_a_verified_token_is_cached():
    keys = Keys(OWN_KEY)
    token_verifier = create_verifier(keys)
    text = token()

    first = await token_verifier.verify(text)

    assert await token_verifier.verify(text) is first
    assert keys.lookups == 1


async def test_a_cached_token_expires_on_time():
    clock = Clock()
    token_verifier = create_verifier(clock=clock)
    text = token(payload=claims(exp=NOW + 10))
    await token_verifier.verify(text)

    clock.now = NOW + 9.99
    await token_verifier.verify(text)
    clock.now = NOW + 10
    for _ in range(2):
        with pytest.raises(TokenExpired):
            await token_verifier.verify(text)


async def test_a_cached_token_is_verified_again_after_the_keys_change():
    keys = Keys(OWN_KEY)
    token_verifier = create_verifier(keys)
    text = token()
    await token_verifier.verify(text)

    keys.known = {OTHER_KEY.kid: OTHER_KEY.public}
    keys.generation += 1

    with pytest.raises(InvalidToken):
        await token_verifier.verify(text)


async def test_a_token_is_not_cached_if_the_keys_change_during_verification():
    class Rotating(Keys):
        async def find_key(self, kid):
            found = await super().find_key(kid)
            self.generation += 1
            self.known = {}
            return found

    token_verifier = create_verifier(Rotating(OWN_KEY))
    await token_verifier.verify(token())

    with pytest.raises(InvalidToken):
        await token_verifier.verify(token())


async def test_a_cached_token_is_verified_again_after_a_minute():
    keys, clock = Keys(OWN_KEY), Clock()
    token_verifier = create_verifier(keys, clock=clock)
    text = token(payload=claims(exp=NOW + 3600))
    await token_verifier.verify(text)

    clock.now += CACHE_DURATION
    await token_verifier.verify(text)

    assert keys.lookups == 2


async def test_the_least_recently_used_token_is_evicted_first():
    caller = await create_verifier().verify(token())
    cache = TokenCache(max_size=2)
    assert cache.get("a", 1, NOW) is None
    cache.put("a", 1, NOW + 1, caller)
    cache.put("b", 1, NOW + 1, caller)
    assert cache.get("a", 1, NOW) is caller

    cache.put("c", 1, NOW + 1, caller)

    assert len(cache) == 2
    assert [cache.get(text, 1, NOW) is caller for text in "abc"] == [True, False, True]


async def test_a_token_verified_with_replaced_keys_is_not_cached():
    caller = await create_verifier().verify(token())
    cache = TokenCache()
    assert cache.get("another", 2, NOW) is None

    cache.put("a", 1, NOW + 1, caller)

    assert len(cache) == 0


VERIFIER = create_verifier()


async def assert_rejected(text):
    with pytest.raises((InvalidToken, TokenExpired)):
        await VERIFIER.verify(text)


@given(st.text() | st.text(alphabet="abcAZ09-_.=+/ \n").map(lambda text: f"{PARTS[0]}.{text}"))
async def test_any_text_is_an_invalid_or_expired_token(text):
    await assert_rejected(text)


@given(st.integers(0, len(token()) - 1), st.characters(codec="ascii", exclude_categories=["C"]) | st.just(""))
async def test_a_token_with_any_character_changed_is_rejected(position, character):
    original = ".".join(PARTS)
    changed = original[:position] + character + original[position + 1 :]
    if changed != original:
        await assert_rejected(changed)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*HEADER, "crit", "b64", "jwk", "x5c"]) | st.text(), JSON_VALUES, max_size=5))
async def test_a_header_of_any_members_raises_only_token_errors(members):
    with contextlib.suppress(InvalidToken, TokenExpired):
        await VERIFIER.verify(token(header(**members)))


@given(st.dictionaries(st.sampled_from([*CLAIMS, "nbf", "name"]) | st.text(), JSON_VALUES, max_size=5))
async def test_signed_claims_of_any_kind_raise_only_token_errors(members):
    try:
        caller = await VERIFIER.verify(token(payload=claims(**members)))
    except (InvalidToken, TokenExpired):
        return
    for stored in (caller.name, caller.organization_name, *caller.roles):
        assert "\0" not in stored
        assert len(stored) <= 255
        stored.encode()


@given(st.binary(max_size=80), st.binary(max_size=80))
async def test_signed_bytes_of_any_kind_raise_only_token_errors(head, body):
    await assert_rejected(token(payload=body))
    await assert_rejected(token(head, body))


def test_importing_tokens_does_not_import_an_http_client():
    code = "import sys, app.identity.tokens; print('httpx2' in sys.modules)"
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
