//! Values for the schemas of the document: the least that is valid, everything that is allowed, or anything at random; always the same for the same choice.
//! Knows JSON Schema as the document uses it, and nothing of the SDK.

mod dice;

use serde_json::{Map, Value, json};

pub use dice::Dice;

/// Objects inside objects, from which on optional properties are left out.
const DEEP: usize = 5;
/// Objects inside objects, from which on no value is made: another branch must do.
const TOO_DEEP: usize = 12;

/// How much is made.
#[derive(Clone, Debug)]
pub enum Choice {
    /// Required properties, first branches.
    Minimal,
    /// All properties, the branch of that number (again from the beginning where there are fewer).
    Full(usize),
    /// By chance.
    Random(Dice),
}

/// Makes values for the schemas of a document.
#[derive(Clone, Debug)]
pub struct Synthesis<'d> {
    document: &'d Value,
    choice: Choice,
    depth: usize,
    /// Texts that were made so far, which number the next.
    texts: usize,
}

impl<'d> Synthesis<'d> {
    /// Makes values by this choice.
    pub fn new(document: &'d Value, choice: Choice) -> Self {
        Self { document, choice, depth: 0, texts: 0 }
    }

    /// The arguments of an operation, given as its method and its path in the document: path, query, headers and body together. `media` chooses among the forms of
    /// its body; properties in `without` are left out.
    ///
    /// # Errors
    /// When there is no such operation, or no value is found for one of its schemas.
    pub fn arguments(&mut self, method: &str, path: &str, media: &str, without: &[&str]) -> Result<Map<String, Value>, String> {
        let item = &self.document["paths"][path];
        let operation = &item[method.to_lowercase()];
        if operation.is_null() {
            return Err(format!("the document has no {method} {path}"));
        }
        let mut arguments = Map::new();
        let lists = [&item["parameters"], &operation["parameters"]];
        for parameter in lists.into_iter().filter_map(Value::as_array).flatten() {
            let parameter = self.resolved(parameter);
            let name = parameter["name"].as_str().unwrap_or_default().trim_end_matches("[]");
            if (parameter["required"] == true || self.takes_optional()) && !without.contains(&name) {
                let value = self.value(&parameter["schema"]).ok_or_else(|| format!("no value for the parameter {name}"))?;
                arguments.insert(name.to_owned(), value);
            }
        }
        let content = &self.resolved(&operation["requestBody"])["content"];
        let Some(body) = content.get(media).or_else(|| content.as_object()?.values().next()) else { return Ok(arguments) };
        match self.value(&body["schema"]).ok_or("no value for the body")? {
            Value::Object(members) => arguments.extend(members.into_iter().filter(|(name, _)| !without.contains(&name.as_str()))),
            other => return Err(format!("the body is no object but {other}")),
        }
        Ok(arguments)
    }

    /// A value for a schema with a name.
    pub fn component(&mut self, name: &str) -> Option<Value> {
        self.value(&json!({ "$ref": format!("#/components/schemas/{name}") }))
    }

    /// A value for a schema; None where it would never end.
    pub fn value(&mut self, schema: &Value) -> Option<Value> {
        if self.depth > TOO_DEEP {
            return None;
        }
        let schema = self.flat(schema);
        if let Some(constant) = schema.get("const") {
            return Some(constant.clone());
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array).filter(|values| !values.is_empty()) {
            return Some(values[self.pick(values.len())].clone());
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(branches) = schema.get(key).and_then(Value::as_array) {
                return self.branch(&schema, branches);
            }
        }
        match self.kind(&schema) {
            "object" => self.object(&schema),
            "array" => self.array(&schema),
            "integer" => Some(self.integer(&schema).into()),
            "number" => Some(self.number(&schema).into()),
            "boolean" => Some(
                match &mut self.choice {
                    Choice::Random(dice) => dice.below(2) == 0,
                    _ => true,
                }
                .into(),
            ),
            "null" => Some(Value::Null),
            _ => Some(self.text(&schema)),
        }
    }

    fn branch(&mut self, schema: &Map<String, Value>, branches: &[Value]) -> Option<Value> {
        let first = self.pick(branches.len());
        // What the branches have in common stands beside them.
        let common: Map<String, Value> = schema
            .iter()
            .filter(|(key, _)| matches!(key.as_str(), "properties" | "required" | "type"))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        (0..branches.len()).map(|step| &branches[(first + step) % branches.len()]).find_map(|branch| {
            // Null is the last resort: it says least about the type.
            let is_null = branch["type"] == "null" && branches.len() > 1 && !matches!(self.choice, Choice::Random(_));
            if is_null { None } else { self.value(&json!({ "allOf": [common, branch] })) }
        })
    }

    fn kind(&mut self, schema: &Map<String, Value>) -> &'static str {
        const KINDS: [&str; 7] = ["string", "object", "array", "integer", "number", "boolean", "null"];
        let known = |name: &str| KINDS.into_iter().find(|kind| *kind == name).unwrap_or("string");
        match schema.get("type") {
            Some(Value::String(kind)) => known(kind),
            Some(Value::Array(kinds)) => known(kinds[self.pick(kinds.len())].as_str().unwrap_or_default()),
            _ if schema.contains_key("properties") || schema.contains_key("additionalProperties") => "object",
            _ if schema.contains_key("items") => "array",
            _ => "string",
        }
    }

    fn object(&mut self, schema: &Map<String, Value>) -> Option<Value> {
        self.depth += 1;
        let made = self.members(schema);
        self.depth -= 1;
        made.map(Value::Object)
    }

    fn members(&mut self, schema: &Map<String, Value>) -> Option<Map<String, Value>> {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut members = Map::new();
        for (name, property) in properties {
            let is_required = required.contains(&name.as_str());
            if !is_required && (self.depth > DEEP || !self.takes_optional() || property["readOnly"] == true) {
                continue;
            }
            match self.value(property) {
                Some(value) => drop(members.insert(name.clone(), value)),
                None if is_required => return None,
                None => {}
            }
        }
        if let Some(more) = schema.get("additionalProperties").filter(|more| more.is_object())
            && self.takes_optional()
            && let Some(value) = self.value(more)
        {
            members.insert("key".to_owned(), value);
        }
        Some(members)
    }

    fn array(&mut self, schema: &Map<String, Value>) -> Option<Value> {
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
        let least = bound("minItems").unwrap_or(0);
        let length = match &mut self.choice {
            Choice::Minimal => least,
            Choice::Full(_) => 1.max(least),
            Choice::Random(dice) => least + dice.below(3),
        };
        let length = if self.depth > DEEP { least } else { length.min(bound("maxItems").unwrap_or(usize::MAX)) };
        let items = schema.get("items").cloned().unwrap_or_default();
        (0..length).map(|_| self.value(&items)).collect()
    }

    fn integer(&mut self, schema: &Map<String, Value>) -> i64 {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        #[expect(clippy::cast_possible_truncation, reason = "a bound beyond the type saturates")]
        let (least, most) = (bound("minimum").unwrap_or(0.0) as i64, bound("maximum").unwrap_or(1e15) as i64);
        match &mut self.choice {
            Choice::Random(dice) => dice.between(least, most),
            _ => least.max(1).min(most),
        }
    }

    fn number(&mut self, schema: &Map<String, Value>) -> f64 {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let (least, most) = (bound("minimum").unwrap_or(0.0), bound("maximum").unwrap_or(1.0).max(bound("minimum").unwrap_or(0.0)));
        match &mut self.choice {
            Choice::Random(dice) => least + (most - least) * dice.fraction(),
            _ => least + (most - least) / 4.0,
        }
    }

    fn text(&mut self, schema: &Map<String, Value>) -> Value {
        self.texts += 1;
        let number = self.texts;
        let text = match schema.get("format").and_then(Value::as_str) {
            Some("binary") => return json!({ "$file": { "name": format!("f{number}.bin"), "bytes": "aGVsbG8=" } }),
            Some("uri") => format!("https://example.com/{number}"),
            Some("date") => "2026-01-02".to_owned(),
            Some("date-time") => "2026-01-02T03:04:05Z".to_owned(),
            _ => match schema.get("pattern").and_then(Value::as_str) {
                Some(pattern) if pattern.starts_with("^tunnel_") => format!("tunnel_{number:0>32}"),
                Some(_) => format!("t{number}"),
                None => match &mut self.choice {
                    Choice::Random(dice) => dice.text(),
                    _ => format!("t{number}"),
                },
            },
        };
        let most = schema.get("maxLength").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let text: String = text.chars().take(most).collect();
        let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0);
        if least > 0 && text.is_empty() { "t".into() } else { text.into() }
    }

    fn takes_optional(&mut self) -> bool {
        match &mut self.choice {
            Choice::Minimal => false,
            Choice::Full(_) => true,
            Choice::Random(dice) => dice.below(3) == 0,
        }
    }

    fn pick(&mut self, count: usize) -> usize {
        match &mut self.choice {
            Choice::Minimal => 0,
            Choice::Full(number) => *number % count.max(1),
            Choice::Random(dice) => dice.below(count.max(1)),
        }
    }

    /// A schema with what it refers to and consists of laid into one object.
    fn flat(&self, schema: &Value) -> Map<String, Value> {
        let mut flat = Map::new();
        self.lay(schema, &mut flat, 0);
        flat
    }

    fn lay(&self, schema: &Value, flat: &mut Map<String, Value>, depth: usize) {
        let Some(members) = schema.as_object().filter(|_| depth < 32) else { return };
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            let target = self.document.pointer(reference.trim_start_matches('#')).cloned().unwrap_or_default();
            self.lay(&target, flat, depth + 1);
        }
        if members.contains_key("$recursiveRef") {
            // The one schema of the document that recurs so is the filter that holds filters.
            self.lay(&json!({ "$ref": "#/components/schemas/CompoundFilter" }), flat, depth + 1);
        }
        for part in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.lay(part, flat, depth + 1);
        }
        for (key, value) in members.iter().filter(|(key, _)| !matches!(key.as_str(), "$ref" | "$recursiveRef" | "allOf")) {
            match (flat.get_mut(key), value) {
                (Some(Value::Object(known)), Value::Object(more)) if key == "properties" => known.extend(more.clone()),
                (Some(Value::Array(known)), Value::Array(more)) if key == "required" => known.extend(more.clone()),
                _ => drop(flat.insert(key.clone(), value.clone())),
            }
        }
    }

    fn resolved<'v>(&self, value: &'v Value) -> &'v Value
    where
        'd: 'v,
    {
        value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.document.pointer(reference.trim_start_matches('#')))
            .unwrap_or(value)
    }
}
