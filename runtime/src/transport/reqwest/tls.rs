//! How connections are secured: whom to trust, who we are, which protocols we speak. Everything that can be wrong with certificates is found
//! here, once; clients that are made later take a copy. Knows nothing of requests.

use crate::client::HttpSettings;
use crate::error::{Error, Result};

#[cfg(feature = "rustls")]
pub(super) use with_rustls::{Tls, hint};

/// What people can do about an error of TLS, if this is one that they can.
#[cfg(not(feature = "rustls"))]
pub(super) fn hint(_: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    None
}

#[cfg(feature = "rustls")]
mod with_rustls {
    use std::sync::Arc;

    use rustls::crypto::CryptoProvider;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::{CertificateError, ClientConfig, Error as TlsError};
    use rustls_platform_verifier::Verifier;

    use super::super::Versions;
    use super::{Error, HttpSettings, Result};

    /// A configuration of rustls with the operating system's trust store.
    #[derive(Clone, Debug)]
    pub(in super::super) struct Tls(ClientConfig);

    impl Tls {
        pub(in super::super) fn new(settings: &HttpSettings) -> Result<Self> {
            let provider = provider()?;
            let mut extra = Vec::new();
            for pem in &settings.ca_certificates {
                extra.extend(certificates(pem, "the CA certificate")?);
            }
            let verifier =
                if extra.is_empty() { Verifier::new(provider.clone()) } else { Verifier::new_with_extra_roots(extra, provider.clone()) };
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(bad("the TLS provider"))?
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier.map_err(bad("the trust store"))?));
            let mut config = match &settings.client_identity {
                None => config.with_no_client_auth(),
                Some(pem) => {
                    const WHAT: &str = "the client certificate";
                    let key = PrivateKeyDer::from_pem_slice(pem).map_err(bad("the key of the client certificate"))?;
                    config.with_client_auth_cert(certificates(pem, WHAT)?, key).map_err(bad(WHAT))?
                }
            };
            // A configuration from outside is taken as it is: HTTP/2 has to be asked for here.
            #[cfg(feature = "http2")]
            config.alpn_protocols.push(b"h2".to_vec());
            config.alpn_protocols.push(b"http/1.1".to_vec());
            Ok(Self(config))
        }

        pub(in super::super) fn apply(&self, builder: reqwest::ClientBuilder, versions: Versions) -> reqwest::ClientBuilder {
            let mut config = self.0.clone();
            if versions != Versions::All {
                config.alpn_protocols.retain(|protocol| protocol == b"http/1.1");
            }
            builder.tls_backend_preconfigured(config)
        }
    }

    /// The provider that the features name; without one, that of the process.
    #[allow(clippy::unnecessary_wraps, reason = "it cannot fail where a feature names the provider")]
    fn provider() -> Result<Arc<CryptoProvider>> {
        #[cfg(feature = "rustls-ring")]
        return Ok(Arc::new(rustls::crypto::ring::default_provider()));
        #[cfg(all(feature = "rustls-aws-lc-rs", not(feature = "rustls-ring")))]
        return Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        #[cfg(not(any(feature = "rustls-ring", feature = "rustls-aws-lc-rs")))]
        CryptoProvider::get_default().cloned().ok_or_else(|| {
            Error::argument(
                "this build names no TLS provider: turn on the feature rustls-ring or rustls-aws-lc-rs, or install one for rustls",
            )
        })
    }

    fn bad<E: std::error::Error + Send + Sync + 'static>(what: &'static str) -> impl Fn(E) -> Error {
        move |e| Error::argument(format!("{what} cannot be used: {e}")).with_source(e)
    }

    /// What people can do about an error of TLS, if this is one that they can.
    pub(in super::super) fn hint(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
        Some(match error.downcast_ref()? {
            TlsError::InvalidCertificate(fault) => match fault {
                CertificateError::UnknownIssuer => {
                    "where a proxy of your company opens connections, trust its certificate: hand it to ca_certificate, or add it to the operating system's"
                }
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => "is the clock of this machine right?",
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    "the server is another than the base URL names, or a proxy has answered for it"
                }
                _ => return None,
            },
            TlsError::InvalidMessage(_) => "this port does not speak TLS: should the base URL begin with http://?",
            _ => return None,
        })
    }

    #[cfg(test)]
    #[test]
    fn http2_is_offered_when_it_can_be_spoken() {
        let offered = Tls::new(&HttpSettings::default()).unwrap().0.alpn_protocols;
        let expect: &[&[u8]] = if cfg!(feature = "http2") { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
        assert_eq!(offered, expect);
    }

    fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>> {
        let found = CertificateDer::pem_slice_iter(pem).collect::<std::result::Result<Vec<_>, _>>().map_err(bad(what))?;
        if found.is_empty() {
            return Err(Error::argument(format!("{what} holds no certificate; PEM begins with -----BEGIN CERTIFICATE-----")));
        }
        Ok(found)
    }
}

/// The operating system's own TLS.
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
#[derive(Clone, Debug)]
pub(super) struct Tls {
    roots: Vec<reqwest::Certificate>,
    identity: Option<reqwest::Identity>,
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
impl Tls {
    pub(super) fn new(settings: &HttpSettings) -> Result<Self> {
        let bad = |what: &'static str| move |e: reqwest::Error| Error::argument(format!("{what} cannot be used")).with_source(e);
        let mut roots = Vec::new();
        for pem in &settings.ca_certificates {
            let found = reqwest::Certificate::from_pem_bundle(pem).map_err(bad("the CA certificate"))?;
            if found.is_empty() {
                return Err(Error::argument("the CA certificate holds no certificate; PEM begins with -----BEGIN CERTIFICATE-----"));
            }
            roots.extend(found);
        }
        let identity = settings.client_identity.as_deref().map(|pem| {
            const KEY: &[u8] = b"-----BEGIN PRIVATE KEY-----";
            let key = memchr::memmem::find(pem, KEY)
                .ok_or_else(|| Error::argument("the client certificate needs its key in PKCS #8: -----BEGIN PRIVATE KEY-----"))?;
            reqwest::Identity::from_pkcs8_pem(pem, &pem[key..]).map_err(bad("the client certificate"))
        });
        Ok(Self { roots, identity: identity.transpose()? })
    }

    pub(super) fn apply(&self, builder: reqwest::ClientBuilder, _: super::Versions) -> reqwest::ClientBuilder {
        let builder = if self.roots.is_empty() { builder } else { builder.tls_certs_merge(self.roots.clone()) };
        match &self.identity {
            Some(identity) => builder.identity(identity.clone()),
            None => builder,
        }
    }
}

/// No TLS in this build.
#[cfg(not(any(feature = "native-tls", feature = "rustls")))]
#[derive(Clone, Debug)]
pub(super) struct Tls;

#[cfg(not(any(feature = "native-tls", feature = "rustls")))]
impl Tls {
    pub(super) fn new(settings: &HttpSettings) -> Result<Self> {
        if settings.ca_certificates.is_empty() && settings.client_identity.is_none() {
            return Ok(Self);
        }
        Err(Error::argument("this build has no TLS for certificates: turn on the feature rustls-ring (or another TLS feature)"))
    }

    pub(super) fn apply(&self, builder: reqwest::ClientBuilder, _: super::Versions) -> reqwest::ClientBuilder {
        builder
    }
}
