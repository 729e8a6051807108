"""What a span costs with OpenTelemetry's SDK for Python: the same work as bench/sdk.c, CPU time of the traced thread."""
import time

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

RUNS, SPANS, BURST = 5, 8192, 1024


class Drop(SpanExporter):
    def export(self, spans):
        return SpanExportResult.SUCCESS

    def shutdown(self):
        pass


def attributes(tracer, i):
    span = tracer.start_span("GET /api/v1/orders/{id}")
    span.set_attributes(
        {
            "http.request.method": "GET",
            "http.route": "/api/v1/orders/{id}",
            "http.response.status_code": 200 + (i & 3),
            "cache.hit": bool(i & 1),
            "app.cpu_ms": i * 0.25,
        }
    )
    span.end()


def empty(tracer, i):
    tracer.start_span("GET /api/v1/orders/{id}").end()


def measure(work, provider):
    tracer = provider.get_tracer("bench")
    runs = []
    for _ in range(RUNS):
        total = 0
        for begin in range(0, SPANS, BURST):
            start = time.thread_time_ns()
            for i in range(begin, begin + BURST):
                work(tracer, i)
            total += time.thread_time_ns() - start
            provider.force_flush()
        runs.append(total / SPANS)
    return sorted(runs)[RUNS // 2]


def recording():
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Drop()))
    return provider


for name, work, provider in (
    ("recorded_5_attributes", attributes, recording()),
    ("recorded_empty", empty, recording()),
    ("not_sampled", attributes, TracerProvider(sampler=ALWAYS_OFF)),
):
    print(f"sdk.peer_python_{name}\t{measure(work, provider):.2f}\tns\t")
    provider.shutdown()
