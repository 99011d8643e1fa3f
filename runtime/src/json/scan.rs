//! Finding what ends or interrupts the plain part of a string, for reading and for writing. Knows nothing else of JSON.

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
const BLOCK: usize = 32;

/// The index of the first quote, backslash or control character: what a JSON string cannot hold as it is.
#[inline]
pub(crate) fn special(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    // Long text: blocks tested without branches, which the compiler turns into vector code.
    while let Some(block) = bytes.get(at..at + BLOCK) {
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
}
