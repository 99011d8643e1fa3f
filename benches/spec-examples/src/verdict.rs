//! What both sides make of one example.

use openai::Json;
use openai::dynamic::{Departure, Dynamic};

use crate::catalog::{Pair, Types};
use crate::example::Example;

/// How strict mode names what no variant of a union takes.
const NO_VARIANT: &str = "a value that fits a variant";

pub struct Verdict {
    pub type_name: &'static str,
    /// What lenient decoding says, if it fails.
    pub lenient: Option<String>,
    /// Whether it encodes to the same JSON again.
    pub is_equal: bool,
    /// Where a union found no arm.
    pub unplaced: Vec<String>,
    /// Unions that hold its type and do not decode it as that type.
    pub wrong_arms: Vec<&'static str>,
    /// What strict mode has against it.
    pub departures: Vec<Departure>,
    /// Why derived code rejects it.
    pub twin: Option<String>,
}

impl Verdict {
    pub fn new(example: &Example, types: &Types) -> Self {
        let json = example.json();
        let decoded = types.own.ours.from_json(json);
        let original = Json::from_text(json).ok();
        let departures = departures(&types.own, json);
        let unplaced = departures.iter().filter(|departure| departure.expected() == NO_VARIANT);
        let wrong_arms = types.unions.iter().filter(|union| self::departures(union, json) != departures).map(|union| union.name);
        Self {
            type_name: types.own.name,
            is_equal: decoded.as_ref().ok().map(Dynamic::to_raw) == original,
            lenient: decoded.err().map(|error| error.to_string()),
            unplaced: unplaced.map(|departure| departure.path().to_owned()).collect(),
            wrong_arms: wrong_arms.collect(),
            departures,
            twin: (types.own.twin)(json).err().map(|error| error.to_string()),
        }
    }

    /// Whether it and all that is in it is in the arm that its tag names.
    pub fn is_placed(&self) -> bool {
        self.wrong_arms.is_empty() && self.unplaced.is_empty()
    }
}

/// What strict mode has against JSON as that type.
fn departures(pair: &Pair, json: &str) -> Vec<Departure> {
    pair.ours.from_json_strict(json).err().map(|error| error.departures().to_vec()).unwrap_or_default()
}
