//! What a span costs with OpenTelemetry's SDK for Rust: the same work as bench/sdk.c, CPU time of the traced thread.
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry::KeyValue;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, SpanData, SpanExporter};

const RUNS: usize = 5;
const SPANS: i64 = 100 * 1024;
const BURST: i64 = 1024;

#[derive(Debug)]
struct Drop;

impl SpanExporter for Drop {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

fn thread_ns() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut t) };
    t.tv_sec as f64 * 1e9 + t.tv_nsec as f64
}

fn attributes(tracer: &SdkTracer, i: i64) {
    let mut span = tracer.start("GET /api/v1/orders/{id}");
    if span.is_recording() {
        span.set_attribute(KeyValue::new("http.request.method", "GET"));
        span.set_attribute(KeyValue::new("http.route", "/api/v1/orders/{id}"));
        span.set_attribute(KeyValue::new("http.response.status_code", 200 + (i & 3)));
        span.set_attribute(KeyValue::new("cache.hit", i & 1 != 0));
        span.set_attribute(KeyValue::new("app.cpu_ms", i as f64 * 0.25));
    }
    span.end();
}

fn empty(tracer: &SdkTracer, _i: i64) {
    tracer.start("GET /api/v1/orders/{id}").end();
}

fn measure(name: &str, work: fn(&SdkTracer, i64), provider: SdkTracerProvider) {
    let tracer = provider.tracer("bench");
    let mut runs = [0.0; RUNS];
    for run in runs.iter_mut() {
        let mut sum = 0.0;
        for begin in (0..SPANS).step_by(BURST as usize) {
            let start = thread_ns();
            for i in begin..begin + BURST {
                work(&tracer, i);
            }
            sum += thread_ns() - start;
            let _ = provider.force_flush();
        }
        *run = sum / SPANS as f64;
    }
    runs.sort_by(f64::total_cmp);
    println!("sdk.peer_rust_{name}\t{:.2}\tns\t", runs[RUNS / 2]);
}

fn recording() -> SdkTracerProvider {
    SdkTracerProvider::builder().with_batch_exporter(Drop).build()
}

fn main() {
    measure("recorded_5_attributes", attributes, recording());
    measure("recorded_empty", empty, recording());
    let off = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).build();
    measure("not_sampled", attributes, off);
}
