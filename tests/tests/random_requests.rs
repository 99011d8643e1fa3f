//! Requests of random values: what arrives at a server is what was put in, for every operation with a JSON body and most often for those with the largest.

use std::cmp::Reverse;
use std::path::Path;

use openai::dynamic::{self, NamedOperation};
use openai::{Client, Json};
use openai_generator::diagnostics::Diagnostics;
use openai_runtime::Body;
use openai_tests::corpus::Differences;
use openai_tests::server::{Answer, Server};
use openai_tests::synthesis::{Choice, Dice, Synthesis};
use serde_json::{Map, Value};

const EACH: u64 = 6;
const LARGEST: usize = 12;
const LARGEST_EACH: u64 = 60;

fn arguments(document: &Value, operation: &NamedOperation, choice: Choice) -> Map<String, Value> {
    let data = operation.operation();
    let query: Vec<String> = data.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let path = if query.is_empty() { data.path.to_owned() } else { format!("{}?{}", data.path, query.join("&")) };
    let flag: Vec<&str> = data.stream.iter().map(|flag| flag.field).collect();
    let method = format!("{:?}", data.method).to_uppercase();
    Synthesis::new(document, choice).arguments(&method, &path, "application/json", &flag).expect("the document has the operation")
}

/// What of the arguments is the body.
fn body(operation: &NamedOperation, arguments: &Map<String, Value>) -> Value {
    let data = operation.operation();
    let elsewhere = |name: &str| {
        data.path.contains(&format!("{{{name}}}"))
            || data.query_fields.contains(&name)
            || data.header_fields.iter().any(|(field, _)| *field == name)
    };
    let mut body: Map<String, Value> = arguments.iter().filter(|(name, _)| !elsewhere(name)).map(|(k, v)| (k.clone(), v.clone())).collect();
    for (field, value) in data.defaults {
        body.entry(*field).or_insert_with(|| serde_json::from_str(value).expect("a default is JSON"));
    }
    body.into()
}

#[test]
fn what_arrives_is_what_was_put_in() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/openapi.yaml");
    let document = openai_generator::load::load(&mut Diagnostics::default(), &spec).expect("the document").root;
    let server = Server::start(|_| Answer::json("{}")).expect("a free port");
    let builder = Client::builder().env(|_| None).api_key("k").admin_api_key("a").base_url(server.url()).max_retries(0);
    let client: Client = builder.build().expect("a client");
    let mut operations: Vec<&'static NamedOperation> = dynamic::operations().filter(|o| o.operation().body == Body::Json).collect();
    operations.sort_by_key(|operation| Reverse(Value::from(arguments(&document, operation, Choice::Full(0))).to_string().len()));
    assert!(operations.len() > 80, "{}", operations.len());
    let mut sent = 0;
    for (rank, operation) in operations.into_iter().enumerate() {
        for seed in 0..if rank < LARGEST { LARGEST_EACH } else { EACH } {
            let arguments = arguments(&document, operation, Choice::Random(Dice::new(seed)));
            // Otherwise something would arrive that no typed field holds.
            let departures = operation.departures(Value::from(arguments.clone()));
            assert!(departures.is_empty(), "{} with seed {seed}: {departures:?}\n{}", operation.name(), Value::from(arguments));
            let call = operation.call(&client, Value::from(arguments.clone()));
            // A path parameter may have turned out as what no path can hold.
            let Ok(call) = call.map(|call| call.raw()).and_then(|call| call.request().map(|_| call)) else { continue };
            call.blocking().expect("an answer");
            sent += 1;
            let request = server.take_requests().pop().expect("the request");
            let arrived = Json::from_text(&String::from_utf8_lossy(&request.body)).expect("JSON").to_value();
            let mut differences = Differences::new();
            differences.json("body", &body(operation, &arguments), &arrived);
            assert!(differences.is_empty(), "{} with seed {seed}: {differences}\n{}", operation.name(), Value::from(arguments));
        }
    }
    assert!(sent > 1000, "{sent}");
}
