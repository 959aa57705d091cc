"""Tokens: what ours say, what others' must say, and everything that a stranger may try instead."""

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
from app.identity.jwks import thumbprint
from app.identity.signing_keys import SigningKey
from app.identity.token_cache import TokenCache
from app.identity.tokens import CACHE_DURATION, TokenSubject, TokenVerifier, issue_token
from app.settings import Settings

NOW = 1_700_000_000.5
EMPLOYEE = UUID("0189a8f0-1111-7abc-8def-0123456789ab")
ORGANIZATION = UUID("0189a8f0-2222-7abc-8def-0123456789ab")
SETTINGS = Settings(jwt_issuer="our-issuer", jwt_audience="our-audience", jwt_leeway=0, token_lifetime=3600)


def signing_key():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return SigningKey(thumbprint(private.public_key()), private)


OURS = signing_key()
THEIRS = signing_key()
PUBLIC_PEM = OURS.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Clock:
    now = NOW

    def __call__(self):
        return self.now


class Keys:
    """A key set in memory that counts how often it is asked."""

    def __init__(self, *keys):
        self.known = {key.kid: key.public for key in keys}
        self.generation = 1
        self.asked = 0

    async def find_key(self, kid):
        self.asked += 1
        if kid not in self.known:
            raise InvalidToken
        return self.known[kid]

    async def aclose(self):
        pass


class UnreachableKeys(Keys):
    async def find_key(self, kid):
        raise KeyServerUnavailable


def verifier(keys=None, settings=SETTINGS, clock=None):
    return TokenVerifier(keys or Keys(OURS), settings, clock or Clock())


def encoded(part):
    if not isinstance(part, bytes):
        part = json.dumps(part).encode()
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def rs256(signed):
    return OURS.private.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def token(header=None, payload=None, sign=rs256):
    """A token put together by hand; header and payload as objects, or as the very bytes."""
    signed = (
        f"{encoded(header if header is not None else HEADER)}.{encoded(payload if payload is not None else CLAIMS)}"
    )
    return f"{signed}.{encoded(sign(signed.encode()))}"


HEADER = {"alg": "RS256", "typ": "JWT", "kid": OURS.kid}
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


def without(members, name):
    return {key: value for key, value in members.items() if key != name}


def hs256(secret):
    return lambda signed: hmac.digest(secret, signed, hashlib.sha256)


def library(algorithm, key):
    """A token that the library signs with another algorithm under our key's name."""
    return jwt.encode(CLAIMS, key, algorithm, headers={"kid": OURS.kid})


def raw_claims(name, text):
    """The payload's bytes with one member written as `text`, JSON or not."""
    return json.dumps(without(CLAIMS, name)).encode()[:-1] + f', "{name}": {text}}}'.encode()


ATTACKS = {
    # no signature, or one that anybody can make
    "algorithm none": token(header(alg="none"), sign=lambda _: b""),
    "algorithm none with our signature": token(header(alg="none")),
    "algorithm None": token(header(alg="None"), sign=lambda _: b""),
    "algorithm nOnE": token(header(alg="nOnE"), sign=lambda _: b""),
    "algorithm NONE with a signature of zeros": token(header(alg="NONE"), sign=lambda _: bytes(256)),
    "no algorithm": token(without(HEADER, "alg")),
    "algorithm null": token(header(alg=None)),
    "algorithm empty": token(header(alg="")),
    "algorithm as a list": token(header(alg=["RS256"])),
    "algorithm as an object": token(header(alg={"RS256": 1})),
    "algorithm rs256": token(header(alg="rs256")),
    "algorithm RS256 with a blank": token(header(alg="RS256 ")),
    "HS256 with the public key as its secret": token(header(alg="HS256"), sign=hs256(PUBLIC_PEM)),
    "HS256 with the trimmed public key as its secret": token(header(alg="HS256"), sign=hs256(PUBLIC_PEM.strip())),
    "HS256 with an empty secret": token(header(alg="HS256"), sign=hs256(b"")),
    "RS256 claimed, HMAC made": token(sign=hs256(PUBLIC_PEM)),
    "RS384": library("RS384", OURS.private),
    "RS512": library("RS512", OURS.private),
    "PS256": library("PS256", OURS.private),
    "PS256 made, RS256 claimed": token(
        sign=lambda signed: OURS.private.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    ),
    "ES256": library("ES256", ec.generate_private_key(ec.SECP256R1())),
    "signed by another key under our key's name": token(
        sign=lambda signed: THEIRS.private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    ),
    "expired and forged": token(payload=claims(exp=1), sign=lambda _: bytes(256)),
    # the key's name
    "no kid": token(without(HEADER, "kid")),
    "unknown kid": token(header(kid="another")),
    "empty kid": token(header(kid="")),
    "kid as a path": token(header(kid="../../dev/null")),
    "kid as a path beside our key's name": token(header(kid=f"../keys/{OURS.kid}")),
    "kid as SQL": token(header(kid="x' UNION SELECT 'secret")),
    "kid as a number": token(header(kid=1)),
    "kid null": token(header(kid=None)),
    "kid as a list": token(header(kid=[OURS.kid])),
    "kid as an object": token(header(kid={"kid": OURS.kid})),
    "kid with a NUL": token(header(kid=OURS.kid + "\0")),
    "jku beside an unknown kid": token(header(kid="another", jku="https://attacker.example/jwks")),
    "x5u beside an unknown kid": token(header(kid="another", x5u="https://attacker.example/cert")),
    "jwk of the forger": token(
        header(jwk={"kty": "RSA", "n": encoded(b"n"), "e": "AQAB", "kid": OURS.kid}),
        sign=lambda signed: THEIRS.private.sign(signed, padding.PKCS1v15(), hashes.SHA256()),
    ),
    "crit of an unknown extension": token(header(crit=["exp"], exp=1)),
    "crit of b64": token(header(crit=["b64"], b64=True)),
    "crit of b64, false": token(header(crit=["b64"], b64=False)),
    "crit empty": token(header(crit=[])),
    "crit null": token(header(crit=None)),
    "b64 false without crit": token(header(b64=False)),
    # the shape
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
    "a blank inside": ".".join([PARTS[0], PARTS[1][:9] + " " + PARTS[1][9:], PARTS[2]]),
    "the other base64": ".".join([*PARTS[:2], PARTS[2].replace("-", "+").replace("_", "/") + "+/"]),
    "no base64": "!!!.???.***",
    "not ASCII": ".".join([PARTS[0], PARTS[1], "ñ" + PARTS[2]]),
    "a lone surrogate": ".".join(PARTS) + "\ud800",
    "half a signature": ".".join([*PARTS[:2], PARTS[2][: len(PARTS[2]) // 2]]),
    "a signature one byte short": token(sign=lambda signed: rs256(signed)[:-1]),
    "a signature one byte long": token(sign=lambda signed: rs256(signed) + b"\0"),
    "a signature with unused bits set": ".".join([*PARTS[:2], PARTS[2][:-1] + chr(ord(PARTS[2][-1]) + 1)]),
    "the signature of another token": ".".join([*PARTS[:2], token(payload=claims(exp=int(NOW) + 61)).split(".")[2]]),
    "the payload of another token": ".".join([PARTS[0], encoded(claims(permissions=["interviews:delete"])), PARTS[2]]),
    "the header changed": ".".join([encoded(header(typ="at+jwt")), *PARTS[1:]]),
    "more than 8 KiB, otherwise good": token(payload=claims(filler="x" * 8192)),
    "a megabyte": "x" * 1_000_000,
    "header not JSON": token(b"no JSON"),
    "header an array": token([HEADER]),
    "header not UTF-8": token(b'{"alg":"RS256","kid":"\xff"}'),
    "header with alg twice, none last": token(
        b'{"alg":"RS256","kid":"%s","alg":"none"}' % OURS.kid.encode(), sign=lambda _: b""
    ),
    "header nested too deeply": token(b'{"alg":' + b"[" * 4000 + b"]" * 1000 + b"}"),
    "header with a number of 5,000 digits": token(b'{"kid":' + b"9" * 5000 + b"}"),
    "payload not JSON": token(payload=b"no JSON"),
    "payload an array": token(payload=[CLAIMS]),
    "payload a text": token(payload="text"),
    "payload null": token(payload=b"null"),
    "payload not UTF-8": token(payload=raw_claims("name", '"').replace(b'"}', b'\xff"}')),
    "payload with a byte order mark": token(payload=b"\xef\xbb\xbf" + json.dumps(CLAIMS).encode()),
    "payload in UTF-16": token(payload=json.dumps(CLAIMS).encode("utf-16")),
    "payload nested too deeply": token(payload=b"[" * 5000),
    "NaN in a claim of others": token(payload=raw_claims("score", "NaN")),
    # the claims
    **{f"without {name}": token(payload=without(CLAIMS, name)) for name in CLAIMS if name != "email"},
    **{f"{name} null": token(payload=claims(**{name: None})) for name in CLAIMS if name != "email"},
    "another issuer": token(payload=claims(iss="their-issuer")),
    "issuer as a list": token(payload=claims(iss=["our-issuer"])),
    "issuer with a blank": token(payload=claims(iss="our-issuer ")),
    "another audience": token(payload=claims(aud="their-audience")),
    "an audience that contains ours": token(payload=claims(aud="not-our-audience-either")),
    "a list of other audiences": token(payload=claims(aud=["theirs", "another"])),
    "no audience in the list": token(payload=claims(aud=[])),
    "a list of audiences with a number": token(payload=claims(aud=["our-audience", 1])),
    "audience as an object": token(payload=claims(aud={"our-audience": 1})),
    "sub no UUID": token(payload=claims(sub="ana")),
    "sub a UUID without hyphens": token(payload=claims(sub=EMPLOYEE.hex)),
    "sub a UUID in braces": token(payload=claims(sub=f"{{{EMPLOYEE}}}")),
    "sub a URN": token(payload=claims(sub=EMPLOYEE.urn)),
    "sub a UUID with a line feed": token(payload=claims(sub=f"{EMPLOYEE}\n")),
    "sub in digits that are not ASCII": token(payload=claims(sub=str(EMPLOYEE).replace("1", "١"))),
    "sub a number": token(payload=claims(sub=1)),
    "organizationId no UUID": token(payload=claims(organizationId="acme")),
    "organizationId a list": token(payload=claims(organizationId=[str(ORGANIZATION)])),
    "roles a text": token(payload=claims(roles="admin")),
    "roles an object": token(payload=claims(roles={"admin": True})),
    "roles of numbers": token(payload=claims(roles=[1])),
    "a role with a NUL": token(payload=claims(roles=["ad\0min"])),
    "permissions a text": token(payload=claims(permissions="interviews:read")),
    "permissions of nothing": token(payload=claims(permissions=[None])),
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
    "exp a text": token(payload=claims(exp=str(int(NOW) + 60))),
    "exp a list": token(payload=claims(exp=[int(NOW) + 60])),
    "exp NaN": token(payload=raw_claims("exp", "NaN")),
    "exp Infinity": token(payload=raw_claims("exp", "Infinity")),
    "exp 1e400": token(payload=raw_claims("exp", "1e400")),
    "exp -1e400": token(payload=raw_claims("exp", "-1e400")),
    "exp 10 to the 400": token(payload=raw_claims("exp", "1" + "0" * 400)),
    "exp of 5,000 digits": token(payload=raw_claims("exp", "9" * 5000)),
    "iat a text": token(payload=claims(iat="yesterday")),
    "iat true": token(payload=claims(iat=True)),
    "iat in the far future": token(payload=claims(iat=int(NOW) + 10_000, exp=int(NOW) + 20_000)),
    "iat 1e400": token(payload=raw_claims("iat", "1e400")),
    "nbf in the future": token(payload=claims(nbf=int(NOW) + 1)),
    "nbf a text": token(payload=claims(nbf="now")),
    "nbf null": token(payload=claims(nbf=None)),
    "nbf true": token(payload=claims(nbf=True)),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
async def test_an_attack_is_an_invalid_token(attack):
    with pytest.raises(InvalidToken):
        await verifier().verify(attack)


@pytest.mark.parametrize("attack", [text for name, text in ATTACKS.items() if "kid" not in name][:25])
async def test_an_attack_stays_invalid_when_it_is_repeated(attack):
    subject = verifier()
    for _ in range(2):
        with pytest.raises(InvalidToken):
            await subject.verify(attack)


async def test_a_token_without_our_algorithm_never_reaches_the_key_set():
    keys = UnreachableKeys()
    for name in ("algorithm none", "HS256 with an empty secret", "crit of b64", "no kid", "a megabyte", "two dots"):
        with pytest.raises(InvalidToken):
            await verifier(keys).verify(ATTACKS[name])


async def test_what_the_key_set_cannot_tell_is_no_fault_of_the_token():
    with pytest.raises(KeyServerUnavailable):
        await verifier(UnreachableKeys()).verify(token())


ACCEPTABLE = {
    "as issued": token(),
    "another typ": token(header(typ="at+jwt")),
    "typ a number": token(header(typ=1)),
    "no typ": token(without(HEADER, "typ")),
    "jku, x5u, x5c and jwk beside our own key": token(
        header(jku="http://127.0.0.1:1/jwks", x5u="http://127.0.0.1:1/", x5c=["rubbish"], jwk={"kty": "oct", "k": ""})
    ),
    "alg twice, ours last": token(b'{"alg":"none","kid":"%s","alg":"RS256"}' % OURS.kid.encode()),
    "our audience in a list": token(payload=claims(aud=["theirs", "our-audience"])),
    "exp with a fraction": token(payload=claims(exp=NOW + 0.25)),
    "exp as 1e300": token(payload=raw_claims("exp", "1e300")),
    "exp in 30 digits": token(payload=claims(exp=10**29)),
    "iat this very second": token(payload=claims(iat=NOW)),
    "nbf in the past": token(payload=claims(nbf=0)),
    "UUIDs in capitals": token(payload=claims(sub=str(EMPLOYEE).upper(), organizationId=str(ORGANIZATION).upper())),
    "optional claims null": token(payload=claims(email=None, name=None, organizationName=None)),
    "claims of others": token(payload=claims(jti=7, azp="x", realm_access={"roles": ["x"]}, organizationID=1)),
    "names of 255 characters": token(payload=claims(name="ñ" * 255, organizationName="😀" * 255)),
    "no roles and no permissions": token(payload=claims(roles=[], permissions=[])),
}


@pytest.mark.parametrize("acceptable", ACCEPTABLE.values(), ids=ACCEPTABLE.keys())
async def test_a_good_token_is_good_whatever_else_it_says(acceptable):
    caller = await verifier().verify(acceptable)

    assert (caller.employee_id, caller.organization_id) == (EMPLOYEE, ORGANIZATION)


async def test_an_issued_token_says_who_asks():
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
        OURS,
        SETTINGS,
        clock=Clock(),
    )

    caller = await verifier().verify(text)

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
    assert jwt.get_unverified_header(text) == {"alg": "RS256", "typ": "JWT", "kid": OURS.kid}


async def test_what_is_unknown_is_left_out_of_an_issued_token_and_ids_stand_in():
    text = issue_token(
        TokenSubject(employee_id=EMPLOYEE, organization_id=ORGANIZATION, roles=[], permissions=[]),
        OURS,
        SETTINGS,
        clock=Clock(),
    )

    caller = await verifier().verify(text)

    assert not {"name", "email", "organizationName"} & set(caller.claims)
    assert (caller.name, caller.organization_name) == (str(EMPLOYEE), str(ORGANIZATION))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"name": "Ana", "email": "ana@example.com"}, "Ana"),
        ({"name": "", "email": "ana@example.com"}, "ana@example.com"),
        ({"email": "ana@example.com"}, "ana@example.com"),
        ({"name": "", "email": ""}, str(EMPLOYEE)),
    ],
)
async def test_the_name_is_the_claim_else_the_address_else_the_id(said, name):
    caller = await verifier().verify(token(payload={**without(CLAIMS, "email"), **said}))

    assert caller.name == name


async def test_an_issued_token_may_live_for_another_time_and_be_dead_at_birth():
    text = issue_token(
        TokenSubject(employee_id=EMPLOYEE, organization_id=ORGANIZATION, roles=[], permissions=[]),
        OURS,
        SETTINGS,
        lifetime=-1,
        clock=Clock(),
    )

    with pytest.raises(TokenExpired):
        await verifier().verify(text)


@pytest.mark.parametrize("exp", [NOW, NOW - 0.001, int(NOW), 0, -1, -1e300])
async def test_a_token_is_expired_from_the_very_moment_on(exp):
    with pytest.raises(TokenExpired):
        await verifier().verify(token(payload=claims(exp=exp)))


@pytest.mark.parametrize(
    "changes", [{"iss": "theirs"}, {"aud": "theirs"}, {"sub": "ana"}, {"roles": None}, {"nbf": int(NOW) + 60}]
)
async def test_expiry_comes_before_other_faults_when_the_signature_is_good(changes):
    with pytest.raises(TokenExpired):
        await verifier().verify(token(payload=claims(exp=int(NOW) - 1, **changes)))


async def test_leeway_forgives_in_both_directions_and_no_further():
    subject = verifier(settings=SETTINGS.model_copy(update={"jwt_leeway": 5.0}))

    await subject.verify(token(payload=claims(exp=NOW - 4.9)))
    await subject.verify(token(payload=claims(iat=NOW + 4.9, nbf=NOW + 4.9)))
    with pytest.raises(TokenExpired):
        await subject.verify(token(payload=claims(exp=NOW - 5)))
    with pytest.raises(InvalidToken):
        await subject.verify(token(payload=claims(iat=NOW + 5.1)))
    with pytest.raises(InvalidToken):
        await subject.verify(token(payload=claims(nbf=NOW + 5.1)))


async def test_a_token_is_verified_once_and_then_remembered():
    keys = Keys(OURS)
    subject = verifier(keys)
    text = token()

    first = await subject.verify(text)

    assert await subject.verify(text) is first
    assert keys.asked == 1


async def test_a_remembered_token_expires_on_time():
    clock = Clock()
    subject = verifier(clock=clock)
    text = token(payload=claims(exp=NOW + 10))
    await subject.verify(text)

    clock.now = NOW + 9.99
    await subject.verify(text)
    clock.now = NOW + 10
    for _ in range(2):
        with pytest.raises(TokenExpired):
            await subject.verify(text)


async def test_a_remembered_token_is_verified_again_once_the_keys_have_changed():
    keys = Keys(OURS)
    subject = verifier(keys)
    text = token()
    await subject.verify(text)

    keys.known = {THEIRS.kid: THEIRS.public}
    keys.generation += 1

    with pytest.raises(InvalidToken):
        await subject.verify(text)


async def test_a_token_is_not_remembered_when_the_keys_change_while_it_is_verified():
    class Rotating(Keys):
        async def find_key(self, kid):
            found = await super().find_key(kid)
            self.generation += 1
            self.known = {}
            return found

    subject = verifier(Rotating(OURS))
    await subject.verify(token())

    with pytest.raises(InvalidToken):
        await subject.verify(token())


async def test_a_remembered_token_asks_the_key_set_again_after_a_minute():
    keys, clock = Keys(OURS), Clock()
    subject = verifier(keys, clock=clock)
    text = token(payload=claims(exp=NOW + 3600))
    await subject.verify(text)

    clock.now += CACHE_DURATION
    await subject.verify(text)

    assert keys.asked == 2


async def test_the_token_unused_for_longest_is_forgotten_first():
    caller = await verifier().verify(token())
    remembered = TokenCache(max_size=2)
    assert remembered.get("a", 1, NOW) is None
    remembered.put("a", 1, NOW + 1, caller)
    remembered.put("b", 1, NOW + 1, caller)
    assert remembered.get("a", 1, NOW) is caller

    remembered.put("c", 1, NOW + 1, caller)

    assert len(remembered) == 2
    assert [remembered.get(text, 1, NOW) is caller for text in "abc"] == [True, False, True]


async def test_a_token_verified_with_keys_that_were_replaced_meanwhile_is_not_remembered():
    caller = await verifier().verify(token())
    remembered = TokenCache()
    assert remembered.get("another", 2, NOW) is None

    remembered.put("a", 1, NOW + 1, caller)

    assert len(remembered) == 0


SUBJECT = verifier()


async def assert_refused(text):
    with pytest.raises((InvalidToken, TokenExpired)):
        await SUBJECT.verify(text)


@given(st.text() | st.text(alphabet="abcAZ09-_.=+/ \n").map(lambda text: f"{PARTS[0]}.{text}"))
async def test_any_text_is_refused_by_name(text):
    await assert_refused(text)


@given(st.integers(0, len(token()) - 1), st.characters(codec="ascii", exclude_categories=["C"]) | st.just(""))
async def test_a_token_with_any_character_changed_is_refused(position, character):
    good = ".".join(PARTS)
    spoilt = good[:position] + character + good[position + 1 :]
    if spoilt != good:
        await assert_refused(spoilt)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*HEADER, "crit", "b64", "jwk", "x5c"]) | st.text(), JSON_VALUES, max_size=5))
async def test_a_header_of_any_members_raises_nothing_but_refusals(members):
    with contextlib.suppress(InvalidToken, TokenExpired):
        await SUBJECT.verify(token(header(**members)))


@given(st.dictionaries(st.sampled_from([*CLAIMS, "nbf", "name"]) | st.text(), JSON_VALUES, max_size=5))
async def test_signed_claims_of_any_kind_raise_nothing_but_refusals(members):
    try:
        caller = await SUBJECT.verify(token(payload=claims(**members)))
    except (InvalidToken, TokenExpired):
        return
    for stored in (caller.name, caller.organization_name, *caller.roles):
        assert "\0" not in stored
        assert len(stored) <= 255
        stored.encode()


@given(st.binary(max_size=80), st.binary(max_size=80))
async def test_signed_bytes_of_any_kind_raise_nothing_but_refusals(head, body):
    await assert_refused(token(payload=body))
    await assert_refused(token(head, body))


def test_importing_tokens_does_not_import_an_http_client():
    code = "import sys, app.identity.tokens; print('httpx2' in sys.modules)"
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
