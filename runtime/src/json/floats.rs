//! Vectors of 32-bit floats: read from a list of numbers, or from base64 over the floats in little-endian order, whichever comes. Knows
//! nothing of who asked for which.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::reader::{Fault, Reader};
use super::writer::Writer;
use super::{Decode, Encode};

/// Base64 is decoded in blocks of this length, which stay in the cache: a multiple of 16, so that each block is a whole number of floats.
const BLOCK: usize = 1024;
/// What a whole block holds.
const FLOATS: usize = BLOCK / 16 * 3;

/// Either form is what such a field holds; strict mode takes both.
impl Decode for Vec<f32> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        if r.peek()? == b'"' { packed(r) } else { listed(r) }
    }
}

/// A list, in which each number is what a reader with 64 bits would see: `0.1f32` is written as `0.10000000149011612`.
impl Encode for Vec<f32> {
    fn encode(&self, w: &mut Writer) {
        let wide: Vec<f64> = self.iter().copied().map(f64::from).collect();
        w.list(&wide);
    }
}

fn listed(r: &mut Reader<'_>) -> Result<Vec<f32>, Fault> {
    let mut values = Vec::new();
    let mut more = r.enter_array()?;
    while more {
        r.peek()?;
        let at = r.at();
        let value = r.f64()? as f32;
        if !value.is_finite() {
            return Err(r.mismatch_at(at, "a 32-bit float"));
        }
        values.push(value);
        more = r.next_element()?;
    }
    Ok(values)
}

fn packed(r: &mut Reader<'_>) -> Result<Vec<f32>, Fault> {
    let at = r.at();
    let text = r.text()?;
    unpack(text.as_bytes()).ok_or_else(|| r.mismatch_at(at, "32-bit floats in base64"))
}

fn unpack(base64: &[u8]) -> Option<Vec<f32>> {
    let mut values = Vec::with_capacity(base64.len() / 16 * 3 + 2);
    let mut bytes = [0; FLOATS * 4];
    for (index, block) in base64.chunks(BLOCK).enumerate() {
        let length = STANDARD.decode_slice(block, &mut bytes).ok()?;
        let (floats, rest) = bytes[..length].as_chunks::<4>();
        // Padding is for the end: the blocks before this one were whole.
        if !rest.is_empty() || values.len() != index * FLOATS {
            return None;
        }
        values.extend(floats.iter().copied().map(f32::from_le_bytes));
    }
    // JSON has no other numbers, and a list could not hold them either.
    values.iter().all(|value: &f32| value.is_finite()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{encode, from_slice_strict, from_str};

    #[track_caller]
    fn check(json: &str, expect: Option<&[f32]>) {
        assert_eq!(from_str::<Vec<f32>>(json).ok().as_deref(), expect, "{json:.80}");
        assert_eq!(from_slice_strict::<Vec<f32>>(json.as_bytes()).ok().as_deref(), expect, "{json:.80}");
    }

    #[test]
    fn both_forms_are_read() {
        check("[]", Some(&[]));
        check(r#""""#, Some(&[]));
        check(r#""AACAPwAAAEA=""#, Some(&[1.0, 2.0]));
        check(r#""AACAPwAAAE\u0041=""#, Some(&[1.0, 2.0]));
        check("[1, 2.5,-0.006929283495992422]", Some(&[1.0, 2.5, -0.006_929_283_5]));
        for bad in [
            "7",
            "null",
            "{}",
            "[null]",
            r#"["1"]"#,
            "[1e39]",
            "[1e999]",
            r#""AACAP""#,
            r#""AACA""#,
            r#""AACAPw==AACAPw==""#,
            r#""!!!!""#,
            r#""AADAfw==""#,
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn vectors_of_any_length_come_back_from_both_forms() {
        for length in (0..8).chain([191, 192, 193, 384, 1536, 3072]) {
            let vector: Vec<f32> = (0..length).map(|i| (i as f32).sin() / 3.0).collect();
            let bytes: Vec<u8> = vector.iter().flat_map(|f| f.to_le_bytes()).collect();
            check(&format!("\"{}\"", STANDARD.encode(bytes)), Some(&vector));
            check(&encode(&vector).unwrap().json, Some(&vector));
        }
        check(&format!("\"{}=={}\"", "A".repeat(1022), "A".repeat(16)), None);
        assert_eq!(encode(&vec![0.1f32, 2.0]).unwrap().json, "[0.10000000149011612,2.0]");
        assert!(encode(&vec![f32::NAN]).is_err());
    }
}
