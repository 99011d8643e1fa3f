//! Conveniences of the Responses API.

use crate::types::responses::{Response, ResponseOutputContent, ResponseOutputItem};

impl Response {
    /// All text of the output messages, one after the other; empty if there is none.
    pub fn output_text(&self) -> String {
        let mut text = String::new();
        for item in &self.output {
            let ResponseOutputItem::Message(message) = item else { continue };
            for content in &message.content {
                if let ResponseOutputContent::OutputText(part) = content {
                    text.push_str(&part.text);
                }
            }
        }
        text
    }
}
