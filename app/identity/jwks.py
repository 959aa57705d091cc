"""JSON Web Key Sets (RFC 7517): encode our public keys and parse those of an external issuer."""

import hashlib
import json
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_encode

ALGORITHM = "RS256"
"""The only algorithm accepted, whatever the header of a token says (RFC 8725, section 3.1)."""

MIN_KEY_SIZE = 2048
"""Minimum size of an RSA key in bits (RFC 7518, section 3.3)."""


def thumbprint(key: RSAPublicKey) -> str:
    """Return the thumbprint of a key, used as its id (RFC 7638, section 3). It depends only on the key."""
    canonical = json.dumps({"kty": "RSA", **_public_numbers(key)}, separators=(",", ":"), sort_keys=True)
    return base64url_encode(hashlib.sha256(canonical.encode()).digest()).decode()


def encode_jwks(keys: Iterable[RSAPublicKey]) -> dict[str, list[dict[str, str]]]:
    """Return the keys as a JWK Set (RFC 7517, section 5)."""
    return {
        "keys": [
            {"kty": "RSA", "use": "sig", "alg": ALGORITHM, "kid": thumbprint(key), **_public_numbers(key)}
            for key in keys
        ]
    }


def parse_jwks(decoded: object) -> dict[str, RSAPublicKey]:
    """Return the keys of a JWK Set that can verify tokens, by key id. Raises nothing.

    decoded: the set decoded from JSON, or an envelope with the set as `data`.

    A key is skipped if it is malformed, is not an RSA key of at least 2,048 bits, has another use or algorithm, or has
    no id or the id of an earlier key.
    """
    keys: dict[str, RSAPublicKey] = {}
    for member in _find_members(decoded):
        kid = member.get("kid")
        if not isinstance(kid, str) or kid in keys:
            continue
        key = _parse_key(member)
        if key is not None:
            keys[kid] = key
    return keys


def _public_numbers(key: RSAPublicKey) -> dict[str, str]:
    """Return the members that define the key: modulus and exponent."""
    members = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {"n": members["n"], "e": members["e"]}


def _find_members(decoded: object) -> Iterator[dict[str, object]]:
    if not isinstance(decoded, dict):
        return
    jwks = decoded if "keys" in decoded else decoded.get("data")
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if isinstance(keys, list):
        yield from (member for member in keys if isinstance(member, dict))


def _parse_key(member: dict[str, object]) -> RSAPublicKey | None:
    if member.get("use", "sig") != "sig" or member.get("alg", ALGORITHM) != ALGORITHM:
        return None
    public = {name: member.get(name) for name in ("kty", "n", "e")}  # Never load a private key.
    try:
        key = RSAAlgorithm.from_jwk(public)
    except (PyJWTError, ValueError, TypeError):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_KEY_SIZE:
        return None
    return key
