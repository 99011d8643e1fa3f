//! From an operation and its arguments to a request that can be sent, and sent again (`prepared`). Pure: nothing here waits or opens a connection.

pub(crate) mod body;
pub(crate) mod endpoint;
pub(crate) mod headers;
mod mime;
pub(crate) mod multipart;
pub(crate) mod path;
pub(crate) mod query;
pub(crate) mod redirect;
pub(crate) mod scan;

mod arguments;
mod encode;
mod prepared;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::client::config::Config;
use crate::codec::Encoded;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::operation::{Body, Operation};
use crate::page::Trail;
use crate::provider::{Medium, Provider, Reach, Route};
use crate::timeout::Timeout;
use crate::upload::Upload;
use arguments::{Arguments, member};
use body::RequestBody;
use headers::HeaderEdits;
pub use prepared::PreparedRequest;
use prepared::RETRY_COUNT;
pub(crate) use prepared::Sign;
use scan::Member;

const READ_TIMEOUT: HeaderName = HeaderName::from_static("x-stainless-read-timeout");

/// A call's arguments, as they were given. Replayable data.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) operation: &'static Operation,
    /// A path written by hand, in place of the operation's.
    pub(crate) raw_path: Option<Arc<str>>,
    pub(crate) path: Vec<(&'static str, String)>,
    pub(crate) params: Option<Arc<Encoded>>,
    /// How the body is encoded, when not as the operation says.
    pub(crate) encoding: Option<Body>,
    /// Files of a form that are not among the params.
    pub(crate) files: Vec<(String, Upload)>,
    /// A body that is sent as it is, with its content type.
    pub(crate) content: Option<(RequestBody, Arc<str>)>,
    pub(crate) headers: HeaderEdits,
    pub(crate) query: Vec<(String, Json)>,
    pub(crate) body_fields: Vec<(String, Json)>,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) streaming: bool,
    /// What the call is sent over.
    pub(crate) medium: Medium,
    /// Whether the stream goes on by itself after it broke off.
    pub(crate) resumable: bool,
    /// The operation's entry in the table of names, when it was called by its name.
    #[cfg(feature = "dynamic")]
    pub(crate) named: Option<&'static crate::dynamic::NamedOperation>,
    /// The cursors that were followed to this page.
    pub(crate) trail: Trail,
    /// The first thing that was wrong with an argument.
    pub(crate) fault: Option<Arc<str>>,
}

impl Draft {
    pub(crate) fn new(operation: &'static Operation) -> Self {
        Self {
            operation,
            raw_path: None,
            path: Vec::new(),
            params: None,
            encoding: None,
            files: Vec::new(),
            content: None,
            headers: HeaderEdits::default(),
            query: Vec::new(),
            body_fields: Vec::new(),
            timeout: None,
            max_retries: None,
            deadline: None,
            streaming: false,
            medium: Medium::Http,
            resumable: false,
            #[cfg(feature = "dynamic")]
            named: None,
            trail: Trail::default(),
            fault: None,
        }
    }

    pub(crate) fn encoding(&self) -> Body {
        self.encoding.unwrap_or(self.operation.body)
    }

    /// Remembers the first failure, to be returned when the call is made.
    pub(crate) fn keep_fault(&mut self, result: Result<()>) {
        if let (Err(error), None) = (result, &self.fault) {
            self.fault = Some(error.message().into());
        }
    }

    /// The request, but for what changes with each attempt.
    pub(crate) fn prepare(&self, config: &Config) -> Result<PreparedRequest> {
        if let Some(fault) = &self.fault {
            return Err(Error::argument(&**fault));
        }
        let arguments = self.arguments()?;
        let (url, foreign) = self.url(config, &arguments.query)?;
        let (body, content_type) = self.body(config, &arguments)?;
        let timeout = self.timeout.unwrap_or(config.timeout);
        let (headers, sign) = self.headers(config, &arguments.headers, content_type, &timeout, foreign)?;
        let auto_retry_count = !self.headers.mentions(&RETRY_COUNT) && !config.default_headers.mentions(&RETRY_COUNT);
        let request = PreparedRequest {
            method: self.operation.method.into(),
            url,
            headers,
            body,
            sign,
            auto_retry_count,
            timeout,
            max_retries: self.max_retries.unwrap_or(config.max_retries),
            deadline: self.deadline.or(config.deadline),
        };
        if let Some(provider) = &config.provider {
            if foreign && provider.reach() == Reach::BaseUrl {
                return Err(Error::argument("the client's requests must stay with the scheme, host and port of its base URL"));
            }
            provider.inspect(&request)?;
        }
        Ok(request)
    }

    /// The URL with its query (contract 1.7): base URL, path, defaults, params, the call's own; the later wins.
    fn url(&self, config: &Config, params: &[Member<'_>]) -> Result<(String, bool)> {
        let operation = self.operation;
        let path = match &self.raw_path {
            Some(path) => Cow::Borrowed(&**path),
            None => Cow::Owned(path::fill(operation.path, &self.path)?),
        };
        let provider = config.provider.as_deref().filter(|_| !endpoint::is_absolute(&path));
        let routed = provider.map(|provider| self.routed(config, provider, &path, params)).transpose()?;
        let (path, added) = routed.as_ref().map_or((&*path, &[][..]), |routed| (&routed.path, &routed.query));
        let (mut url, path_query, foreign) = match &self.raw_path {
            Some(_) => {
                let target = config.endpoint.resolve(path)?;
                (target.url, target.query, target.foreign)
            }
            None => (config.endpoint.join(path), None, false),
        };
        let mut fields: Vec<Member<'_>> = Vec::new();
        let defaults = config.default_query.iter().map(|(key, value)| member(key, value.as_str()));
        let added = added.iter().map(|(key, value)| member(key, value.as_str()));
        // What a provider makes of a WebSocket's query is the last word (contract 8.4), and the caller's params are part of it.
        let own = if self.medium == Medium::WebSocket && provider.is_some() { &[] } else { params };
        for field in defaults.chain(added).chain(own.iter().cloned()) {
            match fields.iter_mut().find(|known| known.key == field.key) {
                Some(known) => known.value = field.value,
                None => fields.push(field),
            }
        }
        let base_query = if foreign { None } else { config.endpoint.query() };
        let query = encode::query(&[base_query, path_query.as_deref()], operation.query, &fields);
        if !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        Ok((url, foreign))
    }

    /// Where the client's provider leads the call.
    fn routed(&self, config: &Config, provider: &dyn Provider, path: &str, params: &[Member<'_>]) -> Result<Routed> {
        let bare = path.find(['?', '#']).unwrap_or(path.len());
        let texts = |name: &str| params.iter().find(|param| param.key == name).map(|param| encode::plain(param.value));
        let is_websocket = self.medium == Medium::WebSocket;
        let query = if is_websocket {
            params.iter().map(|param| (Cow::Owned(param.key.to_string()), Cow::Owned(encode::plain(param.value)))).collect()
        } else {
            Vec::new()
        };
        let mut route = Route {
            medium: self.medium,
            base_path: config.endpoint.path(),
            path: Cow::Borrowed(&path[..bare]),
            query,
            param: &|name| if is_websocket { texts(name) } else { self.body_text(name) },
        };
        provider.route(&mut route)?;
        let query = route.query.into_iter().map(|(name, value)| (name.into_owned(), Json::from(&*value))).collect();
        Ok(Routed { path: route.path.into_owned() + &path[bare..], query })
    }

    /// A param of the body that is a text, wherever it was given: on the call, among the params, in a JSON body of the caller's own.
    fn body_text(&self, name: &str) -> Option<String> {
        let text = |value: scan::Span<'_>| match value.node() {
            scan::Node::String(text) => Some(text.into_owned()),
            _ => None,
        };
        if let Some((_, value)) = self.body_fields.iter().rev().find(|(field, _)| field == name) {
            return text(scan::Span::new(value.as_str()));
        }
        let json = match (&self.content, &self.params) {
            (Some((body, kind)), _) if &**kind == "application/json" => std::str::from_utf8(body.as_bytes()?).ok()?,
            (None, Some(params)) => std::str::from_utf8(&params.text).ok()?,
            _ => return None,
        };
        match scan::Span::new(json).node() {
            scan::Node::Object(mut members) => members.find(|member| member.key == name).and_then(|member| text(member.value)),
            _ => None,
        }
    }

    fn body(&self, config: &Config, arguments: &Arguments<'_>) -> Result<(RequestBody, Option<Cow<'static, str>>)> {
        if let Some((body, content_type)) = &self.content {
            if !arguments.body.is_empty() || !self.files.is_empty() {
                return Err(Error::argument("a call has either params or a body of its own, not both"));
            }
            return Ok((body.clone(), Some(Cow::Owned(content_type.to_string()))));
        }
        let boundary = || {
            let given = |edits: &HeaderEdits| edits.get(&CONTENT_TYPE).and_then(encode::boundary_of).map(ToOwned::to_owned);
            given(&self.headers).or_else(|| given(&config.default_headers))
        };
        encode::body(self, arguments, &boundary)
    }

    /// Headers in their order of precedence (contract 1.4, 1.5); the credential comes with the attempt, if it is still needed.
    fn headers(
        &self,
        config: &Config,
        fields: &[(&'static str, String)],
        content_type: Option<Cow<'static, str>>,
        timeout: &Timeout,
        foreign: bool,
    ) -> Result<(HeaderMap, Sign)> {
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        let operation = self.operation;
        let mut headers = config.base_headers.clone();
        if http::Method::from(operation.method) != http::Method::GET {
            headers.insert(CONTENT_TYPE, JSON);
        }
        if let Some(limit) = timeout.read_limit() {
            headers.insert(READ_TIMEOUT, HeaderValue::from(SecondsText(limit)));
        }
        config.default_headers.apply(&mut headers);
        let mut own = HeaderEdits::default();
        if operation.accept != Operation::DEFAULT.accept {
            own.set("accept", operation.accept)?;
        }
        for (name, value) in operation.headers {
            own.set(name, value)?;
        }
        if let Some(content_type) = content_type.filter(|content_type| content_type != "application/json") {
            own.set("content-type", &content_type)?;
        }
        for (name, value) in fields {
            own.set(name, value)?;
        }
        own.apply(&mut headers);
        self.headers.apply(&mut headers);
        // A multipart body must be announced with its boundary, whatever the caller wrote.
        if let Some(content_type) = own.get(&CONTENT_TYPE).filter(|value| encode::boundary_of(value).is_some()) {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        let mentioned = |name: &HeaderName| self.headers.mentions(name) || config.default_headers.mentions(name);
        let overridden = config.credential_headers(operation.security).iter().any(mentioned);
        if foreign {
            // Credentials of the client stay with its own origin; a header given to the call itself is the caller's decision.
            config.strip_credentials(&mut headers);
            self.headers.apply(&mut headers);
        }
        let sign = if overridden || foreign || operation.security.is_empty() { Sign::No } else { Sign::With(operation.security) };
        Ok((headers, sign))
    }
}

/// What a provider made of a path and a query.
struct Routed {
    path: String,
    query: Vec<(String, Json)>,
}

/// A duration as a number of seconds: `600`, `0.25`.
struct SecondsText(Duration);

impl From<SecondsText> for HeaderValue {
    fn from(SecondsText(duration): SecondsText) -> Self {
        if duration.subsec_nanos() == 0 {
            return Self::from(duration.as_secs());
        }
        HeaderValue::from_str(&duration.as_secs_f64().to_string()).unwrap_or(Self::from_static("0"))
    }
}
