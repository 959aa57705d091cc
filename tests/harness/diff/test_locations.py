"""The lines of a finding in both files, and its component."""

from pathlib import Path

import pytest

from statuspin.contract.document import Document
from statuspin.diff import compare
from statuspin.diff.locating import locate

DOCUMENT = """\
openapi: 3.2.0
info: {title: T, version: '1'}
servers:
  - url: /v1
paths:
  /a/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    post:
      operationId: change_a
      security:
        - {key: []}
      parameters:
        - {name: q, in: query,
           schema: {type: integer}}
        - $ref: '#/components/parameters/page'
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                a.b:
                  type: integer
      responses:
        '200':
          description: ''
          headers:
            X-Rate: {schema: {type: integer}}
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Pet'
            text/csv:
              schema: {type: integer}
        '404': {description: ''}
      callbacks:
        done:
          '{$request.body#/url}':
            post:
              requestBody:
                content:
                  application/json:
                    schema: {type: integer}
              responses: {'200': {description: ''}}
    additionalOperations:
      COPY:
        responses: {'200': {description: ''}}
webhooks:
  born:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: integer
      responses: {'200': {description: ''}}
components:
  parameters:
    page: {name: page, in: query, schema: {type: integer}}
  schemas:
    Pet:
      allOf:
        - type: object
          properties:
            name:
              type: string
        - type: object
          properties:
            tags:
              type: array
              items:
                type: object
                properties:
                  word: {type: integer}
"""
PET = "schemas Pet · allOf"
PARAMETER = "{name: q, in: query,\n           schema: {type: integer}}"
CSV = "text/csv:\n              schema: {type: integer}"
COPY = "COPY:\n        responses: {'200': {description: ''}}"
CALLBACK = "schema: {type: integer}\n              responses"
BORN = "            schema:\n              type: integer\n      responses"
TAGS = f"{PET}.1.properties.tags.items.properties.word"
CHANGES = [
    (PARAMETER, PARAMETER.replace("query", "header"), "- {name: q", ""),
    (PARAMETER, PARAMETER.replace("integer", "boolean"), "- {name: q", ""),
    ("page, in: query, schema: {type: integer}", "page, in: query, schema: {}", "page: {name", "parameters page"),
    ("required: true, schema: {type: integer}", "required: true, schema: {type: boolean}", "- {name: id", ""),
    ("a.b:\n                  type: integer", "a.b:\n                  type: boolean", "a.b:", ""),
    ("X-Rate: {schema: {type: integer}}", "X-Rate: {schema: {type: array}}", "X-Rate:", ""),
    (CSV, CSV.replace("integer", "boolean"), "text/csv:", ""),
    ("        '404': {description: ''}\n", "", "'404'", ""),
    ("{key: []}", "{lock: []}", "security:", ""),
    (CALLBACK, CALLBACK.replace("integer", "boolean"), "requestBody:\n                content:", ""),
    (
        BORN,
        BORN.replace("integer", "boolean"),
        "requestBody:\n        content:\n          application/json:\n" + BORN,
        "",
    ),
    ("type: string", "type: integer", "name:\n", f"{PET}.0.properties.name"),
    ("word: {type: integer}", "word: {type: boolean}", "word:", TAGS),
    ("url: /v1", "url: /v2", "servers:", ""),
    (COPY, COPY.replace("200", "201"), "responses: {'200': {description: ''}}\nweb", ""),
]


@pytest.mark.parametrize(("before", "after", "at", "component"), CHANGES)
def test_a_finding_has_its_line_in_both_files(tmp_path: Path, monkeypatch, before, after, at, component):
    monkeypatch.chdir(tmp_path)
    assert DOCUMENT.count(before) == DOCUMENT.count(at) == 1
    line = DOCUMENT[: DOCUMENT.index(at)].count("\n") + 1
    Path("old.yaml").write_text(DOCUMENT)
    Path("new.yaml").write_text("# one line more\n" + DOCUMENT.replace(before, after))
    old, new = Document.read("old.yaml"), Document.read("new.yaml")
    findings = locate(compare(old, new).findings, old, new)
    assert findings
    for each in findings:
        assert each.old is not None
        assert (each.old.file, each.old.line, each.component) == ("old.yaml", line, component), each
        assert each.new is not None
        assert each.new.file == "new.yaml"
        assert each.new.line is not None


def test_a_removed_or_added_operation_has_one_line(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("old.yaml").write_text(DOCUMENT)
    Path("new.yaml").write_text(DOCUMENT.replace("/a/{id}:", "/b/{id}:").replace("operationId: change_a", "summary: b"))
    old, new = Document.read("old.yaml"), Document.read("new.yaml")
    found = {each.operation: (each.old, each.new) for each in locate(compare(old, new).findings, old, new)}
    assert {name: [str(place) if place else None for place in places] for name, places in found.items()} == {
        "change_a": ["old.yaml:9:5", None],
        "COPY /a/{id}": ["old.yaml:47:7", None],
        "POST /b/{id}": [None, "new.yaml:9:5"],
        "COPY /b/{id}": [None, "new.yaml:47:7"],
    }
