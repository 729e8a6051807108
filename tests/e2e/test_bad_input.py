"""Bad input gets a clear answer, and nothing already kept is lost."""

import gzip
import os
import resource
import socket
import subprocess
import time
import zlib

import grpc
import pytest
import requests

from cairn_server import CAIRN, Server, free_ports, otlp_request, spans_of

KEPT = "0af7651916cd43dd8448eb211c80319c"
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    options = ["--max-request-size", "4MiB"]
    with Server(tmp_path_factory.mktemp("bad") / "data", *options) as s:
        assert requests.post(s.otlp + "/v1/traces", json=otlp_request(KEPT, 5)).status_code == 200
        yield s
        # whatever the tests did, what was kept is still there and the server still answers
        assert len(list(spans_of(s.trace(KEPT)))) == 5


def post(server, body, content_type="application/x-protobuf", **headers):
    return requests.post(server.otlp + "/v1/traces", data=body, timeout=30,
                         headers={"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}})


@pytest.mark.parametrize("name,body,content_type,status", [
    ("garbage protobuf", b"\xff\xff\xff\xff", "application/x-protobuf", 400),
    ("cut protobuf", b"\x0a\x7f\x01", "application/x-protobuf", 400),
    ("empty protobuf", b"", "application/x-protobuf", 200),
    ("broken JSON", b'{"resourceSpans": [', "application/json", 400),
    ("JSON array", b"[]", "application/json", 400),
    ("empty JSON body", b"", "application/json", 400),
    ("empty JSON object", b"{}", "application/json", 200),
    ("text", b"hello", "text/plain", 415),
    ("no content type", b"hello", "", 415),
])
def test_bodies(server, name, body, content_type, status):
    answer = post(server, body, content_type)
    assert answer.status_code == status, (name, answer.text)
    if status == 400:
        assert answer.headers["Content-Type"].startswith(content_type)
        assert b"offset" in answer.content or b"byte" in answer.content, answer.content


def test_wrong_length_ids_are_partial_success(server):
    request = otlp_request("ab" * 16, 3)
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][1]["spanId"] = "0000000000000000"
    answer = requests.post(server.otlp + "/v1/traces", json=request)
    assert answer.status_code == 200
    assert str(answer.json()["partialSuccess"]["rejectedSpans"]) == "1"
    assert len(list(spans_of(server.trace("ab" * 16)))) == 2
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][1]["traceId"] = "abcd"
    assert requests.post(server.otlp + "/v1/traces", json=request).status_code in (200, 400)


def test_methods_and_paths(server):
    answer = requests.get(server.otlp + "/v1/traces")
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]
    assert requests.post(server.otlp + "/v1/nothing", data=b"").status_code == 404
    assert requests.post(server.query + "/api/services").status_code == 405
    assert requests.get(server.query + "/api/nothing").status_code == 404


@pytest.mark.parametrize("path,status", [
    ("/api/traces/xyz", 400),
    ("/api/traces/ffffffffffffffffffffffffffffffff", 404),
    ("/api/traces/0", 400),
    ("/api/traces", 400),  # service is required
    ("/api/traces?service=a&minDuration=5s&maxDuration=1s", 400),
    ("/api/traces?service=a&minDuration=fast", 400),
    ("/api/traces?service=a&limit=-1", 400),
    ("/api/traces?service=a&start=abc", 400),
    ("/api/traces?service=a&tag=novalue", 400),
    ("/api/traces?service=a&tags=%7Bbroken", 400),
    ("/api/traces?service=a&unknown=parameter", 200),
    ("/api/operations", 400),
    ("/api/v3/traces", 400),
    ("/api/v3/trace-summaries", 400),
    ("/api/v3/traces/xyz", 400),
    ("/api/cairn/v1/traces/xyz/skeleton", 400),
])
def test_queries(server, path, status):
    answer = requests.get(server.query + path)
    assert answer.status_code == status, answer.text
    assert len(answer.text) > 0


def test_over_the_limit(server):
    assert post(server, os.urandom(5 << 20)).status_code == 413
    assert post(server, gzip.compress(bytes(5 << 20)), Content_Encoding="gzip").status_code == 413
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(1024)) + bomb.flush()
    assert len(body) < 2 << 20
    assert post(server, body, Content_Encoding="gzip").status_code == 413
    assert post(server, b"not gzip", Content_Encoding="gzip").status_code == 400
    assert post(server, b"x", Content_Encoding="br").status_code in (400, 415)


def test_grpc_errors(server):
    with grpc.insecure_channel(server.grpc) as channel:
        call = channel.unary_unary(EXPORT)
        assert call(b"") == b""
        with pytest.raises(grpc.RpcError) as error:
            call(b"\xff\xff\xff\xff")
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        with pytest.raises(grpc.RpcError) as error:
            call(bytes(5 << 20))
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        with pytest.raises(grpc.RpcError) as error:
            channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Nothing")(b"")
        assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_idle_connections(server):
    """10,000 connections that say nothing: others are served, and they cost little memory."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(10000, hard - 200)
    def rss_bytes():
        with open(f"/proc/{server.process.pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    before = rss_bytes()
    idle = []
    try:
        for i in range(count):
            # addresses of the loopback range, so that no limit per peer address hides the count
            idle.append(socket.create_connection(("127.0.0.1", server.http_port), timeout=10))
        start = time.monotonic()
        trace_id = "cd" * 16
        assert requests.post(server.otlp + "/v1/traces", json=otlp_request(trace_id, 2), timeout=10).status_code == 200
        assert time.monotonic() - start < 10
        each = (rss_bytes() - before) / count
        print(f"{count} idle connections, {each:.0f} bytes each")
        assert each <= 16 * 1024
    finally:
        for s in idle:
            s.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_slow_client(tmp_path):
    """A byte a second does not hold a connection for ever (the timeout is an option)."""
    with Server(tmp_path / "data", "--header-timeout", "2s", "--body-timeout", "2s") as server:
        with socket.create_connection(("127.0.0.1", server.http_port)) as s:
            s.settimeout(1)
            start = time.monotonic()
            closed = False
            answer = b""
            while time.monotonic() - start < 20 and not closed:
                try:
                    s.send(b"P")
                    answer += s.recv(1000)
                    closed = answer != b""
                except socket.timeout:
                    continue
                except OSError:
                    closed = True
            assert closed
            assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


def run(*arguments):
    return subprocess.run([str(CAIRN), "serve", "--tempo-listen", "off", "--zipkin-listen", "off", *arguments],
                          capture_output=True, text=True, timeout=20)


def test_directory_in_use(server, tmp_path):
    ports = [f"127.0.0.1:{p}" for p in free_ports(3)]
    answer = run("--data-dir", server.data_dir, "--otlp-grpc-listen", ports[0], "--otlp-http-listen", ports[1],
                 "--query-listen", ports[2])
    assert answer.returncode == 1
    assert "in use" in answer.stderr and server.data_dir in answer.stderr


def test_port_in_use(server, tmp_path):
    ports = [f"127.0.0.1:{p}" for p in free_ports(2)]
    answer = run("--data-dir", str(tmp_path / "data"), "--otlp-grpc-listen", server.grpc,
                 "--otlp-http-listen", ports[0], "--query-listen", ports[1])
    assert answer.returncode == 1
    assert server.grpc in answer.stderr and "--otlp-grpc-listen" in answer.stderr


def test_ports_of_others(tmp_path):
    """Zipkin and Tempo run already: nobody asked for their ports, so the server starts without them, and says so."""
    taken = []
    for port in (9411, 3200):
        taken.append(socket.socket())
        try:
            taken[-1].bind(("127.0.0.1", port))
            taken[-1].listen()
        except OSError:
            pass  # somebody else has it, which will do
    with Server(tmp_path / "data") as server:
        options = server.command()
        for name in ("--tempo-listen", "--zipkin-listen"):
            del options[options.index(name):options.index(name) + 2]
        server.stop()
        server.command = lambda: options
        server.start()
        assert requests.post(server.otlp + "/v1/traces", json=otlp_request(KEPT, 5)).status_code == 200
    log = (tmp_path / "server.log").read_text()
    for name, option in (("Tempo", "--tempo-listen"), ("Zipkin", "--zipkin-listen")):
        assert f"warning: going on without {name}'s API" in log and option in log
    for s in taken:
        s.close()


def test_unwritable_directory(tmp_path):
    (tmp_path / "file").write_text("")
    ports = [f"127.0.0.1:{p}" for p in free_ports(3)]
    answer = run("--data-dir", str(tmp_path / "file" / "data"), "--otlp-grpc-listen", ports[0],
                 "--otlp-http-listen", ports[1], "--query-listen", ports[2])
    assert answer.returncode == 1
    assert str(tmp_path / "file" / "data") in answer.stderr


def test_unknown_option():
    answer = run("--no-such-option")
    assert answer.returncode == 2
    assert "--no-such-option" in answer.stderr and "--help" in answer.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_full_disk(tmp_path):
    """A full disk refuses with a retryable error, keeps answering queries, and goes on when there is room."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(small)]).returncode != 0:
        pytest.skip("cannot mount a small file system here")
    try:
        with Server(small / "data", "--disk-free-min", "8MiB") as server:
            assert requests.post(server.otlp + "/v1/traces", json=otlp_request(KEPT, 5)).status_code == 200
            filler = small / "filler"
            filler.write_bytes(bytes(16 << 20))
            time.sleep(0.5)
            answer = requests.post(server.otlp + "/v1/traces", json=otlp_request("ef" * 16, 5))
            assert answer.status_code == 503 and "Retry-After" in answer.headers
            assert len(list(spans_of(server.trace(KEPT)))) == 5
            filler.unlink()
            time.sleep(0.5)
            assert requests.post(server.otlp + "/v1/traces", json=otlp_request("ef" * 16, 5)).status_code == 200
            assert len(list(spans_of(server.trace("ef" * 16)))) == 5
    finally:
        subprocess.run(["umount", "-l", str(small)])
