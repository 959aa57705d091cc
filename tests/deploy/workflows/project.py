"""A project with an API, a contract and a history, for the jobs that test it."""

import json
import subprocess
from pathlib import Path

CONTRACT = "contracts/specs/current"

SERVER = """\
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self):
        status = 404 if self.path != "/hello" else 200 if self.command == "GET" else 405
        body = json.dumps({"greeting": "hello"} if status == 200 else {"detail": "no"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 405:
            self.send_header("Allow", "GET")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = reply


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Hello).serve_forever()
"""


def document(version: str = "1.0.0", type_of_greeting: str = "string") -> str:
    """Return an OpenAPI document with one operation."""
    schema = {"type": "object", "required": ["greeting"], "properties": {"greeting": {"type": type_of_greeting}}}
    failure = {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}
    responses = {
        "200": {"description": "A greeting.", "content": {"application/json": {"schema": schema}}},
        "405": {
            "description": "The path has only GET.",
            "headers": {"Allow": {"required": True, "schema": {"type": "string"}}},
            "content": {"application/json": {"schema": failure}},
        },
    }
    operation = {"operationId": "say_hello", "summary": "Say hello", "responses": responses}
    info = {"title": "Hello", "version": version}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": {"/hello": {"get": operation}}})


PINS = """\
actors:
  anonymous: {anonymous: true}
pins:
  say_hello:
    rows:
      - {actor: any, answer: 200}
      - {actor: any, input: another method, with: {method: POST}, answer: 405}
"""
SERVICE = 'subject:\n  start: ["{python}", server.py, "{port}"]\n  ready: /hello\n'


def create_project(folder: Path, *, base: str | None = None, change: str | None = None, pins: str = "") -> Path:
    """Return a clone that has a branch `change` of a project checked out, as a job of a pull request has it.

    base: the document of the contract on the branch main; None if main has no contract. change: that of the branch.
    pins: pins.yaml of the branch.
    """
    origin = folder / "origin"
    origin.mkdir(parents=True)
    _git(origin, "init", "--quiet", "--initial-branch=main")
    (origin / "server.py").write_text(SERVER)
    (origin / "requirements.txt").write_text("")
    if base is not None:
        _write_contract(origin, base, PINS)
    _commit(origin)
    _git(origin, "switch", "--quiet", "--create", "change")
    _write_contract(origin, change or document(), pins or SERVICE + PINS)
    _commit(origin)
    _git(folder, "clone", "--quiet", "--depth=1", "--branch=change", f"file://{origin}", "clone")
    return folder / "clone"


def _write_contract(project: Path, text: str, pins: str) -> None:
    folder = project / CONTRACT
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openapi.yaml").write_text(text)
    (folder / "pins.yaml").write_text(pins)


def _commit(project: Path) -> None:
    _git(project, "add", ".")
    _git(project, "-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "-m", "A change")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
