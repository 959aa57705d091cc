"""A service whose workers reach their memory limit at the first request for the permissions. Start it like `serve`.

Spawned workers import this module as `__mp_main__`, which replaces the operation there too.
"""

import resource
import sys

from starlette.requests import Request
from starlette.responses import Response

from app.__main__ import main
from app.http.endpoints.interviews import PermissionsEndpoint


async def _exhaust_memory(endpoint: PermissionsEndpoint, request: Request) -> Response:
    """Leave this process no more memory than it has, and allocate more."""
    pages = int(open("/proc/self/statm", encoding="ascii").read().split()[0])  # noqa: ASYNC230, PTH123, SIM115
    limit = pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
    return Response(bytes(256 * 1024 * 1024))


PermissionsEndpoint.get = _exhaust_memory  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.argv.insert(1, "serve")
    main()
