//! Chance that is the same every time. Good for tests, and for nothing else.

/// A row of numbers that follows from its seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A row from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below another, which is not zero.
    pub fn below(&mut self, most: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is below a usize")]
        let below = (self.roll() % most as u64) as usize;
        below
    }

    /// A number from one to another, both included; small ones more often than large ones.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = most.saturating_sub(least).max(0).unsigned_abs().saturating_add(1);
        let width = self.roll() % 64;
        let offset = (self.roll() >> width) % span;
        least.saturating_add_unsigned(offset)
    }

    /// A number from zero up to one.
    pub fn fraction(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let fraction = (self.roll() >> 11) as f64;
        fraction / (1u64 << 53) as f64
    }

    /// A text with all that JSON, forms and URLs have trouble with.
    pub fn text(&mut self) -> String {
        const PIECES: &[&str] = &[
            "a", "Z", "0", " ", "é", "😀", "\u{2028}", "\"", "\\", "/", "\n", "\t", "\u{7f}", "\u{0}", "&", "=", "+", "%", "[]", "#", "?",
            "{", "null",
        ];
        let length = self.below(6);
        (0..length).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}
