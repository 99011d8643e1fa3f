//! Large files in parts: made, sent several parts at a time, completed; taken up again where it broke off.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use openai_runtime::json::{self, Json, JsonModel, Map};
use openai_runtime::{Call, Checksum, Client, Deferred, Error, Parts, Result, Sending, Upload, send_parts};

use crate::resources::uploads::Uploads;
use crate::types::files::FileExpirationAfter;
use crate::types::shared::UploadMixedCase;
use crate::types::uploads::{UploadCompleteParams, UploadCreateParams, UploadCreateParamsPurpose, UploadPartCreateParams};

/// The largest part that the API takes.
const LARGEST_PART: u64 = 64 << 20;

/// How many parts are sent at the same time, unless another number is set.
const CONCURRENCY: usize = 4;

/// Parameters of `uploads.upload_file_chunked`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UploadFileChunkedParams {
    /// The file. A reader or a stream has to say its [`length`](Upload::length).
    pub file: Upload,
    /// Its MIME type.
    pub mime_type: String,
    /// What it is for.
    pub purpose: UploadCreateParamsPurpose,
    /// Its name, where it is not that of `file`.
    pub filename: Option<String>,
    /// The number of bytes of a part. Default: 64 MiB, which is the most.
    pub part_size: u64,
    /// The MD5 checksum of the whole, as hexadecimal digits. The server compares it.
    pub md5: Option<String>,
    /// When the file expires.
    pub expires_after: Option<FileExpirationAfter>,
}

impl UploadFileChunkedParams {
    /// With what the API requires.
    #[inline]
    pub fn new(file: impl Into<Upload>, mime_type: impl Into<String>, purpose: impl Into<UploadCreateParamsPurpose>) -> Self {
        Self {
            file: file.into(),
            mime_type: mime_type.into(),
            purpose: purpose.into(),
            filename: None,
            part_size: LARGEST_PART,
            md5: None,
            expires_after: None,
        }
    }

    /// Sets [`filename`](Self::filename).
    #[must_use]
    #[inline]
    pub fn filename(mut self, filename: impl Into<String>) -> Self {
        self.filename = Some(filename.into());
        self
    }

    /// Sets [`part_size`](Self::part_size).
    #[must_use]
    #[inline]
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = bytes;
        self
    }

    /// Sets [`md5`](Self::md5). [`ChunkedUpload::checksum`] has it computed.
    #[must_use]
    #[inline]
    pub fn md5(mut self, md5: impl Into<String>) -> Self {
        self.md5 = Some(md5.into());
        self
    }

    /// Sets [`expires_after`](Self::expires_after).
    #[must_use]
    #[inline]
    pub fn expires_after(mut self, expires_after: impl Into<FileExpirationAfter>) -> Self {
        self.expires_after = Some(expires_after.into());
        self
    }
}

impl Uploads {
    /// Uploads a file in parts, several at the same time, and completes the upload: for files that are too large for
    /// [`files.create`](crate::resources::files::Files::create), up to 8 GB. The result's `file` is what can be used elsewhere.
    ///
    /// Nothing is held in memory but what is being sent, unless the file is a reader that can be read once: of that, as many parts as are sent at the same
    /// time. A part that fails is tried again like any call. When one fails for good, the error carries an [`UploadCheckpoint`]
    /// ([`attachment`](Error::attachment)), with which the upload goes on later.
    ///
    /// `POST /uploads`, then `POST /uploads/{upload_id}/parts` for each part, then `POST /uploads/{upload_id}/complete`
    #[doc(alias = "uploads.upload_file_chunked")]
    #[inline]
    pub fn upload_file_chunked(&self, params: UploadFileChunkedParams) -> ChunkedUpload {
        ChunkedUpload {
            uploads: self.clone(),
            params,
            concurrency: CONCURRENCY,
            checksum: Checksum::None,
            checkpoint: None,
            cancels: OnError::Keep,
            observer: None,
        }
    }
}

/// An upload in parts that has not begun. `.await` makes it; with the feature `blocking` so does `.blocking()`.
///
/// ```no_run
/// # async fn upload(client: openai::Client) -> openai::Result<()> {
/// use openai::{Upload, UploadFileChunkedParams};
///
/// let params = UploadFileChunkedParams::new(Upload::path("training.jsonl"), "text/jsonl", "fine-tune");
/// let done = client
///     .uploads()
///     .upload_file_chunked(params)
///     .checksum()
///     .on_progress(|sent, total| eprintln!("{sent} of {total} bytes"))
///     .await?;
/// println!("{}", done.file.unwrap_or_default().id);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is uploaded yet: add `.await`, or `.blocking()` where there is no async runtime"]
pub struct ChunkedUpload {
    uploads: Uploads,
    params: UploadFileChunkedParams,
    concurrency: usize,
    checksum: Checksum,
    checkpoint: Option<UploadCheckpoint>,
    cancels: OnError,
    observer: Option<Arc<dyn Fn(u64, u64) + Send + Sync>>,
}

/// What becomes of the upload at the server when a part fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnError {
    /// It waits to be gone on with, for an hour.
    Keep,
    Cancel,
}

/// How far an upload in parts has come: what [`ChunkedUpload::resume`] goes on from. It can be kept as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadCheckpoint {
    /// The upload's id.
    pub upload_id: String,
    /// The number of bytes of the file.
    pub bytes: u64,
    /// The number of bytes of a part.
    pub part_size: u64,
    /// The ids of the parts that were sent, by their numbers.
    pub parts: BTreeMap<u64, String>,
}

impl json::Encode for UploadCheckpoint {
    #[inline]
    fn encode(&self, w: &mut json::Writer) {
        let parts: Map<String> = self.parts.iter().map(|(number, id)| (number.to_string(), id.as_str())).collect();
        let mut fields = Map::<Json>::new();
        fields.insert("upload_id", self.upload_id.as_str());
        fields.insert("bytes", self.bytes);
        fields.insert("part_size", self.part_size);
        fields.insert("parts", parts.to_value());
        fields.encode(w);
    }
}

impl json::Decode for UploadCheckpoint {
    #[inline]
    fn decode(r: &mut json::Reader<'_>) -> Result<Self, json::Fault> {
        let fields = Map::<Json>::decode(r)?;
        let text = |name| fields.get(name).map(Json::as_str).ok_or(json::Fault::Mismatch);
        let number = |name| text(name)?.parse().map_err(|_| json::Fault::Mismatch);
        let parts = Map::<String>::from_json(text("parts")?).map_err(|_| json::Fault::Mismatch)?;
        let parts = parts.into_iter().map(|(number, id)| Ok((number.parse().map_err(|_| json::Fault::Mismatch)?, id)));
        Ok(Self {
            upload_id: String::from_json(text("upload_id")?).map_err(|_| json::Fault::Mismatch)?,
            bytes: number("bytes")?,
            part_size: number("part_size")?,
            parts: parts.collect::<Result<_, json::Fault>>()?,
        })
    }
}

impl ChunkedUpload {
    /// Sends this many parts at the same time. Default: 4.
    #[inline]
    pub fn concurrency(mut self, parts: usize) -> Self {
        self.concurrency = parts;
        self
    }

    /// Computes the MD5 checksum of the file, unless the params say it, so that the server notices what was damaged on the way.
    #[inline]
    pub fn checksum(mut self) -> Self {
        self.checksum = Checksum::Md5;
        self
    }

    /// Calls this with the number of bytes that were sent, and that of all, whenever a piece was sent. What a retry sends again is not counted twice.
    #[inline]
    pub fn on_progress(mut self, observer: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Goes on with an upload that broke off: what was sent is not sent again. The params are those of the first time, with the file to be read from its
    /// beginning; the size of the parts is that of the first time.
    #[inline]
    pub fn resume(mut self, checkpoint: UploadCheckpoint) -> Self {
        self.checkpoint = Some(checkpoint);
        self
    }

    /// Cancels the upload when it fails. By default it stays as it is, to be [resumed](Self::resume); the server forgets it after an hour.
    #[inline]
    pub fn cancel_on_error(mut self) -> Self {
        self.cancels = OnError::Cancel;
        self
    }

    /// Makes the upload and waits for its result, from a program without an async runtime.
    ///
    /// # Errors
    /// Those of its calls; and when the file cannot be read.
    #[cfg(feature = "blocking")]
    #[inline]
    pub fn blocking(self) -> Result<UploadMixedCase> {
        self.into_task().blocking()
    }

    #[inline]
    fn into_task(self) -> Deferred<'static, UploadMixedCase> {
        let client: Client = self.uploads.client.clone();
        Deferred::new(&client, self.run())
    }

    #[inline]
    async fn run(mut self) -> Result<UploadMixedCase> {
        if let Some(checkpoint) = &self.checkpoint {
            self.params.part_size = checkpoint.part_size;
        }
        let parts = Parts::of(&self.params.file, self.params.part_size)?;
        let mut checkpoint = match self.checkpoint.take() {
            Some(checkpoint) if checkpoint.bytes == parts.total() => checkpoint,
            Some(UploadCheckpoint { bytes, .. }) => {
                return Err(Error::argument(format!("the file has {} bytes; the upload was begun with {bytes}", parts.total())));
            }
            None => self.begin(&parts).await?,
        };
        match self.send(&parts, &mut checkpoint).await {
            Ok(upload) => Ok(upload),
            Err(error) => {
                if self.cancels == OnError::Cancel {
                    // The failure that led here is what the caller has to know.
                    let _ = self.uploads.cancel(&checkpoint.upload_id).await;
                }
                Err(error.with_attachment(checkpoint))
            }
        }
    }

    #[inline]
    async fn begin(&self, parts: &Parts) -> Result<UploadCheckpoint> {
        let UploadFileChunkedParams { file, mime_type, purpose, filename, part_size, expires_after, .. } = &self.params;
        let filename = filename.as_deref().or(file.name());
        let filename = filename.ok_or_else(|| Error::argument("the file has no name: filename says one"))?;
        let bytes = i64::try_from(parts.total()).map_err(|_| Error::argument("the file is too large"))?;
        let mut params = UploadCreateParams::new(filename, purpose.clone(), bytes, mime_type);
        params.expires_after.clone_from(expires_after);
        let upload = self.uploads.create(params).await?;
        Ok(UploadCheckpoint { upload_id: upload.id, bytes: parts.total(), part_size: *part_size, parts: BTreeMap::new() })
    }

    /// Sends the parts and completes the upload.
    #[inline]
    async fn send(&self, parts: &Parts, checkpoint: &mut UploadCheckpoint) -> Result<UploadMixedCase> {
        let sending = Sending {
            most: self.concurrency,
            done: std::mem::take(&mut checkpoint.parts),
            observer: self.observer.clone(),
            checksum: if self.params.md5.is_some() { Checksum::None } else { self.checksum },
        };
        let (resource, id) = (self.uploads.parts(), checkpoint.upload_id.clone());
        let sent = send_parts(parts, sending, move |part| {
            let call: Call<_> = resource.create(&id, UploadPartCreateParams::new(part));
            Box::pin(async move { call.await.map(|part| part.id) })
        })
        .await;
        checkpoint.parts = sent.done;
        let computed = sent.outcome?;
        let mut params = UploadCompleteParams::new(checkpoint.parts.values());
        params.md5 = self.params.md5.clone().or(computed);
        self.uploads.complete(&checkpoint.upload_id, params).await
    }
}

impl IntoFuture for ChunkedUpload {
    type Output = Result<UploadMixedCase>;
    type IntoFuture = <Deferred<'static, UploadMixedCase> as IntoFuture>::IntoFuture;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        self.into_task().into_future()
    }
}

impl fmt::Debug for ChunkedUpload {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkedUpload")
            .field("params", &self.params)
            .field("concurrency", &self.concurrency)
            .field("checkpoint", &self.checkpoint)
            .finish_non_exhaustive()
    }
}
