//! What a JSON number is worth: exact conversions from its text, and whether two numbers are the same. Knows nothing of readers.

use std::cmp::Ordering;

/// Beyond this, neighbouring integers can share an `f64`.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The integer of at most 18 digits that a text begins with, and its length. None for any other number.
#[inline]
pub(crate) fn short_integer(text: &[u8]) -> Option<(i64, usize)> {
    let start = usize::from(text.first() == Some(&b'-'));
    let mut at = start;
    let mut value: i64 = 0;
    let next = loop {
        match text.get(at) {
            Some(byte @ b'0'..=b'9') => value = value.wrapping_mul(10).wrapping_add((byte - b'0').into()),
            next => break next,
        }
        at += 1;
    };
    let has_leading_zero = at > start + 1 && text[start] == b'0';
    if !(1..=18).contains(&(at - start)) || has_leading_zero || matches!(next, Some(b'.' | b'e' | b'E')) {
        return None;
    }
    Some((if start == 0 { value } else { -value }, at))
}

/// The integer that a number's text stands for, `1.0` and `1e3` included.
pub(crate) fn to_i64(text: &str) -> Option<i64> {
    if is_integer(text) { text.parse().ok() } else { integral(text).map(|value| value as i64) }
}

/// The same for integers from zero to `u64::MAX`.
pub(crate) fn to_u64(text: &str) -> Option<u64> {
    if is_integer(text) {
        return text.parse().ok().or_else(|| (text == "-0").then_some(0));
    }
    integral(text).filter(|value| *value >= 0.0).map(|value| value as u64)
}

/// The float that a number's text stands for; none when it is beyond `f64` or an integer that `f64` has to round.
pub(crate) fn to_f64(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    if is_integer(text) {
        let exact = is_plain(value) || format!("{value:.0}") == text;
        return (exact || text == "-0" || text == "0").then_some(value);
    }
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let underflow = value == 0.0 && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    (!underflow).then_some(value)
}

/// Whether a float came from its text without any of the losses that [`to_f64`] looks for.
#[inline]
pub(crate) fn is_plain(value: f64) -> bool {
    value != 0.0 && value.abs() < MAX_EXACT
}

/// Whether a number is written without fraction and exponent.
pub(crate) fn is_integer(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-'))
}

/// Whether two JSON numbers stand for the same number, however they are spelled.
pub(crate) fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (to_f64(a), to_f64(b)) {
        (Some(a), Some(b)) => a.partial_cmp(&b) == Some(Ordering::Equal),
        _ => match (to_i64(a), to_i64(b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
    }
}

/// The value of a number written with a fraction or exponent, if it is an integer that `f64` holds exactly.
fn integral(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    (value.fract() == 0.0 && value.abs() < MAX_EXACT && to_f64(text).is_some()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_or_not_at_all() {
        for (text, int, unsigned, float) in [
            ("0", Some(0), Some(0), Some(0.0)),
            ("-0", Some(0), Some(0), Some(-0.0)),
            ("1.0", Some(1), Some(1), Some(1.0)),
            ("-1e3", Some(-1000), None, Some(-1000.0)),
            ("1.5", None, None, Some(1.5)),
            ("9223372036854775807", Some(i64::MAX), Some(i64::MAX as u64), None),
            ("-9223372036854775808", Some(i64::MIN), None, Some(i64::MIN as f64)),
            ("18446744073709551615", None, Some(u64::MAX), None),
            ("9007199254740993", Some(9_007_199_254_740_993), Some(9_007_199_254_740_993), None),
            ("9007199254740993.0", None, None, Some(9_007_199_254_740_992.0)),
            ("100000000000000000000", None, None, Some(1e20)),
            ("1e999", None, None, None),
            ("1e-999", None, None, None),
            ("0e999", Some(0), Some(0), Some(0.0)),
        ] {
            assert_eq!((to_i64(text), to_u64(text), to_f64(text)), (int, unsigned, float), "{text}");
        }
    }

    #[test]
    fn short_integers_end_where_they_end() {
        for (text, expect) in [
            ("0", Some((0, 1))),
            ("-0]", Some((0, 2))),
            ("123,", Some((123, 3))),
            ("-999999999999999999 ", Some((-999_999_999_999_999_999, 19))),
            ("1000000000000000000", None),
            ("01", None),
            ("1.0", None),
            ("1e3", None),
            ("-", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(short_integer(text.as_bytes()), expect, "{text}");
        }
    }

    #[test]
    fn spelling_does_not_count() {
        for (a, b, expect) in [
            ("1", "1.0", true),
            ("10", "1e1", true),
            ("1", "2", false),
            ("9007199254740993", "9007199254740992", false),
            ("1e999", "1e999", true),
            ("1e999", "2e999", false),
            ("123456789012345678901", "123456789012345678902", false),
        ] {
            assert_eq!((same(a, b), same(b, a)), (expect, expect), "{a} {b}");
        }
    }
}
