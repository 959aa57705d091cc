"""A curl command repeats the request, byte by byte, when a shell runs it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from statuspin.http.curl import curl_command
from statuspin.http.exchange import Exchange, Sent
from statuspin.http.redaction import Redaction

URL = "http://127.0.0.1:8000/api"
REDACTION = Redaction(("password", "token", "authorization", "cookie"), ["x-key"])
_CURL = """\
#!/usr/bin/env python3
import json, os, sys
body = sys.stdin.buffer.read() if "@-" in sys.argv else b""
json.dump([*map(ascii, map(os.fsencode, sys.argv[1:])), body.hex()], sys.stdout)
"""


@pytest.fixture
def shell(tmp_path: Path):
    """Return what a shell passes to curl for a command: the arguments, and standard input."""
    (tmp_path / "curl").write_text(_CURL)
    (tmp_path / "curl").chmod(0o755)

    def run(command: str, **variables: str) -> tuple[list[bytes], bytes]:
        environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", **variables}
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        *arguments, body = json.loads(done.stdout)
        return [eval(each) for each in arguments], bytes.fromhex(body)

    return run


def command(source: str = "a pin", **sent) -> str:
    usual = {"method": "POST", "target": "/things", "headers": {}, "body": b""}
    return curl_command(Exchange("add_thing", Sent(**(usual | sent)), None, source=source), URL, REDACTION)


def test_a_get_request_is_one_short_line() -> None:
    line = command(method="GET", target="/things?page=2", headers={"accept": "text/plain", "host": "a"})

    assert line == (
        "curl --include --globoff --path-as-is --header 'accept: text/plain' 'http://127.0.0.1:8000/api/things?page=2'"
    )


def test_a_target_of_the_fuzzer_already_has_the_base_path() -> None:
    assert command("fuzzer: coverage", target="/api/things").endswith(" http://127.0.0.1:8000/api/things")


@pytest.mark.parametrize(
    "body", [b'{"name": "it\'s $HOME `id` \\u00e9 \\n"}', "é\n\t'\"".encode(), b"-x", b"a=b&c=%20"]
)
def test_a_text_reaches_curl_unchanged(shell, body: bytes) -> None:
    arguments, _ = shell(command(body=body, headers={"content-type": "text/plain"}))

    assert arguments[arguments.index(b"--data-binary") + 1] == body


@pytest.mark.parametrize("body", [b"\x00\xff\\'%s", b"@/etc/passwd", bytes(range(256))])
def test_bytes_reach_curl_on_standard_input(shell, body: bytes) -> None:
    arguments, piped = shell(command(body=body, headers={"content-type": "text/plain"}))

    assert arguments[arguments.index(b"--data-binary") + 1] == b"@-"
    assert piped == body


def test_secrets_are_variables_of_the_shell(shell) -> None:
    line = command(
        target="/things?api_token=hunter2&x=1",
        headers={"authorization": "Bearer hunter2", "x-key": "hunter2", "cookie": "session=hunter2"},
        body=b'{"name": "a", "password": "hunter2"}',
    )

    assert "hunter2" not in line
    variables = {"TOKEN": "t", "X_KEY": "k", "COOKIE": "c", "PASSWORD": "p", "API_TOKEN": "a"}
    arguments, _ = shell(line, **variables)
    assert {b"authorization: Bearer t", b"x-key: k", b"cookie: c", b'{"name": "a", "password": "p"}'} < set(arguments)
    assert arguments[-1] == b"http://127.0.0.1:8000/api/things?api_token=a&x=1"


def test_headers_and_methods_that_curl_treats_specially() -> None:
    assert "--head " in command(method="HEAD")
    assert "--request PURGE" in command(method="PURGE")
    assert "--header 'x-empty;'" in command(headers={"x-empty": ""})
    assert "--header 'Transfer-Encoding: chunked'" in command(body=b"a", chunked=True)
    assert "--header Content-Type:" in command(body=b"a")
    assert "content-length" not in command(headers={"content-length": "1"})


def test_a_long_body_is_read_from_a_file_that_the_user_provides() -> None:
    assert command(body=b"a" * 5000).startswith("< body-of-5000-bytes curl ")


def test_control_characters_are_escaped() -> None:
    assert command(headers={"x-a": "\x1b[31m\x7f"}).count("\x1b") == 0
