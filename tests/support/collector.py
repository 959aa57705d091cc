"""A collector of traces that receives spans over OTLP/HTTP as protobuf and stores them."""

import gzip
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan


@dataclass(frozen=True)
class Span:
    """A span. Ids are hexadecimal digits; `parent` is empty if the span has no parent."""

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    failed: bool
    attributes: dict[str, str | int]


class Collector:
    """A context manager that listens on loopback. `received` holds the bytes of all spans, decompressed."""

    def __init__(self) -> None:
        self.received = b""
        self.spans: list[Span] = []
        self.service = ""
        store = self._store

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                store(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.settings = {
            "TRACES": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self._server.server_port}",
        }

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def find_spans(self, name: str) -> list[Span]:
        """Return the spans with a name."""
        return [span for span in self.spans if span.name == name]

    def find_children(self, parent: Span) -> list[Span]:
        """Return the direct children of a span in the order of their start."""
        return [span for span in self.spans if span.parent == parent.id]

    def _store(self, body: bytes) -> None:
        self.received += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            self.service = names["service.name"]
            for scope in resource.scope_spans:
                self.spans += [
                    _convert_span(each) for each in sorted(scope.spans, key=lambda each: each.start_time_unix_nano)
                ]


def _convert_span(sent: ProtoSpan) -> Span:
    attributes = {each.key: each.value.string_value or each.value.int_value for each in sent.attributes}
    return Span(
        sent.name,
        ProtoSpan.SpanKind.Name(sent.kind).removeprefix("SPAN_KIND_").lower(),
        sent.trace_id.hex(),
        sent.span_id.hex(),
        sent.parent_span_id.hex(),
        sent.status.code == 2,
        attributes,
    )
