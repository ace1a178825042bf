//! One connection to the mail server, from its greeting to QUIT.

use super::{
    SmtpLimits,
    address::{Server, Tls},
    verdict::{SmtpError, Stage},
};
use crate::mail::Handover;
use lettre::transport::smtp::{
    Error,
    authentication::DEFAULT_MECHANISMS,
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Rcpt},
    extension::ClientId,
    response::Response,
};
use std::time::Duration;
use tokio::time::timeout;

/// A connection that is greeted, encrypted as the settings say, and signed in. If it is dropped in the middle of an
/// answer, it is closed at once and never used again.
pub struct Conversation {
    connection: AsyncSmtpConnection,
    /// the time limit of each answer
    limit: Duration,
}

impl Conversation {
    /// Opens a connection.
    pub async fn open(server: &Server, limits: &SmtpLimits) -> Result<Self, SmtpError> {
        let limit = limits.command;
        let mut connection = connect(server, limits).await?;
        if let Tls::Upgraded(parameters) = &server.tls {
            if !connection.can_starttls() {
                return Err(SmtpError::NoStartTls);
            }
            answer(Stage::StartTls, limit, connection.starttls(parameters.clone(), &ClientId::default())).await?;
        }
        if let Some(credentials) = &server.credentials {
            answer(Stage::Auth, limit, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(Self { connection, limit })
    }

    /// Sends the mail and returns the server's answer.
    pub async fn deliver(&mut self, message: &lettre::Message, handover: &Handover) -> Result<String, SmtpError> {
        let (connection, limit) = (&mut self.connection, self.limit);
        let envelope = message.envelope();
        answer(Stage::Mail, limit, connection.command(Mail::new(envelope.from().cloned(), vec![]))).await?;
        for recipient in envelope.to() {
            answer(Stage::Rcpt, limit, connection.command(Rcpt::new(recipient.clone(), vec![]))).await?;
        }
        answer(Stage::Data, limit, connection.command(Data)).await?;
        handover.begins();
        let answered = answer(Stage::Content, limit, connection.message(&message.formatted())).await;
        if answered.as_ref().err().is_none_or(SmtpError::is_of_the_server) {
            handover.is_answered();
        }
        Ok(words(&answered?))
    }

    /// Checks whether the server still answers.
    pub async fn is_alive(&mut self) -> bool {
        timeout(self.limit, self.connection.test_connected()).await.unwrap_or(false)
    }

    /// Says goodbye in the background.
    pub fn close(mut self) {
        tokio::spawn(async move {
            let _ = timeout(self.limit, self.connection.abort()).await;
        });
    }
}

/// Connects, with TLS if it comes first, and reads the greeting and the server's capabilities.
async fn connect(server: &Server, limits: &SmtpLimits) -> Result<AsyncSmtpConnection, SmtpError> {
    let tls = match &server.tls {
        Tls::Wrapped(parameters) => Some(parameters.clone()),
        Tls::Upgraded(_) | Tls::Clear => None,
    };
    let address = (server.host.as_str(), server.port);
    let hello = ClientId::default();
    // lettre's own limit applies to each of the host's addresses, and to nothing after the connection
    let connecting = AsyncSmtpConnection::connect_tokio1(address, Some(limits.connect), &hello, tls, None);
    answer(Stage::Connect, limits.connect + limits.command, connecting).await
}

/// Waits for an answer within the limit.
async fn answer<T>(
    stage: Stage,
    limit: Duration,
    asked: impl Future<Output = Result<T, Error>>,
) -> Result<T, SmtpError> {
    match timeout(limit, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(SmtpError::Refused(stage, error)),
        Err(_) => Err(SmtpError::Silent(stage, limit)),
    }
}

fn words(response: &Response) -> String {
    format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" "))
}
