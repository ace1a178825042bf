//! A mail server inside the test that misbehaves to order. It listens on the loopback only and ends with its owner.

use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    collections::{HashMap, VecDeque},
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// The places of a conversation where the server can be told what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the mail itself.
    Content,
}

/// What the server does there.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Says this instead, like `451 4.7.1 Try again later`.
    Say(&'static str),
    /// The usual answer, but after this time.
    Late(Duration),
    /// Nothing, with the connection left open.
    Hang,
    /// Closes the connection.
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    Clear,
    StartTls,
    Wrapped,
}

/// How the server behaves. Without further words it takes every mail.
#[derive(Clone, Debug)]
pub struct Script {
    security: Security,
    credentials: Option<(String, String)>,
    certified: &'static str,
    once: HashMap<Stage, VecDeque<Answer>>,
    always: HashMap<Stage, Answer>,
}

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

impl Script {
    /// No TLS at all.
    pub fn in_clear() -> Self {
        let (once, always) = (HashMap::new(), HashMap::new());
        Self { security: Security::Clear, credentials: None, certified: "localhost", once, always }
    }

    /// Offers STARTTLS and takes nothing before it.
    pub fn starttls() -> Self {
        Self { security: Security::StartTls, ..Self::in_clear() }
    }

    /// TLS from the first byte.
    pub fn wrapped() -> Self {
        Self { security: Security::Wrapped, ..Self::in_clear() }
    }

    /// Takes mail only from this user.
    pub fn sign_in(self, user: &str, password: &str) -> Self {
        Self { credentials: Some((user.to_owned(), password.to_owned())), ..self }
    }

    /// Shows a certificate for this host instead of `localhost`.
    pub fn certified_for(self, host: &'static str) -> Self {
        Self { certified: host, ..self }
    }

    /// Does this the next time; several are done in turn, by whichever connection comes there.
    pub fn once(mut self, stage: Stage, answer: Answer) -> Self {
        self.once.entry(stage).or_default().push_back(answer);
        self
    }

    /// Does this every time, after what is to be done once.
    pub fn always(mut self, stage: Stage, answer: Answer) -> Self {
        self.always.insert(stage, answer);
        self
    }
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
        let shared = Arc::clone(&shared);
        conversations.spawn(async move {
            let wrapped = lock(&shared.script).security == Security::Wrapped;
            let stream: Box<dyn Wire> = match wrapped {
                true => Box::new(shared.tls.accept(socket).await?),
                false => Box::new(socket),
            };
            Conversation { stream: BufStream::new(stream), encrypted: wrapped, signed_in: false, shared }.run().await
        });
    }
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

struct Conversation {
    stream: BufStream<Box<dyn Wire>>,
    encrypted: bool,
    signed_in: bool,
    shared: Arc<Shared>,
}

impl Conversation {
    /// Until either side hangs up; a server that drops or breaks off ends with an error.
    async fn run(mut self) -> io::Result<()> {
        self.answer(Stage::Greeting, "220 localhost ESMTP").await?;
        let mut mail = Received { from: String::new(), to: vec![], data: String::new() };
        while let Some(line) = self.line().await? {
            let word = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => {
                    let features = self.features();
                    self.answer(Stage::Ehlo, &features).await?;
                }
                "STAR" => {
                    if self.answer(Stage::StartTls, "220 2.0.0 Go ahead").await? {
                        self = self.encrypt().await?;
                    }
                }
                "AUTH" => self.sign_in(&line).await?,
                "MAIL" => {
                    let usual = self.refuses_strangers().unwrap_or("250 2.1.0 Ok");
                    self.answer(Stage::Mail, usual).await?;
                    mail = Received { from: address(&line), to: vec![], data: String::new() };
                }
                "RCPT" => {
                    if self.answer(Stage::Rcpt, "250 2.1.5 Ok").await? {
                        mail.to.push(address(&line));
                    }
                }
                "DATA" => {
                    if self.answer(Stage::Data, "354 End with a dot").await? {
                        mail.data = self.content().await?;
                        self.take(mail.clone()).await?;
                    }
                }
                "QUIT" => return self.say("221 2.0.0 Bye").await,
                "NOOP" | "RSET" => self.say("250 2.0.0 Ok").await?,
                _ => self.say("500 5.5.1 Unknown").await?,
            }
        }
        Ok(())
    }

    fn features(&self) -> String {
        let script = lock(&self.shared.script);
        let mut lines = vec!["localhost", "8BITMIME"];
        if script.security == Security::StartTls && !self.encrypted {
            lines.push("STARTTLS");
        } else if script.credentials.is_some() {
            lines.push("AUTH PLAIN LOGIN");
        }
        lines.push("ENHANCEDSTATUSCODES");
        let last = lines.len() - 1;
        let dash = |index| if index < last { '-' } else { ' ' };
        lines
            .iter()
            .enumerate()
            .map(|(index, line)| format!("250{}{line}", dash(index)))
            .collect::<Vec<_>>()
            .join("\r\n")
    }

    fn refuses_strangers(&self) -> Option<&'static str> {
        let script = lock(&self.shared.script);
        if script.security == Security::StartTls && !self.encrypted {
            return Some("530 5.7.0 Must issue a STARTTLS command first");
        }
        (script.credentials.is_some() && !self.signed_in).then_some("530 5.7.0 Authentication required")
    }

    async fn sign_in(&mut self, line: &str) -> io::Result<()> {
        let credentials = lock(&self.shared.script).credentials.clone();
        let sent = line.strip_prefix("AUTH PLAIN ").and_then(|text| STANDARD.decode(text.trim()).ok());
        let right =
            credentials.is_some_and(|(user, password)| sent == Some(format!("\0{user}\0{password}").into_bytes()));
        let usual = if right { "235 2.7.0 Welcome" } else { "535 5.7.8 Authentication credentials invalid" };
        self.signed_in = self.answer(Stage::Auth, usual).await? && right;
        Ok(())
    }

    async fn encrypt(self) -> io::Result<Self> {
        let stream = self.shared.tls.accept(self.stream.into_inner()).await?;
        Ok(Self { stream: BufStream::new(Box::new(stream)), encrypted: true, signed_in: false, shared: self.shared })
    }

    async fn content(&mut self) -> io::Result<String> {
        let mut data = String::new();
        while let Some(line) = self.line().await? {
            match line.strip_prefix('.') {
                Some("") => return Ok(data),
                Some(rest) => data.push_str(rest),
                None => data.push_str(&line),
            }
            data.push_str("\r\n");
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    /// Takes the mail before it answers, unless the answer is a refusal.
    async fn take(&mut self, mail: Received) -> io::Result<()> {
        let next = self.next(Stage::Content);
        let refused = matches!(next, Some(Answer::Say(words)) if !words.starts_with('2'));
        if !refused {
            lock(&self.shared.received).push(mail);
        }
        let usual = format!("250 2.0.0 Ok: queued as {}", lock(&self.shared.received).len());
        self.act(next, &usual).await.map(drop)
    }

    /// Does what the script says, or gives the usual answer; whether that was a yes.
    async fn answer(&mut self, stage: Stage, usual: &str) -> io::Result<bool> {
        let next = self.next(stage);
        self.act(next, usual).await
    }

    fn next(&self, stage: Stage) -> Option<Answer> {
        let mut script = lock(&self.shared.script);
        let once = script.once.get_mut(&stage).and_then(VecDeque::pop_front);
        once.or_else(|| script.always.get(&stage).cloned())
    }

    async fn act(&mut self, answer: Option<Answer>, usual: &str) -> io::Result<bool> {
        let words = match answer {
            None => usual,
            Some(Answer::Say(words)) => words,
            Some(Answer::Late(time)) => {
                tokio::time::sleep(time).await;
                usual
            }
            Some(Answer::Hang) => std::future::pending().await,
            Some(Answer::Drop) => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        self.say(words).await?;
        Ok(words.starts_with(['2', '3']))
    }

    async fn say(&mut self, words: &str) -> io::Result<()> {
        self.stream.write_all(format!("{words}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    /// One line without its end; `None` when the client has hung up.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if !self.encrypted {
            lock(&self.shared.heard_in_clear).push_str(&line);
        }
        Ok(Some(line.strip_suffix("\r\n").expect("lines end with CRLF").to_owned()))
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
