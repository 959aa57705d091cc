"""Login on the interview page at an external issuer: the code flow with PKCE against a local oidc-provider."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.pages.visits import PHONE, find_faults
from tests.support.cluster import create_database, drop_database
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

AUDIENCE = "https://interviews.example"
PERSON = "0a000000-0000-4000-8000-00000000000a"
PROVIDER = Path(__file__).parent / "provider"

_NO_NETWORK = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b")

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="oidc-provider needs Node.js and npm")


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start oidc-provider. Return its issuer."""
    folder = shutil.copytree(PROVIDER, tmp_path_factory.mktemp("issuer") / "provider")
    command = ["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=1"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
    if installed.returncode and _NO_NETWORK.search(installed.stderr):
        pytest.skip("`npm install` reaches no package registry")
    assert installed.returncode == 0, installed.stderr
    with subprocess.Popen(
        ["node", "provider.mjs", AUDIENCE], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
async def page(browser: Browser, issuer: str, tmp_path: Path) -> AsyncIterator[Page]:
    """Open the interview page of a service that trusts the issuer."""
    database = await create_database()
    service = Service(
        tmp_path,
        DATABASE_URL=database,
        STATE_DIR=str(tmp_path / "state"),
        JWT_JWKS_URL=f"{issuer}/jwks",
        JWT_ISSUER=issuer,
        JWT_AUDIENCE=AUDIENCE,
        OIDC_CLIENT_ID="interview-page",
        OIDC_AUTHORIZATION_URL=f"{issuer}/auth",
        OIDC_TOKEN_URL=f"{issuer}/token",
        OIDC_RESOURCE=AUDIENCE,
    )
    await asyncio.to_thread(service.start)
    context = await browser.new_context(viewport=PHONE, locale="en-GB")
    await context.route(re.compile("^https:"), lambda route: route.abort())  # Fonts of the issuer's form.
    page = await context.new_page()
    await page.goto(service.url)
    yield page
    await context.close()
    assert await asyncio.to_thread(service.stop) == 0
    await drop_database(database)


async def _log_in(page: Page) -> None:
    await page.get_by_role("button", name="Log in").click()
    await page.locator("[name=login]").fill(PERSON)
    await page.locator("[name=password]").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


async def test_a_person_of_an_external_issuer_holds_an_interview_and_logs_in_again(page: Page) -> None:
    await expect(page.locator("#login-title")).to_be_visible()
    assert await find_faults(page) == []
    await _log_in(page)

    await expect(page.locator("#begin-title")).to_have_text("Hello, Olga Outside")
    assert "?" not in page.url
    stored = await page.evaluate("({...sessionStorage})")
    assert (stored["employee"], "verifier" in stored, "state" in stored) == (PERSON, False, False)
    await page.locator("#begin form button").click()
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    await page.locator("#answer").fill("A draft.")
    await page.evaluate("sessionStorage.setItem('token', 'expired')")
    await page.locator("#send").click()
    await expect(page.get_by_role("alert")).to_contain_text("Log in again")

    await page.get_by_role("button", name="Log in").click()  # The issuer still knows the person.
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    await expect(page.locator("#answer")).to_have_value("A draft.")
    await page.get_by_role("button", name="Log out").click()

    await page.goto(f"{page.url}?code=stolen&state=of-another-login")
    await expect(page.get_by_role("alert")).to_contain_text("The login failed.")
    assert "?" not in page.url
    assert await page.evaluate("sessionStorage.getItem('token')") is None
