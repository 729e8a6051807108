"""send, wait for the acknowledgement, kill -9, restart, compare: nothing acknowledged is lost or doubled.

CAIRN_TEST_KILLS=n: so many times; else 15, and 1,000 in the long form."""

import os
import random
import threading

import requests

from cairn_server import LONG, Server, otlp_request, spans_of

ROUNDS = int(os.environ.get("CAIRN_TEST_KILLS") or (1000 if LONG else 15))


def test_acknowledged_spans_survive_kill(tmp_path):
    """A sender is interrupted at a random moment each round; every acknowledged batch must be there afterwards."""
    rng = random.Random(20261121)
    server = Server(tmp_path / "data", "--head-size", "1MiB").start()
    acked = {}  # trace id -> spans acknowledged
    lost = doubled = 0
    try:
        for round_number in range(ROUNDS):
            stop = threading.Event()

            def sender(seed, server=server, stop=stop):
                own = random.Random(seed)
                session = requests.Session()
                while not stop.is_set():
                    trace_id = f"{own.getrandbits(128) | 1:032x}"
                    count = own.randint(1, 200)
                    try:
                        answer = session.post(server.otlp + "/v1/traces", json=otlp_request(trace_id, count), timeout=10)
                    except requests.RequestException:
                        return
                    if answer.status_code == 200:
                        acked[trace_id] = count

            threads = [threading.Thread(target=sender, args=(rng.random(),)) for _ in range(3)]
            for t in threads:
                t.start()
            stop.wait(rng.uniform(0.02, 0.25))
            server.kill()
            stop.set()
            for t in threads:
                t.join()
            server.start()
            recent = list(acked)[-40:]
            for trace_id in recent if round_number + 1 < ROUNDS else acked:
                trace = server.trace(trace_id)
                ids = [span["spanId"] for _, _, span in spans_of(trace)] if trace else []
                lost += acked[trace_id] - len(set(ids))
                doubled += len(ids) - len(set(ids))
    finally:
        server.__exit__()
    total = sum(acked.values())
    print(f"{ROUNDS} rounds, {len(acked)} acknowledged batches, {total} spans: {lost} lost, {doubled} doubled")
    assert total > ROUNDS
    assert (lost, doubled) == (0, 0)
