"""A Parquet export is what others read: DuckDB and pandas see the rows and sums that went in."""

import json
import random
import subprocess

import duckdb
import pandas
import pytest

from cairn_server import CAIRN

TRACES, SPANS = 2000, 90  # more rows than one row group has
BASE = 1_700_000_000_000_000_000


def attribute(key, value):
    kind = {str: "stringValue", int: "intValue", bool: "boolValue", float: "doubleValue"}[type(value)]
    return {"key": key, "value": {kind: str(value) if type(value) is int else value}}


def span(r, trace, number):
    start = BASE + trace * 1_000_000 + number
    attributes = [attribute("http.response.status_code", r.choice([200, 404, 500])), attribute("n", number)]
    if number % 3 == 0:
        attributes.append(attribute("http.route", f"/path/{r.randrange(5)}"))
    if number % 7 == 0:
        attributes[0] = attribute("http.response.status_code", "text")  # another type than usual
    return {
        "traceId": f"{trace + 1:032x}",
        "spanId": f"{trace * SPANS + number + 1:016x}",
        **({"parentSpanId": f"{trace * SPANS + 1:016x}"} if number else {}),
        "name": f"opération {number % 4}",
        "kind": number % 6,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + r.randrange(10**9)),
        "status": {"code": number % 3},
        "attributes": attributes,
        "events": [{"timeUnixNano": str(start), "name": "e"}] if number % 10 == 0 else [],
        "links": [{"traceId": f"{trace + 1:032x}", "spanId": "00000000000000ff"}] if number % 20 == 0 else [],
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("parquet")
    r = random.Random(1)
    spans = []
    with open(path / "in.jsonl", "w") as out:
        for trace in range(TRACES):
            batch = [span(r, trace, n) for n in range(SPANS)]
            resource = {"attributes": [attribute("service.name", f"service-{trace % 5}")]}
            line = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": batch}]}]}
            out.write(json.dumps(line) + "\n")
            spans += batch
    subprocess.run([CAIRN, "import", "--data-dir", path / "data", path / "in.jsonl"], check=True)
    subprocess.run([CAIRN, "export", "--format", "parquet", "--output", path / "out.parquet", path / "data"], check=True)
    return path / "out.parquet", spans


def value(s, key):
    for a in s["attributes"]:
        if a["key"] == key:
            return a["value"]
    return {}


def test_sums(data):
    file, spans = data
    statuses = [int(v["intValue"]) for s in spans if "intValue" in (v := value(s, "http.response.status_code"))]
    want = {
        "rows": len(spans),
        "duration": sum(int(s["endTimeUnixNano"]) - int(s["startTimeUnixNano"]) for s in spans),
        "statuses": sum(statuses),
        "with_status": len(statuses),
        "parents": sum("parentSpanId" in s for s in spans),
        "routes": sum("stringValue" in value(s, "http.route") for s in spans),
        "traces": TRACES,
        "events": sum(bool(s["events"]) for s in spans),
        "links": sum(bool(s["links"]) for s in spans),
    }
    by_duckdb = duckdb.sql(f"""
        select count(*), sum(duration_ns), sum("http.response.status_code"), count("http.response.status_code"),
            count(parent_span_id), count("http.route"), count(distinct trace_id), count(events), count(links)
        from '{file}'""").fetchall()[0]
    assert dict(zip(want, by_duckdb)) == want
    df = pandas.read_parquet(file)
    by_pandas = (len(df), df.duration_ns.sum(), df["http.response.status_code"].sum(),
                 df["http.response.status_code"].count(), df.parent_span_id.count(), df["http.route"].count(),
                 df.trace_id.nunique(), df.events.count(), df.links.count())
    assert dict(zip(want, by_pandas)) == want


def test_rows(data):
    file, spans = data
    df = pandas.read_parquet(file).set_index("span_id")
    kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"]
    for s in spans[:: len(spans) // 500]:
        row = df.loc[s["spanId"]]
        assert row.trace_id == s["traceId"]
        assert row["name"] == s["name"]
        assert row.kind == kinds[s["kind"]]
        assert row.status == ["unset", "ok", "error"][s["status"]["code"]]
        assert row.start_time.value == int(s["startTimeUnixNano"])
        rest = json.loads(row.attributes)
        assert rest["n"] == int(value(s, "n")["intValue"])
        assert ("http.response.status_code" in rest) == ("stringValue" in value(s, "http.response.status_code"))
        assert json.loads(row.resource) == {"service.name": row.service}
        if s["links"]:
            assert json.loads(row.links)[0]["span_id"] == "00000000000000ff"
        else:
            assert row.links is None
