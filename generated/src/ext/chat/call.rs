//! What one call of a function or custom tool has come to, in a stream. Knows nothing of events.

use std::collections::BTreeMap;

use openai_runtime::Snapshot;
use openai_runtime::json::{Object, merge};
use serde_json::{Map, Value};

use crate::JsonModel;
use crate::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCallChunk, ChatCompletionMessageToolCallFunction,
    ChatCompletionMessageToolCallsItem,
};

/// One call so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: Snapshot,
    /// Its type, when that is not `function`.
    kind: Option<String>,
    /// What a call of a function does not have.
    fields: Map<String, Value>,
    nesting: Nesting,
    /// The choice it belongs to is over.
    pub(super) is_over: bool,
    /// It was told that it is complete.
    pub(super) is_told: bool,
}

impl Call {
    /// The index of the call that a delta belongs to, before and after it was taken in. Without one, which some servers leave out, an id begins a new call.
    #[inline]
    pub(super) fn index(delta: &ChatCompletionMessageToolCallChunk, calls: &BTreeMap<i64, Self>) -> i64 {
        if !delta.extra.is_missing(ChatCompletionMessageToolCallChunk::FIELDS, "index") {
            return delta.index;
        }
        let last = calls.keys().next_back().copied();
        let Some(id) = &delta.id else { return last.unwrap_or(0) };
        match calls.iter().find(|(_, call)| call.id == *id) {
            Some((index, _)) => *index,
            None => last.map_or(0, |last| last + 1),
        }
    }

    #[inline]
    pub(super) fn merge(&mut self, delta: &ChatCompletionMessageToolCallChunk) {
        if let Some(id) = delta.id.as_ref().filter(|id| !id.is_empty()) {
            self.id.clone_from(id);
        }
        if let Some(function) = &delta.function {
            if let Some(name) = function.name.as_ref().filter(|name| !name.is_empty()) {
                self.name.clone_from(name);
            }
            if let Some(arguments) = &function.arguments {
                self.nesting.read(arguments);
                self.arguments.make_mut().push_str(arguments);
            }
        }
        if delta.extra.is_empty() {
            return;
        }
        let mut fields: Map<_, _> = delta.extra.iter().map(|(name, value)| (name.to_owned(), value.to_value())).collect();
        if let Some(Value::String(kind)) = fields.shift_remove("type") {
            self.kind = Some(kind);
        }
        merge(&mut self.fields, fields);
    }

    #[inline]
    pub(super) fn is_function(&self) -> bool {
        self.kind.is_none()
    }

    /// Whether nothing more can come.
    #[inline]
    pub(super) fn is_complete(&self) -> bool {
        self.is_over || self.nesting.is_closed
    }

    /// The call as far as it is known.
    #[inline]
    pub(super) fn complete(&self) -> ChatCompletionMessageToolCallsItem {
        let Some(kind) = &self.kind else {
            let function = ChatCompletionMessageToolCallFunction::new(&*self.name, self.arguments.as_str());
            let mut call = ChatCompletionMessageToolCall::new(&*self.id, function);
            for (name, value) in &self.fields {
                call.extra.insert(name, value);
            }
            return call.into();
        };
        let mut call = Map::from_iter([("id".to_owned(), Value::from(&*self.id)), ("type".to_owned(), Value::from(&**kind))]);
        call.extend(self.fields.clone());
        ChatCompletionMessageToolCallsItem::from_value(Value::Object(call)).unwrap_or_default()
    }
}

/// Follows brackets and strings of a JSON text that comes in pieces, to know when its outermost object is closed.
#[derive(Clone, Debug, Default)]
struct Nesting {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    is_closed: bool,
}

impl Nesting {
    #[inline]
    fn read(&mut self, piece: &str) {
        for byte in piece.bytes() {
            match byte {
                _ if std::mem::take(&mut self.is_escaped) => {}
                b'\\' if self.in_string => self.is_escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.is_closed |= self.depth == 0;
                }
                _ => {}
            }
        }
    }
}
