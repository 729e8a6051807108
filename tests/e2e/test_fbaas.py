"""`make run` as a user sees it: fifteen right answers, one trace over three services, a clean stop."""

import os
import pathlib
import re
import signal
import subprocess
import time

import requests

from cairn_server import BUILD, free_ports

ROOT = pathlib.Path(__file__).resolve().parents[2]


def environment(tmp_path):
    grpc, http, query, hub, fizzer, buzzer = free_ports(6)
    return query, hub, dict(
        os.environ, CAIRN_DATA_DIR=str(tmp_path / "data"), CAIRN_OTLP_GRPC_LISTEN=f"127.0.0.1:{grpc}",
        CAIRN_OTLP_HTTP_LISTEN=f"127.0.0.1:{http}", CAIRN_QUERY_LISTEN=f"127.0.0.1:{query}",
        CAIRN_TEMPO_LISTEN="off",
        FBAAS_HUB_PORT=str(hub), FBAAS_FIZZER_PORT=str(fizzer), FBAAS_BUZZER_PORT=str(buzzer))


def test_once_twice(tmp_path):
    """Twice on the same data: answers and a waterfall of one trace with six spans over three services."""
    _, _, env = environment(tmp_path)
    want = ["Fizzbuzz!" if i % 15 == 0 else "Fizz!" if i % 3 == 0 else "Buzz!" if i % 5 == 0 else str(i)
            for i in range(1, 16)]
    for _ in range(2):
        done = subprocess.run([ROOT / "tools" / "run", BUILD], env=dict(env, ONCE="1"), capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.findall(r"^ +(\d+)  (\S+)$", done.stdout, re.M) == [(str(i + 1), w) for i, w in enumerate(want)]
        assert "6 spans, 3 services" in done.stdout
        for name in ("hub", "fizzer", "buzzer", "think"):
            assert name in done.stdout


def test_stays_until_interrupted(tmp_path):
    query, hub, env = environment(tmp_path)
    run = subprocess.Popen([ROOT / "tools" / "run", BUILD], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, start_new_session=True)
    output = ""
    for line in run.stdout:
        output += line
        if "Ctrl-C" in line:
            break
    assert run.poll() is None, output
    answer = requests.post(f"http://127.0.0.1:{hub}/", json={"number": 9}, timeout=10)
    assert answer.text == "Fizz!" and answer.headers["traceresponse"].startswith("00-")
    assert requests.post(f"http://127.0.0.1:{hub}/", data="nonsense", timeout=10).status_code == 400
    assert requests.get(f"http://127.0.0.1:{hub}/", timeout=10).status_code == 405
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(timeout=20) == 0
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            requests.get(f"http://127.0.0.1:{query}/health", timeout=1)
        except requests.ConnectionError:
            return
    raise AssertionError("the server still answers after Ctrl-C")


def test_port_in_use(tmp_path):
    """The error names the port and the option that changes it."""
    import socket
    _, hub, env = environment(tmp_path)
    with socket.socket() as s:
        s.bind(("127.0.0.1", hub))
        s.listen()
        done = subprocess.run([ROOT / "tools" / "run", BUILD], env=dict(env, ONCE="1"), capture_output=True, text=True,
                              timeout=60)
    assert done.returncode != 0
    assert str(hub) in done.stderr and "--port" in done.stderr
