"""Rules of HTTP/1.1 messages that the parser does not enforce (RFC 9112)."""

import re
from collections.abc import Iterable

from app.http.errors import BadRequest, TransferCodingNotSupported, VersionNotSupported
from app.http.rejection import Rejection

_HOST = re.compile(rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=%]*|\[[0-9A-Fa-fv:.]+\])(?::[0-9]*)?")


def check_message(version: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raise Rejection unless version, Host and Transfer-Encoding are valid. version: as in `1.1`."""
    if version not in ("1.1", "1.0"):
        raise Rejection(VersionNotSupported())
    hosts, codings = [], []
    for name, value in headers:
        if name == b"host":
            hosts.append(value)
        elif name == b"transfer-encoding":
            codings += [coding.strip().lower() for coding in value.split(b",")]
    _check_host(hosts, version)
    if codings:
        _check_transfer_codings(codings, version)


def _check_host(hosts: list[bytes], version: str) -> None:
    """Raise Rejection unless there is exactly one valid Host (RFC 9112, section 3.2). HTTP/1.0 may omit it."""
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        raise Rejection(BadRequest("Send exactly one Host header"))
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise Rejection(BadRequest("The Host header is not valid"))


def _check_transfer_codings(codings: list[bytes], version: str) -> None:
    """Raise Rejection unless the only coding is chunked and the version is 1.1 (RFC 9112, section 6.1)."""
    if version == "1.0":
        raise Rejection(BadRequest("Transfer-Encoding needs HTTP/1.1"))
    if set(codings) - {b"chunked"}:
        raise Rejection(TransferCodingNotSupported())
