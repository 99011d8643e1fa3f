//! What a JSON number is worth: exact conversions from its text, and whether two numbers are the same. Knows nothing of readers.

use std::cmp::Ordering;

/// Beyond this, neighbouring integers can share an `f64`.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The powers of ten by which [`short_float`] divides.
const POWERS: [f64; MAX_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// As many digits always fit an `i64`.
const MAX_DIGITS: usize = 18;

/// The integer of at most 18 digits that a text begins with, and its length. None for any other number.
#[inline]
pub(crate) fn short_integer(text: &[u8]) -> Option<(i64, usize)> {
    let (is_negative, digits) = split_sign(text);
    let (value, len) = read_digits(digits, 0);
    if !is_short_integer(digits, len) || matches!(digits.get(len), Some(b'.' | b'e' | b'E')) {
        return None;
    }
    let value = value as i64;
    Some(if is_negative { (-value, len + 1) } else { (value, len) })
}

/// The float of at most 18 digits without exponent that a text begins with, and its length, if `f64` holds its digits exactly. None for
/// any other number.
///
/// The digits and the power of ten are exact, so that dividing one by the other rounds once, as IEEE 754 demands: it is the nearest float.
#[inline]
pub(crate) fn short_float(text: &[u8]) -> Option<(f64, usize)> {
    let (is_negative, digits) = split_sign(text);
    let (mut value, mut len) = read_digits(digits, 0);
    if !is_short_integer(digits, len) {
        return None;
    }
    let mut decimals = 0;
    if digits.get(len) == Some(&b'.') {
        (value, decimals) = read_digits(&digits[len + 1..], value);
        if decimals == 0 || len + decimals > MAX_DIGITS {
            return None;
        }
        len += 1 + decimals;
    }
    if value >= MAX_EXACT as u64 || matches!(digits.get(len), Some(b'e' | b'E')) {
        return None;
    }
    let value = value as f64 / POWERS[decimals];
    Some(if is_negative { (-value, len + 1) } else { (value, len) })
}

/// Whether a number starts with a minus, and what follows it.
#[inline]
fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    }
}

/// The digits that a text begins with, appended to those of a value, and how many they are. (Too many wrap around.)
#[inline]
fn read_digits(text: &[u8], mut value: u64) -> (u64, usize) {
    let mut len = 0;
    while let Some(digit @ b'0'..=b'9') = text.get(len) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        len += 1;
    }
    (value, len)
}

/// Whether that many digits are the integer part of a JSON number, and few enough.
#[inline]
fn is_short_integer(digits: &[u8], len: usize) -> bool {
    matches!(len, 1..=MAX_DIGITS) && (len == 1 || digits[0] != b'0')
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
    fn short_floats_are_the_nearest_ones() {
        for (text, expect) in [
            ("0", Some((0.0, 1))),
            ("-0.0,", Some((-0.0, 4))),
            ("1.5]", Some((1.5, 3))),
            ("-0.000001", Some((-0.000_001, 9))),
            ("9007199254740991", Some((9_007_199_254_740_991.0, 16))),
            ("9007199254740992", None),
            ("0.9007199254740993", None),
            ("0.10000000000000001", None),
            ("0.00000000000000001 ", Some((1e-17, 19))),
            ("0.000000000000000001", None),
            ("1234567890123456789", None),
            ("1.", None),
            ("1.e", None),
            ("01.5", None),
            ("1.5e3", None),
            ("1E3", None),
            (".5", None),
            ("-", None),
            ("", None),
        ] {
            let bits = |(value, len): (f64, usize)| (value.to_bits(), len);
            assert_eq!(short_float(text.as_bytes()).map(bits), expect.map(bits), "{text}");
        }
        for digits in 0..20_000_u64 {
            let text = format!("{}.{:011}", digits % 97, digits * 7_919_999 % 100_000_000_000);
            assert_eq!(short_float(text.as_bytes()), Some((text.parse().unwrap(), text.len())), "{text}");
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
