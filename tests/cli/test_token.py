"""`python -m app token` prints the token and nothing else, because scripts rely on it."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from app.domain.access import Caller
from app.domain.errors import TokenExpired
from app.domain.permissions import ROLES
from app.identity import demo_accounts
from app.identity.key_sets import LocalKeySet
from app.identity.tokens import TokenVerifier
from app.settings import Settings
from tests.support.command_line import run_command, run_subprocess


async def _verify(token: str, key_dir: Path) -> Caller:
    return await TokenVerifier(LocalKeySet(key_dir), Settings()).verify(token)


@pytest.fixture
def create_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run the command in this process and return the token. One test below runs it in a new process."""
    monkeypatch.setenv("JWT_KEY_DIR", str(tmp_path))

    def create(*arguments: str) -> str:
        result = run_command(capsys, "token", *arguments)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.count("\n") == 1
        return result.stdout.strip()

    return create


@pytest.mark.parametrize(
    ("role", "account"),
    [("employee", demo_accounts.USER), ("manager", demo_accounts.USER), ("admin", demo_accounts.ADMIN)],
)
async def test_a_role_selects_its_permissions_and_demo_account(
    tmp_path: Path, create_token: Callable[..., str], role: str, account: demo_accounts.DemoAccount
) -> None:
    caller = await _verify(create_token("--role", role), tmp_path)

    assert caller.permissions == set(ROLES[role])
    assert caller.roles == (role,)
    assert (caller.employee_id, caller.name) == (account.employee_id, account.name)
    assert (caller.organization_id, caller.organization_name) == (
        demo_accounts.ORGANIZATION_ID,
        demo_accounts.ORGANIZATION_NAME,
    )


async def test_the_token_has_exactly_the_given_permissions(tmp_path: Path, create_token: Callable[..., str]) -> None:
    token = create_token("--role", "admin", "--permission", "interviews:read", "--permission", "interviews:export")

    assert (await _verify(token, tmp_path)).permissions == {"interviews:read", "interviews:export"}


async def test_a_note_names_a_permission_that_no_operation_requires(tmp_path: Path) -> None:
    result = run_subprocess("token", "--role", "admin", "--permission", "interviews:creat", JWT_KEY_DIR=str(tmp_path))

    assert result.returncode == 0
    assert result.stderr == "note: no operation of this service requires the permission interviews:creat\n"
    assert (await _verify(result.stdout.strip(), tmp_path)).permissions == {"interviews:creat"}


async def test_the_token_has_the_given_employee_and_organization(
    tmp_path: Path, create_token: Callable[..., str]
) -> None:
    employee, organization = uuid4(), uuid4()
    token = create_token("--role", "employee", "--employee", str(employee), "--organization", str(organization))

    caller = await _verify(token, tmp_path)
    assert (caller.employee_id, caller.organization_id) == (employee, organization)
    assert (caller.name, caller.organization_name) == (str(employee), str(organization))


async def test_a_negative_lifetime_creates_an_expired_token(tmp_path: Path, create_token: Callable[..., str]) -> None:
    token = create_token("--role", "employee", "--expires-in", "-1")

    with pytest.raises(TokenExpired):
        await _verify(token, tmp_path)
