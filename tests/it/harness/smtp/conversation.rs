//! The server's half of one connection.

use super::{Answer, Received, Security, Shared, Stage, lock};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream},
    net::TcpStream,
};

pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

pub struct Conversation {
    stream: BufStream<Box<dyn Wire>>,
    encrypted: bool,
    signed_in: bool,
    shared: Arc<Shared>,
}

impl Conversation {
    pub async fn begin(socket: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
        let wrapped = lock(&shared.script).security == Security::Wrapped;
        let stream: Box<dyn Wire> = match wrapped {
            true => Box::new(shared.tls.accept(socket).await?),
            false => Box::new(socket),
        };
        Self { stream: BufStream::new(stream), encrypted: wrapped, signed_in: false, shared }.run().await
    }

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
        lock(&self.shared.script).next(stage)
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
