"""The official Python SDK sends through both of its OTLP exporters; what comes back is whole."""

import pytest
import requests
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from cairn_server import Server, attributes, spans_of

LINKED = SpanContext(0x0123456789ABCDEF0123456789ABCDEF, 0xFEDCBA9876543210, True, TraceFlags(1))

ATTRIBUTES = {
    "string": "grüße, \U0001f9ed",
    "bool": True,
    "false": False,
    "int": -42,
    "int.max": 2**63 - 1,
    "int.min": -(2**63),
    "zero": 0,
    "double": 2.5,
    "double.tiny": 5e-324,
    "empty": "",
    "strings": ("a", "b", ""),
    "bools": (True, False),
    "ints": (1, -2, 3),
    "doubles": (0.5, -1.25),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("python") / "data") as s:
        yield s


def exporters(server):
    return {
        "grpc": lambda: GrpcExporter(endpoint=server.grpc, insecure=True),
        "http": lambda: HttpExporter(endpoint=server.otlp + "/v1/traces"),
        "http-gzip": lambda: HttpExporter(endpoint=server.otlp + "/v1/traces", compression=Compression.Gzip),
    }


def send(exporter):
    provider = TracerProvider(resource=Resource.create({"service.name": "python-app", "host.cores": 2}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("e2e", "1.2.3", schema_url="https://opentelemetry.io/schemas/1.30.0")
    with tracer.start_as_current_span("root", kind=SpanKind.SERVER, attributes=ATTRIBUTES, links=[
        Link(LINKED, {"why": "batch", "n": 7}),
    ]) as root:
        root.add_event("started", {"step": 1, "names": ("x", "y")}, timestamp=1_700_000_000_123_456_789)
        with tracer.start_as_current_span("child", kind=SpanKind.CLIENT) as child:
            try:
                raise ValueError("broken \"thing\"")
            except ValueError as error:
                child.record_exception(error)
                child.set_status(Status(StatusCode.ERROR, "it broke"))
        root.set_status(Status(StatusCode.OK))
    assert provider.force_flush()
    provider.shutdown()
    return root, child


@pytest.mark.parametrize("way", ["grpc", "http", "http-gzip"])
def test_whole_trace_comes_back(server, way):
    root, child = send(exporters(server)[way]())
    trace_id = f"{root.get_span_context().trace_id:032x}"
    got = {span["name"]: (resource, scope, span) for resource, scope, span in spans_of(server.trace(trace_id))}
    assert set(got) == {"root", "child"}

    resource, scope, span = got["root"]
    assert attributes(resource["attributes"])["service.name"] == "python-app"
    assert attributes(resource["attributes"])["host.cores"] == 2
    assert (scope["name"], scope["version"]) == ("e2e", "1.2.3")
    assert span["spanId"] == f"{root.get_span_context().span_id:016x}"
    assert span["kind"] == 2
    assert span["status"]["code"] == 1
    assert int(span["startTimeUnixNano"]) == root.start_time
    assert int(span["endTimeUnixNano"]) == root.end_time
    want = {k: list(v) if isinstance(v, tuple) else v for k, v in ATTRIBUTES.items()}
    assert attributes(span["attributes"]) == want

    (event,) = span["events"]
    assert event["name"] == "started"
    assert event["timeUnixNano"] == "1700000000123456789"
    assert attributes(event["attributes"]) == {"step": 1, "names": ["x", "y"]}
    (link,) = span["links"]
    assert link["traceId"] == f"{LINKED.trace_id:032x}"
    assert link["spanId"] == f"{LINKED.span_id:016x}"
    assert attributes(link["attributes"]) == {"why": "batch", "n": 7}

    _, _, span = got["child"]
    assert span["parentSpanId"] == f"{root.get_span_context().span_id:016x}"
    assert span["kind"] == 3
    assert span["status"] == {"code": 2, "message": "it broke"}
    (event,) = span["events"]
    assert event["name"] == "exception"
    assert attributes(event["attributes"])["exception.message"] == 'broken "thing"'


def test_jaeger_model(server):
    """The same trace through /api/traces/{id}: types, references, logs, status tags, processes."""
    root, child = send(exporters(server)["grpc"]())
    trace_id = f"{root.get_span_context().trace_id:032x}"
    answer = server.get(f"/api/traces/{trace_id}")
    assert answer.status_code == 200
    (trace,) = answer.json()["data"]
    spans = {s["operationName"]: s for s in trace["spans"]}
    tags = {t["key"]: t for t in spans["root"]["tags"]}
    assert tags["string"]["value"] == ATTRIBUTES["string"] and tags["string"]["type"] == "string"
    assert tags["bool"]["value"] is True and tags["bool"]["type"] == "bool"
    assert tags["int"]["value"] == -42 and tags["int"]["type"] == "int64"
    assert tags["int.max"]["value"] == str(2**63 - 1)
    assert tags["double"]["value"] == 2.5 and tags["double"]["type"] == "float64"
    assert tags["strings"]["value"] == '["a","b",""]'
    assert tags["span.kind"]["value"] == "server"
    assert tags["otel.status_code"]["value"] == "OK"
    assert tags["otel.scope.name"]["value"] == "e2e"
    assert {"refType": "FOLLOWS_FROM", "traceID": f"{LINKED.trace_id:032x}", "spanID": f"{LINKED.span_id:016x}"} \
        in spans["root"]["references"]
    assert spans["child"]["references"] == [
        {"refType": "CHILD_OF", "traceID": trace_id, "spanID": spans["root"]["spanID"]}]
    child_tags = {t["key"]: t["value"] for t in spans["child"]["tags"]}
    assert child_tags["error"] is True
    assert child_tags["otel.status_description"] == "it broke"
    (log,) = spans["child"]["logs"]
    assert {f["key"]: f["value"] for f in log["fields"]}["event"] == "exception"
    assert trace["processes"][spans["root"]["processID"]]["serviceName"] == "python-app"


def test_visible_at_once_and_searchable(server):
    root, _ = send(exporters(server)["http"]())
    trace_id = f"{root.get_span_context().trace_id:032x}"
    assert "python-app" in server.get("/api/services").json()["data"]
    assert set(server.get("/api/services/python-app/operations").json()["data"]) >= {"root", "child"}
    found = server.get("/api/traces", service="python-app", operation="root", tags='{"int":"-42"}').json()
    assert trace_id in [t["traceID"] for t in found["data"]]
    none = server.get("/api/traces", service="python-app", tags='{"int":"-43"}')
    assert none.status_code == 200 and none.json()["data"] == []


def test_survives_graceful_restart(tmp_path):
    server = Server(tmp_path / "data")
    with server:
        root, _ = send(GrpcExporter(endpoint=server.grpc, insecure=True))
        assert server.stop() == 0
        server.start()
        trace = server.trace(f"{root.get_span_context().trace_id:032x}")
        assert len(list(spans_of(trace))) == 2
        assert requests.get(server.query + "/api/v3/services", timeout=5).json()["services"] == ["python-app"]
