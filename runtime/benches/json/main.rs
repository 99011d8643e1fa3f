//! The JSON layer against serde derive on the same shapes, timed by criterion.
#![allow(missing_docs, reason = "criterion's macros emit undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench is a test")]

mod cases;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use openai_runtime::json::{self, Decode, Encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

struct Timed<'c>(&'c mut Criterion);

impl cases::Visit for Timed<'_> {
    fn case<Ours: Decode + Encode, Derived: DeserializeOwned + Serialize>(&mut self, name: &str, text: &str) {
        let ours: Ours = json::from_str(text).unwrap();
        let derived: Derived = serde_json::from_str(text).unwrap();
        let (a, b) = (json::encode(&ours).unwrap().json, serde_json::to_string(&derived).unwrap());
        assert_eq!(json::Json::from_text(&a).unwrap(), json::Json::from_text(&b).unwrap(), "both sides write the same");
        let bytes = text.as_bytes();
        let mut group = self.0.benchmark_group(format!("decode/{name}"));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("ours", |b| b.iter(|| json::from_slice::<Ours>(black_box(bytes)).unwrap()));
        group.bench_function("derive", |b| b.iter(|| serde_json::from_slice::<Derived>(black_box(bytes)).unwrap()));
        group.finish();
        let mut group = self.0.benchmark_group(format!("encode/{name}"));
        group.bench_function("ours", |b| b.iter(|| json::encode(black_box(&ours)).unwrap()));
        group.bench_function("derive", |b| b.iter(|| serde_json::to_string(black_box(&derived)).unwrap()));
        group.finish();
    }
}

fn benches(c: &mut Criterion) {
    cases::visit(&mut Timed(c));
}

criterion_group! {
    name = json_layer;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(30);
    targets = benches
}
criterion_main!(json_layer);
