"""Public keys as JSON (RFC 7517): writing our own, reading an outer issuer's."""

import hashlib
import json
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_encode

ALGORITHM = "RS256"
"""The one algorithm that tokens are signed with, whatever a token itself proposes (RFC 8725 §3.1)."""

LEAST_BITS = 2048
"""Bits of the shortest RSA key that is trusted (RFC 7518 §3.3)."""


def thumbprint(key: RSAPublicKey) -> str:
    """The key's id, which follows from the key alone (RFC 7638 §3): the same on every machine that has the key."""
    canonical = json.dumps({"kty": "RSA", **_numbers(key)}, separators=(",", ":"), sort_keys=True)
    return base64url_encode(hashlib.sha256(canonical.encode()).digest()).decode()


def document(keys: Iterable[RSAPublicKey]) -> dict[str, list[dict[str, str]]]:
    """The JWK Set of `keys` (RFC 7517 §5)."""
    return {
        "keys": [
            {"kty": "RSA", "use": "sig", "alg": ALGORITHM, "kid": thumbprint(key), **_numbers(key)} for key in keys
        ]
    }


def usable_keys(decoded: object) -> dict[str, RSAPublicKey]:
    """The keys of a JWK Set, decoded from JSON, that may verify our tokens, by their kid.

    The set stands bare or as `data` of an envelope. A key is passed over where it is not RSA of at least 2,048 bits, is
    meant for another use or algorithm, is malformed, has no kid, or one that came before. Nothing is raised.
    """
    keys: dict[str, RSAPublicKey] = {}
    for member in _members(decoded):
        kid = member.get("kid")
        if not isinstance(kid, str) or kid in keys:
            continue
        key = _usable(member)
        if key is not None:
            keys[kid] = key
    return keys


def _numbers(key: RSAPublicKey) -> dict[str, str]:
    """Modulus and exponent, the two members that make the key."""
    members = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {"n": members["n"], "e": members["e"]}


def _members(decoded: object) -> Iterator[dict[str, object]]:
    if not isinstance(decoded, dict):
        return
    bare = decoded if "keys" in decoded else decoded.get("data")
    found = bare.get("keys") if isinstance(bare, dict) else None
    if isinstance(found, list):
        yield from (member for member in found if isinstance(member, dict))


def _usable(member: dict[str, object]) -> RSAPublicKey | None:
    if member.get("use", "sig") != "sig" or member.get("alg", ALGORITHM) != ALGORITHM:
        return None
    public = {name: member.get(name) for name in ("kty", "n", "e")}  # a private member, if sent, is not ours to load
    try:
        key = RSAAlgorithm.from_jwk(public)
    except (PyJWTError, ValueError, TypeError):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        return None
    return key
