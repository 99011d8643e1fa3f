//! What to do about an error that a server answered with: one sentence for whoever meets it for the first time, by what the server said and where the
//! call had gone. Pure. Errors that no server answered with bring their hint along from where they were found.

use std::borrow::Cow;

use super::Error;
use crate::request::endpoint::Endpoint;

/// What to do about a proxy that wants to know who is asking.
pub(crate) const PROXY_CREDENTIALS: &str =
    "the proxy wants a user name and a password: put them into its URL, http://user:password@host:3128";

/// Where Azure OpenAI lives.
const AZURE_HOSTS: &[&str] = &[".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com", ".azure-api.net"];
const AZURE: &str = "this is a host of Azure OpenAI, whose paths and keys are its own: make the client with Client::azure()";
const DEPLOYMENT: &str = "Azure wants the name of a deployment for the model";
const KEY: &str =
    "check the API key, that of the builder or else OPENAI_API_KEY in the environment: is it whole, valid and for this server?";
const MODEL: &str = "check the model's name; the list of models says which ones this key may use";
const FIREWALL: &str = "these are not the API's words: a proxy or a firewall on the way may have said so";
const QUOTA: &str = "to try again does not help: add credit to the account, or raise its limits";
const RATE: &str = "send less at a time, or raise max_retries";
const SECURE: &str = "this port speaks TLS: begin the base URL with https://";
const SERVER: &str = "the fault is the server's, or that of a proxy before it: try again later";
const STREAM: &str = "the server streams although it was not asked to; the method's streaming form reads that";

/// Who signs the calls of the client.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Signer {
    /// The client, with keys of the API.
    Client,
    /// A provider, which knows other keys.
    Provider,
}

impl Error {
    /// Adds what to do about it, unless somebody knew better.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint.get_or_insert_with(|| hint.into());
        self
    }

    /// Adds what to do about an answer of the server with this base URL.
    #[must_use]
    pub(crate) fn hinted(self, base: &Endpoint, signer: Signer) -> Self {
        match self.advice(base, signer) {
            Some(hint) => self.with_hint(hint),
            None => self,
        }
    }

    fn advice(&self, base: &Endpoint, signer: Signer) -> Option<Cow<'static, str>> {
        let is_misled = signer == Signer::Client && AZURE_HOSTS.iter().any(|host| base.host().ends_with(host));
        let status = self.status()?.as_u16();
        Some(Cow::Borrowed(match status {
            401 | 404 if is_misled => AZURE,
            200..300 if self.is_decode() => return self.of_misfit(base),
            400 if base.is_plain() && self.message().contains("HTTPS") => SECURE,
            401 if signer == Signer::Client => KEY,
            403 if !self.0.body.explains() => FIREWALL,
            404 => return self.of_nothing_there(base),
            407 => PROXY_CREDENTIALS,
            429 if self.is_insufficient_quota() => QUOTA,
            429 => match self.retry_after() {
                Some(wait) => return Some(Cow::Owned(format!("{RATE}; the server asks to wait {wait:?}"))),
                None => RATE,
            },
            500.. => SERVER,
            _ => return None,
        }))
    }

    /// 404: a thing that is not there, or a server that does not know the path.
    fn of_nothing_there(&self, base: &Endpoint) -> Option<Cow<'static, str>> {
        match self.code() {
            Some("model_not_found") => return Some(Cow::Borrowed(MODEL)),
            Some("DeploymentNotFound") => return Some(Cow::Borrowed(DEPLOYMENT)),
            // This is how Azure says that it does not know the path.
            Some("404") => {}
            _ if self.0.body.explains() && !self.message().starts_with("Invalid URL") => return None,
            _ => {}
        }
        let url = base.without_query();
        Some(Cow::Owned(match base.path() {
            "" => format!("the server does not know this path: most base URLs end with /v1, and {url} does not"),
            _ => format!("the server does not know this path: is the base URL right, {url}?"),
        }))
    }

    /// A success that is not what the operation returns.
    fn of_misfit(&self, base: &Endpoint) -> Option<Cow<'static, str>> {
        let kind = self.headers()?.get(http::header::CONTENT_TYPE)?.to_str().ok()?.trim_start();
        let begins = |start: &str| kind.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
        if begins("text/event-stream") {
            return Some(Cow::Borrowed(STREAM));
        }
        let url = base.without_query();
        begins("text/").then(|| Cow::Owned(format!("is the base URL right, {url}? the login page of a network would look like this, too")))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::error::ErrorBody;
    use crate::response::ResponseMeta;

    #[track_caller]
    fn check(base: &str, signer: Signer, status: u16, body: &str, expect: &str) {
        let meta = ResponseMeta::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), 0, std::time::Duration::ZERO);
        let error = Error::from_status(meta, ErrorBody::parse(body.as_bytes()), None).hinted(&Endpoint::parse(base).unwrap(), signer);
        let hint = error.hint().unwrap_or_default();
        assert!(if expect.is_empty() { hint.is_empty() } else { hint.contains(expect) }, "{status} {body}: {hint}");
    }

    const HOME: &str = "https://api.openai.com/v1";
    const EXPLAINED: &str = r#"{"error":{"message":"m"}}"#;

    #[test]
    fn what_the_server_explains_is_left_to_it() {
        for status in [400, 403, 404, 409, 413, 422] {
            check(HOME, Signer::Client, status, EXPLAINED, "");
        }
        check(HOME, Signer::Client, 404, r#"{"error":"model 'x' not found"}"#, "");
        check(HOME, Signer::Provider, 401, EXPLAINED, "");
    }

    #[test]
    fn a_key_for_another_service_is_told_from_a_wrong_one() {
        check(HOME, Signer::Client, 401, EXPLAINED, "OPENAI_API_KEY");
        for host in ["r.openai.azure.com", "r.services.ai.azure.com", "R.cognitiveservices.azure.com", "gate.azure-api.net"] {
            check(&format!("https://{host}"), Signer::Client, 401, EXPLAINED, "Client::azure()");
            check(&format!("https://{host}"), Signer::Client, 404, "", "Client::azure()");
            check(&format!("https://{host}"), Signer::Client, 400, EXPLAINED, "");
        }
        check(
            "https://r.openai.azure.com/openai",
            Signer::Provider,
            404,
            r#"{"error":{"code":"404","message":"Resource not found"}}"#,
            "/openai?",
        );
        check(
            "https://r.openai.azure.com",
            Signer::Provider,
            404,
            r#"{"error":{"code":"DeploymentNotFound","message":"m"}}"#,
            "deployment",
        );
    }

    #[test]
    fn a_path_that_is_not_known_leads_to_the_base_url() {
        for body in
            ["", "404 page not found", "<html></html>", r#"{"detail":"Not Found"}"#, r#"{"error":{"message":"Invalid URL (POST /x)"}}"#]
        {
            check("http://localhost:11434", Signer::Client, 404, body, "/v1, and http://localhost:11434 does not");
            check("http://localhost:1/v2?key=s3cret", Signer::Client, 404, body, "right, http://localhost:1/v2?");
        }
    }
}
