//! A mail server inside the test that misbehaves to order. It listens on the loopback only and ends with its owner.

#![expect(clippy::unwrap_used, reason = "what a test can’t go on without fails it here")]

mod conversation;
mod script;

pub use script::{Answer, Script, Stage};

use conversation::Conversation;
use script::Security;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// A mail that the server has in its hands, whether or not it said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// Without the dots that the protocol adds.
    pub data: String,
}

impl Received {
    /// What stands between `<` and `>` in its Message-ID.
    pub fn message_id(&self) -> &str {
        let line = self.data.lines().find_map(|line| line.strip_prefix("Message-ID: ")).expect("it has a Message-ID");
        line.trim_matches(['<', '>'])
    }
}

pub struct SmtpServer {
    port: u16,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
    folder: TempDir,
}

struct Shared {
    script: Mutex<Script>,
    received: Mutex<Vec<Received>>,
    heard_in_clear: Mutex<String>,
    connections: Mutex<usize>,
    tls: TlsAcceptor,
}

impl SmtpServer {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listen(listener, script)
    }

    /// On this port of the loopback, which must be free.
    pub async fn start_at(port: u16, script: Script) -> Self {
        Self::listen(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), script)
    }

    fn listen(listener: TcpListener, script: Script) -> Self {
        let port = listener.local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let (pem, tls) = certificate(script.certified);
        std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            received: Mutex::default(),
            heard_in_clear: Mutex::default(),
            connections: Mutex::default(),
            tls,
        });
        let listening = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { port, shared, listening, folder }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// For `Smtp::new` and `VESTIBULE_SMTP_URL`: as the script wants it, credentials and trust included.
    pub fn url(&self) -> String {
        let script = lock(&self.shared.script);
        let user = match &script.credentials {
            Some((user, password)) => format!("{user}:{password}@"),
            None => String::new(),
        };
        let (port, ca) = (self.port, self.ca());
        match script.security {
            Security::Clear => format!("smtp://{user}127.0.0.1:{port}?tls=none"),
            Security::StartTls => format!("smtp://{user}localhost:{port}?ca={}", ca.display()),
            Security::Wrapped => format!("smtps://{user}localhost:{port}?ca={}", ca.display()),
        }
    }

    /// The file with the certificate to trust.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What it took, in order.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.shared.received).clone()
    }

    /// All that clients said before TLS.
    pub fn heard_in_clear(&self) -> String {
        lock(&self.shared.heard_in_clear).clone()
    }

    /// Connections made so far.
    pub fn connections(&self) -> usize {
        *lock(&self.shared.connections)
    }

    /// Closes the port and every connection, as a machine does that goes down.
    pub async fn stop(mut self) {
        self.listening.abort();
        let _ = (&mut self.listening).await;
    }

    /// Behaves like this from now on, TLS and certificate excepted.
    pub fn behave(&self, script: Script) {
        *lock(&self.shared.script) = script;
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// A fresh certificate, as PEM and ready to serve.
fn certificate(host: &str) -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut conversations = tokio::task::JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        *lock(&shared.connections) += 1;
        conversations.spawn(Conversation::begin(socket, Arc::clone(&shared)));
    }
}
