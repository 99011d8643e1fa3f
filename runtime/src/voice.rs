//! The microphone and the loudspeaker of this machine. The one place that knows `cpal`; what is said is no business of it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{FromSample, Sample, SampleFormat, SizedSample, Stream, SupportedStreamConfig};

use crate::binary::{Binary, off_thread};
use crate::error::{Error, Result};
use crate::pcm::Pcm;

fn failed(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::argument(format!("{what}: {error}")).with_source(error)
}

/// The default microphone.
///
/// ```no_run
/// # async fn record() -> openai_runtime::Result<()> {
/// use std::time::Duration;
/// use openai_runtime::Microphone;
///
/// let said = Microphone::new(Duration::from_secs(5)).record().await?;
/// let upload = said.into_upload();
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is recorded yet"]
pub struct Microphone {
    limit: Duration,
    goes_on: Box<dyn FnMut() -> bool + Send>,
}

impl Microphone {
    /// Records for at most this long.
    pub fn new(limit: Duration) -> Self {
        Self { limit, goes_on: Box::new(|| true) }
    }

    /// Records only as long as this says so; it is asked about ten times a second.
    pub fn as_long_as(mut self, goes_on: impl FnMut() -> bool + Send + 'static) -> Self {
        self.goes_on = Box::new(goes_on);
        self
    }

    /// Records, at the rate that the API listens at.
    ///
    /// # Errors
    /// When there is no microphone, or it fails.
    pub async fn record(self) -> Result<Pcm> {
        off_thread(|| Ok(self.record_blocking())).await.map_err(|e| failed("the microphone's thread ended", e))?
    }

    /// Records, and holds up this thread for as long.
    ///
    /// # Errors
    /// Those of [`record`](Self::record).
    pub fn record_blocking(mut self) -> Result<Pcm> {
        const LOOK: Duration = Duration::from_millis(100);
        let device = cpal::default_host().default_input_device().ok_or_else(|| Error::argument("there is no microphone"))?;
        let config = device.default_input_config().map_err(|e| failed("the microphone", e))?;
        let (sender, heard) = mpsc::channel();
        let stream = input(&device, &config, &sender)?;
        stream.play().map_err(|e| failed("the microphone", e))?;
        let begun = Instant::now();
        let mut samples = Vec::new();
        while begun.elapsed() < self.limit && (self.goes_on)() {
            match heard.recv_timeout(LOOK.min(self.limit.saturating_sub(begun.elapsed()))) {
                Ok(chunk) => samples.extend::<Vec<i16>>(chunk?),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        drop(stream);
        Ok(Pcm::new(samples, config.sample_rate()).resampled(Pcm::RATE))
    }
}

impl std::fmt::Debug for Microphone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Microphone").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// What is heard, in chunks.
type Heard = mpsc::Sender<Result<Vec<i16>>>;

fn input(device: &cpal::Device, config: &SupportedStreamConfig, heard: &Heard) -> Result<Stream> {
    match config.sample_format() {
        SampleFormat::F32 => input_of::<f32>(device, config, heard),
        SampleFormat::I16 => input_of::<i16>(device, config, heard),
        SampleFormat::I32 => input_of::<i32>(device, config, heard),
        SampleFormat::U16 => input_of::<u16>(device, config, heard),
        other => Err(Error::argument(format!("the microphone speaks in {other}, which is not understood"))),
    }
}

fn input_of<T: SizedSample>(device: &cpal::Device, config: &SupportedStreamConfig, heard: &Heard) -> Result<Stream>
where
    f32: FromSample<T>,
{
    let channels = usize::from(config.channels().max(1));
    let (data, errors) = (heard.clone(), heard.clone());
    // Nobody listens any more when the recording is over; then nothing has to be sent.
    let hear = move |samples: &[T], _: &cpal::InputCallbackInfo| _ = data.send(Ok(mono(samples, channels)));
    let fail = move |error| _ = errors.send(Err(failed("the microphone", error)));
    device.build_input_stream(&config.config(), hear, fail, None).map_err(|e| failed("the microphone", e))
}

/// One channel out of several: their mean.
fn mono<T: Sample>(samples: &[T], channels: usize) -> Vec<i16>
where
    f32: FromSample<T>,
{
    let mean = |frame: &[T]| frame.iter().map(|sample| f32::from_sample(*sample)).sum::<f32>() / frame.len() as f32;
    samples.chunks_exact(channels).map(|frame| i16::from_sample(mean(frame))).collect()
}

/// The default loudspeaker. What is handed to it sounds one after the other; it falls silent when it is dropped.
///
/// ```no_run
/// # async fn speak(speech: openai_runtime::Binary) -> openai_runtime::Result<()> {
/// use openai_runtime::Speaker;
///
/// let speaker = Speaker::open()?;
/// // Speech in the format pcm sounds while it arrives.
/// speaker.play_stream(speech).await?;
/// speaker.drained().await?;
/// # Ok(())
/// # }
/// ```
pub struct Speaker {
    queue: Arc<Queue>,
    rate: u32,
    /// Dropped to end the thread that holds the device.
    _stop: mpsc::Sender<()>,
}

/// What is still to sound.
#[derive(Default)]
struct Queue {
    samples: Mutex<VecDeque<i16>>,
    empty: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, VecDeque<i16>> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Speaker {
    /// Opens the loudspeaker.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn open() -> Result<Self> {
        let queue = Arc::new(Queue::default());
        let (ready, opened) = mpsc::channel();
        let (stop, stopped) = mpsc::channel::<()>();
        let source = queue.clone();
        // A device may belong to the thread that opened it.
        let thread = thread::Builder::new().name("openai-speaker".to_owned());
        let hold = move || match output_device(&source) {
            Err(error) => _ = ready.send(Err(error)),
            Ok((stream, rate)) => {
                _ = ready.send(Ok(rate));
                // The sender is never used: the wait ends when it is dropped.
                _ = stopped.recv();
                drop(stream);
            }
        };
        thread.spawn(hold).map_err(|e| failed("the loudspeaker's thread cannot be started", e))?;
        let rate = opened.recv().map_err(|e| failed("the loudspeaker's thread ended", e))??;
        Ok(Self { queue, rate, _stop: stop })
    }

    /// Lets this sound after what is sounding.
    pub fn play(&self, sound: &Pcm) {
        self.queue.lock().extend(sound.resampled(self.rate).samples());
    }

    /// Lets speech sound while it arrives. It has to be in the format `pcm`.
    ///
    /// # Errors
    /// When the connection fails, or the sound ends in the middle of a sample.
    pub async fn play_stream(&self, mut speech: Binary) -> Result<()> {
        let mut left = Vec::new();
        while let Some(chunk) = speech.try_next().await? {
            left.extend_from_slice(&chunk);
            let whole = left.len() & !1;
            self.play(&Pcm::from_bytes(&left[..whole])?);
            left.drain(..whole);
        }
        Pcm::from_bytes(&left).map(drop)
    }

    /// Waits until everything has sounded.
    ///
    /// # Errors
    /// Never by itself; when the runtime ends.
    pub async fn drained(&self) -> Result<()> {
        let queue = self.queue.clone();
        let wait = move || {
            let mut samples = queue.lock();
            while !samples.is_empty() {
                samples = queue.empty.wait(samples).unwrap_or_else(PoisonError::into_inner);
            }
            Ok(())
        };
        off_thread(wait).await.map_err(|e| failed("the loudspeaker", e))
    }

    /// Forgets what has not sounded yet.
    pub fn clear(&self) {
        self.queue.lock().clear();
        self.queue.empty.notify_all();
    }
}

impl std::fmt::Debug for Speaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speaker").field("rate", &self.rate).field("queued", &self.queue.lock().len()).finish_non_exhaustive()
    }
}

/// The stream that takes what is in the queue, and its rate.
fn output_device(queue: &Arc<Queue>) -> Result<(Stream, u32)> {
    let device = cpal::default_host().default_output_device().ok_or_else(|| Error::argument("there is no loudspeaker"))?;
    let config = device.default_output_config().map_err(|e| failed("the loudspeaker", e))?;
    let stream = match config.sample_format() {
        SampleFormat::F32 => output_of::<f32>(&device, &config, queue)?,
        SampleFormat::I16 => output_of::<i16>(&device, &config, queue)?,
        SampleFormat::I32 => output_of::<i32>(&device, &config, queue)?,
        SampleFormat::U16 => output_of::<u16>(&device, &config, queue)?,
        other => return Err(Error::argument(format!("the loudspeaker wants {other}, which is not known"))),
    };
    stream.play().map_err(|e| failed("the loudspeaker", e))?;
    Ok((stream, config.sample_rate()))
}

fn output_of<T: SizedSample + FromSample<i16>>(
    device: &cpal::Device,
    config: &SupportedStreamConfig,
    queue: &Arc<Queue>,
) -> Result<Stream> {
    let channels = usize::from(config.channels().max(1));
    let (source, broken) = (queue.clone(), queue.clone());
    let fill = move |frames: &mut [T], _: &cpal::OutputCallbackInfo| {
        let mut samples = source.lock();
        for frame in frames.chunks_mut(channels) {
            frame.fill(T::from_sample(samples.pop_front().unwrap_or(0)));
        }
        if samples.is_empty() {
            source.empty.notify_all();
        }
    };
    // A device that is gone will not sound any more: nobody has to wait for it.
    let fail = move |_| {
        broken.lock().clear();
        broken.empty.notify_all();
    };
    device.build_output_stream(&config.config(), fill, fail, None).map_err(|e| failed("the loudspeaker", e))
}
