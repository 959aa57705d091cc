"""`python -m app token`: print a token signed with the service's own key, for scripts and tests."""

from uuid import UUID

import click

from app.cli.environment import read_settings
from app.domain.permissions import ROLES, Permission
from app.identity import demo_accounts
from app.identity.issuing import TokenSubject, issue_token
from app.identity.signing_keys import load_or_create_keys


@click.command()
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)), help="Role, which determines the permissions.")
@click.option("--employee", type=click.UUID, help="The employee's id. If omitted: that of the role's demo account.")
@click.option("--organization", type=click.UUID, help="The organization's id. If omitted: the demo organization.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    shell_complete=lambda context, parameter, typed: [each for each in Permission if each.startswith(typed)],  # noqa: ARG005
    help="A permission, instead of those of the role. Can be repeated.",
)
@click.option("--expires-in", type=int, help="Lifetime in seconds. If omitted: TOKEN_LIFETIME.")
def token(
    role: str, employee: UUID | None, organization: UUID | None, permissions: tuple[str, ...], expires_in: int | None
) -> None:
    """Print a token, and nothing else. The service does not have to run.

    The token is signed with the service's key in STATE_DIR or JWT_KEY_DIR, so use the settings of the service.

    \b
    Examples:
      TOKEN=$(python -m app token --role employee)
      python -m app token --role admin --expires-in 60
      python -m app token --role employee --permission interviews:read
    """
    settings = read_settings()
    if settings.jwt_jwks_url:
        raise click.ClickException("JWT_JWKS_URL names the issuer of the tokens; this service does not sign any")
    for unknown in set(permissions) - {str(permission) for permission in Permission}:
        click.echo(f"note: no operation of this service requires the permission {unknown}", err=True)
    account = demo_accounts.BY_ROLE[role]
    is_demo = employee is None
    click.echo(
        issue_token(
            TokenSubject(
                employee_id=employee or account.employee_id,
                organization_id=organization or demo_accounts.ORGANIZATION_ID,
                roles=[role],
                permissions=permissions or [str(permission) for permission in ROLES[role]],
                name=account.name if is_demo else None,
                email=account.email if is_demo else None,
                organization_name=demo_accounts.ORGANIZATION_NAME if organization is None else None,
            ),
            load_or_create_keys(settings.key_dir)[-1],
            settings,
            lifetime=expires_in,
        )
    )
