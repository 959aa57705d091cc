"""Messages for requests without a response."""

import ssl

import httpx2

NO_RESPONSE_IN_TIME = "no response in time"
CANNOT_CONNECT = "cannot connect"
CLOSED = "the connection was closed before the response was complete"
_HTTP_ON_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE"}
_WANTS_CERTIFICATE = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA")


def describe(error: Exception) -> str:
    """Return the message for an error of the HTTP client."""
    if tls := _find_tls_error(error):
        return _describe_tls(tls)
    if isinstance(error, httpx2.ProxyError):
        return f"the proxy refused: {error}"
    if isinstance(error, httpx2.TimeoutException):
        return NO_RESPONSE_IN_TIME
    if isinstance(error, httpx2.ConnectError):
        return CANNOT_CONNECT
    if isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.WriteError):
        return CLOSED
    if isinstance(error, httpx2.DecodingError):
        return "the body does not match its Content-Encoding"
    return f"no response: {type(error).__name__}"


def _describe_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        return f"certificate not trusted: {reason}; pass its authority with --cacert, or use --insecure"
    reason = error.reason or str(error)
    if reason in _HTTP_ON_TLS:
        return "TLS failed: the server does not use TLS on this port; try http://"
    if any(word in reason for word in _WANTS_CERTIFICATE):
        return "TLS failed: the server requires a client certificate that it trusts; pass one with --cert and --key"
    return f"TLS failed: {reason.replace('_', ' ').lower()}"


def _find_tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """Return the TLS error that caused `error`, or None."""
    for _ in range(10):
        if error is None:
            return None
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return error
        error = error.__cause__ or error.__context__
    return None
