"""Responses that are documents to download."""

from starlette.responses import Response


def document(text: str, name: str, media_type: str, language: str) -> Response:
    """Return a document as a download with the file name `name`. language: that of its text."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Language": language,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, media_type=media_type, headers=headers)
