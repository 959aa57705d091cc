"""JSON Web Key Sets (RFC 7517): encode our public keys and parse those of an external issuer."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_encode

ALGORITHM = "RS256"
"""The algorithm of the local issuer."""

SUPPORTED_ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""The algorithms that JWT_ALGORITHMS can accept from an external issuer (RFC 7518, section 3.1; RFC 8037)."""

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

_PUBLIC_MEMBERS = ("kty", "n", "e", "crv", "x", "y")

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


def parse_jwks(decoded: object) -> dict[str, PublicKey]:
    """Return the keys of a JWK Set that can verify tokens, by key id. Raises nothing.

    decoded: the set decoded from JSON, or an envelope with the set as `data`.

    A key is skipped if it is malformed, of a type that no supported algorithm uses, an RSA key of less than 2,048 bits,
    meant for another use, operation or algorithm, or without an id or with the id of an earlier key.
    """
    keys: dict[str, PublicKey] = {}
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


def key_algorithm(key: PublicKey) -> str:
    """Return the only algorithm that a key verifies: each type of key belongs to one."""
    if isinstance(key, RSAPublicKey):
        return "RS256"
    return "ES256" if isinstance(key, EllipticCurvePublicKey) else "EdDSA"


def _parse_key(member: dict[str, object]) -> PublicKey | None:
    operations = member.get("key_ops", ["verify"])
    if member.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    key = _load_key(member)
    if key is None or member.get("alg", key_algorithm(key)) != key_algorithm(key):
        return None
    return key


def _load_key(member: dict[str, object]) -> PublicKey | None:
    """Return the public key of a JWK if its type, curve and size are supported, otherwise None."""
    # Only the members of a public key: a private key must not be loaded.
    public: dict[str, Any] = {name: member[name] for name in _PUBLIC_MEMBERS if name in member}
    try:
        match member.get("kty"):
            case "RSA":
                key: object = RSAAlgorithm.from_jwk(public)
            case "EC":
                key = ECAlgorithm.from_jwk(public)
            case "OKP":
                key = OKPAlgorithm.from_jwk(public)
            case _:
                return None
    except (PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key, RSAPublicKey):
        return key if key.key_size >= MIN_KEY_SIZE else None
    if isinstance(key, EllipticCurvePublicKey):
        return key if isinstance(key.curve, SECP256R1) else None
    return key if isinstance(key, Ed25519PublicKey) else None
