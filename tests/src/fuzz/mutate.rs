//! Mutations of inputs, by chance that is the same every time.

use crate::synthesis::Dice;

/// Bytes and words that decide something in one of the formats.
const WORDS: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"data: ",
    b"event: ",
    b"id: ",
    b"retry: 1",
    b":",
    b"\"",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"null",
    b"true",
    b"-",
    b"0",
    b"1e999",
    b"9223372036854775808",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    "é".as_bytes(),
    "\u{2028}".as_bytes(),
    b"\"type\":",
    b"\"$ref\":",
    b"Mon, ",
    b" GMT",
    b"inf",
];

/// An input that differs from another a little; `donor` lends it a piece now and then.
pub fn mutate(input: &[u8], donor: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.splice(at..at, WORDS[dice.below(WORDS.len())].iter().copied())),
            2 => drop(bytes.drain(at..(at + dice.below(16)).min(bytes.len()))),
            3 => {
                let piece = bytes[at..(at + dice.below(32)).min(bytes.len())].to_vec();
                let to = dice.below(bytes.len() + 1);
                drop(bytes.splice(to..to, piece));
            }
            4 if !donor.is_empty() => {
                let from = dice.below(donor.len());
                let piece = donor[from..(from + dice.below(64)).min(donor.len())].iter().copied();
                drop(bytes.splice(at..at, piece));
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}
