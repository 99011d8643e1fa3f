//! What a restored connection is told again: the events that configured the one before it. Knows no event but by its type, and no socket.

use std::collections::BTreeSet;

use super::message::Message;
use crate::json::Json;

/// The events of some types that were sent, in their order, as far as later ones do not say all that they said.
#[derive(Debug)]
pub(super) struct Replay {
    types: &'static [&'static str],
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    kind: String,
    /// The pointers of all values in the event.
    says: BTreeSet<String>,
    message: Message,
}

impl Replay {
    pub(super) fn new(types: &'static [&'static str]) -> Self {
        Self { types, kept: Vec::new() }
    }

    /// Keeps a message that was written, if it is of a kind that is repeated.
    pub(super) fn written(&mut self, message: &Message) {
        let Some(event) = message.as_text().and_then(|text| Json::from_text(text).ok()) else { return };
        let Some(kind) = event.tag("type").filter(|kind| self.types.contains(&&**kind)).map(|kind| kind.into_owned()) else { return };
        let mut says = BTreeSet::new();
        collect(&event.to_value(), &mut String::new(), &mut says);
        self.kept.retain(|earlier| earlier.kind != kind || !earlier.says.is_subset(&says));
        self.kept.push(Kept { kind, says, message: message.clone() });
    }

    /// What is to be sent first on a new connection.
    pub(super) fn messages(&self) -> Vec<Message> {
        self.kept.iter().map(|kept| kept.message.clone()).collect()
    }
}

/// The pointers of everything that is not an object. A list is one value: it is replaced as a whole.
fn collect(value: &serde_json::Value, at: &mut String, pointers: &mut BTreeSet<String>) {
    /// An id says something about the message, not about the session.
    const ABOUT_THE_MESSAGE: &str = "/event_id";
    match value {
        serde_json::Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                let len = at.len();
                at.push('/');
                at.push_str(key);
                collect(value, at, pointers);
                at.truncate(len);
            }
        }
        _ if at == ABOUT_THE_MESSAGE => {}
        _ => drop(pointers.insert(at.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sent: &[&str], expect: &[&str]) {
        let mut replay = Replay::new(&["session.update"]);
        for text in sent {
            replay.written(&Message::text(*text));
        }
        let found = replay.messages();
        assert_eq!(found.iter().map(|message| message.as_text().unwrap()).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn updates_are_kept_until_later_ones_say_as_much() {
        let voice = r#"{"type":"session.update","session":{"voice":"a"}}"#;
        let again = r#"{"type":"session.update","session":{"voice":"b"},"event_id":"e"}"#;
        let both = r#"{"type":"session.update","session":{"voice":"c","audio":{"speed":1}}}"#;
        let deep = r#"{"type":"session.update","session":{"audio":{"speed":2}}}"#;
        let empty = r#"{"type":"session.update","session":{"audio":{}}}"#;
        check(&[], &[]);
        check(&[r#"{"type":"response.create"}"#, "no json", "[1]"], &[]);
        check(&[voice, again], &[again]);
        check(&[again, voice], &[voice]);
        check(&[voice, deep], &[voice, deep]);
        check(&[voice, deep, both], &[both]);
        check(&[both, deep], &[both, deep]);
        check(&[deep, empty], &[deep, empty]);
    }
}
