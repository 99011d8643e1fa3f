//! When to try again and after how long, as pure functions (contract 2.2, 2.3). The clock and the random number are handed in.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

/// A server may ask for a wait of at most this long; when it asks for more, the call fails at once.
const LONGEST_SERVER_DELAY: f64 = 120.0;
const FIRST_DELAY: f64 = 0.5;
const LONGEST_DELAY: f64 = 8.0;
const JITTER: f64 = 0.25;

/// How an attempt failed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure<'a> {
    /// The server answered with a status that is not a success.
    Status { status: u16, headers: &'a HeaderMap, code: Option<&'a str> },
    /// No answer in time.
    Timeout,
    /// The connection failed, before or during the answer.
    Connection,
}

/// Why an attempt is followed by another, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Retry(&'static str),
    Stop,
}

/// Whether another attempt makes sense.
pub(crate) fn classify(failure: Failure<'_>, now: SystemTime) -> Verdict {
    let Failure::Status { status, headers, code } = failure else {
        return Verdict::Retry(if matches!(failure, Failure::Timeout) { "timeout" } else { "connection error" });
    };
    if server_delay(headers, now).is_some_and(|seconds| seconds.is_finite() && seconds > LONGEST_SERVER_DELAY) {
        return Verdict::Stop;
    }
    match text(headers, "x-should-retry") {
        Some("true") => return Verdict::Retry("x-should-retry"),
        Some("false") => return Verdict::Stop,
        _ => {}
    }
    match status {
        429 if code == Some("insufficient_quota") => Verdict::Stop,
        429 => Verdict::Retry("rate limit"),
        408 => Verdict::Retry("request timeout"),
        409 => Verdict::Retry("conflict"),
        500.. => Verdict::Retry("server error"),
        _ => Verdict::Stop,
    }
}

/// How long to wait before retry number `taken + 1`. `jitter` is a random number in `0.0..1.0`.
pub(crate) fn delay(headers: Option<&HeaderMap>, taken: u32, jitter: f64, now: SystemTime) -> Duration {
    let asked = headers.and_then(|headers| server_delay(headers, now));
    let seconds = match asked {
        Some(seconds) if seconds > 0.0 && seconds <= LONGEST_SERVER_DELAY => seconds,
        _ => {
            let exponent = i32::try_from(taken.min(1000)).unwrap_or(1000);
            (FIRST_DELAY * 2f64.powi(exponent)).min(LONGEST_DELAY) * (1.0 - JITTER * jitter)
        }
    };
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// How long to wait before a token is asked for again (contract 8.8): as the server says, zero included, else like any retry. None: it asks
/// for a longer wait than anybody has the patience for.
pub(crate) fn exchange_delay(headers: &HeaderMap, taken: u32, jitter: f64, now: SystemTime) -> Option<Duration> {
    match server_delay(headers, now) {
        Some(seconds) if seconds > LONGEST_SERVER_DELAY => None,
        Some(seconds) if seconds >= 0.0 => Duration::try_from_secs_f64(seconds).ok(),
        _ => Some(delay(None, taken, jitter, now)),
    }
}

/// How long the server asks to wait, when that is a positive time.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let seconds = server_delay(headers, now)?;
    if seconds > 0.0 { Duration::try_from_secs_f64(seconds).ok() } else { None }
}

/// Seconds as the server wrote them: `retry-after-ms`, else `retry-after` as a number, else as a date.
fn server_delay(headers: &HeaderMap, now: SystemTime) -> Option<f64> {
    if let Some(milliseconds) = text(headers, "retry-after-ms").and_then(number) {
        return Some(milliseconds / 1000.0);
    }
    let mut values = headers.get_all("retry-after").iter();
    let value = values.next()?.to_str().ok()?;
    // Two values are one list, which is neither a number nor a date.
    if values.next().is_some() {
        return None;
    }
    number(value).or_else(|| {
        let date = date(value)?;
        Some(match date.duration_since(now) {
            Ok(ahead) => ahead.as_secs_f64(),
            Err(behind) => -behind.duration().as_secs_f64(),
        })
    })
}

/// An HTTP date (RFC 9110, all three forms), or the RFC 2822 form with any zone. Without a zone it is taken as UTC.
fn date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    if let Ok(date) = httpdate::parse_http_date(text) {
        return Some(date);
    }
    let (local, zone) = text.rsplit_once(' ')?;
    let (local, minutes) = if zone.contains(':') { (text, 0) } else { (local, zone_minutes(zone)?) };
    let local = httpdate::parse_http_date(&format!("{local} GMT")).ok()?;
    let offset = Duration::from_secs(minutes.unsigned_abs() * 60);
    if minutes < 0 { local.checked_add(offset) } else { local.checked_sub(offset) }
}

/// Minutes east of Greenwich: `+0130`, or one of the names of RFC 2822.
fn zone_minutes(zone: &str) -> Option<i64> {
    let hours = match zone {
        "UT" | "UTC" | "GMT" | "Z" => 0,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => {
            let (sign, digits) = zone.split_at_checked(1)?;
            if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let minutes = digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok()?;
            return match sign {
                "+" => Some(minutes),
                "-" => Some(-minutes),
                _ => None,
            };
        }
    };
    Some(hours * 60)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))).collect()
    }

    #[track_caller]
    fn check(status: u16, pairs: &[(&'static str, &'static str)], code: Option<&str>, expect: Option<f64>) {
        let headers = headers(pairs);
        let verdict = classify(Failure::Status { status, headers: &headers, code }, now());
        let found = match verdict {
            Verdict::Retry(_) => Some(delay(Some(&headers), 0, 0.0, now()).as_secs_f64()),
            Verdict::Stop => None,
        };
        assert_eq!(found, expect, "{status} {pairs:?}");
    }

    #[test]
    fn the_status_and_the_headers_decide() {
        for status in [408, 409, 429, 500, 503, 529, 599] {
            check(status, &[], None, Some(0.5));
        }
        for status in [300, 304, 400, 401, 403, 404, 422, 425] {
            check(status, &[], None, None);
        }
        check(429, &[], Some("insufficient_quota"), None);
        check(400, &[("x-should-retry", "true")], None, Some(0.5));
        check(400, &[("x-should-retry", "TRUE")], None, None);
        check(500, &[("x-should-retry", "false")], None, None);
        check(429, &[("retry-after", "121"), ("x-should-retry", "true")], None, None);
    }

    #[test]
    fn the_server_says_how_long() {
        check(429, &[("retry-after", "1.5")], None, Some(1.5));
        check(429, &[("retry-after", "120")], None, Some(120.0));
        check(429, &[("retry-after-ms", "250"), ("retry-after", "9")], None, Some(0.25));
        check(429, &[("retry-after-ms", "0"), ("retry-after", "9")], None, Some(0.5));
        check(429, &[("retry-after-ms", "abc"), ("retry-after", "2")], None, Some(2.0));
        for odd in ["0", "-3", "nan", "inf", "soon", "", "Tue, 14 Nov 99999 22:13:30 GMT"] {
            check(429, &[("retry-after", Box::leak(odd.to_owned().into_boxed_str()))], None, Some(0.5));
        }
        check(429, &[("retry-after", "Tue, 14 Nov 2023 22:13:30 GMT")], None, Some(10.0));
        for date in ["14 Nov 2023 23:13:30 +0100", "14 Nov 2023 17:13:30 EST", "14 Nov 2023 22:13:30"] {
            check(429, &[("retry-after", Box::leak(format!("Tue, {date}").into_boxed_str()))], None, Some(10.0));
        }
    }

    #[test]
    fn backoff_doubles_up_to_eight_seconds_and_jitter_shortens_it() {
        let delays: Vec<f64> = (0..6).map(|taken| delay(None, taken, 0.0, now()).as_secs_f64()).collect();
        assert_eq!(delays, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]);
        assert_eq!(delay(None, 0, 1.0, now()).as_secs_f64(), 0.375);
        assert_eq!(delay(None, u32::MAX, 0.0, now()).as_secs_f64(), 8.0);
    }
}
