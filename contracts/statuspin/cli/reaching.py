"""Options of the connection to a server."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from statuspin.contract.environment import resolve_variables
from statuspin.http.connection import Connection
from statuspin.http.pace import Rate

_FILE = click.Path(path_type=Path, exists=True, readable=True)


def _parse_headers(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Parse each `Name: value`. Return name to value, with names in lower case."""
    del context, parameter
    headers = {}
    for text in given:
        name, colon, value = text.partition(":")
        if not colon or not name.strip() or " " in name.strip():
            raise click.BadParameter("write a header as 'Name: value', such as 'X-Tenant: acme'")
        headers[name.strip().lower()] = resolve_variables(value.strip(), f"--header {name.strip()}")
    return headers


def _parse_rate(context: click.Context, parameter: click.Parameter, text: str | None) -> Rate | None:
    del context, parameter
    try:
        return Rate.parse(text) if text else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _check_proxy(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    del context, parameter
    if text and not text.startswith(("http://", "https://", "socks5://", "socks5h://")):
        raise click.BadParameter(f"{text!r} is not a proxy URL such as http://proxy:3128")
    return text


_OPTIONS = (
    click.option(
        "--timeout", default=30.0, show_default=True, type=click.FloatRange(0.1), help="Seconds for each response."
    ),
    click.option(
        "--max-time", default=3600.0, show_default=True, type=click.FloatRange(1), help="Seconds for each phase"
        " (pins, races, fuzzer)."
    ),
    click.option("--cacert", type=_FILE, help="File or folder of CA certificates, instead of those of the system."),
    click.option("--cert", type=_FILE, help="Client certificate (PEM)."),
    click.option("--key", type=_FILE, help="Private key of --cert, if the certificate's file does not contain it."),
    click.option("--insecure", is_flag=True, help="Do not verify certificates."),
    click.option("--proxy", callback=_check_proxy, help="URL of a proxy, instead of that of HTTPS_PROXY."),
    click.option(
        "--header", "headers", multiple=True, callback=_parse_headers, help="Send 'Name: value' with every request."
    ),
    click.option("--rate", callback=_parse_rate, help="Limit the rate of requests: 10/s, 600/m, 1000/h."),
)  # fmt: skip


def connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which receives them as one argument, `connection`."""

    @functools.wraps(command)
    def with_connection(**chosen: Any) -> Any:
        names = ("timeout", "max_time", "cacert", "cert", "key", "insecure", "proxy", "headers", "rate")
        options = {name: chosen.pop(name) for name in names}
        if options["key"] and not options["cert"]:
            raise click.UsageError("--key needs --cert")
        return command(connection=Connection(**options), **chosen)

    for option in reversed(_OPTIONS):
        with_connection = option(with_connection)
    return with_connection
