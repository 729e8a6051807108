"""Files as Jaeger and Zipkin write them (data/), imported and exported again: what comes out is what went in, but for what
OpenTelemetry's model has no place for, which is listed here."""

import copy
import json
import pathlib
import subprocess

import pytest

from cairn_server import CAIRN, attributes, spans_of

DATA = pathlib.Path(__file__).parent / "data"


def through_cairn(tmp_path, source, *formats):
    """Imports into a directory and exports from it; and once more through a second directory, which changes nothing."""
    texts = []
    for number in range(2):
        directory = tmp_path / f"data{number}"
        subprocess.run([CAIRN, "import", "--data-dir", directory, source], check=True)
        outputs = [subprocess.run([CAIRN, "export", "--format", f, directory], check=True, stdout=subprocess.PIPE).stdout
                   for f in formats]
        texts.append(outputs)
        source = tmp_path / "again.json"
        source.write_bytes(outputs[0])
    assert texts[0] == texts[1]
    return texts[0]


def otlp_spans(lines):
    return {span["spanId"]: (resource, scope, span)
            for line in lines.splitlines() for resource, scope, span in spans_of(json.loads(line))}


def jaeger_expected():
    want = json.loads((DATA / "jaeger.json").read_text())
    for trace in want["data"]:
        for span in trace["spans"]:
            span.pop("flags", None)
        for process in trace["processes"].values():  # names that OpenTelemetry has for them
            for tag in process["tags"]:
                if tag["key"] == "hostname":
                    tag["key"] = "host.name"
                elif tag["key"] == "jaeger.version":
                    tag.update(key="opencensus.exporterversion", value="Jaeger-" + tag["value"])
    return want


@pytest.mark.parametrize("layout", ["as it is", "one line", "traces alone"])
def test_jaeger(tmp_path, layout):
    source = tmp_path / "jaeger.json"
    document = json.loads((DATA / "jaeger.json").read_text())
    if layout == "as it is":
        source.write_bytes((DATA / "jaeger.json").read_bytes())
    elif layout == "one line":
        source.write_text(json.dumps(document))
    else:  # as its archives have them
        source.write_text("\n".join(json.dumps(trace) for trace in document["data"]))
    jaeger, otlp = through_cairn(tmp_path, source, "jaeger", "otlp-json")
    got = json.loads(jaeger)
    assert got["data"] == jaeger_expected()["data"]
    spans = otlp_spans(otlp)
    assert len(spans) == 4
    resource, scope, server = spans["a1b2c3d4e5f60718"]
    assert attributes(resource["attributes"]) == {
        "service.name": "orders", "host.name": "orders-6d5f-x2x7p", "process.pid": 1, "telemetry.sdk.language": "java"}
    assert (scope["name"], scope["version"]) == ("io.opentelemetry.tomcat-10.0", "2.9.0-alpha")
    assert attributes(server["attributes"])["order.id"] == 2**63 - 1
    assert attributes(server["attributes"])["request.digest"] == "AAEC/f7/"
    assert (server["kind"], server["status"]) == (2, {"code": 1})
    assert int(server["endTimeUnixNano"]) - int(server["startTimeUnixNano"]) == 48211000
    assert [event["name"] for event in server["events"]] == ["cache miss", "gefüllt – ✓"]
    _, _, client = spans["0b0a090807060504"]
    assert client["status"] == {"code": 2, "message": "deadlock detected"}
    assert (client["parentSpanId"], client["traceState"]) == ("a1b2c3d4e5f60718", "vendor=t61rcWkgMzE")
    _, _, consumer = spans["ffeeddccbbaa9988"]
    assert [(link["traceId"], link["spanId"]) for link in consumer["links"]] == [
        ("00000000000000007d52608c1f6a2b9d", "1122334455667788")]
    _, _, old = spans["1122334455667788"]
    assert old["traceId"] == "00000000000000007d52608c1f6a2b9d"


def zipkin_expected():
    want = copy.deepcopy(json.loads((DATA / "zipkin.json").read_text()))
    for span in want:
        span["name"] = span["name"] or ""
        if "error" in span["tags"]:
            span["tags"]["otel.status_code"] = "ERROR"
        for lost in ("shared", "debug"):
            span.pop(lost, None)
        if not span["tags"]:
            del span["tags"]
        for optional in ("remoteEndpoint", "annotations"):
            if span.get(optional, 0) is None:
                del span[optional]
    return want


@pytest.mark.parametrize("layout", ["as it is", "one line", "spans alone"])
def test_zipkin(tmp_path, layout):
    source = tmp_path / "zipkin.json"
    document = json.loads((DATA / "zipkin.json").read_text())
    if layout == "as it is":
        source.write_bytes((DATA / "zipkin.json").read_bytes())
    elif layout == "one line":
        source.write_text(json.dumps(document))
    else:
        source.write_text("\n".join(json.dumps(span) for span in document))
    zipkin, otlp = through_cairn(tmp_path, source, "zipkin", "otlp-json")
    assert json.loads(zipkin) == zipkin_expected()
    spans = otlp_spans(otlp)
    resource, _, client = spans["6b221d5bc9e6496c"]
    assert attributes(resource["attributes"]) == {"service.name": "backend"}
    assert attributes(client["attributes"]) == {
        "sql.query": "select id from \"users\" where name = 'Zoë'", "peer.service": "mysql",
        "network.peer.address": "2001:db8::c001", "network.peer.port": 3306, "network.local.address": "192.168.99.1"}
    assert (client["kind"], client["status"]) == (3, {"code": 2, "message": "Lock wait timeout exceeded"})
    assert [event["name"] for event in client["events"]] == ["ws", "wr"]
    assert "parentSpanId" not in spans["352bff9a74ca9ad2"][2] or not spans["352bff9a74ca9ad2"][2]["parentSpanId"]
