//! What holds for every type of the document: the traits that it has, and that whatever comes in its place comes back.

use std::collections::BTreeSet;
use std::path::Path;

use openai::dynamic::{self, NamedType};
use openai::{Json, JsonModel};
use openai_generator::diagnostics::Diagnostics;
use openai_tests::parallel;
use openai_tests::synthesis::{Choice, Synthesis};
use serde_json::{Value, json};

/// The public types of these shapes.
fn shaped(shapes: &[&str]) -> BTreeSet<&'static str> {
    let surface = include_str!("../../../generated/surface.txt");
    let types = surface.lines().filter_map(|line| line.strip_prefix("type ")?.split_once(" = "));
    types.filter(|(_, shape)| shapes.contains(shape)).map(|(name, _)| name).collect()
}

/// The registry takes only types that are `Clone`, `Debug`, `Default`, `PartialEq`, `Send`, `Sync` and `'static`: that it compiles says so of all that are in it.
#[test]
fn the_registry_which_asks_for_all_traits_has_every_public_type() {
    let public = shaped(&["struct", "enum", "union"]);
    let registered: BTreeSet<&str> = dynamic::types().map(|(_, named)| named.name()).collect();
    assert!(public.len() > 1500, "{}", public.len());
    assert_eq!(public.difference(&registered).collect::<Vec<_>>(), [&""; 0]);
}

#[test]
fn what_is_not_in_the_registry_has_the_traits_too() {
    fn check_shared<T: Send + Sync + 'static>() {}
    fn check_moved<T: Send + 'static>() {}
    fn check_value<T: Clone + std::fmt::Debug + PartialEq + Send + Sync + 'static>() {}
    check_value::<openai::Map<String>>();
    check_value::<Json>();
    check_value::<openai::Upload>();
    check_shared::<openai::Client>();
    check_shared::<openai::Error>();
    check_shared::<openai::resources::responses::Responses>();
    check_shared::<openai::resources::chat::completions::Completions>();
    check_shared::<openai::Page<openai::types::models::ListModelsResponse>>();
    // What is read belongs to one task at a time.
    check_moved::<openai::Call<openai::types::models::Model>>();
    check_moved::<openai::EventStream<openai::types::responses::ResponseStreamEvent>>();
    check_moved::<openai::Binary>();
    check_moved::<openai::RequestBody>();
}

/// What a place of a value is replaced by.
#[derive(Clone, Copy, Debug)]
enum Change {
    Null,
    Text,
    Integer,
    Number,
    Boolean,
    List,
    Object,
    Removed,
    NewMember,
}

const CHANGES: [Change; 9] = [
    Change::Null,
    Change::Text,
    Change::Integer,
    Change::Number,
    Change::Boolean,
    Change::List,
    Change::Object,
    Change::Removed,
    Change::NewMember,
];

/// As many places of a value are changed, evenly spread, each in three ways.
const PLACES: usize = 24;

#[test]
fn whatever_comes_in_the_place_of_a_value_comes_back() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/openapi.yaml");
    let document = openai_generator::load::load(&mut Diagnostics::default(), &spec).expect("the document").root;
    // A list or a map of texts has no room for anything else, unless it is a field.
    let objects = shaped(&["struct", "union"]);
    let types: Vec<(&NamedType, &str)> = dynamic::types()
        .filter(|(_, named)| objects.contains(named.name()))
        .filter_map(|(_, named)| Some((named, named.schema()?)))
        .collect();
    let counts = parallel::map(&types, |(named, schema)| {
        let values = (0..3).filter_map(|number| Synthesis::new(&document, Choice::Full(number)).component(schema));
        // A file is no JSON: it goes out as a part of its own.
        values.filter(|value| !value.to_string().contains("\"$file\"")).map(|value| check_changes(named, &value)).sum::<usize>()
    });
    let (types, checked) = (types.len(), counts.iter().sum::<usize>());
    assert!(types > 900 && checked > 50 * types, "{checked} of {types} types");
}

/// Changes a value in many places and expects each to decode and to encode back to the same JSON.
fn check_changes(named: &NamedType, value: &Value) -> usize {
    same(named, value);
    let mut places = Vec::new();
    collect_places(value, &mut String::new(), &mut places);
    let step = places.len().div_ceil(PLACES).max(1);
    let mut count = 1;
    for (number, place) in places.iter().step_by(step).enumerate() {
        for change in (0..3).map(|turn| CHANGES[(number * 3 + turn) % CHANGES.len()]) {
            let mut changed = value.clone();
            apply(&mut changed, place, change);
            same(named, &changed);
            count += 1;
        }
    }
    count
}

fn same(named: &NamedType, value: &Value) {
    let text = value.to_string();
    let decoded = named.from_json(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", named.name()));
    let encoded = decoded.to_json();
    assert!(Json::from_text(&encoded).expect("JSON") == Json::from(value), "{}: {text}\nbecame {encoded}", named.name());
    let again = named.from_json(&encoded).expect("what is encoded decodes").to_json();
    assert!(again == encoded, "{}: {encoded}\nbecame {again}", named.name());
}

/// The pointers to all values inside a value.
fn collect_places(value: &Value, at: &mut String, places: &mut Vec<String>) {
    let mut inside = |step: &str, value: &Value| {
        let length = at.len();
        at.push('/');
        at.push_str(&step.replace('~', "~0").replace('/', "~1"));
        places.push(at.clone());
        collect_places(value, at, places);
        at.truncate(length);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| inside(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| inside(&index.to_string(), value)),
        _ => {}
    }
}

fn apply(value: &mut Value, place: &str, change: Change) {
    let Some(slot) = value.pointer_mut(place) else { unreachable!("the place was found in the value") };
    match change {
        Change::Null => *slot = Value::Null,
        Change::Text => *slot = "brand new".into(),
        Change::Integer => *slot = 7.into(),
        Change::Number => *slot = 7.5.into(),
        Change::Boolean => *slot = true.into(),
        Change::List => *slot = json!([1, "x", null, { "a": 1 }]),
        Change::Object => *slot = json!({ "a": 1, "type": "brand new" }),
        Change::NewMember => match slot {
            Value::Object(members) => drop(members.insert("brand_new".to_owned(), json!({ "deep": [1.5, null] }))),
            _ => *slot = json!({ "brand_new": [] }),
        },
        Change::Removed => {
            let (parent, name) = place.rsplit_once('/').unwrap_or_default();
            let name = name.replace("~1", "/").replace("~0", "~");
            match value.pointer_mut(parent) {
                Some(Value::Object(members)) => drop(members.remove(&name)),
                Some(Value::Array(items)) => drop(items.pop()),
                _ => {}
            }
        }
    }
}

#[test]
fn values_pass_through_serde() {
    #[track_caller]
    fn check<T: JsonModel + PartialEq + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned>(json: Value) {
        let value: T = serde_json::from_value(json.clone()).expect("serde decodes");
        assert_eq!(value, T::from_value(&json).expect("it decodes"));
        assert_eq!(serde_json::to_value(&value).expect("serde encodes"), json);
    }
    check::<openai::types::responses::Response>(json!({ "id": "r", "output": [{ "type": "new", "x": [1] }], "more": 1 }));
    check::<openai::types::responses::ResponseOutputItem>(json!({ "type": "message", "content": "odd" }));
    check::<openai::types::responses::ResponseStatus>(json!("sleeping"));
}
