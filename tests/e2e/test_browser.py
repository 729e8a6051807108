"""The real binary in a real browser: a search result and traces are opened, used by keyboard, and looked at."""

import os
import shutil
import subprocess
import time

import pytest
import requests

from cairn_server import BUILD, Server

pytestmark = pytest.mark.skipif(not (shutil.which("chromium") or shutil.which("chromium-browser")), reason="no Chromium")


def attribute(key, value):
    kind = {bool: "boolValue", int: "intValue", float: "doubleValue", str: "stringValue"}[type(value)]
    return {"key": key, "value": {kind: str(value) if kind == "intValue" else value}}


def resource_spans(service, spans):
    return {"resource": {"attributes": [attribute("service.name", service), attribute("service.version", "2.3.1"),
                                        attribute("deployment.environment.name", "test")]},
            "scopeSpans": [{"scope": {"name": "shop", "version": "1.0"}, "spans": spans}]}


def span(trace_id, number, parent, name, kind, start, duration, **more):
    return {"traceId": trace_id, "spanId": f"{number:016x}", "parentSpanId": f"{parent:016x}" if parent else "",
            "name": name, "kind": kind, "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + duration), **more}


def checkout_trace(trace_id):
    """Four services, an exception, events, a link and a database call."""
    t, ms = time.time_ns() - 5_000_000_000, 1_000_000
    error = {"code": 2, "message": "card declined"}
    exception = {"timeUnixNano": str(t + 150 * ms), "name": "exception", "attributes": [
        attribute("exception.type", "CardError"), attribute("exception.message", "card declined"),
        attribute("exception.stacktrace", "CardError: card declined\n    at charge (pay.c:88)\n    at main (pay.c:12)")]}
    link = {"traceId": "ab" * 16, "spanId": "cd" * 8, "attributes": [attribute("why", "retry of")]}
    http = [attribute("http.request.method", "POST"), attribute("http.route", "/checkout"),
            attribute("http.response.status_code", 500), attribute("user.id", "u-4711")]
    sql = [attribute("db.system.name", "postgresql"), attribute("db.query.text", "SELECT * FROM carts WHERE id = $1")]
    return {"resourceSpans": [
        resource_spans("frontend", [
            span(trace_id, 1, 0, "POST /checkout", 2, t, 210 * ms, attributes=http, status=error, links=[link])]),
        resource_spans("cart", [
            span(trace_id, 2, 1, "GetCart", 2, t + 10 * ms, 45 * ms,
                 events=[{"timeUnixNano": str(t + 20 * ms), "name": "cache miss"}]),
            span(trace_id, 3, 2, "SELECT carts", 3, t + 21 * ms, 30 * ms, attributes=sql)]),
        resource_spans("payment", [
            span(trace_id, 4, 1, "Charge", 2, t + 70 * ms, 90 * ms, status=error, events=[exception])]),
        resource_spans("email", [
            span(trace_id, 5, 1, "queue receipt", 4, t + 170 * ms, 20 * ms)]),
    ]}


def large_trace(trace_id, spans):
    """Batches of one trace with `spans` spans: wide below the root, ten deep below each child."""
    t = time.time_ns() - 60_000_000_000
    batch = [span(trace_id, 1, 0, "nightly job", 1, t, 50_000_000_000)]
    for i in range(2, spans + 1):
        parent = 1 if i % 10 == 2 else i - 1
        batch.append(span(trace_id, i, parent, f"step {i % 10}", 1, t + i * 400_000, 4_000_000_000 // (i % 10 + 1)))
        if len(batch) == 10000 or i == spans:
            yield {"resourceSpans": [resource_spans("batch", batch)]}
            batch = []


def run_browser(server, trace_id, shots):
    web = BUILD / "web"
    environment = dict(os.environ, CAIRN_URL=server.query, CAIRN_TRACE=trace_id, CAIRN_SHOTS=str(shots))
    done = subprocess.run(["node", "test/browser.mjs"], cwd=web, env=environment, capture_output=True, text=True, timeout=240)
    print(done.stdout[-2000:])
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(p.name for p in shots.glob("*.png"))


def test_pages(tmp_path):
    trace_id, large_id = "0af7651916cd43dd8448eb211c80319c", "1af7651916cd43dd8448eb211c80319c"
    with Server(tmp_path / "data") as server:
        assert requests.post(server.otlp + "/v1/traces", json=checkout_trace(trace_id)).status_code == 200
        for request in large_trace(large_id, 100_000):
            assert requests.post(server.otlp + "/v1/traces", json=request).status_code == 200
        shots = run_browser(server, trace_id, tmp_path / "shots")
        assert shots, "no screenshot was taken"
        large = run_browser(server, large_id, tmp_path / "shots-large")
        assert large
        keep = BUILD / "shots"
        shutil.rmtree(keep, ignore_errors=True)
        shutil.copytree(tmp_path / "shots", keep)
        shutil.copytree(tmp_path / "shots-large", keep / "large")
