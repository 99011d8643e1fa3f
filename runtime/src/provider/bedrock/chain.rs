//! Keys where AWS's own tools find them: environment, profiles, single sign-on, containers, instances. AWS's crate looks; what it has to ask over the
//! network goes through the client's connections. With `profile` the only place that imports `aws-config`; alone that of the
//! `aws-smithy` crates.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::{AwsCredentials, Profiles};
use crate::error::{Error, Result};
use crate::provider::Link;
use crate::provider::renewed::{Issued, Renewed};
use crate::transport::RequestBody;

/// Keys are replaced this long before their end.
const BUFFER: Duration = Duration::from_secs(300);
/// For whatever the chain asks that sets no limit itself.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where keys are looked for, and those that were found.
pub(crate) struct Chain {
    /// None: everywhere.
    profile: Option<Profiles>,
    kept: Arc<Renewed<AwsCredentials>>,
}

impl Chain {
    pub(super) fn new(profile: Option<Profiles>) -> Self {
        Self { profile, kept: Arc::default() }
    }

    /// The keys to sign with now. `region` is where they are asked for, if they are those of a role.
    pub(super) async fn credentials(&self, link: &Link, region: Option<&str>) -> Result<AwsCredentials> {
        self.kept
            .current(link, || {
                let (profile, region, link) = (self.profile.clone(), region.map(ToOwned::to_owned), link.clone());
                Box::pin(async move { found(profile, region, link).await })
            })
            .await
    }
}

async fn found(profile: Option<Profiles>, region: Option<String>, link: Link) -> Result<Issued<AwsCredentials>> {
    let region = region.map(Region::new);
    let config = ProviderConfig::without_region().with_region(region.clone()).with_http_client(Connections(link.clone()));
    let keys = match profile {
        // The environment's keys come before those of profiles, but not before those of one that was asked for.
        Some(profile) => {
            let provider = ProfileFileCredentialsProvider::builder().configure(&config);
            provider.profile_files(profile.read()?).profile_name(profile.name()).build().provide_credentials().await
        }
        None => {
            let chain = DefaultCredentialsChain::builder().region(region).configure(config).build().await;
            chain.provide_credentials().await
        }
    };
    let keys = keys.map_err(|e| Error::argument("no credentials for Bedrock were found where AWS's tools look for them").with_source(e))?;
    let credentials = AwsCredentials::new(keys.access_key_id(), keys.secret_access_key());
    let credential = keys.session_token().into_iter().fold(credentials, AwsCredentials::session_token);
    let now = link.time().monotonic();
    let life = keys.expiry().map_or(Duration::MAX, |end| end.duration_since(SystemTime::now()).unwrap_or_default());
    Ok(Issued::lasting(credential, now, life, BUFFER))
}

/// The client's connections, as the chain wants them.
#[derive(Clone)]
struct Connections(Link);

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let limit = settings.read_timeout().or(settings.connect_timeout()).unwrap_or(TIMEOUT);
        SharedHttpConnector::new(Connector { link: self.0.clone(), limit })
    }
}

struct Connector {
    link: Link,
    limit: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (link, limit) = (self.link.clone(), self.limit);
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?;
            let (head, body) = request.into_parts();
            let body = body.bytes().ok_or_else(|| ConnectorError::user("the body is a stream".into()))?;
            let body = if body.is_empty() { RequestBody::empty() } else { RequestBody::bytes(body.to_vec()) };
            let answer = link.send(http::Request::from_parts(head, body), limit).await.map_err(|error| {
                if error.is_timeout() { ConnectorError::timeout(error.into()) } else { ConnectorError::io(error.into()) }
            })?;
            let mut response = http::Response::new(SdkBody::from(answer.body.to_vec()));
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
        })
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connections")
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

#[cfg(test)]
mod tests {
    use aws_config::imds::credentials::ImdsCredentialsProvider;

    use super::*;
    use crate::Client;
    use crate::testing::{Answer, ScriptedTransport};

    // The chain as a whole looks into the environment and the files of whoever runs the tests: this is the part of it that asks over a network.
    #[test]
    fn instances_are_asked_over_the_clients_connections() {
        let transport = ScriptedTransport::from_fn(|request| match (request.method.as_str(), request.target()) {
            ("PUT", "/latest/api/token") => Answer::json(200, "session").header("x-aws-ec2-metadata-token-ttl-seconds", "60"),
            (_, path) if path.ends_with("/role") => Answer::json(
                200,
                r#"{"Code":"Success","AccessKeyId":"AKID","SecretAccessKey":"s","Token":"st","Expiration":"2100-01-01T00:00:00Z"}"#,
            ),
            _ => Answer::json(200, "role"),
        });
        let client: Client = transport.client();
        let config = ProviderConfig::without_region().with_http_client(Connections(Link::new(&client, 0)));
        let provider = ImdsCredentialsProvider::builder().configure(&config).build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let keys = runtime.block_on(provider.provide_credentials()).unwrap();
        assert_eq!((keys.access_key_id(), keys.session_token()), ("AKID", Some("st")));
        let requests = transport.requests();
        assert!(requests.len() >= 3 && requests[1].header("x-aws-ec2-metadata-token") == "session", "{requests:?}");
        assert!(
            requests.iter().all(|request| request.url.starts_with("http://169.254.169.254") && request.header("authorization").is_empty())
        );
    }
}
