"""`cairn load`: what it says it sent is what servers got, over every protocol, through refusals, restarts and Ctrl-C."""

import collections
import concurrent.futures
import gzip
import http.server
import json
import signal
import struct
import subprocess
import threading
import time

import grpc
import pytest
import requests
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from cairn_server import CAIRN, Server, attributes, free_ports, spans_of

START = "2026-11-21T13:00:00Z"


def load(*options, status=0, timeout=120):
    """Runs it; the figures by name, and what it said on standard error."""
    done = subprocess.run([str(CAIRN), "load", *map(str, options)], capture_output=True, text=True, timeout=timeout)
    assert done.returncode == status, done.stderr + done.stdout
    return figures(done.stdout), done.stderr


def figures(text):
    return {name: float(value) for name, value, _ in (line.split("\t") for line in text.splitlines())}


def read_ids(path):
    counts = collections.Counter()
    for line in path.read_text().splitlines():
        trace_id, spans = line.split("\t")
        counts[trace_id] += int(spans)
    return counts


def has(server, counts):
    """Every trace with as many spans as acknowledged, none twice."""
    def check(item):
        trace = server.trace(item[0])
        ids = [span["spanId"] for _, _, span in spans_of(trace)] if trace else []
        return len(ids), len(set(ids)), item[1]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(check, counts.items()))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("load") / "data") as s:
        yield s


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf", "http/json"])
def test_server_has_what_was_acknowledged(server, tmp_path, protocol, compress):
    target = server.grpc if protocol == "grpc" else server.otlp
    ids = tmp_path / "ids"
    f, _ = load("--target", target, "--protocol", protocol, "--spans", 5000, "--batch", 100, "--ids", ids,
                "--server-pid", server.process.pid, *(["--gzip"] if compress else []))
    assert f["spans.sent"] == f["spans.acknowledged"] == 5000
    assert f["spans.failed"] == f["spans.rejected"] == 0
    assert f["requests.sent"] == f["requests.acknowledged"] >= 50
    assert 0 < f["latency.p50"] <= f["latency.p99"] <= f["latency.max"]
    assert f["server.cpu"] >= 0 and f["load.cpu"] > 0
    counts = read_ids(ids)
    assert sum(counts.values()) == 5000
    for got, unique, want in has(server, counts):
        assert got == unique == want


@pytest.mark.parametrize("shape,spans,services", [("tracegen", 2, 1), ("deep", 3000, 8), ("wide", 3000, 8), ("huge", 20000, 8)])
def test_shapes_arrive(server, tmp_path, shape, spans, services):
    ids = tmp_path / "ids"
    load("--target", server.grpc, "--shape", shape, "--spans", spans, "--trace-spans", spans, "--ids", ids)
    (trace_id, count), = read_ids(ids).items()
    assert count == spans
    rows = list(spans_of(server.trace(trace_id)))
    assert len(rows) == spans
    assert len({json.dumps(resource["attributes"]) for resource, _, _ in rows}) == services
    known = {span["spanId"] for _, _, span in rows}
    roots = [span for _, _, span in rows if not span.get("parentSpanId")]
    assert len(roots) == 1
    assert all(span["parentSpanId"] in known for _, _, span in rows if span.get("parentSpanId"))


# ---- servers that refuse ----


class Refusing(http.server.BaseHTTPRequestHandler):
    """Answers what the list of its server says next, then 200."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        is_json = self.headers["Content-Type"] == "application/json"
        request = trace_service_pb2.ExportTraceServiceRequest()
        if is_json:
            count = sum(1 for _ in spans_of(json.loads(body)))
        else:
            request.ParseFromString(body)
            count = sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
        with self.server.lock:
            status, headers, rejected = self.server.answers.pop(0) if self.server.answers else (200, {}, 0)
            self.server.seen.append((status, count, dict(self.headers)))
        answer = trace_service_pb2.ExportTraceServiceResponse()
        if rejected:
            answer.partial_success.rejected_spans = rejected
            answer.partial_success.error_message = "too old"
        text = json_format.MessageToJson(answer).encode() if is_json else answer.SerializeToString()
        self.send_response(status)
        for name, value in {"Content-Length": len(text), "Content-Type": self.headers["Content-Type"], **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


@pytest.fixture
def refusing():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as s:
        s.daemon_threads = True
        s.answers, s.seen, s.lock = [], [], threading.Lock()
        s.url = f"http://127.0.0.1:{s.server_address[1]}"
        threading.Thread(target=s.serve_forever, daemon=True).start()
        yield s
        s.shutdown()


@pytest.mark.parametrize("protocol", ["http/protobuf", "http/json"])
@pytest.mark.parametrize("compress", [False, True])
def test_http_retries_and_partial_success(refusing, tmp_path, protocol, compress):
    refusing.answers = [(502, {}, 0), (504, {}, 0), (503, {"Retry-After": 1}, 0), (429, {"Retry-After": 1}, 0),
                        (200, {}, 7), (400, {}, 0)]
    ids = tmp_path / "ids"
    f, said = load("--target", refusing.url, "--protocol", protocol, "--shape", "tracegen", "--spans", 2000, "--batch", 100,
                   "--connections", 1, "--header", "X-Api-Key=secret", "--ids", ids,
                   *(["--gzip"] if compress else []), status=1)
    assert f["requests.sent"] == 20 and f["spans.sent"] == 2000
    assert f["requests.retried"] == 4 and f["spans.retried"] == 400
    assert f["spans.rejected"] == 7
    assert f["spans.failed"] == 100 and f["requests.failed"] == 1
    assert f["spans.acknowledged"] == 2000 - 107
    assert "first failure: partial success, rejected spans: 7: too old" in said
    # neither the refused batch nor the one of which the server did not say what it kept
    assert sum(read_ids(ids).values()) == 1800
    assert len(refusing.seen) == 24
    assert sum(count for status, count, _ in refusing.seen if status == 200) == 1900
    assert all(headers["X-Api-Key"] == "secret" for _, _, headers in refusing.seen)
    assert f["time"] > 2  # it waited as it was told, twice


def test_http_gives_up(refusing):
    refusing.answers = [(503, {}, 0)] * 1000
    f, said = load("--target", refusing.url, "--spans", 100, "--batch", 100, "--shape", "tracegen", "--retry-time", "0",
                   status=1)
    assert f["spans.failed"] == 100 and f["spans.retried"] == 0
    assert "first failure: HTTP 503" in said


class RefusingGrpc(trace_service_pb2_grpc.TraceServiceServicer):
    """Answers what its list says next: (code, delay of RetryInfo in ms or None), or a number of rejected spans."""

    def __init__(self, answers):
        self.answers, self.kept, self.seen, self.metadata, self.lock = answers, 0, 0, [], threading.Lock()

    def Export(self, request, context):
        count = sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
        with self.lock:
            answer = self.answers.pop(0) if self.answers else 0
            self.seen += 1
            self.metadata.append(dict(context.invocation_metadata()))
        if isinstance(answer, tuple):
            code, delay_ms = answer
            status = status_pb2.Status(code=code.value[0], message="later")
            if delay_ms is not None:
                info = error_details_pb2.RetryInfo(retry_delay=Duration(nanos=delay_ms * 1000000))
                status.details.add().Pack(info)
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(code, "later")
        reply = trace_service_pb2.ExportTraceServiceResponse()
        reply.partial_success.rejected_spans = answer
        with self.lock:
            self.kept += count - answer
        return reply


@pytest.mark.parametrize("compress", [False, True])
def test_grpc_retries_and_partial_success(compress):
    code = grpc.StatusCode
    service = RefusingGrpc([(code.UNAVAILABLE, 300), (code.RESOURCE_EXHAUSTED, 10), (code.ABORTED, None), 9,
                            (code.RESOURCE_EXHAUSTED, None), (code.INVALID_ARGUMENT, None)])
    s = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(service, s)
    port = s.add_insecure_port("127.0.0.1:0")
    s.start()
    f, _ = load("--target", f"grpc://127.0.0.1:{port}", "--shape", "wide", "--services", 1, "--spans", 2000, "--batch", 100,
                "--connections", 1, "--in-flight", 1, "--header", "X-Api-Key: secret", *(["--gzip"] if compress else []),
                status=1)
    s.stop(None)
    assert f["requests.sent"] == 20 and f["requests.retried"] == 3
    assert f["requests.failed"] == 2 and f["spans.failed"] == 200
    assert f["spans.rejected"] == 9
    assert f["spans.acknowledged"] == service.kept == 2000 - 200 - 9
    assert service.seen == 23
    assert all(m["x-api-key"] == "secret" for m in service.metadata)


# ---- servers that go ----


def test_server_away():
    port, = free_ports(1)
    for target in (f"grpc://127.0.0.1:{port}", f"http://127.0.0.1:{port}"):
        done = subprocess.run([str(CAIRN), "load", "--target", target], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert f"no server answers at {target}" in done.stderr and "cairn serve" in done.stderr


def test_acknowledged_spans_survive_kill(tmp_path):
    """The server is killed and started again under load: the sender goes on, and what was acknowledged is there."""
    server = Server(tmp_path / "data").start()
    ids = tmp_path / "ids"
    try:
        process = subprocess.Popen([str(CAIRN), "load", "--target", server.grpc, "--spans", "60000", "--rate", "15000",
                                    "--batch", "100", "--ids", str(ids)], stdout=subprocess.PIPE, text=True)
        for _ in range(2):
            time.sleep(1)
            server.kill()
            server.start()
        f = figures(process.communicate(timeout=120)[0])
        assert process.returncode == 0
        assert f["spans.acknowledged"] == 60000
        assert f["requests.retried"] > 0
        counts = read_ids(ids)
        assert sum(counts.values()) == 60000
        assert all(unique == want for _, unique, want in has(server, counts))
    finally:
        server.__exit__()


def test_server_gone_for_good(tmp_path):
    server = Server(tmp_path / "data").start()
    try:
        process = subprocess.Popen([str(CAIRN), "load", "--target", server.grpc, "--duration", "60s", "--rate", "5000",
                                    "--batch", "100", "--retry-time", "1s"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        server.kill()
        out, said = process.communicate(timeout=30)
        assert process.returncode == 1
        assert f"the server at grpc://{server.grpc} is gone" in said
        f = figures(out)
        assert f["spans.acknowledged"] > 0 and f["spans.failed"] > 0
        assert f["spans.sent"] == f["spans.acknowledged"] + f["spans.failed"]
    finally:
        server.__exit__()


def test_interrupt(server):
    process = subprocess.Popen([str(CAIRN), "load", "--target", server.otlp, "--duration", "60s", "--rate", "5000", "--json"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert said == "cairn load: interrupted\n"
    results = {r["name"]: r["value"] for r in json.loads(out)["results"]}
    assert results["spans.acknowledged"] == results["spans.sent"] > 0


# ---- files ----


def test_files_are_the_same_and_can_be_replayed(server, tmp_path):
    options = ["--spans", 3000, "--seed", 5, "--start", START]
    for form in ("protobuf", "json"):
        load(*options, "--out-format", form, "--out", tmp_path / "a")
        load(*options, "--out-format", form, "--out", tmp_path / "b", "--prepare")
        out = subprocess.run([str(CAIRN), "load", *map(str, options), "--out-format", form, "--out", "-"], capture_output=True)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == out.stdout
        assert b"spans.sent\t3000" in out.stderr
        load(*options[:2], "--seed", 6, *options[4:], "--out-format", form, "--out", tmp_path / "b")
        assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()
    spans = 0
    for line in (tmp_path / "a").read_bytes().splitlines():
        spans += sum(1 for _ in spans_of(json.loads(line)))
        assert requests.post(server.otlp + "/v1/traces", data=line, headers={"Content-Type": "application/json"}).text == "{}"
    assert spans == 3000
    load(*options, "--out", tmp_path / "a")
    data, at, spans = (tmp_path / "a").read_bytes(), 0, 0
    while at < len(data):
        size, = struct.unpack_from(">I", data, at)
        request = trace_service_pb2.ExportTraceServiceRequest.FromString(data[at + 4:at + 4 + size])
        spans += sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
        at += 4 + size
    assert at == len(data) and spans == 3000


# ---- content ----


def content(span):
    """What must come back of a span, in a form that compares."""
    def events(items):
        return [(e.get("timeUnixNano"), e.get("name"), attributes(e.get("attributes"))) for e in items or []]

    def links(items):
        return [(link["traceId"], link["spanId"], attributes(link.get("attributes"))) for link in items or []]

    return {
        **{key: span.get(key) for key in ("traceId", "name", "kind", "flags", "startTimeUnixNano", "endTimeUnixNano")},
        "parent": span.get("parentSpanId") or None,
        "status": (span.get("status", {}).get("code", 0), span.get("status", {}).get("message", "")),
        "attributes": attributes(span.get("attributes")),
        "events": events(span.get("events")),
        "links": links(span.get("links")),
    }


def test_spans_come_back_whole(tmp_path):
    """Every field of every span, after the head has become a part and again after a restart."""
    options = ["--spans", 4000, "--seed", 11, "--start", START, "--batch", 100]
    load(*options, "--out-format", "json", "--out", tmp_path / "out")
    sent = {}
    for line in (tmp_path / "out").read_bytes().splitlines():
        for resource, scope, span in spans_of(json.loads(line)):
            sent[span["spanId"]] = (attributes(resource["attributes"]), scope, content(span))
    assert len(sent) == 4000
    assert sum(len(span["links"]) for _, _, span in sent.values()) > 100
    server = Server(tmp_path / "data", "--head-age", "100ms").start()
    try:
        load("--target", server.grpc, *options)
        for restart in (False, True):
            if restart:
                server.stop()
                server.start()
            else:
                time.sleep(1)
            got = {}
            for trace_id in {span["traceId"] for _, _, span in sent.values()}:
                for resource, scope, span in spans_of(server.trace(trace_id)):
                    got[span["spanId"]] = (attributes(resource["attributes"]), scope, content(span))
            assert len(got) == 4000
            wrong = [span_id for span_id in sent if sent[span_id] != got[span_id]]
            assert not wrong, (len(wrong), sent[wrong[0]], got[wrong[0]])
    finally:
        server.__exit__()
