"""The examples do what their READMEs say: every command is run, what it prints is compared with what is shown there."""

import os
import signal
import socket
import subprocess
import time

import pytest
import requests

from cairn_server import BUILD, Server, attributes, free_ports, spans_of
from readme import ROOT, Process, Readme


@pytest.mark.parametrize("example", ["lab", "flow", "spans"])
def test_readme(example, tmp_path):
    Readme(ROOT / "examples" / example / "README.md", tmp_path).check()


def environment(server):
    return dict(os.environ, OTEL_TRACES_EXPORTER="otlp", OTEL_EXPORTER_OTLP_ENDPOINT=server.otlp,
                OTEL_BSP_SCHEDULE_DELAY="100")


def spans_by_name(server, service):
    """Everything of the service, over all of its traces."""
    found = server.get("/api/traces", service=service, limit=100).json()["data"]
    return [(resource, span) for trace in found for resource, _, span in spans_of(server.trace(trace["traceID"]))]


def test_flow_is_one_trace(tmp_path):
    """Command line and executor: one trace, tenant and request id on all spans, headers where the conventions have them."""
    (port,) = free_ports(1)
    with Server(tmp_path / "data") as server:
        executor = Process("executor", f"{BUILD}/bin/flow-executor --port {port}", environment(server), tmp_path, ROOT)
        for _ in range(200):
            try:
                requests.get(f"http://127.0.0.1:{port}/health", timeout=1)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        done = subprocess.run([f"{BUILD}/bin/flow", "--file", ROOT / "examples/flow/declined.json", "--tenant", "blue",
                               "--request-id", "42", "--url", f"http://127.0.0.1:{port}/execute-flow"],
                              env=environment(server), capture_output=True, text=True, timeout=30)
        assert done.returncode == 1 and '"card declined"' in done.stdout
        executor.stop()
        trace = server.trace(done.stdout.split()[1])
        spans = {span["name"]: (attributes(resource["attributes"]), span) for resource, _, span in spans_of(trace)}
    assert set(spans) == {"flow run", "POST", "POST /execute-flow", "flow", "reserve stock", "charge card"}
    for _, span in spans.values():
        got = attributes(span["attributes"])
        assert (got["tenant"], got["request.id"]) == ("blue", "42"), span["name"]
    resource, span = spans["POST /execute-flow"]
    got = attributes(span["attributes"])
    assert resource["service.name"] == "flow-executor"
    assert got["user_agent.original"] == "flow-cli/1.0" and got["http.request.header.x-request-id"] == ["42"]
    assert span["status"]["code"] == 2 and got["error.type"] == "500"
    assert span["parentSpanId"] == spans["POST"][1]["spanId"]
    (event,) = spans["charge card"][1]["events"]
    assert attributes(event["attributes"]) == {"exception.type": "StepFailed", "exception.message": "card declined"}


def test_orders_links_and_sampling(tmp_path):
    """--ratio 0: what has high priority is there, what has not is absent; the batch job links all of them."""
    with Server(tmp_path / "data") as server:
        subprocess.run([f"{BUILD}/bin/orders", "--ratio", "0"], env=environment(server), check=True, timeout=30,
                       stdout=subprocess.DEVNULL)
        spans = [span for _, span in spans_by_name(server, "orders")]
    sent = [attributes(s["attributes"]) for s in spans if s["name"] == "send orders"]
    assert sorted(a["order.id"] for a in sent) == [1, 3]
    assert all(a["sampling.reason"] == "priority" for a in sent)
    processed = [s for s in spans if s["name"] == "process orders"]
    # the old shop's order came with B3, sampled
    assert sorted(attributes(s["attributes"])["order.id"] for s in processed) == [1, 3, 6]
    assert {s["traceId"] for s in processed} >= {"80f198ee56343ba864fe8b2a57d3eff7"}
    (batch,) = [s for s in spans if s["name"] == "settle orders"]
    assert len(batch["links"]) == 6 and not batch.get("parentSpanId")
    assert {s["spanId"] for s in processed} <= {link["spanId"] for link in batch["links"]}


@pytest.mark.parametrize("program", ["lab-app", "lab-echo", "flow-executor"])
def test_port_in_use(program):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = str(s.getsockname()[1])
        done = subprocess.run([f"{BUILD}/bin/{program}", "--port", port], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and port in done.stderr and "--port" in done.stderr


@pytest.mark.parametrize("arguments", [
    ["lab-app", "--port", "0"], ["flow"], ["orders", "--ratio", "2"], ["orders", "--days", "x"], ["lab-echo", "extra"]])
def test_bad_arguments(arguments):
    done = subprocess.run([f"{BUILD}/bin/{arguments[0]}", *arguments[1:]], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and done.stderr.strip()


def test_orders_stop_on_ctrl_c():
    orders = subprocess.Popen([f"{BUILD}/bin/orders", "--days", "0"], stdout=subprocess.PIPE,
                              env=dict(os.environ, OTEL_TRACES_EXPORTER="console"))
    orders.stdout.readline()
    orders.send_signal(signal.SIGINT)
    orders.communicate(timeout=20)
    assert orders.returncode == 0
