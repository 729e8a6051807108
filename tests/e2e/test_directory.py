"""A data directory whose file system is full, and one that another server has."""

import os
import random
import subprocess
import time

import pytest
import requests

from cairn_server import CAIRN, LONG, Server, otlp_request, spans_of

MIB = 1 << 20
ROUNDS = 20 if LONG else 3


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, with room for the spans that are to be kept and some."""
    path = tmp_path / "disk"
    path.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={8 + 4 * ROUNDS}m", "tmpfs", path]).returncode:
        pytest.skip("no file system can be mounted here")
    yield path
    subprocess.run(["umount", "-l", path], check=True)


class Sender:
    def __init__(self, server):
        self.server, self.session, self.rng = server, requests.Session(), random.Random(1)
        self.acked, self.refused = {}, []

    def send(self):
        """True when the batch was acknowledged."""
        trace_id, count = f"{self.rng.getrandbits(128) | 1:032x}", self.rng.randint(1, 100)
        request = otlp_request(trace_id, count)
        for _, _, span in spans_of(request):  # what does not get smaller in a part
            span["attributes"].append({"key": "noise", "value": {"stringValue": self.rng.randbytes(400).hex()}})
        answer = self.session.post(self.server.otlp + "/v1/traces", json=request, timeout=10)
        if answer.status_code == 200:
            self.acked[trace_id] = count
            return True
        assert answer.status_code == 503, answer.text  # what OTLP calls retryable
        self.refused.append(trace_id)
        return False

    def fill(self):
        for _ in range(20000):
            if not self.send():
                return
        raise AssertionError("the disk does not get full")

    def check(self, traces):
        for trace_id in traces:
            trace = self.server.trace(trace_id)
            ids = [span["spanId"] for _, _, span in spans_of(trace)] if trace else []
            assert (len(ids), len(set(ids))) == (self.acked[trace_id],) * 2


def grow(path, size):
    """Appends so much, or as much as there is room for: the server writes meanwhile, too."""
    with open(path, "ab", buffering=0) as f:
        while size > 0:
            try:
                size -= f.write(b"x" * 4096)
            except OSError:
                return


@pytest.mark.parametrize("free_min", ["2MiB", "1MiB"])
def test_full(small_disk, free_min):
    """Refuses with an answer to come again, keeps answering queries, goes on when there is room; over and over."""
    ballast = small_disk / "ballast"
    refusals = 0
    options = ["--head-size", "1MiB", "--disk-free-min", free_min]
    with Server(small_disk / "data", *options) as server:
        sender = Sender(server)
        for round_number in range(ROUNDS):
            free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
            ballast.write_bytes(b"x" * max(0, free - 4 * MIB))
            sender.fill()
            if round_number % 2:  # nothing left at all, while heads are sealed
                with open(ballast, "ab", buffering=0) as f:
                    while True:
                        try:
                            f.write(b"x" * 4096)
                        except OSError:
                            break
            for _ in range(5):
                refusals += not sender.send()
            sender.check(list(sender.acked)[-20:])
            assert server.get("/api/services").json()["data"] == ["kill9"]
            if round_number % 3 == 2:
                server.kill()
                server.start()
                sender.check(list(sender.acked)[-20:])
            ballast.unlink()
            deadline = time.monotonic() + 10
            while not sender.send():
                assert time.monotonic() < deadline, "does not go on when there is room"
                time.sleep(0.05)
        sender.check(sender.acked)
        assert server.stop() == 0
        server.start()
        sender.check(sender.acked)
        assert not any(server.trace(trace_id) for trace_id in sender.refused)
    check = subprocess.run([CAIRN, "check", small_disk / "data"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert check.returncode == 0, check.stdout
    print(f"{ROUNDS} times full: {len(sender.acked)} batches kept, {refusals + ROUNDS} refused or more, none lost")


def test_taken(tmp_path):
    """A second server says who has the directory and ends; the first one does not notice."""
    with Server(tmp_path / "data") as server:
        sender = Sender(server)
        assert sender.send()
        for command in (["serve", "--data-dir", server.data_dir, "--otlp-grpc-listen", "off", "--otlp-http-listen", "off",
                         "--query-listen", "127.0.0.1:0", "--tempo-listen", "off", "--zipkin-listen", "off"],
                        ["check", server.data_dir], ["import", "--data-dir", server.data_dir, os.devnull]):
            second = subprocess.run([CAIRN, *command], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, timeout=30)
            assert second.returncode != 0
            assert f"process {server.process.pid}" in second.stderr, second.stderr
        assert sender.send()
        sender.check(sender.acked)
        server.kill()
        server.start()
        sender.check(sender.acked)
