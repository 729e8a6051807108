"""Runs the commands of an example's README and compares what they print with what it shows.

The fenced blocks of a README, in order:
    ```sh             a command, run to its end in the root of the tree
    ```sh server      a command that stays: it is stopped with SIGINT at the end, or when it is started again
    ```sh installed   a command run against an installed SDK, in a directory of its own
    ```text, json     what the command before printed
    ```text NAME, json NAME   the same of the server NAME: JSON objects are found by their "name", and may be shown without
                              their "resource"
Ports are replaced by free ones, trace ids by those of this run. Text is compared line by line without what differs from
run to run (ids, times, numbers, bars); a line `...` stands for any number of lines. JSON is compared by its keys and the
kinds of its values. CAIRN_UPDATE=1 writes what was printed into the README in place of comparing.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

from cairn_server import BUILD, Server, free_ports

ROOT = pathlib.Path(__file__).resolve().parents[2]
UPDATE = bool(os.environ.get("CAIRN_UPDATE"))
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
TRACE_ID = re.compile(r"\b[0-9a-f]{32}\b")
PORTS = ("5000", "5001", "6000")

# what READMEs show in place of the machine that they were written on
MACHINE = {
    "host.name": "laptop",
    "host.id": "5ea1ed0fb5a94cb79d3a3d0ab30a5c0e",
    "host.cpu.model.name": "AMD Ryzen 7 7840U",
    "os.version": "12",
    "os.build_id": "6.1.0-39-amd64",
    "os.description": "Debian GNU/Linux 12 (bookworm)",
    "process.owner": "ada",
}

SHAPES = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?( UTC)?", "TIME"),
    (r"\b\d\d:\d\d:\d\d\b", "TIME"),
    (r"\b(0x)?[0-9a-f]{32}\b", "ID"),
    (r"\b(0x)?[0-9a-f]{16}\b", "ID"),
    (r"[+-]?\b\d+(\.\d+)? ?(ns|us|µs|ms|s|min)\b", "TIME"),
    (r"[━╸╺╾╼]+", " "),
    (r"\d+", "N"),
    (r"\s+", " "),
)


def shape(line):
    for pattern, word in SHAPES:
        line = re.sub(pattern, word, line)
    # a scale has more or fewer marks, as its unit wants it
    return re.sub(r"^(N|TIME)( TIME)+$", "SCALE", line.strip())


def same_text(want, got):
    """Line by line; `...` skips."""
    want, got = [[shape(line) for line in text.strip().splitlines()] for text in (want, got)]
    while want:
        line = want.pop(0)
        if line == "...":
            if not want:
                return True
            while got and got[0] != want[0]:
                got.pop(0)
        elif not got or got.pop(0) != line:
            return False
    return not got


# what a resource has on every machine; detectors find more here and less there
EVERYWHERE = ("service.", "telemetry.", "deployment.", "host.name", "os.type", "process.pid")


def json_shape(value, key=""):
    if key == "resource":
        value = {k: "text" for k in value["attributes"] if k.startswith(EVERYWHERE)}
    if isinstance(value, dict):
        return {k: json_shape(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [json_shape(v) for v in value]
    if isinstance(value, str):
        return shape(value) if key in ("name", "kind", "status_code", "status", "error", "message") else "text"
    return type(value).__name__


def json_objects(text):
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            return
        yield value
        at = text.find("{", end)


class Process:
    """A command that stays."""

    def __init__(self, name, command, env, directory, cwd):
        self.path = directory / f"{name}.out"
        self.read = 0
        with open(self.path, "wb") as out:
            self.process = subprocess.Popen(["sh", "-c", "exec env " + command], stdout=out, stderr=subprocess.STDOUT,
                                            env=env, cwd=cwd)

    def output(self):
        return self.path.read_text()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=20) == 0, self.output()


class Readme:
    def __init__(self, path, tmp_path):
        self.path, self.tmp_path = path, tmp_path
        self.text = path.read_text()
        self.ports = dict(zip(PORTS, map(str, free_ports(len(PORTS)))))
        self.ids = {}
        self.servers = {}
        self.backend = None
        self.prefix = None
        self.output = ""
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")}
        self.env.update(COLUMNS="100", NO_COLOR="1")
        self.updates = []

    def program(self, command):
        words = [word for word in command.split() if "=" not in word]
        return words[0].rsplit("/", 1)[-1] if words else ""

    def localise(self, command):
        """The command with this run's ports, ids and programs."""
        name = self.program(command)
        command = command.strip().replace("\\\n", " ")
        for port, free in self.ports.items():
            command = command.replace(f"127.0.0.1:{port}", f"127.0.0.1:{free}")
        command = TRACE_ID.sub(lambda match: self.ids.get(match[0], match[0]), command)
        command = command.replace("build/bin/", f"{BUILD}/bin/")
        return re.sub(rf"{BUILD}/bin/{re.escape(name)}(?=\s|$)", lambda m: m[0] + self.options(name), command)

    def options(self, name):
        """What tells the program of this name this run's ports."""
        if name == "lab-app":
            return f" --port {self.ports['5000']} --echo http://127.0.0.1:{self.ports['6000']}/"
        if name == "flow":
            return f" --url http://127.0.0.1:{self.ports['5001']}/execute-flow"
        port = {"lab-echo": "6000", "flow-executor": "5001"}.get(name)
        return f" --port {self.ports[port]}" if port else ""

    def generalise(self, text):
        """What is written into the README: the ports that it speaks of, nothing of this machine."""
        for port, free in self.ports.items():
            text = text.replace(free, port)
        text = text.replace(str(BUILD), "/home/ada/cairn/build").replace(str(ROOT), "/home/ada/cairn")
        for key, value in MACHINE.items():
            text = re.sub(rf'("{re.escape(key)}": )".*"', rf'\1"{value}"', text)
        return text

    # ---- Commands ----

    def start_server(self, command):
        name = self.program(command)
        if name == "cairn":
            self.backend = Server(self.tmp_path / "data").start()
            self.env.update(CAIRN_SERVER=self.backend.query, OTEL_EXPORTER_OTLP_ENDPOINT=self.backend.otlp)
            return
        if name in self.servers:
            self.servers.pop(name).stop()
        process = Process(name, self.localise(command), self.env, self.tmp_path, ROOT)
        self.servers[name] = process
        deadline = time.monotonic() + 20
        while "listening on" not in process.output():
            assert process.process.poll() is None and time.monotonic() < deadline, process.output()
            time.sleep(0.02)

    def run(self, command, cwd=ROOT, env=None):
        done = subprocess.run(["sh", "-c", self.localise(command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, env=env or self.env, cwd=cwd, timeout=120)
        self.output = done.stdout
        return done

    def run_until_shown(self, command, want):
        """Spans are on their way for a moment: what the backend shows is asked for again until it is right."""
        deadline = time.monotonic() + 15
        while True:
            self.run(command)
            if self.program(command) != "cairn" or want is None or same_text(want, self.output):
                return
            if time.monotonic() > deadline or (UPDATE and time.monotonic() > deadline - 8):
                return
            time.sleep(0.2)

    def run_installed(self, command):
        if re.search(r"^CAIRN_SANITIZE:STRING=.", (BUILD / "CMakeCache.txt").read_text(), re.M):
            return  # the libraries would want their runtime
        if not self.prefix:
            self.prefix = self.tmp_path / "prefix"
            subprocess.run(["cmake", "--install", BUILD, "--component", "sdk", "--prefix", self.prefix], check=True,
                           stdout=subprocess.DEVNULL)
            work = self.tmp_path / "work"
            work.mkdir()
            (work / "examples").symlink_to(ROOT / "examples")
            libraries = next(self.prefix.rglob("libcairn.so")).parent
            self.installed_env = dict(self.env, PKG_CONFIG_PATH=str(libraries / "pkgconfig"),
                                      LD_LIBRARY_PATH=str(libraries))
        # stricter than a reader's own: a warning is an error
        command = re.sub(r"^cc ", "cc -Wall -Wextra -Werror ", command)
        done = self.run(command, self.tmp_path / "work", self.installed_env)
        assert done.returncode == 0, done.stdout
        program = re.search(r"-o (\S+)", command)[1]
        usage = subprocess.run([f"./{program}", "--nonsense"], cwd=self.tmp_path / "work", env=self.installed_env,
                               stderr=subprocess.PIPE, text=True, timeout=20)
        assert usage.returncode == 2 and usage.stderr.startswith("usage: "), usage.stderr

    # ---- What they print ----

    def remember_ids(self, want, got):
        self.ids.update(zip(TRACE_ID.findall(want), TRACE_ID.findall(got)))

    def check_output(self, kind, want, got):
        self.remember_ids(want, got)
        if UPDATE:
            self.updates.append(self.generalise(got).rstrip("\n") + "\n")
        elif kind == "json":
            assert json_shape(json.loads(want)) == json_shape(json.loads(got)), got
        else:
            assert same_text(want, got), f"{self.path.parent.name}/README.md shows\n{want}\nbut this came\n{got}"

    def check_server(self, kind, name, want):
        process, deadline = self.servers[name], time.monotonic() + 10
        if kind == "text":
            while not same_text(want, process.output()) and time.monotonic() < deadline:
                time.sleep(0.1)
            self.check_output(kind, want, process.output())
            return
        wanted = json.loads(want)["name"]
        while True:
            found = [o for o in json_objects(process.output()[process.read:]) if o.get("name") == wanted]
            if found:
                break
            assert time.monotonic() < deadline, f"{name} printed no {wanted}: {process.output()}"
            time.sleep(0.1)
        shown = {key: value for key, value in found[-1].items() if key in json.loads(want) or key != "resource"}
        self.check_output(kind, want, json.dumps(shown, indent=4))

    # ---- All of it ----

    def step(self, kind, word, text, following):
        shown = following[2] if following and following[0] != "sh" and not following[1] else None
        if (kind, word) == ("sh", "server"):
            self.start_server(text)
        elif (kind, word) == ("sh", "installed"):
            self.run_installed(text)
        elif kind == "sh":
            self.run_until_shown(text, shown)
        elif kind in ("text", "json") and word:
            self.check_server(kind, word, text)
        elif kind in ("text", "json"):
            self.check_output(kind, text, self.output)

    def check(self):
        blocks = [(m[1], m[2], m[3]) for m in BLOCK.finditer(self.text) if m[1] in ("sh", "text", "json")]
        assert any(kind == "sh" for kind, _, _ in blocks)
        try:
            for i, (kind, word, text) in enumerate(blocks):
                self.step(kind, word, text, blocks[i + 1] if i + 1 < len(blocks) else None)
            for server in reversed(list(self.servers.values())):
                server.stop()
            self.servers = {}
        finally:
            for server in self.servers.values():
                server.process.kill()
                server.process.wait()
            if self.backend:
                self.backend.__exit__()
        if UPDATE:
            self.write()

    def write(self):
        updates = iter(self.updates)

        def block(match):
            if match[1] == "sh":
                return TRACE_ID.sub(lambda m: self.ids.get(m[0], m[0]), match[0])
            if match[1] not in ("text", "json"):
                return match[0]
            new, word = next(updates), f" {match[2]}" if match[2] else ""
            return match[0] if re.search(r"^\.\.\.$", match[3], re.M) else f"```{match[1]}{word}\n{new}```"

        self.path.write_text(BLOCK.sub(block, self.text))
