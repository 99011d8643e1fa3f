//! The helpers that are written by hand in the SDK, by their names: the part of the table that the generator cannot know.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openai::types::vector_stores::{ChunkingStrategyRequestParam, VectorStoreFileAttributes};
use openai::{
    ChunkedUpload, Client, Deferred, JsonModel, Poll, Upload, UploadFileChunkedParams, VectorStoreFileBatchUploadParams,
    VectorStoreFileUploadParams,
};
use serde_json::{Map, Value};

use super::poll::Pace;
use super::{Failure, runtime};

/// Whether a helper is awaited or blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Async,
    Blocking,
}

impl Mode {
    pub(super) fn of(line: &Value) -> Self {
        if line["mode"] == "blocking" { Self::Blocking } else { Self::Async }
    }
}

/// The names of the helpers.
const HELPERS: &[&str] = &[
    "uploads.upload_file_chunked",
    "vector_stores.files.upload",
    "vector_stores.files.upload_and_poll",
    "vector_stores.file_batches.upload_and_poll",
];

/// Whether there is a helper of that name.
pub(super) fn is_known(name: &str) -> bool {
    HELPERS.contains(&name)
}

/// Performs a helper. Every argument that is not known is refused.
pub(super) fn perform(client: &Client, name: &str, args: &mut Map<String, Value>, pace: &Pace, mode: Mode) -> Result<Value, Failure> {
    let mut args = Arguments(args);
    let value = match name {
        "uploads.upload_file_chunked" => made(chunked(client, &mut args)?, ChunkedUpload::blocking, mode),
        "vector_stores.files.upload" => {
            let (store, params) = (args.text("vector_store_id")?, file(&mut args)?);
            args.none_left(name)?;
            made(client.vector_stores().files().upload(store, params), Deferred::blocking, mode)
        }
        "vector_stores.files.upload_and_poll" => {
            let (store, params) = (args.text("vector_store_id")?, file(&mut args)?);
            args.none_left(name)?;
            made(pace.of(client.vector_stores().files().upload_and_poll(store, params)), Poll::blocking, mode)
        }
        "vector_stores.file_batches.upload_and_poll" => {
            let (store, params) = (args.text("vector_store_id")?, files(&mut args)?);
            args.none_left(name)?;
            made(pace.of(client.vector_stores().file_batches().upload_and_poll(store, params)), Poll::blocking, mode)
        }
        _ => return Err(Failure::driver(format!("unknown call: {name}"))),
    };
    Ok(value?)
}

fn made<W, T>(work: W, blocking: fn(W) -> openai::Result<T>, mode: Mode) -> openai::Result<Value>
where
    W: IntoFuture<Output = openai::Result<T>>,
    T: JsonModel,
{
    let value = match mode {
        Mode::Async => runtime().block_on(work.into_future()),
        Mode::Blocking => blocking(work),
    };
    value.map(|value| value.to_value())
}

/// One part at a time, as the official client sends them, so that their order can be compared.
fn chunked(client: &Client, args: &mut Arguments<'_>) -> Result<ChunkedUpload, Failure> {
    let file = args.upload("file")?;
    let mut params = UploadFileChunkedParams::new(file, args.text("mime_type")?, args.text("purpose")?);
    // Here a file says its own length.
    args.take("bytes");
    if let Some(name) = args.take("filename") {
        params = params.filename(text(&name)?);
    }
    if let Some(size) = args.take("part_size") {
        params = params.part_size(size.as_u64().ok_or_else(|| Failure::driver("`part_size` is a number"))?);
    }
    if let Some(md5) = args.take("md5") {
        params = params.md5(text(&md5)?);
    }
    args.none_left("uploads.upload_file_chunked")?;
    Ok(client.uploads().upload_file_chunked(params).concurrency(1))
}

fn file(args: &mut Arguments<'_>) -> Result<VectorStoreFileUploadParams, Failure> {
    let mut params = VectorStoreFileUploadParams::new(args.upload("file")?);
    params.attributes = args.typed::<VectorStoreFileAttributes>("attributes")?;
    params.chunking_strategy = args.typed::<ChunkingStrategyRequestParam>("chunking_strategy")?;
    Ok(params)
}

fn files(args: &mut Arguments<'_>) -> Result<VectorStoreFileBatchUploadParams, Failure> {
    let given = args.take("files").unwrap_or_default();
    let uploads = given.as_array().into_iter().flatten().map(upload_of).collect::<Result<Vec<Upload>, Failure>>()?;
    let mut params = VectorStoreFileBatchUploadParams::new(uploads);
    if let Some(most) = args.take("max_concurrency") {
        let most = most.as_u64().and_then(|most| usize::try_from(most).ok());
        params = params.max_concurrency(most.ok_or_else(|| Failure::driver("`max_concurrency` is a number"))?);
    }
    params.file_ids = args.take("file_ids").as_ref().and_then(Value::as_array).into_iter().flatten().map(text).collect::<Result<_, _>>()?;
    params.attributes = args.typed::<VectorStoreFileAttributes>("attributes")?;
    params.chunking_strategy = args.typed::<ChunkingStrategyRequestParam>("chunking_strategy")?;
    Ok(params)
}

/// Arguments that are taken one by one.
struct Arguments<'a>(&'a mut Map<String, Value>);

impl Arguments<'_> {
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &str) -> Result<String, Failure> {
        text(&self.take(name).ok_or_else(|| Failure::argument(format!("the argument `{name}` is missing")))?)
    }

    fn upload(&mut self, name: &str) -> Result<Upload, Failure> {
        upload_of(&self.take(name).ok_or_else(|| Failure::argument(format!("the argument `{name}` is missing")))?)
    }

    fn typed<T: JsonModel>(&mut self, name: &str) -> Result<Option<T>, Failure> {
        self.take(name).map(|value| T::from_value(value).map_err(Failure::from)).transpose()
    }

    fn none_left(&self, call: &str) -> Result<(), Failure> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(unknown) => Err(Failure::argument(format!("{call} does not know the argument {unknown}"))),
        }
    }
}

fn text(value: &Value) -> Result<String, Failure> {
    value.as_str().map(ToOwned::to_owned).ok_or_else(|| Failure::driver(format!("{value} is no text")))
}

/// A file: `{"$file": …}`, a name with one, or `{"$path": …}`, which is written to disk first.
fn upload_of(value: &Value) -> Result<Upload, Failure> {
    if let Some([name, file]) = value.as_array().map(Vec::as_slice) {
        return Ok(upload_of(file)?.file_name(text(name)?));
    }
    let Some(path) = value.get("$path") else { return Upload::from_value(value).map_err(Failure::from) };
    let failed = |error: &dyn std::fmt::Display| Failure::driver(format!("a file on disk: {error}"));
    let bytes = STANDARD.decode(path["bytes"].as_str().unwrap_or_default()).map_err(|error| failed(&error))?;
    // It stays until the process ends, which may be before it is read.
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?.keep();
    let path = folder.join(path["name"].as_str().unwrap_or("file"));
    std::fs::write(&path, bytes).map_err(|error| failed(&error))?;
    Ok(Upload::path(path))
}
