"""The exporter's gRPC against the official Python server: what arrives, statuses with and without RetryInfo, TLS."""

import os
import subprocess
from concurrent import futures
from pathlib import Path

import grpc
import pytest
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

BUILD = Path(os.environ["CAIRN_BUILD"])
HERE = Path(__file__).parent
OK = trace_service_pb2.ExportTraceServiceResponse()


class Service(trace_service_pb2_grpc.TraceServiceServicer):
    """Answers with script[n], later with OK; an element is a response or (status code, RetryInfo in ms or None)."""

    def __init__(self, script):
        self.script, self.requests, self.metadata, self.time_left = list(script), [], None, None

    def Export(self, request, context):
        self.requests.append(request)
        self.metadata = dict(context.invocation_metadata())
        self.time_left = context.time_remaining()
        answer = self.script.pop(0) if self.script else OK
        if isinstance(answer, trace_service_pb2.ExportTraceServiceResponse):
            return answer
        code, delay_ms = answer
        if delay_ms is not None:
            info = any_pb2.Any()
            info.Pack(error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(nanos=delay_ms * 1_000_000)))
            status = status_pb2.Status(code=code.value[0], message="später", details=[info])
            context.set_trailing_metadata([("grpc-status-details-bin", status.SerializeToString())])
        context.abort(code, "später")


class Server:
    def __init__(self, script=(), credentials=None):
        self.service = Service(script)
        self.server = grpc.server(futures.ThreadPoolExecutor(2))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self.service, self.server)
        self.port = (self.server.add_secure_port("127.0.0.1:0", credentials) if credentials
                     else self.server.add_insecure_port("127.0.0.1:0"))

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop(None)


def send(count, endpoint, **env):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")}
    done = subprocess.run([BUILD / "tests/otlp/otlp_send_spans", str(count)], timeout=60, text=True,
                          capture_output=True, check=True,
                          env=clean | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_SERVICE_NAME": "sender",
                                       "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint} | env)
    numbers = {name: int(value) for name, value in (line.split() for line in done.stdout.splitlines())}
    return numbers, done.stderr


def spans_of(service):
    return [s for r in service.requests for rs in r.resource_spans for ss in rs.scope_spans for s in ss.spans]


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_what_arrives(compression):
    with Server() as server:
        numbers, said = send(1500, f"http://127.0.0.1:{server.port}", OTEL_EXPORTER_OTLP_COMPRESSION=compression,
                             OTEL_EXPORTER_OTLP_HEADERS="X-Key=a%20b")
    spans = spans_of(server.service)
    assert sorted(s.attributes[0].value.int_value for s in spans) == list(range(1500))
    assert {a.key for a in spans[0].attributes} == {"i", "text", "half", "yes"}
    assert spans[0].events[0].name == "event" and spans[0].kind == 3
    assert numbers["exported"] == 1500 and numbers["retried"] == 0 and said == ""
    assert server.service.metadata["x-key"] == "a b"
    assert server.service.metadata["user-agent"].startswith("OTel-OTLP-Exporter-C/")
    assert 0 < server.service.time_left <= 10


@pytest.mark.parametrize("code", list(grpc.StatusCode)[1:], ids=lambda code: code.name)
@pytest.mark.parametrize("delay_ms", [1, None], ids=["told when", "not told"])
def test_status(code, delay_ms):
    again = code.name in {"CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE", "DATA_LOSS"}
    again = again or (code.name == "RESOURCE_EXHAUSTED" and delay_ms is not None)
    if again and delay_ms is None and code.name != "UNAVAILABLE":
        return  # each of these waits a second
    with Server([(code, delay_ms)]) as server:
        numbers, said = send(3, f"http://127.0.0.1:{server.port}")
    assert len(server.service.requests) == 1 + again
    assert (numbers["exported"], numbers["lost"], numbers["retried"]) == ((3, 0, 1) if again else (0, 3, 0))
    assert f"gRPC status {code.name}: später\n" in said


def test_partial_success():
    partial = trace_service_pb2.ExportTraceServiceResponse()
    partial.partial_success.rejected_spans = 2
    partial.partial_success.error_message = "too old"
    with Server([partial]) as server:
        numbers, said = send(3, f"http://127.0.0.1:{server.port}")
    assert numbers == {"exported": 3, "lost": 0, "requests": 1, "retried": 0, "rejected": 2}
    assert "refused 2 spans: too old" in said


def test_tls(tmp_path):
    subprocess.run([HERE / "../otlp/make-certs", tmp_path], check=True)
    read = lambda name: (tmp_path / name).read_bytes()
    credentials = grpc.ssl_server_credentials([(read("server.key"), read("server.pem"))],
                                              root_certificates=read("ca.pem"), require_client_auth=True)
    files = {"CERTIFICATE": "ca.pem", "CLIENT_CERTIFICATE": "client.pem", "CLIENT_KEY": "client.key"}
    env = {f"OTEL_EXPORTER_OTLP_{name}": str(tmp_path / file) for name, file in files.items()}
    with Server(credentials=credentials) as server:
        numbers, said = send(2000, f"localhost:{server.port}", **env)  # no scheme: TLS
    assert numbers["exported"] == 2000 and said == ""
    assert len(spans_of(server.service)) == 2000
