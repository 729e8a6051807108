"""Tempo's API as Grafana calls it: every request of its data source and of Traces Drilldown over HTTP, every streaming
method with a client generated from tempo.proto. JSON is decoded as strictly as Grafana does: an unknown member fails."""

import importlib
import pathlib
import subprocess
import sys
import time
import urllib.parse

import grpc
import pytest
import requests
from google.protobuf import json_format
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

from cairn_server import CAIRN, Server, attributes

HERE = pathlib.Path(__file__).resolve().parent
SPANS = 4000


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """(messages, services) of tempo.proto."""
    target = tmp_path_factory.mktemp("proto")
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{HERE}", f"--python_out={target}",
                    f"--grpc_python_out={target}", str(HERE / "tempo.proto")], check=True)
    sys.path.insert(0, str(target))
    try:
        return importlib.import_module("tempo_pb2"), importlib.import_module("tempo_pb2_grpc")
    finally:
        sys.path.pop(0)


class Tempo:
    """A server that has seen a web shop, and the range that it saw."""

    def __init__(self, server, generated):
        self.server = server
        self.messages, services = generated
        self.channel = grpc.insecure_channel(f"127.0.0.1:{server.tempo_port}")
        self.stub = services.StreamingQuerierStub(self.channel)
        self.end = int(time.time()) + 1
        self.start = self.end - 900

    def get(self, path, headers=None, port=None, **params):
        params = {"start": self.start, "end": self.end, **params}
        base = f"http://127.0.0.1:{port or self.server.tempo_port}"
        return requests.get(base + path, params=params, headers=headers, timeout=30)

    def json(self, message, path, **params):
        """The answer as this message; anything that the message does not have is an error."""
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return json_format.Parse(answer.text, getattr(self.messages, message)())

    def search(self, query, **params):
        return self.json("SearchResponse", "/api/search", q=query, **params)

    def range(self, query, **params):
        return self.json("QueryRangeResponse", "/api/metrics/query_range", q=query, **params)


@pytest.fixture(scope="module")
def tempo(tmp_path_factory, generated):
    with Server(tmp_path_factory.mktemp("tempo") / "data") as server:
        subprocess.run([str(CAIRN), "load", "--shape", "shop", "--seed", "7", "--spans", str(SPANS),
                        "--target", f"grpc://{server.grpc}"], check=True, stdout=subprocess.DEVNULL)
        yield Tempo(server, generated)


def labels(series):
    """Labels as a dict of plain values."""
    return {kv.key: getattr(kv.value, kv.value.WhichOneof("value")) for kv in series.labels}


# --- the data source ---

def test_save_and_test(tempo):
    assert tempo.get("/api/echo").text == "echo"
    assert tempo.get("/ready").status_code == 200
    version = tempo.get("/api/status/buildinfo").json()["version"]
    assert [part.isdigit() for part in version.split(".")] == [True] * 3
    now = int(time.time())
    answers = list(tempo.stub.Search(tempo.messages.SearchRequest(Query="{}", Limit=1, start=now - 900, end=now + 1)))
    assert sum(len(a.traces) for a in answers) == 1


def test_search(tempo):
    found = tempo.search("{}", limit=20, spss=3)
    assert len(found.traces) == 20
    assert found.metrics.completedJobs == found.metrics.totalJobs > 0
    starts = [t.startTimeUnixNano for t in found.traces]
    assert starts == sorted(starts, reverse=True)
    for trace in found.traces:
        assert 1 <= len(trace.traceID) <= 32 and not trace.traceID.startswith("0")
        assert trace.rootServiceName and trace.rootTraceName
        assert trace.spanSet == trace.spanSets[0]
        assert len(trace.spanSet.spans) <= 3 <= max(3, trace.spanSet.matched)
        assert sum(s.spanCount for s in trace.serviceStats.values()) == trace.spanSet.matched


def test_search_filters(tempo):
    found = tempo.search('{resource.service.name="checkout" && status=error}', limit=5)
    assert len(found.traces) == 5
    for trace in found.traces:
        for span in trace.spanSet.spans:
            values = {kv.key: kv.value.stringValue for kv in span.attributes}
            assert values["service.name"] == "checkout" and values["status"] == "error"
        assert trace.serviceStats["checkout"].errorCount >= trace.spanSet.matched


def test_search_range(tempo):
    """Nothing outside the range; both ends count."""
    trace = tempo.search("{}", limit=1).traces[0]
    second = trace.startTimeUnixNano // 10**9
    inside = tempo.search("{}", limit=1000, start=second, end=second + 1)
    assert trace.traceID in [t.traceID for t in inside.traces]
    assert not tempo.search("{}", start=second - 10**6, end=second - 10**6 + 1).traces


def test_search_tags_and_durations(tempo):
    by_tag = tempo.json("SearchResponse", "/api/search", tags="service.name=checkout", limit=1000)
    by_query = tempo.search('{.service.name="checkout"}', limit=1000)
    assert [t.traceID for t in by_tag.traces] == [t.traceID for t in by_query.traces] != []
    slow = tempo.json("SearchResponse", "/api/search", minDuration="50ms", limit=1000)
    all_traces = tempo.search("{}", limit=1000)
    assert {t.traceID for t in slow.traces} == {t.traceID for t in all_traces.traces if t.durationMs >= 50}
    both = tempo.search("{}", minDuration="50ms", limit=1000)
    assert both.traces == slow.traces


def test_trace_by_id(tempo):
    found = tempo.search("{}", limit=1).traces[0]
    v1 = trace_pb2.TracesData.FromString(
        tempo.get(f"/api/traces/{found.traceID}", {"Accept": "application/protobuf"}).content)
    answer = tempo.get(f"/api/v2/traces/{found.traceID}", {"Accept": "application/protobuf"})
    assert answer.headers["content-type"] == "application/protobuf"
    spans = [s for rs in v1.resource_spans for ss in rs.scope_spans for s in ss.spans]
    assert len(spans) == found.spanSet.matched
    assert v1.SerializeToString() in answer.content
    data = tempo.get(f"/api/traces/{found.traceID}").json()
    as_json = json_format.ParseDict({"resourceSpans": data["batches"]}, trace_pb2.TracesData())
    assert as_json == v1  # base64 ids and names of enums are protobuf's own JSON
    v2 = tempo.get(f"/api/v2/traces/{found.traceID}").json()
    assert v2["trace"]["resourceSpans"] == data["batches"]


def test_unknown_trace(tempo):
    v1 = tempo.get("/api/traces/deadbeef")
    assert v1.status_code == 404 and v1.content == b""
    v2 = tempo.get("/api/v2/traces/deadbeef")
    assert v2.status_code == 200 and v2.json()["trace"] == {}
    pb = tempo.get("/api/v2/traces/deadbeef", {"Accept": "application/protobuf"})
    assert pb.status_code == 200


def test_tags(tempo):
    scopes = {s.name: list(s.tags) for s in tempo.json("SearchTagsV2Response", "/api/v2/search/tags").scopes}
    assert "service.name" in scopes["resource"] and "http.route" in scopes["span"]
    assert {"name", "status", "traceDuration", "span:kind", "trace:rootService"} <= set(scopes["intrinsic"])
    flat = tempo.json("SearchTagsResponse", "/api/search/tags").tagNames
    assert "service.name" in flat and list(flat) == sorted(set(flat))
    only = tempo.json("SearchTagsV2Response", "/api/v2/search/tags", scope="resource").scopes
    assert [s.name for s in only] == ["resource"]


@pytest.mark.parametrize("tag, expected, kind", [
    ("resource.service.name", "checkout", "string"),
    (".service.name", "checkout", "string"),
    ("name", None, "string"),
    ("span:name", None, "string"),
    ("status", "error", "keyword"),
    ("kind", "server", "keyword"),
    ("span.http.response.status_code", "200", "int"),
    ("rootServiceName", None, "string"),
    ("rootName", None, "string"),
])
def test_values(tempo, tag, expected, kind):
    for encoded in (urllib.parse.quote(tag, safe=""), urllib.parse.quote(urllib.parse.quote(tag, safe=""), safe="")):
        found = tempo.json("SearchTagValuesV2Response", f"/api/v2/search/tag/{encoded}/values").tagValues
        assert found and {v.type for v in found} == {kind}
        assert expected is None or expected in [v.value for v in found]


def test_values_of_roots(tempo):
    found = tempo.search("{}", limit=1000)
    for tag, want in (("rootServiceName", {t.rootServiceName for t in found.traces}),
                      ("rootName", {t.rootTraceName for t in found.traces})):
        got = tempo.json("SearchTagValuesV2Response", f"/api/v2/search/tag/{tag}/values").tagValues
        assert {v.value for v in got} == want


def test_values_filtered(tempo):
    """What Grafana sends while a query is being typed."""
    def values(query):
        return {v.value for v in tempo.json("SearchTagValuesV2Response",
                                            "/api/v2/search/tag/resource.service.name/values", q=query).tagValues}
    assert values('{resource.service.name="checkout"}') == {"checkout"}
    assert values('{resource.service.name="checkout" && name=') == {"checkout"}
    assert len(values("{}")) > 3
    assert not tempo.get("/api/v2/search/tag/duration/values").json()["tagValues"]
    bad = tempo.get("/api/v2/search/tag/nonsense/values")
    assert bad.status_code == 400 and "tag name is not valid intrinsic or scoped attribute" in bad.text


# --- metrics ---

def test_query_range(tempo):
    answer = tempo.range("{} | rate()", step="15s")
    assert len(answer.series) == 1 and labels(answer.series[0]) == {"__name__": "rate"}
    samples = answer.series[0].samples
    times = [s.timestamp_ms for s in samples]
    assert all(t % 15000 == 0 for t in times) and times == list(range(times[0], times[-1] + 1, 15000))
    assert times[0] == tempo.start // 15 * 15000 + 15000 and times[-1] >= tempo.end * 1000
    assert sum(s.value for s in samples) * 15 == pytest.approx(SPANS)
    counted = tempo.range("{} | count_over_time()", step="15s").series[0].samples
    assert sum(s.value for s in counted) == SPANS
    assert tempo.range("{} | rate()", exemplars=5).series[0].exemplars


def test_query_instant(tempo):
    answer = tempo.json("QueryInstantResponse", "/api/metrics/query", q="{} | count_over_time()")
    assert [s.value for s in answer.series] == [SPANS]


def test_default_step(tempo):
    """15 minutes: 3.75 s, floored to whole seconds."""
    samples = tempo.range("{} | rate()").series[0].samples
    assert samples[1].timestamp_ms - samples[0].timestamp_ms == 3000


# --- Traces Drilldown ---

DRILLDOWN_METRICS = [
    "{} | rate()",
    "{nestedSetParent<0 && true} | rate() by(resource.service.name) with(sample=true)",
    "{nestedSetParent<0 && status=error} | rate() by(resource.service.name)",
    '{nestedSetParent<0 && resource.service.name != nil} | rate() by(resource.service.name)',
    "{nestedSetParent<0} | quantile_over_time(duration, .9) by(resource.service.name)",
    "{nestedSetParent<0} | histogram_over_time(duration)",
    "{kind=server && span.http.route != nil} | rate() by(span.http.route)",
    '{span.db.system.name!=""} | rate() by(span.db.system.name)',
    "{nestedSetParent<0} | rate() by(status)",
]


@pytest.mark.parametrize("query", DRILLDOWN_METRICS)
def test_drilldown_metrics(tempo, query):
    answer = tempo.range(query)
    assert answer.series
    for series in answer.series:
        assert series.samples and any(s.value for s in series.samples)


def test_drilldown_compare(tempo):
    query = "{nestedSetParent<0 && true} | compare({status=error},10,%d,%d)" % (tempo.start * 10**9, tempo.end * 10**9)
    answer = tempo.range(query)
    kinds = {labels(s).get("__meta_type") for s in answer.series}
    assert {"baseline", "selection", "baseline_total", "selection_total"} <= kinds


def test_drilldown_structure(tempo):
    query = ("({nestedSetParent<0 && true} &>> {status=error}) || ({nestedSetParent<0 && true}) | "
             "select(status,resource.service.name,name,nestedSetParent,nestedSetLeft,nestedSetRight)")
    found = tempo.search(query, limit=200, spss=20)
    assert found.traces
    for trace in found.traces:
        for span in trace.spanSet.spans:
            values = attributes(json_format.MessageToDict(span).get("attributes"))
            assert span.name and {"status", "service.name", "nestedSetParent", "nestedSetLeft", "nestedSetRight"} <= set(values)


def test_drilldown_exceptions(tempo):
    found = tempo.search("{status=error && event.exception.message != nil} | "
                         "select(event.exception.message,event.exception.type) with(most_recent=true)", limit=10)
    assert found.traces
    span = found.traces[0].spanSet.spans[0]
    assert "exception.message" in attributes(json_format.MessageToDict(span)["attributes"])


# --- errors ---

@pytest.mark.parametrize("path, params, words", [
    ("/api/search", {"q": "{"}, "invalid TraceQL query: "),
    ("/api/search", {"q": '{status="x"}'}, "invalid TraceQL query: "),
    ("/api/search", {"q": "{}", "limit": 0}, "invalid limit"),
    ("/api/search", {"q": "{}", "start": 5, "end": 4}, "start must be before end"),
    ("/api/metrics/query_range", {"q": "{}"}, "invalid TraceQL query: "),
    ("/api/metrics/query_range", {"q": "{} | rate()", "step": "1ms"}, "invalid step"),
    ("/api/traces/nonsense", {}, "not a trace id"),
])
def test_errors(tempo, path, params, words):
    answer = tempo.get(path, **params)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert words in answer.text


def test_query_port(tempo):
    """The same below /tempo, and Jaeger's API is still Jaeger's."""
    port = tempo.server.query_port
    found = tempo.get("/tempo/api/search", port=port, q="{}", limit=3).json()["traces"]
    assert found == tempo.get("/api/search", port=port, q="{}", limit=3).json()["traces"]
    trace_id = found[0]["traceID"]
    assert "batches" in tempo.get(f"/tempo/api/traces/{trace_id}", port=port).json()
    jaeger = requests.get(f"{tempo.server.query}/api/traces/{trace_id}", timeout=30).json()
    assert jaeger["data"][0]["spans"]
    assert requests.get(f"{tempo.server.query}/api/services", timeout=30).json()["data"]


# --- streams ---

def test_stream_search(tempo):
    m = tempo.messages
    request = m.SearchRequest(Query="{status=error}", Limit=1000, SpansPerSpanSet=100, start=tempo.start, end=tempo.end)
    answers = list(tempo.stub.Search(request, timeout=30))
    traces = [t for a in answers for t in a.traces]
    assert traces == list(tempo.search("{status=error}", limit=1000, spss=100).traces)
    assert len({t.traceID for t in traces}) == len(traces)
    assert all(a.ByteSize() < 1 << 20 for a in answers)
    assert all(a.metrics.completedJobs == a.metrics.totalJobs > 0 for a in answers)


def test_stream_tags(tempo):
    m = tempo.messages
    request = m.SearchTagsRequest(start=tempo.start, end=tempo.end)
    v1 = [n for a in tempo.stub.SearchTags(request) for n in a.tagNames]
    assert v1 == list(tempo.json("SearchTagsResponse", "/api/search/tags").tagNames)
    v2 = [s for a in tempo.stub.SearchTagsV2(request) for s in a.scopes]
    assert v2 == list(tempo.json("SearchTagsV2Response", "/api/v2/search/tags").scopes)


def test_stream_values(tempo):
    m = tempo.messages
    request = m.SearchTagValuesRequest(tagName="resource.service.name", start=tempo.start, end=tempo.end)
    v2 = [v for a in tempo.stub.SearchTagValuesV2(request) for v in a.tagValues]
    assert "checkout" in [v.value for v in v2]
    request.tagName = "service.name"
    v1 = [v for a in tempo.stub.SearchTagValues(request) for v in a.tagValues]
    assert v1 == [v.value for v in v2]


def test_stream_metrics(tempo):
    m = tempo.messages
    query = "{} | rate() by(resource.service.name)"
    request = m.QueryRangeRequest(query=query, start=tempo.start * 10**9, end=tempo.end * 10**9, step=15 * 10**9)
    series = [s for a in tempo.stub.MetricsQueryRange(request) for s in a.series]
    assert [(s.labels, s.samples) for s in series] == \
        [(s.labels, s.samples) for s in tempo.range(query, step="15s").series]
    instant = m.QueryInstantRequest(query="{} | count_over_time()", start=tempo.start * 10**9, end=tempo.end * 10**9)
    assert [s.value for a in tempo.stub.MetricsQueryInstant(instant) for s in a.series] == [SPANS]


def test_stream_errors(tempo):
    with pytest.raises(grpc.RpcError) as error:
        list(tempo.stub.Search(tempo.messages.SearchRequest(Query="{")))
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.details().startswith("invalid TraceQL query: ")


@pytest.mark.parametrize("port", ["grpc_port", "query_port", "tempo_port", "zipkin_port"])
def test_health(tempo, port):
    with grpc.insecure_channel(f"127.0.0.1:{getattr(tempo.server, port)}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for service in ("", "tempopb.StreamingQuerier"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as error:
            stub.Check(health_pb2.HealthCheckRequest(service="nothing"))
        assert error.value.code() == grpc.StatusCode.NOT_FOUND
