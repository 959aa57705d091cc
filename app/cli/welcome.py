"""The text that `serve` prints when it listens. Scripts and tests read the address from its first line."""

import os
import shlex
import sys
from pathlib import Path

import click

from app.cli.environment import find_embedded_data
from app.identity import demo_accounts
from app.settings import Settings


def print_welcome(host: str, port: int, settings: Settings, *, show_demo_accounts: bool) -> None:
    """Print the addresses, the demo accounts and commands to paste."""
    url = f"http://{_format_host(host)}:{port}"
    click.echo(f"Interview System at {url} — docs at {url}/docs (press Ctrl-C to stop)")
    if settings.admin:
        click.echo(f"Admin pages at {url}/admin/ (to allow an account: python -m app account grant EMAIL login)")
    if settings.metrics_port:
        click.echo(f"Metrics at http://{_format_host(settings.metrics_host)}:{settings.metrics_port}/metrics")
    if settings.database_url is None:
        click.echo(f"Embedded PostgreSQL in {find_embedded_data(settings)}; keys in {settings.key_dir.resolve()}")
    if show_demo_accounts:
        for account in (demo_accounts.ADMIN, demo_accounts.USER):
            click.echo(f"Demo account: {account.email} / {account.password}")
    click.echo("\nTry it:\n")
    token = "'a token from your issuer'" if settings.jwt_jwks_url else f"$({_token_command(settings)})"
    click.echo(f"  TOKEN={token}")
    json_header = "-H 'Content-Type: application/json'"
    authorization = '-H "Authorization: Bearer $TOKEN"'
    click.echo(f"  curl -s {url}/api/v1/health")
    click.echo(f'  curl -s {authorization} {json_header} -d \'{{"language": "en"}}\' {url}/api/v1/interviews/start')
    click.echo(f"  curl -s {authorization} {url}/api/v1/interviews\n")


def _token_command(settings: Settings) -> str:
    """Return a command that prints a token. It works in every folder and with this process's settings."""
    project = Path(__file__).parent.parent.parent
    names = ("STATE_DIR", "JWT_KEY_DIR", "JWT_ISSUER", "JWT_AUDIENCE")
    variables = {name: os.environ[name] for name in names if os.environ.get(name)}
    variables.setdefault("STATE_DIR", str(settings.state_dir))
    for name in ("STATE_DIR", "JWT_KEY_DIR"):
        if name in variables:
            variables[name] = str(Path(variables[name]).resolve())
    assignments = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    return f"cd {shlex.quote(str(project))} && {assignments} {shlex.quote(sys.executable)} -m app token --role employee"


def _format_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
