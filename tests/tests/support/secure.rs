//! Certificates for one test, a server that answers over TLS with them, and TLS for servers that speak something else. Knows nothing of clients.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use openai_tests::websocket::Wire;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// An authority that nobody has heard of.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a name; for a client's, any will do.
    pub(crate) fn issue(&self, name: &str) -> Identity {
        self.issue_for(name, 2000..3000)
    }

    /// The same, valid from the beginning of a year to that of another.
    pub(crate) fn issue_for(&self, name: &str, years: std::ops::Range<i32>) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

impl Identity {
    /// Both, as a client takes them.
    pub(crate) fn pem(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }
}

/// What a server learnt of a connection.
#[derive(Debug)]
pub(crate) struct Met {
    /// The request's first line and headers.
    pub(crate) head: String,
    /// The protocol that was agreed upon.
    pub(crate) protocol: Option<String>,
    /// Whether the client showed a certificate.
    pub(crate) has_certificate: bool,
}

/// A server that answers one request a connection, and tells what it met.
pub(crate) struct SecureServer {
    pub(crate) port: u16,
    met: Mutex<Receiver<Met>>,
}

impl SecureServer {
    /// `clients` is the authority whose certificates clients must show.
    pub(crate) fn start(identity: &Identity, clients: Option<&Authority>, body: &'static str) -> Self {
        let config = Arc::new(server_config(identity, clients));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (meet, met) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                // A handshake that fails is the client's concern. Who does not listen any more has seen enough.
                answer(StreamOwned::new(connection, stream), body, |seen| drop(meet.send(seen)));
            }
        });
        Self { port, met: Mutex::new(met) }
    }

    /// What it met since it was asked last.
    pub(crate) fn met(&self) -> Vec<Met> {
        self.met.lock().unwrap().try_iter().collect()
    }
}

/// The server's end of a connection over TLS.
pub(crate) struct Secured(StreamOwned<ServerConnection, TcpStream>);

/// Makes the server's ends of connections over TLS, for clients with certificates of this authority. A handshake that fails is an error.
pub(crate) fn securing(
    identity: &Identity,
    clients: Option<&Authority>,
) -> impl Fn(TcpStream) -> io::Result<Secured> + Send + Sync + use<> {
    let config = Arc::new(server_config(identity, clients));
    move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).map_err(io::Error::other)?, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Secured(stream))
    }
}

impl Secured {
    /// Whether the client showed a certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        self.0.conn.peer_certificates().is_some()
    }
}

impl Read for Secured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Secured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Wire for Secured {
    fn finish(&mut self) -> io::Result<()> {
        self.0.conn.send_close_notify();
        self.0.flush()?;
        self.0.sock.shutdown(Shutdown::Write)
    }
}

fn server_config(identity: &Identity, clients: Option<&Authority>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build().unwrap())
        }
    };
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let mut config = builder.with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// Answers one request, and tells what it met before the client can know that it was answered.
fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>, body: &str, tell: impl FnOnce(Met)) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).ok()?;
    tell(Met {
        head,
        protocol: stream.conn.alpn_protocol().map(|protocol| String::from_utf8_lossy(protocol).into_owned()),
        has_certificate: stream.conn.peer_certificates().is_some(),
    });
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()
}
