//! The mail server and how to connect to it, as `VESTIBULE_SMTP_URL` says.

use lettre::transport::smtp::{
    authentication::Credentials,
    client::{Certificate, TlsParameters},
};
use percent_encoding::percent_decode_str;
use std::fmt;
use url::{Host, Url};

/// A mail server as the settings describe it.
#[derive(Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub credentials: Option<Credentials>,
    /// the password, which must never be shown, even if the server repeats it
    password: Option<String>,
}

/// The encryption of the connection.
#[derive(Clone)]
pub enum Tls {
    /// TLS from the first byte.
    Wrapped(TlsParameters),
    /// STARTTLS; nothing is sent without it.
    Upgraded(TlsParameters),
    /// No encryption, because the settings say so.
    Clear,
}

/// The reason why the setting can't be used. The messages never repeat it, because it contains a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    #[error(
        "VESTIBULE_SMTP_URL is not an address like smtp://user:password@mail.example.org:587. Percent-encode special characters in the password."
    )]
    NotAnAddress,
    #[error("VESTIBULE_SMTP_URL begins with {0:?}. Write smtp:// for STARTTLS or smtps:// for TLS from the start.")]
    Scheme(String),
    #[error("VESTIBULE_SMTP_URL names no host. Write one, like smtp://mail.example.org:587.")]
    NoHost,
    #[error("VESTIBULE_SMTP_URL has a path after the host. Remove it.")]
    Path,
    #[error("VESTIBULE_SMTP_URL can’t have the parameter {0:?}. Use tls=none (with smtp://) or ca=/path/to/ca.pem.")]
    Parameter(String),
    #[error("VESTIBULE_SMTP_URL names a user or a password, but not both. Write user:password@ before the host.")]
    HalfCredentials,
    #[error(
        "VESTIBULE_SMTP_URL would send its password unencrypted over the network. Remove tls=none, or the credentials."
    )]
    PasswordInClear,
    #[error("VESTIBULE_SMTP_URL names the certificate file {path}, which can’t be used: {reason}.")]
    Certificate { path: String, reason: String },
}

impl Server {
    /// Parses the setting; see [`Smtp::new`](super::Smtp::new) for its forms.
    pub fn parse(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| SmtpUrlError::NotAnAddress)?;
        let wrapped = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            other => return Err(SmtpUrlError::Scheme(other.to_owned())),
        };
        let host = host(&url).ok_or(SmtpUrlError::NoHost)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpUrlError::Path);
        }
        let parameters = Parameters::parse(&url, wrapped)?;
        let password = credentials(&url)?;
        if parameters.in_clear && password.is_some() && !is_this_machine(&host) {
            return Err(SmtpUrlError::PasswordInClear);
        }
        let (tls, port) = match (wrapped, parameters.in_clear) {
            (_, true) => (Tls::Clear, 25),
            (true, false) => (Tls::Wrapped(parameters.trust(&host)?), 465),
            (false, false) => (Tls::Upgraded(parameters.trust(&host)?), 587),
        };
        let port = url.port().unwrap_or(port);
        let (credentials, password) =
            password.map(|(user, password)| (Credentials::new(user, password.clone()), password)).unzip();
        Ok(Self { host, port, tls, credentials, password })
    }

    /// Returns a server's answer in a form that can be stored and shown: one line, not too long, without the password.
    pub fn redact(&self, words: &str) -> String {
        let words = super::super::wording::one_line(words);
        let words = match self.password.as_deref() {
            Some(password) if !password.is_empty() => words.replace(password, "•••"),
            _ => words,
        };
        match words.char_indices().nth(MAX_WORDS) {
            Some((end, _)) => format!("{}…", &words[..end]),
            None => words,
        }
    }
}

/// The characters of a server's answer that are kept; the longest in use have about 300.
const MAX_WORDS: usize = 500;

/// The parameters after the `?`.
#[derive(Default)]
struct Parameters {
    in_clear: bool,
    ca: Option<String>,
}

impl Parameters {
    fn parse(url: &Url, wrapped: bool) -> Result<Self, SmtpUrlError> {
        let mut parameters = Self::default();
        for (key, value) in url.query_pairs() {
            match (key.as_ref(), value.as_ref()) {
                ("tls", "none") if !wrapped => parameters.in_clear = true,
                ("ca", path) if !path.is_empty() => parameters.ca = Some(path.to_owned()),
                _ => return Err(SmtpUrlError::Parameter(key.into_owned())),
            }
        }
        Ok(parameters)
    }

    fn trust(&self, host: &str) -> Result<TlsParameters, SmtpUrlError> {
        let mut builder = TlsParameters::builder(host.to_owned());
        if let Some(path) = &self.ca {
            builder = builder.add_root_certificate(certificate(path)?);
        }
        builder.build().map_err(|error| SmtpUrlError::Certificate {
            path: self.ca.clone().unwrap_or_default(),
            reason: error.to_string(),
        })
    }
}

fn certificate(path: &str) -> Result<Certificate, SmtpUrlError> {
    let refused = |reason: String| SmtpUrlError::Certificate { path: path.to_owned(), reason };
    let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    if !pem.windows(5).any(|window| window == b"BEGIN") {
        return Err(refused("it contains no PEM certificate".to_owned()));
    }
    Certificate::from_pem(&pem).map_err(|error| refused(error.to_string()))
}

/// Returns the host, without the brackets of an IPv6 address.
fn host(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Ipv6(ip) => Some(ip.to_string()),
        Host::Ipv4(ip) => Some(ip.to_string()),
        Host::Domain("") => None,
        Host::Domain(name) => Some(name.to_ascii_lowercase()),
    }
}

fn credentials(url: &Url) -> Result<Option<(String, String)>, SmtpUrlError> {
    let decode = |text: &str| {
        percent_decode_str(text).decode_utf8().map(|text| text.into_owned()).map_err(|_| SmtpUrlError::NotAnAddress)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None | Some("")) => Err(SmtpUrlError::HalfCredentials),
        (user, Some(password)) => Ok(Some((decode(user)?, decode(password)?))),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> SmtpUrlError {
        Server::parse(url).map(|server| server.to_string()).unwrap_err()
    }

    #[test]
    fn each_form_has_its_port_and_its_tls() {
        for (url, shown, starttls, wrapped) in [
            ("smtp://mail.example.org", "mail.example.org:587", true, false),
            ("smtp://u:p@Mail.Example.org:2525/", "mail.example.org:2525", true, false),
            ("smtps://mail.example.org", "mail.example.org:465", false, true),
            ("smtp://mail.example.org?tls=none", "mail.example.org:25", false, false),
            ("smtp://u:p@127.0.0.2:1025?tls=none", "127.0.0.2:1025", false, false),
            ("smtp://u:p@[::1]:1025?tls=none", "[::1]:1025", false, false),
        ] {
            let server = Server::parse(url).unwrap();
            assert_eq!(server.to_string(), shown);
            assert_eq!(matches!(server.tls, Tls::Upgraded(_)), starttls, "{url}");
            assert_eq!(matches!(server.tls, Tls::Wrapped(_)), wrapped, "{url}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_repeating_the_password() {
        for (url, reason) in [
            ("mail.example.org:587", SmtpUrlError::Scheme("mail.example.org".to_owned())),
            ("http://mail.example.org", SmtpUrlError::Scheme("http".to_owned())),
            ("smtp://", SmtpUrlError::NoHost),
            ("nonsense", SmtpUrlError::NotAnAddress),
            ("smtp://u:hunter2@mail.example.org/inbox", SmtpUrlError::Path),
            ("smtp://u:hunter2@mail.example.org?tls=maybe", SmtpUrlError::Parameter("tls".to_owned())),
            ("smtps://u:hunter2@mail.example.org?tls=none", SmtpUrlError::Parameter("tls".to_owned())),
            ("smtp://u:hunter2@mail.example.org?starttls=no", SmtpUrlError::Parameter("starttls".to_owned())),
            ("smtp://user@mail.example.org", SmtpUrlError::HalfCredentials),
            ("smtp://:hunter2@mail.example.org", SmtpUrlError::HalfCredentials),
            ("smtp://u:hunter2@mail.example.org?tls=none", SmtpUrlError::PasswordInClear),
            ("smtp://u:hunter2@localhost.example?tls=none", SmtpUrlError::PasswordInClear),
        ] {
            assert_eq!(refused(url), reason, "{url}");
            assert!(!refused(url).to_string().contains("hunter2"));
        }
        assert!(matches!(refused("smtp://localhost?ca=/nowhere/ca.pem"), SmtpUrlError::Certificate { .. }));
    }

    #[test]
    fn a_password_may_hold_any_sign_and_is_never_shown() {
        let server = Server::parse("smtp://joan%40example.org:p%3A%2F%23s@mail.example.org").unwrap();
        assert_eq!(server.credentials, Some(Credentials::new("joan@example.org".to_owned(), "p:/#s".to_owned())));
        assert_eq!(server.redact("535 no such\r\n password: p:/#s"), "535 no such password: •••");
        assert_eq!(server.redact(&"x".repeat(600)).chars().count(), MAX_WORDS + 1);
    }
}
