"""Clients of before OTLP: py_zipkin and Jaeger's thrift client send, every API reads; api_v3 over gRPC by grpcio."""

import json
import threading
import time

import grpc
import pytest
import requests
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from py_zipkin import Encoding, Kind
from py_zipkin.transport import SimpleHTTPTransport
from py_zipkin.zipkin import zipkin_client_span, zipkin_span

from cairn_server import Server, attributes, free_ports, spans_of


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    thrift, pb = free_ports(2)
    with Server(tmp_path_factory.mktemp("legacy") / "data", "--jaeger-http-listen", f"127.0.0.1:{thrift}",
                "--jaeger-grpc-listen", f"127.0.0.1:{pb}") as s:
        s.thrift_port, s.pb_port = thrift, pb
        yield s


@pytest.mark.parametrize("encoding", [Encoding.V2_JSON, Encoding.V1_JSON, Encoding.V2_PROTO3])
def test_py_zipkin(server, encoding):
    transport = SimpleHTTPTransport("127.0.0.1", server.zipkin_port)
    with zipkin_span(service_name="front", span_name=f"root {encoding.name}", transport_handler=transport,
                     sample_rate=100.0, encoding=encoding, kind=Kind.SERVER,
                     binary_annotations={"http.path": "/x"}) as root:
        with zipkin_client_span(service_name="front", span_name="call") as call:
            call.add_sa_binary_annotation(port=9000, service_name="back", host="10.1.2.3")
            call.add_annotation("retry")
        trace_id = root.zipkin_attrs.trace_id

    spans = requests.get(f"{server.zipkin}/api/v2/trace/{trace_id}").json()
    by_name = {s["name"]: s for s in spans}
    call, root = by_name["call"], by_name[f"root {encoding.name}"]
    assert root["kind"] == "SERVER" and root["tags"]["http.path"] == "/x" and "parentId" not in root
    assert call["kind"] == "CLIENT" and call["parentId"] == root["id"]
    assert call["localEndpoint"]["serviceName"] == "front"
    assert call["remoteEndpoint"] == {"serviceName": "back", "ipv4": "10.1.2.3", "port": 9000}
    assert [a["value"] for a in call["annotations"]] == ["retry"]
    assert call["duration"] > 0 and abs(call["timestamp"] / 1e6 - time.time()) < 3600

    otlp = {span["name"]: (resource, span) for resource, _, span in spans_of(server.trace(trace_id))}
    resource, span = otlp["call"]
    assert attributes(resource["attributes"])["service.name"] == "front"
    assert attributes(span["attributes"])["peer.service"] == "back"
    assert span["kind"] == 3

    found = requests.get(f"{server.zipkin}/api/v2/traces", params={
        "serviceName": "front", "remoteServiceName": "back", "annotationQuery": "retry", "limit": 100}).json()
    assert trace_id in {trace[0]["traceId"] for trace in found}
    assert "front" in requests.get(f"{server.zipkin}/api/v2/services").json()


def test_jaeger_client(server):
    """jaeger-client's own thrift, in the binary protocol over HTTP."""
    pytest.importorskip("jaeger_client")
    from jaeger_client.thrift_gen.jaeger import ttypes
    from thrift.protocol import TBinaryProtocol
    from thrift.transport import TTransport

    tag = ttypes.Tag
    now = int(time.time() * 1e6)
    span = ttypes.Span(traceIdLow=0x77, traceIdHigh=0x66, spanId=1, parentSpanId=0, operationName="by thrift", flags=1,
                       startTime=now, duration=1500, tags=[
                           tag(key="span.kind", vType=ttypes.TagType.STRING, vStr="server"),
                           tag(key="error", vType=ttypes.TagType.BOOL, vBool=True),
                           tag(key="n", vType=ttypes.TagType.LONG, vLong=-5),
                           tag(key="f", vType=ttypes.TagType.DOUBLE, vDouble=0.25)],
                       logs=[ttypes.Log(timestamp=now, fields=[
                           tag(key="event", vType=ttypes.TagType.STRING, vStr="retry")])])
    batch = ttypes.Batch(process=ttypes.Process(serviceName="old", tags=[
        tag(key="hostname", vType=ttypes.TagType.STRING, vStr="h1")]), spans=[span])
    memory = TTransport.TMemoryBuffer()
    batch.write(TBinaryProtocol.TBinaryProtocol(memory))
    answer = requests.post(f"http://127.0.0.1:{server.thrift_port}/api/traces?format=jaeger.thrift", data=memory.getvalue(),
                           headers={"Content-Type": "application/x-thrift"})
    assert answer.status_code == 202 and answer.content == b""

    ((resource, _, got),) = spans_of(server.trace("00000000000000660000000000000077"))
    assert attributes(resource["attributes"]) == {"service.name": "old", "host.name": "h1"}
    assert got["kind"] == 2 and got["status"]["code"] == 2
    assert attributes(got["attributes"]) == {"n": -5, "f": 0.25}
    assert got["events"][0]["name"] == "retry"
    assert int(got["endTimeUnixNano"]) - int(got["startTimeUnixNano"]) == 1500000


def field(number, data):
    """A short text as a field of a message."""
    return bytes([number << 3 | 2, len(data)]) + data


def call(server, method, request, stream):
    with grpc.insecure_channel(f"127.0.0.1:{server.query_port}") as channel:
        path = f"/jaeger.api_v3.QueryService/{method}"
        if stream:
            return list(channel.unary_stream(path)(request, timeout=30))
        return channel.unary_unary(path)(request, timeout=30)


def post(server, trace_id, count):
    now = int(time.time() * 1e6)
    spans = [{"traceId": trace_id, "id": f"{i + 1:016x}", "name": f"op{i % 7}", "timestamp": now + i, "duration": 5,
              "localEndpoint": {"serviceName": "bulk"}, "tags": {"text": "x" * 200}} for i in range(count)]
    assert requests.post(f"{server.zipkin}/api/v2/spans", data=json.dumps(spans)).status_code == 202


def test_grpc_query(server):
    post(server, "00000000000000000000000000abc123", 20000)
    chunks = call(server, "GetTrace", field(1, b"abc123"), True)
    names, count = set(), 0
    for chunk in chunks:
        assert len(chunk) <= 4 << 20
        data = TracesData.FromString(chunk)
        for rs in data.resource_spans:
            for ss in rs.scope_spans:
                count += len(ss.spans)
                names |= {s.name for s in ss.spans}
    assert count == 20000 and len(chunks) > 1 and names == {f"op{i}" for i in range(7)}
    assert b"bulk" in call(server, "GetServices", b"", False)
    with pytest.raises(grpc.RpcError) as missing:
        call(server, "GetTrace", field(1, b"abc124"), True)
    assert missing.value.code() == grpc.StatusCode.NOT_FOUND
    with pytest.raises(grpc.RpcError) as bad:
        call(server, "FindTraces", b"", True)
    assert bad.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_many_senders(server):
    """Everything that was answered 202 is there."""
    def send(n):
        for i in range(20):
            post(server, f"{n:08x}{i:024x}", 10)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(1, 9)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for n in range(1, 9):
        for i in range(20):
            assert len(requests.get(f"{server.zipkin}/api/v2/trace/{n:08x}{i:024x}").json()) == 10
