//! The options of one call, chained on it.

use std::marker::PhantomData;
use std::time::Duration;

use serde_core::Serialize;

use super::Call;
use crate::client::RawCall;
use crate::error::Error;
use crate::json::{Encode, Json};
use crate::operation::Body;
use crate::response::{FromResponse, RawResponse, WithResponse};
use crate::timeout::Timeout;
use crate::transport::RequestBody;
use crate::upload::Upload;

impl<T> Call<T> {
    /// Limits each wait of each attempt; a `Duration` is one limit for all of them. The limit for connecting is the client's.
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.origin.draft.timeout = Some(timeout.into());
        self
    }

    /// Limits all attempts together, with the waits between them. For a stream it limits the stream, too.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.origin.draft.deadline = Some(limit);
        self
    }

    /// How often a failed attempt is repeated.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.origin.draft.max_retries = Some(retries);
        self
    }

    /// Sets a header, replacing what else would be sent under that name.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let result = self.origin.draft.headers.set(name.as_ref(), value.as_ref());
        self.origin.draft.keep_fault(result);
        self
    }

    /// Leaves a header out.
    pub fn without_header(mut self, name: impl AsRef<str>) -> Self {
        let result = self.origin.draft.headers.omit(name.as_ref());
        self.origin.draft.keep_fault(result);
        self
    }

    /// Sets a query parameter, replacing one of that name. Arrays and objects are written with brackets.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.origin.draft.query.push((name.into(), value.into()));
        self
    }

    /// Sets a field of the body, replacing one of that name.
    pub fn body_field(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.origin.draft.body_fields.push((name.into(), value.into()));
        self
    }

    /// Sends this `Idempotency-Key` with every attempt, so that the server can tell a repeated request from a new one.
    pub fn idempotency_key(self, key: impl AsRef<str>) -> Self {
        self.header("idempotency-key", key)
    }

    /// Returns the value together with status, headers, request id and the number of retries.
    pub fn with_response(self) -> Call<WithResponse<T>> {
        self.returning()
    }

    /// Returns the response without decoding its body. An error status is an error all the same.
    pub fn raw(self) -> Call<RawResponse> {
        self.cast()
    }

    /// Returns something else from the same request: another type, [`Binary`](crate::Binary), an [`EventStream`](crate::EventStream).
    pub fn cast<U: FromResponse>(self) -> Call<U> {
        self.returning()
    }

    fn returning<U>(self) -> Call<U> {
        Call { origin: self.origin, returns: PhantomData }
    }

    pub(crate) fn raw_path(mut self, path: String) -> Self {
        self.origin.draft.raw_path = Some(path.into());
        self
    }
}

/// Bodies for endpoints without a typed method.
impl RawCall {
    /// Sends this value as JSON.
    pub fn json(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(json) => self.origin.draft.content = Some((RequestBody::bytes(json), "application/json".into())),
            Err(error) => self.origin.draft.keep_fault(Err(Error::argument(format!("the body is no JSON: {error}")))),
        }
        self
    }

    /// Sends these fields as `multipart/form-data`: a `serde_json::Value`, or anything else that is an object. Uploads among them are files.
    pub fn multipart(mut self, fields: &(impl Encode + ?Sized)) -> Self {
        self.origin.draft.encoding = Some(Body::Multipart);
        self.params(fields)
    }

    /// Adds a file to a `multipart/form-data` body, under the name that the field shall have (`file`, `image[]`).
    pub fn file(mut self, name: impl Into<String>, file: impl Into<Upload>) -> Self {
        self.origin.draft.encoding = Some(Body::Multipart);
        self.origin.draft.files.push((name.into(), file.into()));
        self
    }

    /// Sends this body as it is: bytes, or whatever [`RequestBody::upload`] takes.
    pub fn body(mut self, body: impl Into<RequestBody>, content_type: impl AsRef<str>) -> Self {
        self.origin.draft.content = Some((body.into(), content_type.as_ref().into()));
        self
    }
}
