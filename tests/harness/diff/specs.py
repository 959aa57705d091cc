"""Small OpenAPI documents, and the rules that find a change between two of them."""

from statuspin.contract.document import Document
from statuspin.diff import compare

STRING = {"type": "string"}
INTEGER = {"type": "integer"}


def spec(operation=None, version="3.1.0", **top):
    """Return a document with one operation, GET /things, unless `top` has `paths`."""
    head = {"openapi": version, "info": {"title": "Things", "version": "1"}}
    paths = {
        "/things": {"get": {"operationId": "get_things", "responses": {"200": {"description": ""}}} | (operation or {})}
    }
    return Document(head | {"paths": paths} | top)


def sent(schema, **top):
    """Return a document whose operation has a request body of `schema`."""
    return spec({"requestBody": {"content": {"application/json": {"schema": schema}}}}, **top)


def received(schema, **top):
    """Return a document whose operation has a 200 response of `schema`."""
    return answers({"200": json_response(schema)}, **top)


def answers(responses, **top):
    """Return a document whose operation has `responses`: statuses in one text, or response objects by status."""
    if isinstance(responses, str):
        responses = {status: {"description": ""} for status in responses.split()}
    return spec({"responses": responses}, **top)


def json_response(schema, **more):
    return {"description": "", "content": {"application/json": {"schema": schema}}} | more


def takes(*parameters, **top):
    """Return a document whose operation has parameters. By default each is a query parameter `page`."""
    usual = {"name": "page", "in": "query", "schema": INTEGER}
    return spec({"parameters": [usual | parameter for parameter in parameters]}, **top)


def obj(*required, **properties):
    """Return an object schema. A property that is True is a string."""
    members = {name: STRING if schema is True else schema for name, schema in properties.items()}
    return {"type": "object", "properties": members} | ({"required": list(required)} if required else {})


def rules(old, new, **more):
    """Return the rules of all findings of compare(), in order."""
    return sorted(finding.rule for finding in compare(old, new, **more).findings)


def changes(old, new):
    """Return (rule, place, before, after) of each finding."""
    return [(each.rule, each.place, each.before, each.after) for each in compare(old, new).findings]
