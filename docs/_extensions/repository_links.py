"""Let pages link to files of the repository outside docs/. On the site such a link leads to the repository."""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

_LINK = re.compile(r"(?<=\]\()(?P<target>(?:\.\./)+[^)#\s]+)(?P<anchor>#[^)\s]*)?(?=\))")
_REPOSITORY = "https://github.com/interview-system/interview-system/blob/main/"

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Rewrite the links of each page when it is read."""
    app.connect("source-read", _rewrite)
    return {"parallel_read_safe": True}


def _rewrite(app: Sphinx, page: str, content: list[str]) -> None:
    docs = Path(app.srcdir)
    folder = (docs / page).parent

    def rewritten(link: re.Match[str]) -> str:
        target = (folder / link["target"]).resolve()
        if target.is_relative_to(docs):
            return link[0]
        if not target.exists():
            logger.warning("link to a file that does not exist: %s", link["target"], location=page)
        return _REPOSITORY + target.relative_to(docs.parent).as_posix() + (link["anchor"] or "")

    content[0] = _LINK.sub(rewritten, content[0])
