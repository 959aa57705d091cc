"""Read the base paths from the `servers` of a document."""

from urllib.parse import urljoin, urlsplit

from statuspin.contract.document import Document


def server_urls(document: Document) -> list[str]:
    """Return the URLs of `servers`, with variables replaced by their defaults."""
    servers = document.raw.get("servers")
    urls = []
    for server in servers if isinstance(servers, list) else []:
        if not isinstance(server, dict) or not isinstance(server.get("url"), str):
            continue
        url = server["url"]
        variables = server.get("variables")
        for name, variable in (variables if isinstance(variables, dict) else {}).items():
            default = variable.get("default", "") if isinstance(variable, dict) else ""
            url = url.replace(f"{{{name}}}", str(default))
        urls.append(url)
    return urls


def add_base_paths(document: Document, url: str) -> list[str]:
    """Return `url` once with each base path of `servers`, except those that it already ends with."""
    found = []
    for server in server_urls(document):
        try:
            path = urlsplit(urljoin("http://server/", server)).path.rstrip("/")
            own = urlsplit(url).path.rstrip("/")
        except ValueError:
            continue
        if path and not own.endswith(path):
            found.append(url.rstrip("/").removesuffix(own) + path)
    return list(dict.fromkeys(found))
