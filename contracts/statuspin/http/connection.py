"""Connection settings: TLS, proxy, headers of every request, rate, timeouts."""

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
    """The connection options of the command line.

    timeout: the longest time for one response, in seconds. max_time: the longest time for each phase of a run, in
    seconds. cacert: a file or folder of trusted certificates, instead of those of the operating system. cert, key: the
    client certificate. insecure: do not check certificates. proxy: the proxy of every request. headers: sent with every
    request, with names in lower case.
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
        """The pace that all requests of this connection share."""
        return Pace(self.rate)

    @property
    def ca_certificates(self) -> Path | None:
        """The certificates from the option or an environment variable, or None for those of the operating system."""
        named = (os.environ.get(name) for name in _CA_VARIABLES)
        return self.cacert or next((Path(name) for name in named if name), None)

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The TLS context of every connection. Raises CannotRun if a certificate cannot be loaded."""
        context = self._create_context()
        if self.cert is None:
            return context
        try:
            context.load_cert_chain(self.cert, self.key, password=_refuse_password)
        except (OSError, ValueError) as error:
            files = f"{self.cert} and {self.key}" if self.key else f"{self.cert}"
            raise CannotRun(f"--cert: cannot load {files}: {_describe(error)}") from None
        return context

    def _create_context(self) -> ssl.SSLContext:
        if self.insecure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return context
        ca_certificates = self.ca_certificates
        if ca_certificates is None:
            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if ca_certificates.is_dir():
                return ssl.create_default_context(capath=ca_certificates)
            return ssl.create_default_context(cafile=ca_certificates)
        except OSError as error:
            raise CannotRun(f"--cacert: cannot load {ca_certificates}: {_describe(error)}") from None

    def proxy_for(self, url: str) -> str | None:
        """Return the proxy for a URL, from the option or the environment.

        The environment does not apply to loopback.
        """
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


def _refuse_password() -> str:
    raise ValueError("the key has a password; store it without one, in a file that only this run can read")


def _describe(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"it is not a PEM file with the needed parts ({error.reason or 'unreadable'})".lower()
    return str(getattr(error, "strerror", None) or error).lower()
