"""How a server is reached: TLS, proxy, headers of every request, rate, timeouts."""

import os
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import truststore

from statuspin.errors import CannotRun
from statuspin.http.pace import Pace, Rate

_CA_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True)
class Connection:
    """What the options say of the connection.

    timeout: seconds that an answer may take. max_time: seconds that each phase of a run may take. cacert: a file or a
    folder of trusted certificates, in place of those of the operating system. cert, key: the client's own certificate.
    insecure: no certificate is checked. proxy: for every request. headers: of every request, names in lower case.
    """

    timeout: float = 30.0
    max_time: float = 3600.0
    cacert: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = False
    proxy: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    rate: Rate | None = None

    @cached_property
    def pace(self) -> Pace:
        """The pace of everything that goes over this connection."""
        return Pace(self.rate)

    @property
    def trusted(self) -> Path | None:
        """The certificates that an option or a variable of the environment names; None for those of the system."""
        named = (os.environ.get(name) for name in _CA_VARIABLES)
        return self.cacert or next((Path(name) for name in named if name), None)

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The TLS settings of every connection. Raises CannotRun if a certificate cannot be loaded."""
        context = self._trusting()
        if self.cert is None:
            return context
        try:
            context.load_cert_chain(self.cert, self.key, password=_no_password)
        except (OSError, ValueError) as error:
            files = f"{self.cert} and {self.key}" if self.key else f"{self.cert}"
            raise CannotRun(f"--cert: cannot load {files}: {_said(error)}") from None
        return context

    def _trusting(self) -> ssl.SSLContext:
        if self.insecure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return context
        trusted = self.trusted
        if trusted is None:
            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if trusted.is_dir():
                return ssl.create_default_context(capath=trusted)
            return ssl.create_default_context(cafile=trusted)
        except OSError as error:
            raise CannotRun(f"--cacert: cannot load {trusted}: {_said(error)}") from None

    def proxy_for(self, url: str) -> str | None:
        """Return the proxy for a URL, from the option or the environment; the latter is not used on the loopback."""
        if self.proxy is not None:
            return self.proxy
        parts = urlsplit(url)
        host = parts.hostname or ""
        proxies = urllib.request.getproxies()
        if _is_loopback(host) or urllib.request.proxy_bypass(host):
            return None
        return proxies.get(parts.scheme) or proxies.get("all")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _no_password() -> str:
    raise ValueError("the key has a password; store it without one, such as in a file that only the run can read")


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"it is no PEM file with what is needed ({error.reason or 'unreadable'})".lower()
    return str(getattr(error, "strerror", None) or error).lower()
