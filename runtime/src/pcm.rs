//! Sound as numbers: 16-bit samples of one channel, what the API calls `pcm`, and the WAV file that holds them. Pure; knows no device.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::upload::Upload;

/// The samples of one channel, 16 bits each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pcm {
    samples: Vec<i16>,
    rate: u32,
}

impl Pcm {
    /// The rate at which the API speaks and listens, in samples a second.
    pub const RATE: u32 = 24_000;

    /// Samples at a rate, which is at least one a second.
    pub fn new(samples: Vec<i16>, rate: u32) -> Self {
        Self { samples, rate: rate.max(1) }
    }

    /// Samples as the API sends them for the format `pcm`: 24,000 a second, the lower byte first.
    ///
    /// # Errors
    /// When half of a sample is missing.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(Error::decode("half of a sample is missing: is it sound in the format pcm?"));
        }
        Ok(Self::new(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect(), Self::RATE))
    }

    /// The samples.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How many samples there are in a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// How long it sounds.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.samples.len() as u64) / self.rate
    }

    /// The samples as bytes, the lower one first.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }

    /// The same sound at another rate, with what lies between two samples on the line between them.
    #[must_use]
    pub fn resampled(&self, rate: u32) -> Self {
        let (from, to) = (u64::from(self.rate), u64::from(rate.max(1)));
        let count = (self.samples.len() as u64 * to).div_ceil(from);
        let sample = |index: u64| self.samples.get(usize::try_from(index).unwrap_or(usize::MAX)).or(self.samples.last());
        let between = (0..count).map(|index| {
            let place = index * from;
            let (before, after) = (sample(place / to), sample(place / to + 1));
            let (before, after) = (i64::from(*before.unwrap_or(&0)), i64::from(*after.unwrap_or(&0)));
            // Both sides are below 2³², so that the product fits.
            let step = (after - before) * i64::try_from(place % to).unwrap_or(0) / i64::try_from(to).unwrap_or(1);
            i16::try_from(before + step).unwrap_or_default()
        });
        Self { samples: between.collect(), rate: rate.max(1) }
    }

    /// A WAV file.
    pub fn to_wav(&self) -> Vec<u8> {
        let data = u32::try_from(self.samples.len() * 2).unwrap_or(u32::MAX);
        let mut wav = Vec::with_capacity(44 + self.samples.len() * 2);
        wav.extend_from_slice(b"RIFF");
        wav.extend_from_slice(&data.saturating_add(36).to_le_bytes());
        wav.extend_from_slice(b"WAVEfmt ");
        wav.extend_from_slice(&16u32.to_le_bytes());
        // Plain samples, of one channel.
        wav.extend_from_slice(&[1, 0, 1, 0]);
        wav.extend_from_slice(&self.rate.to_le_bytes());
        wav.extend_from_slice(&self.rate.saturating_mul(2).to_le_bytes());
        // Two bytes for all channels, 16 bits for one.
        wav.extend_from_slice(&[2, 0, 16, 0]);
        wav.extend_from_slice(b"data");
        wav.extend_from_slice(&data.to_le_bytes());
        wav.extend(self.to_bytes());
        wav
    }

    /// A WAV file to be sent, to be transcribed for instance.
    pub fn into_upload(self) -> Upload {
        Upload::bytes("audio.wav", self.to_wav()).content_type("audio/wav")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_samples_and_samples_bytes() {
        let pcm = Pcm::from_bytes(&[1, 0, 0xff, 0xff, 0, 0x80]).unwrap();
        assert_eq!((pcm.samples(), pcm.rate(), pcm.to_bytes().len()), (&[1, -1, i16::MIN][..], 24_000, 6));
        assert!(Pcm::from_bytes(&[1, 0, 2]).unwrap_err().is_decode());
        assert_eq!(Pcm::new(vec![0; 12_000], 24_000).duration(), Duration::from_millis(500));
    }

    #[track_caller]
    fn check(samples: &[i16], from: u32, to: u32, expect: &[i16]) {
        assert_eq!(Pcm::new(samples.to_vec(), from).resampled(to).samples(), expect);
    }

    #[test]
    fn another_rate_is_the_same_sound() {
        check(&[], 8, 16, &[]);
        check(&[0, 10, 20], 8, 8, &[0, 10, 20]);
        check(&[0, 10, 20], 8, 16, &[0, 5, 10, 15, 20, 20]);
        check(&[0, 10, 20, 30], 16, 8, &[0, 20]);
        check(&[i16::MIN, i16::MAX], 1, 2, &[i16::MIN, -1, i16::MAX, i16::MAX]);
        check(&[0, 30], 2, 3, &[0, 20, 30]);
    }

    #[test]
    fn a_wav_file_says_what_is_in_it() {
        let wav = Pcm::new(vec![1, -1], 24_000).to_wav();
        assert_eq!((&wav[..4], &wav[8..16], &wav[36..40]), (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..]));
        assert_eq!((wav.len(), wav[4], wav[40]), (48, 40, 4));
        assert_eq!(u32::from_le_bytes([wav[24], wav[25], wav[26], wav[27]]), 24_000);
        assert_eq!(&wav[44..], [1, 0, 0xff, 0xff]);
    }
}
