"""Starts a real `cairn serve` on free ports with its own data directory, and talks to it."""

import os
import pathlib
import signal
import socket
import subprocess
import time

import requests

BUILD = pathlib.Path(os.environ["CAIRN_BUILD"])
CAIRN = BUILD / "bin" / "cairn"
LONG = bool(os.environ.get("CAIRN_TEST_LONG"))


def free_ports(count):
    """Ports that nobody listens on right now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


class Server:
    def __init__(self, data_dir, *options, env=None):
        self.data_dir = str(data_dir)
        self.options = list(options)
        self.env = dict(os.environ, **(env or {}))
        self.grpc_port, self.http_port, self.query_port, self.tempo_port = free_ports(4)
        self.process = None
        self.log = open(os.path.join(os.path.dirname(self.data_dir), "server.log"), "ab")

    @property
    def grpc(self):
        return f"127.0.0.1:{self.grpc_port}"

    @property
    def otlp(self):
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def query(self):
        return f"http://127.0.0.1:{self.query_port}"

    @property
    def tempo(self):
        return f"http://127.0.0.1:{self.tempo_port}"

    def command(self):
        return [
            str(CAIRN), "serve",
            "--data-dir", self.data_dir,
            "--otlp-grpc-listen", self.grpc,
            "--otlp-http-listen", f"127.0.0.1:{self.http_port}",
            "--query-listen", f"127.0.0.1:{self.query_port}",
            "--tempo-listen", f"127.0.0.1:{self.tempo_port}",
            *self.options,
        ]

    def start(self):
        self.process = subprocess.Popen(self.command(), stdout=self.log, stderr=self.log, env=self.env)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"cairn serve ended with {self.process.returncode}, see server.log")
            try:
                if requests.get(self.query + "/health", timeout=2).status_code == 200:
                    return self
            except requests.ConnectionError:
                time.sleep(0.02)
        raise AssertionError("cairn serve did not become healthy in 30 s")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Graceful; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def get(self, path, **params):
        return requests.get(self.query + path, params=params, timeout=30)

    def trace(self, trace_id):
        """The trace in OTLP/JSON through api_v3, or None."""
        answer = self.get(f"/api/v3/traces/{trace_id}")
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        return answer.json()["result"]

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        if self.process and self.process.poll() is None:
            self.stop()
        self.log.close()


def spans_of(trace):
    """(resource, scope, span) of every span of an OTLP/JSON trace."""
    for resource_spans in trace.get("resourceSpans", []):
        for scope_spans in resource_spans.get("scopeSpans", []):
            for span in scope_spans.get("spans", []):
                yield resource_spans.get("resource", {}), scope_spans.get("scope", {}), span


def attributes(items):
    """[{key, value: AnyValue}] as a dict of plain values."""
    return {item["key"]: any_value(item.get("value", {})) for item in items or []}


def any_value(value):
    if "arrayValue" in value:
        return [any_value(v) for v in value["arrayValue"].get("values", [])]
    if "kvlistValue" in value:
        return attributes(value["kvlistValue"].get("values", []))
    if "intValue" in value:
        return int(value["intValue"])
    for key in ("stringValue", "boolValue", "doubleValue", "bytesValue"):
        if key in value:
            return value[key]
    return None


def otlp_request(trace_id, count, service="kill9", first=0):
    """An ExportTraceServiceRequest of count spans with recognisable ids, in OTLP/JSON."""
    now = time.time_ns()
    return {"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
        "scopeSpans": [{"scope": {"name": "e2e"}, "spans": [{
            "traceId": trace_id,
            "spanId": f"{first + i + 1:016x}",
            "name": f"span {first + i}",
            "kind": 1,
            "startTimeUnixNano": str(now + i),
            "endTimeUnixNano": str(now + i + 1000),
            "attributes": [{"key": "n", "value": {"intValue": str(first + i)}}],
        } for i in range(count)]}],
    }]}
