//! Where Bedrock is: the hosts of its endpoints in every region, and what a base URL says about both (contract 8.9). Pure.

use url::{Host, Url};

use crate::error::{Error, Result};

/// The endpoints of Bedrock that speak the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BedrockEndpoint {
    /// `bedrock-mantle.REGION.api.aws`
    Mantle,
    /// `bedrock-runtime.REGION.amazonaws.com`
    Runtime,
}

impl BedrockEndpoint {
    /// What requests to it are signed for.
    pub(super) fn signing_name(self) -> &'static str {
        match self {
            Self::Mantle => "bedrock-mantle",
            Self::Runtime => "bedrock",
        }
    }

    fn host_prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Mantle => &["bedrock-mantle"],
            Self::Runtime => &["bedrock-runtime", "bedrock-runtime-fips"],
        }
    }
}

/// The partitions of AWS: how their regions begin, and what the hosts of their services end with, the usual ending first.
const PARTITIONS: &[(&str, &[&str])] = &[
    ("cn-", &["amazonaws.com.cn", "api.amazonwebservices.com.cn"]),
    ("eusc-", &["amazonaws.eu", "api.amazonwebservices.eu"]),
    ("us-isob-", &["sc2s.sgov.gov", "api.aws.scloud"]),
    ("us-isof-", &["csp.hci.ic.gov", "api.aws.hci.ic.gov"]),
    ("us-iso-", &["c2s.ic.gov", "api.aws.ic.gov"]),
    ("eu-isoe-", &["cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"]),
    ("", &["amazonaws.com", "api.aws"]),
];

fn suffixes(region: &str) -> &'static [&'static str] {
    PARTITIONS.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or(&[], |(_, suffixes)| suffixes)
}

/// Where requests go and what they are signed for.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) endpoint: BedrockEndpoint,
    pub(crate) region: Option<String>,
    /// The base URL that was given, tidied up; empty: none was.
    pub(crate) base_url: String,
}

impl Place {
    /// What was given, and what a base URL that is one of Bedrock's own says besides.
    pub(crate) fn find(base_url: Option<&str>, endpoint: Option<BedrockEndpoint>, region: Option<String>) -> Result<Self> {
        let Some(base_url) = base_url else {
            return Ok(Self { endpoint: endpoint.unwrap_or(BedrockEndpoint::Mantle), region, base_url: String::new() });
        };
        let url = Url::parse(base_url.trim()).map_err(|e| Error::argument(format!("the base URL for Bedrock is not a URL: {e}")))?;
        let found = canonical(&url);
        if let Some((own_endpoint, own_region)) = &found {
            if url.scheme() != "https" {
                return Err(Error::argument("a base URL of Bedrock's own must begin with https://"));
            }
            if endpoint.is_some_and(|endpoint| endpoint != *own_endpoint) {
                return Err(Error::argument("the base URL is that of another endpoint of Bedrock than the one that was set"));
            }
            if region.as_ref().is_some_and(|region| region != own_region) {
                return Err(Error::argument("the base URL is that of another region than the one that was set"));
            }
        }
        let (own_endpoint, own_region) = found.unzip();
        Ok(Self {
            endpoint: endpoint.or(own_endpoint).unwrap_or(BedrockEndpoint::Mantle),
            region: region.or(own_region),
            base_url: without_responses(url).into(),
        })
    }

    /// The base URL of the region's endpoint.
    pub(crate) fn derived_url(&self) -> Option<String> {
        let region = self.region.as_deref()?;
        Some(match self.endpoint {
            BedrockEndpoint::Mantle => format!("https://bedrock-mantle.{region}.api.aws/openai/v1"),
            BedrockEndpoint::Runtime => format!("https://bedrock-runtime.{region}.{}/openai/v1", suffixes(region).first()?),
        })
    }
}

/// The endpoint and the region of a host that is one of Bedrock's own.
fn canonical(url: &Url) -> Option<(BedrockEndpoint, String)> {
    let Some(Host::Domain(host)) = url.host() else { return None };
    let mut labels = host.splitn(3, '.');
    let (prefix, region, suffix) = (labels.next()?, labels.next()?, labels.next()?);
    let endpoint = [BedrockEndpoint::Mantle, BedrockEndpoint::Runtime].into_iter().find(|e| e.host_prefixes().contains(&prefix))?;
    let is_own = match endpoint {
        BedrockEndpoint::Mantle => suffix == "api.aws",
        BedrockEndpoint::Runtime => suffixes(region).contains(&suffix),
    };
    (is_own && check_region(region).is_ok()).then(|| (endpoint, region.to_owned()))
}

/// People paste the URL of one call.
fn without_responses(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    let path = match path.split_once("/responses") {
        Some((before, after)) if after.is_empty() || after.starts_with('/') => before,
        _ => &path,
    };
    url.set_path(path);
    url
}

/// Checks that a region is written like one: `us-east-1`, `us-gov-west-1`.
pub(crate) fn check_region(region: &str) -> Result<()> {
    let mut parts: Vec<&str> = region.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let is_first = |part: &&str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase());
    let is_middle = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if is_number && parts.len() >= 2 && parts.first().is_some_and(is_first) && parts[1..].iter().all(is_middle) {
        return Ok(());
    }
    Err(Error::argument(format!("{region:?} is no region of AWS such as us-east-1")))
}
