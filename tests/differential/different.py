"""Where our answers differ on purpose, and why. A difference that is none any more fails the test."""

import asked

WHY = {
    "zipkin": {
        "/api/v2/dependencies?endTs={end_ms}&lookback={lookback_ms}":
            "Zipkin counts calls to remote endpoints that send no spans, and none through a broker; we count spans",
        "/api/v2/autocompleteKeys": "Zipkin has only keys that its operator lists; we have all that occur",
    },
    "jaeger": {
        "/api/services/nobody/operations": "an empty list, where Jaeger says null",
        "/api/traces?service=frontend&{V1}": "we do not adjust clocks, and so do not warn that we could not",
        "/api/traces?service=frontend&tags=%7B%22user.tier%22%3A%22gold%22%7D&{V1}": "the same",
        "/api/traces?service=frontend&minDuration=30ms&maxDuration=60ms&{V1}": "the same",
        "/api/traces?service=frontend&operation=render&{V1}&limit=2":
            "we give the newest traces, Jaeger's memory storage the oldest",
        "/api/v3/traces?query.service_name=frontend&query.num_traces=2&{V3}": "the same",
        "/api/traces?service=cart&tags=%7B%22error%22%3A%22true%22%7D&{V1}":
            "a span whose status is an error has the tag error=true that Jaeger shows, and is found by it",
        "/api/dependencies?endTs={end_ms}&lookback={lookback_ms}": "calls inside one service are no dependency",
    },
    "tempo": {
        asked.q('{ .user.tier = nil && kind = server }'):
            "Tempo also finds a span that has the key, as its resource has not",
        asked.q('{ .tags = "t3" }'): "an array is shown whole, not only its element that matched",
        asked.q('{ span:childCount = 0 && kind = client }'): "Tempo counts children only in finished blocks",
        asked.q('{ name = "GET /cart" } && { status = error && kind = client }'):
            "the fields that any condition names are shown of all spans",
        asked.q('({ kind = client } | count() > 1) && ({ status = error })'): "the same",
        "/api/traces/{t1}": "a status that was not sent is not there",
        "/api/v2/traces/{t3}": "the same",
    },
}


for answers in WHY.values():
    for path in list(answers):
        answers[path.replace("{V1}", asked.V1).replace("{V3}", asked.V3)] = answers.pop(path)


def strip_zipkin(value):
    """Spans that came as Zipkin's go out with the status that OpenTelemetry's mapping asks for."""
    if isinstance(value, list):
        return [strip_zipkin(v) for v in value]
    if isinstance(value, dict):
        return {k: strip_zipkin(v) for k, v in value.items() if k != "otel.status_code"}
    return value


def strip_tempo(value):
    """Tempo names spans only where a query speaks of names; we always do."""
    if isinstance(value, list):
        return [strip_tempo(v) for v in value]
    if isinstance(value, dict):
        return {k: strip_tempo(v) for k, v in value.items() if k != "name" or "spanID" not in value}
    return value.strip() if isinstance(value, str) else value


def without(dialect, answer):
    """The answer without what is left to the server."""
    return {"zipkin": strip_zipkin, "tempo": strip_tempo}.get(dialect, lambda a: a)(answer)
