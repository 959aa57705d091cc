"""`python -m app token`: a token signed with the service's own key, for scripts and tests."""

from uuid import UUID

import click

from app.cli.environment import read_settings
from app.domain.permissions import ROLES, Permission
from app.identity import demo_accounts
from app.identity.signing_keys import load_or_create_keys
from app.identity.tokens import TokenSubject, issue_token


@click.command()
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)), help="Role, and with it the permissions.")
@click.option("--employee", type=click.UUID, help="Who asks; the demo account's employee where left out.")
@click.option("--organization", type=click.UUID, help="Whose organization; the demo organization where left out.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    shell_complete=lambda context, parameter, typed: [each for each in Permission if each.startswith(typed)],  # noqa: ARG005
    help="Exactly these permissions instead of the role's.",
)
@click.option("--expires-in", type=int, help="Seconds; TOKEN_LIFETIME where left out.")
def token(
    role: str, employee: UUID | None, organization: UUID | None, permissions: tuple[str, ...], expires_in: int | None
) -> None:
    """Print a token, and nothing else. The service need not run.

    It is signed with the key in STATE_DIR or JWT_KEY_DIR, the service's own: give this command the same settings.

    \b
    Examples:
      TOKEN=$(python -m app token --role employee)
      python -m app token --role admin --expires-in 60
      python -m app token --role employee --permission interviews:read
    """
    settings = read_settings()
    if settings.jwt_jwks_url:
        raise click.ClickException("tokens come from the issuer behind JWT_JWKS_URL; this service signs none")
    for unknown in set(permissions) - {str(permission) for permission in Permission}:
        click.echo(f"note: no operation of this service asks for the permission {unknown}", err=True)
    account = demo_accounts.BY_ROLE[role]
    known = employee is None
    click.echo(
        issue_token(
            TokenSubject(
                employee_id=employee or account.employee_id,
                organization_id=organization or demo_accounts.ORGANIZATION_ID,
                roles=[role],
                permissions=permissions or [str(permission) for permission in ROLES[role]],
                name=account.name if known else None,
                email=account.email if known else None,
                organization_name=demo_accounts.ORGANIZATION_NAME if organization is None else None,
            ),
            load_or_create_keys(settings.key_dir)[-1],
            settings,
            lifetime=expires_in,
        )
    )
