"""Asks real servers and writes down what they say: recorded/DIALECT.json, which test_differential.py compares with.

    record.py zipkin http://127.0.0.1:9411
    record.py jaeger http://127.0.0.1:16686 http://127.0.0.1:4318
    record.py tempo http://127.0.0.1:3200 http://127.0.0.1:4318

The second URL is where OTLP over HTTP goes in. The server must be empty."""

import json
import pathlib
import sys
import time

import requests

import asked
import data

LISTS = {"zipkin": asked.ZIPKIN, "jaeger": asked.JAEGER, "tempo": asked.TEMPO}


def fill(dialect, url, otlp, base):
    if dialect == "zipkin":
        r = requests.post(url + "/api/v2/spans", json=data.zipkin(base))
    else:
        r = requests.post(otlp + "/v1/traces", json=data.otlp(base))
    r.raise_for_status()


def ask_all(dialect, url, base):
    answers = {}
    for path in LISTS[dialect]:
        r = requests.get(url + path.format(**asked.places(base)), timeout=30)
        answers[path] = asked.comparable(r.status_code, r.text, base)
    return answers


def base_now():
    return (time.time_ns() // (60 * 10**9) - 2) * 60 * 10**9


def main():
    dialect, url, otlp = sys.argv[1], sys.argv[2], sys.argv[-1]
    base = base_now()
    fill(dialect, url, otlp, base)
    time.sleep(int(20 if dialect == "tempo" else 3))
    out = pathlib.Path(__file__).parent / "recorded" / f"{dialect}.json"
    out.parent.mkdir(exist_ok=True)
    lines = [f"{json.dumps(path)}: {json.dumps(answer, sort_keys=True)}"
             for path, answer in ask_all(dialect, url, base).items()]
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
