"""Small OpenAPI documents, and the rules that a change between two of them sets off."""

from statuspin.contract.document import Document
from statuspin.diff import compare

STRING = {"type": "string"}
INTEGER = {"type": "integer"}


def spec(operation=None, version="3.1.0", **top):
    """A document with one operation, GET /things; `paths` among `top` takes its place."""
    head = {"openapi": version, "info": {"title": "Things", "version": "1"}}
    paths = {
        "/things": {"get": {"operationId": "get_things", "responses": {"200": {"description": ""}}} | (operation or {})}
    }
    return Document(head | {"paths": paths} | top)


def sent(schema, **top):
    """A document whose operation takes `schema` as its body."""
    return spec({"requestBody": {"content": {"application/json": {"schema": schema}}}}, **top)


def received(schema, **top):
    """A document whose operation answers 200 with `schema`."""
    return answers({"200": json_response(schema)}, **top)


def answers(responses, **top):
    """A document whose operation has `responses`: statuses in a row, or response objects by status."""
    if isinstance(responses, str):
        responses = {status: {"description": ""} for status in responses.split()}
    return spec({"responses": responses}, **top)


def json_response(schema, **more):
    return {"description": "", "content": {"application/json": {"schema": schema}}} | more


def takes(*parameters, **top):
    """A document whose operation has parameters; each is a query parameter `page` but for what it says itself."""
    usual = {"name": "page", "in": "query", "schema": INTEGER}
    return spec({"parameters": [usual | parameter for parameter in parameters]}, **top)


def obj(*required, **properties):
    """An object schema; members are strings where True."""
    members = {name: STRING if schema is True else schema for name, schema in properties.items()}
    return {"type": "object", "properties": members} | ({"required": list(required)} if required else {})


def rules(old, new, **more):
    """The rules that compare() finds, in order, each as often as it is found."""
    return sorted(finding.rule for finding in compare(old, new, **more).findings)


def changes(old, new):
    """(rule, place, before, after) of each finding."""
    return [(each.rule, each.place, each.before, each.after) for each in compare(old, new).findings]
