"""The spans that every server gets: a small shop with errors, retries, links, an orphan and values of all types.

Times are nanoseconds after `base`, a whole minute, so that what servers say can be compared whenever they say it."""

MS = 1_000_000
KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}


def value(v):
    if isinstance(v, bool):
        return {"boolValue": v}
    if isinstance(v, int):
        return {"intValue": str(v)}
    if isinstance(v, float):
        return {"doubleValue": v}
    if isinstance(v, list):
        return {"arrayValue": {"values": [value(x) for x in v]}}
    return {"stringValue": v}


def attributes(pairs):
    return [{"key": k, "value": value(v)} for k, v in pairs.items()]


def trace_id(n):
    return f"5b8efff798038103d269b633813f{n:04x}"


def span_id(n):
    return f"eee19b7ec3c1{n:04x}"


class Span:
    def __init__(self, trace, span, parent, service, name, kind, start_ms, ms, attrs=None, status=None, events=(),
                 links=()):
        self.__dict__.update(locals())


def spans():
    """(trace, span, parent, service, name, kind, start, duration, attributes, status, events, links)"""
    result = []
    for n in range(1, 9):
        at, slow = n * 2000, n % 4 == 0
        wait = 300 if slow else 0
        failed = n in (3, 8)
        add = lambda *a, **k: result.append(Span(n, *a, **k))
        add(16 * n + 1, 0, "frontend", "GET /cart", "server", at, 50 + wait,
            {"http.request.method": "GET", "http.route": "/cart", "http.response.status_code": 500 if failed else 200,
             "user.tier": "gold" if n % 2 else "free", "cache.hit": n % 2 == 0, "ratio": n / 8},
            (2, "upstream failed") if failed else (1, ""))
        add(16 * n + 2, 16 * n + 1, "frontend", "cart.Get", "client", at + 2, 40 + wait,
            {"rpc.system": "grpc", "rpc.service": "cart", "retry": n, "tags": ["a", f"t{n}"]})
        add(16 * n + 3, 16 * n + 2, "cart", "cart.Get", "server", at + 5, 30 + wait,
            {"rpc.system": "grpc", "thread.id": n * 1000})
        add(16 * n + 4, 16 * n + 3, "cart", "SELECT carts", "client", at + 8, 20 + wait,
            {"db.system.name": "postgresql", "db.query.text": f"SELECT * FROM carts WHERE id = {n}"},
            (2, "lock timeout") if failed else None,
            events=[(at + 10, "exception", {"exception.type": "LockTimeout", "exception.message": f"row {n}"})]
            if failed else ())
        add(16 * n + 5, 16 * n + 1, "frontend", "render", "internal", at + 45 + wait, 4)
        if n == 5:
            add(16 * n + 6, 0xdead, "mail", "send", "consumer", at + 60, 10, {"messaging.system": "kafka"},
                links=[(1, 17, {"reason": "batch"})])
        if n == 6:
            add(16 * n + 7, 16 * n + 1, "frontend", "publish", "producer", at + 46, 1, {"messaging.system": "kafka"})
            add(16 * n + 8, 16 * n + 7, "mail", "send", "consumer", at + 90, 15, {"messaging.system": "kafka"})
    return result


def otlp(base):
    """One ExportTraceServiceRequest as OTLP/JSON."""
    services = {}
    for s in spans():
        start = base + s.start_ms * MS
        item = {"traceId": trace_id(s.trace), "spanId": span_id(s.span), "name": s.name, "kind": KINDS[s.kind],
                "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + s.ms * MS),
                "attributes": attributes(s.attrs or {})}
        if s.parent:
            item["parentSpanId"] = span_id(s.parent)
        if s.status:
            item["status"] = {"code": s.status[0], "message": s.status[1]}
        if s.events:
            item["events"] = [{"timeUnixNano": str(base + at * MS), "name": name, "attributes": attributes(a)}
                              for at, name, a in s.events]
        if s.links:
            item["links"] = [{"traceId": trace_id(t), "spanId": span_id(i), "attributes": attributes(a)}
                             for t, i, a in s.links]
        services.setdefault(s.service, []).append(item)
    return {"resourceSpans": [
        {"resource": {"attributes": attributes({"service.name": name, "service.version": "1.2",
                                                "deployment.environment.name": "test"})},
         "scopeSpans": [{"scope": {"name": "shop", "version": "0.9"}, "spans": items}]}
        for name, items in services.items()]}


def zipkin(base):
    """The same as Zipkin v2 JSON, as an instrumented program would have sent it."""
    kinds = {"server": "SERVER", "client": "CLIENT", "producer": "PRODUCER", "consumer": "CONSUMER"}
    result = []
    for s in spans():
        item = {"traceId": trace_id(s.trace), "id": span_id(s.span), "name": s.name.lower(),
                "timestamp": (base + s.start_ms * MS) // 1000, "duration": s.ms * 1000,
                "localEndpoint": {"serviceName": s.service, "ipv4": "10.0.0.%d" % (1 + len(s.service))},
                "tags": {k: str(v).lower() if isinstance(v, bool) else str(v)
                         for k, v in (s.attrs or {}).items() if not isinstance(v, list)}}
        if s.parent:
            item["parentId"] = span_id(s.parent)
        if s.kind in kinds:
            item["kind"] = kinds[s.kind]
        if s.kind == "client" and "rpc.service" in (s.attrs or {}):
            item["remoteEndpoint"] = {"serviceName": "cart", "ipv4": "10.0.0.5", "port": 8080}
        if s.kind == "client" and "db.system.name" in (s.attrs or {}):
            item["remoteEndpoint"] = {"serviceName": "postgresql", "port": 5432}
        if s.status and s.status[0] == 2:
            item["tags"]["error"] = s.status[1]
        if s.events:
            item["annotations"] = [{"timestamp": (base + at * MS) // 1000, "value": name} for at, name, _ in s.events]
        result.append(item)
    return result
