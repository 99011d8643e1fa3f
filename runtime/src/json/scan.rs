//! The inside of JSON strings: finding what ends or interrupts their plain parts, comparing names, and undoing escapes. Knows nothing else of JSON.

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
const BLOCK: usize = 32;

/// The index of the first quote, backslash or control character: what a JSON string cannot hold as it is.
#[inline]
pub(crate) fn special(bytes: &[u8]) -> Option<usize> {
    // Keys and most values end within two words.
    let mut at = 0;
    while at < 16 {
        let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) else {
            return special_in_tail(bytes, at);
        };
        let found = specials(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    special_in_long_text(bytes, at)
}

fn special_in_long_text(bytes: &[u8], mut at: usize) -> Option<usize> {
    // Blocks are tested without branches, which the compiler turns into vector code.
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        if block.iter().fold(false, |found, byte| found | is_special(*byte)) {
            break;
        }
        at += BLOCK;
    }
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = specials(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    special_in_tail(bytes, at)
}

/// The same for the last bytes, fewer than a word; there are none before `at`.
#[inline]
fn special_in_tail(bytes: &[u8], at: usize) -> Option<usize> {
    // A word that ends with the text, or two halves of one, overlap what was looked at: that does not change what is found first.
    let word = match (bytes.last_chunk(), bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(last), _, _) => u64::from_le_bytes(*last),
        (None, Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32,
        _ => return special_byte(bytes, at),
    };
    if specials(word) == 0 { None } else { special_byte(bytes, at) }
}

fn special_byte(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..)?.iter().position(|byte| is_special(*byte)).map(|index| at + index)
}

#[inline]
fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// The high bit of the first special byte of eight (in memory order), and of none before it. Subtracting from a byte borrows from
/// the next one only if it was special itself, so that the lowest bit is right.
#[inline]
fn specials(word: u64) -> u64 {
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (control | zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\')))) & HIGH
}

/// Whether two names are the same. Most have up to 16 bytes, which a call of `memcmp` takes longer to reach than to compare.
#[inline]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
        Some((bytes.first_chunk()?, bytes.last_chunk()?))
    }
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0..4 => a.iter().zip(b).all(|(a, b)| a == b),
        4..8 => ends::<4>(a) == ends::<4>(b),
        8..=16 => ends::<8>(a) == ends::<8>(b),
        _ => ends::<8>(a) == ends::<8>(b) && a == b,
    }
}

/// Undoes the escapes of the string whose inside a text begins with, and returns its length up to the closing quote. None for
/// what is not a string, or not Unicode.
pub(crate) fn unescape(text: &str, out: &mut String) -> Option<usize> {
    let mut rest = text;
    loop {
        let plain = special(rest.as_bytes())?;
        out.push_str(&rest[..plain]);
        rest = &rest[plain..];
        if rest.starts_with('"') {
            return Some(text.len() - rest.len());
        }
        let (char, len) = escape(rest)?;
        out.push(char);
        rest = &rest[len..];
    }
}

/// The character of the escape that a text begins with, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let char = match text.strip_prefix('\\')?.bytes().next()? {
        b'u' => return unicode_escape(text),
        b'n' => '\n',
        byte @ (b'"' | b'\\' | b'/') => char::from(byte),
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        _ => return None,
    };
    Some((char, 2))
}

fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u").filter(|digits| !digits.starts_with('+'))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(0)?;
    if let Some(char) = char::from_u32(first.into()) {
        return Some((char, 6));
    }
    let char = char::decode_utf16([first, unit(6)?]).next()?.ok()?;
    Some((char, 12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for len in 0..100 {
            let mut bytes: Vec<u8> = (0..len).map(|n| [b'a', 0x7f, 0x80, 0xff, b' ', b'!', b'#', b'[', b']'][n % 9]).collect();
            assert_eq!(special(&bytes), None);
            for at in (0..len).rev() {
                for byte in [b'"', b'\\', 0, 0x1f] {
                    bytes[at] = byte;
                    assert_eq!(special(&bytes), Some(at), "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn names_are_the_same_when_every_byte_is() {
        for len in 0..40 {
            let name: Vec<u8> = (b'a'..).take(len).collect();
            assert!(same(&name, &name.clone()), "{len}");
            for at in 0..len {
                let mut other = name.clone();
                other[at] = b'_';
                assert!(!same(&name, &other), "{len}, {at}");
                assert!(!same(&name, &name[..at]), "{len}, {at}");
            }
        }
    }

    #[test]
    fn escapes_are_undone_or_refused() {
        for (inside, expect) in [
            (r#"a\"\\\/\b\f\n\r\tz" x"#, Some(("a\"\\/\u{8}\u{c}\n\r\tz", 18))),
            (r#"\u0041\u00e9\u20AC\ud834\udd1e""#, Some(("Aé€𝄞", 30))),
            (r#"é\n""#, Some(("é\n", 4))),
            (r#"\u004"#, None),
            (r#"\u00é""#, None),
            (r#"\u+041""#, None),
            (r#"\x""#, None),
            (r#"\"#, None),
            (r#"\ud834""#, None),
            (r#"\ud834\u0041""#, None),
            (r#"\udd1e\ud834""#, None),
            ("\\n\u{1}\"", None),
            ("\\n", None),
        ] {
            let mut out = String::new();
            let len = unescape(inside, &mut out);
            assert_eq!(len.map(|len| (out.as_str(), len)), expect, "{inside}");
        }
    }
}
