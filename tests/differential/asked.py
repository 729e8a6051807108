"""What is asked of each server, and how answers are made comparable.

A path has {name} for what depends on the base time; sorting and dropping name what the dialect leaves open."""

import json
import re

import data

MS = data.MS
HOUR = 3600 * 1000 * MS


def places(base):
    start, end = base - 60_000 * MS, base + 120_000 * MS
    rfc = lambda ns: __import__("datetime").datetime.fromtimestamp(
        ns / 1e9, __import__("datetime").timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"start_s": start // 10**9, "end_s": end // 10**9, "start_us": start // 1000, "end_us": end // 1000,
            "end_ms": end // 10**6, "lookback_ms": (end - start) // 10**6, "start_rfc": rfc(start),
            "end_rfc": rfc(end), "t1": data.trace_id(1), "t3": data.trace_id(3), "t5": data.trace_id(5),
            "t8": data.trace_id(8)}


ZIPKIN = [
    "/api/v2/services",
    "/api/v2/spans?serviceName=frontend",
    "/api/v2/spans?serviceName=nobody",
    "/api/v2/remoteServices?serviceName=frontend",
    "/api/v2/remoteServices?serviceName=cart",
    "/api/v2/trace/{t1}",
    "/api/v2/trace/{t3}",
    "/api/v2/trace/{t5}",
    "/api/v2/trace/ffff",
    "/api/v2/trace/not-hex",
    "/api/v2/traces?serviceName=frontend&endTs={end_ms}&lookback={lookback_ms}&limit=3",
    "/api/v2/traces?serviceName=mail&endTs={end_ms}&lookback={lookback_ms}",
    "/api/v2/traces?serviceName=nobody&endTs={end_ms}&lookback={lookback_ms}",
    "/api/v2/traces?serviceName=frontend&spanName=render&minDuration=300000&endTs={end_ms}&lookback={lookback_ms}",
    "/api/v2/traces?serviceName=frontend&minDuration=300000&endTs={end_ms}&lookback={lookback_ms}",
    "/api/v2/traces?serviceName=frontend&minDuration=1000&maxDuration=60000&endTs={end_ms}&lookback={lookback_ms}&limit=2",
    "/api/v2/traces?annotationQuery=error&endTs={end_ms}&lookback={lookback_ms}",
    "/api/v2/traces?annotationQuery=http.route%3D%2Fcart%20and%20user.tier%3Dfree&endTs={end_ms}&lookback={lookback_ms}",
    "/api/v2/traces?annotationQuery=exception&endTs={end_ms}&lookback={lookback_ms}",
    "/api/v2/traces?remoteServiceName=postgresql&endTs={end_ms}&lookback={lookback_ms}&limit=1",
    "/api/v2/traces?endTs={end_ms}&lookback={lookback_ms}&limit=2",
    "/api/v2/traces?limit=0",
    "/api/v2/traces?lookback=x",
    "/api/v2/traceMany?traceIds={t1},{t3}",
    "/api/v2/traceMany?traceIds={t1}",
    "/api/v2/traceMany?traceIds={t1},{t1}",
    "/api/v2/dependencies?endTs={end_ms}&lookback={lookback_ms}",
    "/api/v2/dependencies",
    "/api/v2/autocompleteKeys",
]

V3 = "query.start_time_min={start_rfc}&query.start_time_max={end_rfc}"  # the names that old and new servers know
V1 = "start={start_us}&end={end_us}"
JAEGER = [
    "/api/services",
    "/api/services/frontend/operations",
    "/api/services/nobody/operations",
    "/api/operations?service=frontend",
    "/api/operations?service=frontend&spanKind=server",
    "/api/operations",
    "/api/traces/{t1}",
    "/api/traces/{t3}",
    "/api/traces/{t5}?raw=true",
    "/api/traces/ffff",
    "/api/traces/xyz",
    f"/api/traces?service=frontend&{V1}",
    f"/api/traces?service=frontend&operation=render&{V1}&limit=2",
    f"/api/traces?service=cart&tags=%7B%22error%22%3A%22true%22%7D&{V1}",
    f"/api/traces?service=frontend&tags=%7B%22user.tier%22%3A%22gold%22%7D&{V1}",
    f"/api/traces?service=frontend&tags=%7B%22http.response.status_code%22%3A%22500%22%7D&{V1}",
    f"/api/traces?service=frontend&minDuration=300ms&{V1}",
    f"/api/traces?service=frontend&minDuration=30ms&maxDuration=60ms&{V1}",
    f"/api/traces?service=nobody&{V1}",
    "/api/traces",
    "/api/traces?service=frontend&minDuration=5ms&maxDuration=1ms",
    "/api/traces?service=frontend&limit=x",
    "/api/dependencies?endTs={end_ms}&lookback={lookback_ms}",
    "/api/v3/services",
    "/api/v3/operations?service=frontend",
    "/api/v3/operations?service=frontend&span_kind=client",
    "/api/v3/traces/{t1}",
    "/api/v3/traces/{t3}",
    "/api/v3/traces/ffff",
    f"/api/v3/traces?query.service_name=frontend&query.num_traces=2&{V3}",
    f"/api/v3/traces?query.service_name=cart&query.num_traces=20&query.operation_name=cart.Get&query.duration_min=300ms&{V3}",
    f"/api/v3/traces?query.service_name=nobody&query.num_traces=20&{V3}",
    "/api/v3/traces?query.service_name=frontend",
    "/api/v3/traces?query.service_name=frontend&query.start_time_min=x&query.start_time_max={end_rfc}",
]

RANGE = "start={start_s}&end={end_s}"


def q(text):
    from urllib.parse import quote
    return "/api/search?q=" + quote(text, safe="") + "&" + RANGE + "&limit=20&spss=20"


TEMPO = [
    "/api/echo",
    *map(q, [
        '{}',
        '{ resource.service.name = "cart" }',
        '{ .http.response.status_code >= 500 }',
        '{ span.http.response.status_code >= 500 && duration > 100ms }',
        '{ status = error }',
        '{ status = error && kind = client }',
        '{ kind = producer } || { kind = consumer }',
        '{ name =~ "cart.*" }',
        '{ name !~ ".*Get" && kind = internal }',
        '{ .user.tier != "gold" }',
        '{ .cache.hit = true }',
        '{ .cache.hit }',
        '{ .ratio > 0.5 }',
        '{ .retry + 1 = 4 }',
        '{ .retry * 2 > .retry + 5 }',
        '{ .user.tier = nil && kind = server }',
        '{ .user.tier != nil }',
        '{ .tags = "t3" }',
        '{ event.exception.type = "LockTimeout" }',
        '{ event:name = "exception" }',
        '{ statusMessage = "lock timeout" }',
        '{ rootServiceName = "frontend" && name = "send" }',
        '{ rootName = "GET /cart" && kind = producer }',
        '{ traceDuration > 300ms && kind = internal }',
        '{ nestedSetParent < 0 && duration > 300ms }',
        '{ span:childCount = 0 && kind = client }',
        '{ trace:id = "' + data.trace_id(5) + '" }',
        '{ link:traceID = "' + data.trace_id(1) + '" }',
        '{ instrumentation:name = "shop" && name = "render" }',
        '{ resource.service.version = "1.2" && name = "send" }',
        '{ name = "GET /cart" } && { status = error && kind = client }',
        '{ name = "GET /cart" } >> { status = error }',
        '{ name = "GET /cart" } > { kind = client }',
        '{ name = "SELECT carts" } << { kind = server }',
        '{ name = "SELECT carts" } < { .rpc.system = "grpc" }',
        '{ name = "render" } ~ { kind = client }',
        '{ kind = client } !>> { kind = server }',
        '{ name = "render" } !~ { kind = producer }',
        '{ name = "GET /cart" } &>> { status = error }',
        '{ name = "GET /cart" } &> { name = "render" }',
        '{ status = error } | count() > 1',
        '{ } | avg(duration) > 100ms',
        '{ kind = client } | max(duration) > 300ms',
        '{ kind = client } | sum(duration) < 100ms',
        '{ kind = client } | min(.retry) >= 7',
        '{ } | by(resource.service.name) | count() > 3',
        '{ kind = client } | by(name)',
        '{ } | by(resource.service.name) | coalesce() | count() > 5',
        '{ status = error } | select(resource.service.version, span.db.system.name)',
        '({ kind = client } | count() > 1) && ({ status = error })',
    ]),
    "/api/traces/{t1}",
    "/api/traces/ffff",
    "/api/traces/zz",
    "/api/v2/traces/{t3}",
    "/api/v2/search/tags?scope=span&" + RANGE,
    "/api/v2/search/tags?scope=intrinsic&" + RANGE,
    "/api/v2/search/tag/resource.service.name/values?" + RANGE,
    "/api/v2/search/tag/span.retry/values?" + RANGE,
    "/api/v2/search/tag/.user.tier/values?" + RANGE,
    "/api/v2/search/tag/name/values?q=%7B%20resource.service.name%20%3D%20%22cart%22%20%7D&" + RANGE,
    "/api/v2/search/tag/status/values?" + RANGE,
    "/api/v2/search/tag/kind/values?" + RANGE,
    "/api/search?q=%7B&" + RANGE,
    "/api/search?q=%7B%20status%20%7D&" + RANGE,
    "/api/search?q=%7B%7D&start=5&end=3",
    "/api/metrics/query_range?q=%7B%7D&" + RANGE,
]


# ---- Making answers comparable ----

VOLATILE = {"inspectedBytes", "inspectedTraces", "inspectedSpans", "totalBlocks", "totalBlockBytes", "completedJobs",
            "totalJobs", "backendReads", "backendBytes", "serviceStats", "additionalMetrics"}


def offsets(text, base):
    """Times of the data set, in whatever unit, as offsets."""
    def replace(match):
        n = int(match.group())
        for unit, name in ((1, "ns"), (1000, "us"), (10**6, "ms"), (10**9, "s")):
            if abs(n * unit - base) < HOUR:
                return f"{n - base // unit}{name}"
        return match.group()
    return re.sub(r"(?<![0-9a-fA-F.])[0-9]{10,19}(?![0-9a-fA-F.])", replace, text)


def name_processes(trace):
    """Jaeger numbers processes as it likes: the service's name says which one is meant."""
    names = {key: p["serviceName"] for key, p in trace["processes"].items()}
    spans = [dict(span, processID=names[span["processID"]]) for span in trace["spans"]]
    return dict(trace, spans=spans, processes={names[key]: p for key, p in trace["processes"].items()})


def tidy(value, base):
    if isinstance(value, dict):
        if isinstance(value.get("processes"), dict) and "spans" in value:
            value = name_processes(value)
        return {k: tidy(v, base) for k, v in sorted(value.items()) if k not in VOLATILE}
    if isinstance(value, list):
        return sorted((tidy(v, base) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    if isinstance(value, int) and not isinstance(value, bool):
        text = offsets(str(value), base)
        return int(text) if re.fullmatch(r"-?[0-9]+", text) else text
    return offsets(value, base) if isinstance(value, str) else value


def comparable(status, body, base):
    """Lists are sorted: their order is looked at by other tests. Errors are compared by their status."""
    if status != 200:
        return {"status": status}
    try:
        return {"status": status, "body": tidy(json.loads(body), base)}
    except ValueError:
        return {"status": status, "text": offsets(body, base)}
