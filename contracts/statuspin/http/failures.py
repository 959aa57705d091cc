"""Why a request got no answer, in words."""

import ssl

import httpx2

NOTHING_IN_TIME = "no answer in time"
CANNOT_CONNECT = "cannot connect"
CLOSED = "the connection was closed without a whole answer"
_HTTP_ON_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE"}
_WANTS_CERTIFICATE = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA")


def describe(error: Exception) -> str:
    """Return what an error of the HTTP client means for whoever reads the report."""
    if tls := _in_chain(error):
        return _of_tls(tls)
    if isinstance(error, httpx2.ProxyError):
        return f"the proxy refused: {error}"
    if isinstance(error, httpx2.TimeoutException):
        return NOTHING_IN_TIME
    if isinstance(error, httpx2.ConnectError):
        return CANNOT_CONNECT
    if isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.WriteError):
        return CLOSED
    if isinstance(error, httpx2.DecodingError):
        return "the body cannot be decoded as its Content-Encoding says"
    return f"no answer: {type(error).__name__}"


def _of_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        return f"certificate not trusted: {reason}; name its authority with --cacert, or pass --insecure"
    reason = error.reason or str(error)
    if reason in _HTTP_ON_TLS:
        return "TLS failed: the server does not speak TLS at this port; is it http://?"
    if any(word in reason for word in _WANTS_CERTIFICATE):
        return "TLS failed: the server wants a client certificate that it trusts; name one with --cert and --key"
    return f"TLS failed: {reason.replace('_', ' ').lower()}"


def _in_chain(error: BaseException | None) -> ssl.SSLError | None:
    """The error of the TLS library that is behind another."""
    for _ in range(10):
        if error is None:
            return None
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return error
        error = error.__cause__ or error.__context__
    return None
