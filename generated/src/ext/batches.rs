//! The files of the Batch API: requests written from typed calls, results read back typed, a line each.

use std::collections::BTreeSet;

use http::StatusCode;
use openai_runtime::json::{Decode, Json, JsonModel, Map};
use openai_runtime::{Call, Client, Deferred, Error, ErrorKind, Method, Poll, Result, Upload};

use crate::resources::batches::{BATCHES_CREATE_AND_POLL, Batches};
use crate::resources::files::Files;
use crate::types::batches::BatchCreateParams;
use crate::types::files::FileCreateParams;
use crate::types::shared::Batch;

/// Lines name their endpoint with the API's version, which is part of the base URL elsewhere.
const VERSION: &str = "/v1";

/// The requests of a batch, made of calls that are never awaited.
///
/// ```
/// # fn main() -> openai::Result<()> {
/// # let client = openai::Client::builder().env(|_| None).api_key("k").build()?;
/// use openai::BatchInput;
/// use openai::types::responses::ResponseCreateParams;
///
/// let mut input = BatchInput::new();
/// for (number, word) in ["cat", "dog"].iter().enumerate() {
///     let params = ResponseCreateParams::new().model("gpt-5.2").input(format!("Translate: {word}"));
///     input.add(format!("word-{number}"), &client.responses().create(params))?;
/// }
/// assert_eq!(input.as_jsonl().lines().count(), 2);
/// assert_eq!(input.endpoint().as_deref(), Some("/v1/responses"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct BatchInput {
    path: Option<&'static str>,
    ids: BTreeSet<String>,
    lines: String,
}

impl BatchInput {
    /// Without requests yet.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a request. Its result is found by `custom_id`.
    ///
    /// # Errors
    /// When the call cannot be sent, is no POST of JSON, asks for a stream, or goes to another endpoint than those before it; when there is a request of that id.
    #[inline]
    pub fn add<T>(&mut self, custom_id: impl Into<String>, call: &Call<T>) -> Result<&mut Self> {
        let (custom_id, operation) = (custom_id.into(), call.operation());
        let request = call.request()?;
        let body = request.body().as_bytes().and_then(|body| std::str::from_utf8(body).ok()).and_then(|body| Json::from_text(body).ok());
        let Some(body) = body.filter(|_| operation.method == Method::Post) else {
            return Err(Error::argument(format!("{} is no POST of JSON, which is all that a batch takes", operation.name)));
        };
        if Map::<Json>::from_json(body.as_str()).is_ok_and(|body| body.get("stream").is_some_and(|stream| stream.as_str() == "true")) {
            return Err(Error::argument("a batch makes no streams"));
        }
        if *self.path.get_or_insert(operation.path) != operation.path {
            return Err(Error::argument(format!("a batch has one endpoint: {} is another", operation.path)));
        }
        if !self.ids.insert(custom_id.clone()) {
            return Err(Error::argument(format!("there is a request {custom_id:?} already")));
        }
        let mut line = Map::<Json>::new();
        line.insert("custom_id", custom_id);
        line.insert("method", "POST");
        line.insert("url", format!("{VERSION}{}", operation.path));
        line.insert("body", body);
        self.lines.push_str(&line.to_json());
        self.lines.push('\n');
        Ok(self)
    }

    /// The number of requests.
    #[inline]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Where the requests go: what the batch is created with.
    #[inline]
    pub fn endpoint(&self) -> Option<String> {
        self.path.map(|path| format!("{VERSION}{path}"))
    }

    /// The lines of the file.
    #[inline]
    pub fn as_jsonl(&self) -> &str {
        &self.lines
    }

    /// The file, to be uploaded for the purpose `batch`.
    #[inline]
    pub fn into_upload(self) -> Upload {
        Upload::bytes("batch.jsonl", self.lines).content_type("application/jsonl")
    }
}

impl Batches {
    /// Uploads the requests and creates a batch of them.
    ///
    /// `POST /files`, then `POST /batches`
    #[inline]
    pub fn submit(&self, input: BatchInput) -> Deferred<'static, Batch> {
        let creating = created(self.clone(), input);
        Deferred::new(&self.client, async move { creating.await?.await })
    }

    /// Uploads the requests, creates a batch of them, and waits until it is done, which may take a day.
    ///
    /// Intervals, deadlines and progress are options of the [`Poll`].
    ///
    /// `POST /files`, then `POST /batches`, then `GET /batches/{batch_id}`
    #[inline]
    pub fn submit_and_poll(&self, input: BatchInput) -> Poll<Batch> {
        Poll::after(&self.client, created(self.clone(), input), &BATCHES_CREATE_AND_POLL)
    }

    /// The results of a batch that is done: those of its output file, and then those of its error file. They come in no particular order; a
    /// [`custom_id`](BatchResult::custom_id) says which request a result is for.
    ///
    /// `GET /files/{file_id}/content` for both files
    #[inline]
    pub fn results<T: Decode + Send + 'static>(&self, batch: &Batch) -> Deferred<'static, Vec<BatchResult<T>>> {
        let ids: Vec<String> = [&batch.output_file_id, &batch.error_file_id].into_iter().flatten().cloned().collect();
        let client = self.client.clone();
        Deferred::new(&self.client, async move {
            let mut results = Vec::new();
            for id in ids.iter().filter(|id| !id.is_empty()) {
                let content = Files::new(&client).content(id).await?.text().await?;
                for line in content.lines().filter(|line| !line.trim().is_empty()) {
                    results.push(BatchResult::of_line(&client, line)?);
                }
            }
            Ok(results)
        })
    }
}

/// The call that creates the batch, after its file was uploaded.
#[inline]
async fn created(batches: Batches, input: BatchInput) -> Result<Call<Batch>> {
    let endpoint = input.endpoint().ok_or_else(|| Error::argument("a batch has at least one request"))?;
    let file = Files::new(&batches.client).create(FileCreateParams::new(input.into_upload(), "batch")).await?;
    Ok(batches.create(BatchCreateParams::new(file.id, endpoint.as_str())))
}

/// What came of one request of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct BatchResult<T> {
    /// The id that the request was given.
    pub custom_id: String,
    /// The answer; or the error that a call of its own would have been, with the status and what the server said.
    pub outcome: Result<T>,
    /// The server's id for the request.
    pub request_id: Option<String>,
}

impl<T: Decode> BatchResult<T> {
    /// Reads a line of an output or an error file.
    ///
    /// # Errors
    /// When it is no line of such a file. That an answer is not a `T` is part of the [`outcome`](Self::outcome).
    #[inline]
    pub fn of_line(client: &Client, line: &str) -> Result<Self> {
        let line: Map<Json> = client.decode(line.as_bytes())?;
        let text = |json: Option<&Json>| json.and_then(|json| String::from_json(json.as_str()).ok());
        let custom_id = text(line.get("custom_id")).ok_or_else(|| Error::decode("a line has no custom_id"))?;
        let response = line.get("response").and_then(|response| Map::<Json>::from_json(response.as_str()).ok());
        let Some(response) = response else {
            let reported = line.get("error").map_or("null", Json::as_str);
            return Ok(Self { custom_id, outcome: Err(Error::reported(ErrorKind::Status, reported.as_bytes())), request_id: None });
        };
        let request_id = text(response.get("request_id"));
        let status = response.get("status_code").and_then(|status| StatusCode::from_bytes(status.as_str().as_bytes()).ok());
        let status = status.ok_or_else(|| Error::decode("a response has no status_code"))?;
        let body = response.get("body").map_or("null", Json::as_str).as_bytes();
        let outcome = if status.is_success() { client.decode(body) } else { Err(Error::of_answer(status, request_id.as_deref(), body)) };
        Ok(Self { custom_id, outcome, request_id })
    }
}
