"""The rules of RFC 9112 for the head of a request that the parser does not check."""

import re

from app.http.errors import BadRequest, TransferCodingNotSupported, VersionNotSupported
from app.http.rejection import Rejection

_HOST = re.compile(rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=%]*|\[[0-9A-Fa-fv:.]+\])(?::[0-9]*)?")


def check_message(version: str, headers: list[tuple[bytes, bytes]]) -> None:
    """Raise Rejection unless version, Host and Transfer-Encoding are valid. version: as in `1.1`.

    There is exactly one Host (RFC 9112, section 3.2), which HTTP/1.0 may omit.
    """
    if version not in ("1.1", "1.0"):
        raise Rejection(VersionNotSupported())
    names = [name for name, _ in headers]
    hosts = names.count(b"host")
    if hosts > 1 or (not hosts and version == "1.1"):
        raise Rejection(BadRequest("Send exactly one Host header"))
    if hosts and not _HOST.fullmatch(headers[names.index(b"host")][1]):
        raise Rejection(BadRequest("The Host header is not valid"))
    if b"transfer-encoding" in names:
        values = [value for name, value in headers if name == b"transfer-encoding"]
        _check_transfer_codings(b",".join(values), version)


def _check_transfer_codings(value: bytes, version: str) -> None:
    """Raise Rejection unless the only coding is chunked and the version is 1.1 (RFC 9112, section 6.1)."""
    if version == "1.0":
        raise Rejection(BadRequest("Transfer-Encoding needs HTTP/1.1"))
    if {coding.strip().lower() for coding in value.split(b",")} - {b"chunked"}:
        raise Rejection(TransferCodingNotSupported())
