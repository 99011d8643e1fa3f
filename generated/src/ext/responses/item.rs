//! What one output item of a response has come to, in a stream. Must not know the other items.

use std::collections::BTreeMap;

use openai_runtime::Snapshot;
use openai_runtime::json::recast;

use crate::types::responses::{
    OutputContent, ReasoningTextContent, RefusalContent, ResponseOutputContent, ResponseOutputItem, ResponseOutputText, SummaryTextContent,
};

/// One text that grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Text {
    /// A part of a message, by its index.
    Output(i64),
    /// A part of a message in which the model refuses.
    Refusal(i64),
    /// The arguments of a call.
    Arguments,
    /// The input of a custom tool.
    Input,
    /// The code of the code interpreter.
    Code,
    /// A part of the reasoning.
    Reasoning(i64),
    /// A part of its summary.
    Summary(i64),
}

/// One item so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    /// As it was added, or as it is in the end.
    item: ResponseOutputItem,
    /// Parts of a message, as they were added or are in the end.
    parts: BTreeMap<i64, ResponseOutputContent>,
    /// Texts that have grown since.
    texts: BTreeMap<Text, Snapshot>,
}

impl Item {
    /// Begins, or ends, with what the item is at that time.
    #[inline]
    pub(super) fn new(item: ResponseOutputItem) -> Self {
        let parts = match &item {
            ResponseOutputItem::Message(message) => (0..).zip(message.content.iter().cloned()).collect(),
            _ => BTreeMap::new(),
        };
        Self { item, parts, texts: BTreeMap::new() }
    }

    /// A part was added, or is complete.
    #[inline]
    pub(super) fn set_part(&mut self, index: i64, part: &OutputContent) {
        self.texts.remove(&Text::Output(index));
        self.texts.remove(&Text::Refusal(index));
        match part {
            OutputContent::ReasoningText(part) => _ = self.texts.insert(Text::Reasoning(index), part.text.clone().into()),
            other => _ = self.parts.insert(index, recast(other)),
        }
    }

    /// A text has grown; what it is now.
    #[inline]
    pub(super) fn grow(&mut self, text: Text, delta: &str) -> Snapshot {
        if matches!(text, Text::Output(_) | Text::Refusal(_)) && self.item == ResponseOutputItem::default() {
            // Events that were saved from the middle of a stream do not say so.
            self.item = ResponseOutputItem::Message(Box::default());
        }
        if !self.texts.contains_key(&text) {
            self.texts.insert(text, self.known(text).to_owned().into());
        }
        let snapshot = self.texts.entry(text).or_default();
        snapshot.make_mut().push_str(delta);
        snapshot.clone()
    }

    /// A text is complete.
    #[inline]
    pub(super) fn set(&mut self, text: Text, value: &str) {
        self.texts.insert(text, value.to_owned().into());
    }

    /// What the item says of a text that has not grown yet.
    #[inline]
    fn known(&self, text: Text) -> &str {
        match (text, &self.item) {
            (Text::Output(index) | Text::Refusal(index), _) => match self.parts.get(&index) {
                Some(ResponseOutputContent::OutputText(part)) => &part.text,
                Some(ResponseOutputContent::Refusal(part)) => &part.refusal,
                _ => "",
            },
            (Text::Arguments, ResponseOutputItem::FunctionCall(call)) => &call.arguments,
            (Text::Arguments, ResponseOutputItem::McpCall(call)) => &call.arguments,
            (Text::Input, ResponseOutputItem::CustomToolCall(call)) => &call.input,
            (Text::Code, ResponseOutputItem::CodeInterpreterCall(call)) => call.code.as_deref().unwrap_or_default(),
            _ => "",
        }
    }

    /// The item as far as it is known.
    #[inline]
    pub(super) fn complete(&self) -> ResponseOutputItem {
        let mut item = self.item.clone();
        if let ResponseOutputItem::Message(message) = &mut item {
            message.content = self.content();
        }
        for (text, value) in &self.texts {
            let value = || value.as_str().to_owned();
            match (text, &mut item) {
                (Text::Arguments, ResponseOutputItem::FunctionCall(call)) => call.arguments = value(),
                (Text::Arguments, ResponseOutputItem::McpCall(call)) => call.arguments = value(),
                (Text::Input, ResponseOutputItem::CustomToolCall(call)) => call.input = value(),
                (Text::Code, ResponseOutputItem::CodeInterpreterCall(call)) => call.code = Some(value()),
                // In the order of their indices, which the map has.
                (Text::Reasoning(_), ResponseOutputItem::Reasoning(item)) => {
                    item.content.get_or_insert_default().push(ReasoningTextContent::new(value()));
                }
                (Text::Summary(_), ResponseOutputItem::Reasoning(item)) => item.summary.push(SummaryTextContent::new(value())),
                _ => {}
            }
        }
        item
    }

    #[inline]
    fn content(&self) -> Vec<ResponseOutputContent> {
        let mut parts = self.parts.clone();
        for (text, value) in &self.texts {
            match text {
                Text::Output(index) => match parts.entry(*index).or_insert_with(|| ResponseOutputText::default().into()) {
                    ResponseOutputContent::OutputText(part) => part.text = value.as_str().to_owned(),
                    other => *other = ResponseOutputText { text: value.as_str().to_owned(), ..ResponseOutputText::default() }.into(),
                },
                Text::Refusal(index) => _ = parts.insert(*index, RefusalContent::new(value.as_str()).into()),
                _ => {}
            }
        }
        parts.into_values().collect()
    }
}
