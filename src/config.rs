//! The settings: defaults, overridden by the file, overridden by the environment. `config.default.toml` documents them.

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};
use toml::{Table, Value};
use vestibule_core::service::{MailFromName, Settings};
use vestibule_domain::{EmailAddress, Surface};
use vestibule_store::PoolLimits;
use vestibule_telemetry::LogFormat;
use vestibule_web::host::without_port;

const DEFAULTS: &str = include_str!("config.default.toml");
const PREFIX: &str = "VESTIBULE_";

/// All settings, named as in `config.default.toml`. The `Debug` form shows no secrets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    metrics_listen: String,
    pub public_url: String,
    pub data_dir: PathBuf,
    database_url: SecretString,
    database_url_file: PathBuf,
    database_connections: NonZeroU32,
    database_wait_seconds: NonZeroU32,
    database_statement_timeout_seconds: u32,
    database_lock_timeout_seconds: u32,
    database_idle_in_transaction_timeout_seconds: u32,
    database_keep_alive_seconds: u32,
    secret_key_file: PathBuf,
    pub previous_secret_key_files: Vec<PathBuf>,
    smtp_url: SecretString,
    smtp_url_file: PathBuf,
    pub mail_dir: PathBuf,
    pub mail_from: String,
    mail_from_name: MailFromName,
    pub mail_connections: NonZeroU32,
    pub trusted_proxies: Vec<IpNet>,
    pub invitations_per_hour: u32,
    pub api_requests_per_minute: NonZeroU32,
    pub mail_retention_days: u16,
    security_contact: String,
    facade_adobe_host: String,
    facade_appstoreconnect_host: String,
    facade_clerk_host: String,
    facade_clickhouse_host: String,
    facade_snyk_host: String,
    pub webhook_allow_subnets: Vec<IpNet>,
    pub webhook_timeout_seconds: NonZeroU32,
    pub log: String,
    pub log_format: LogFormat,
}

/// A wrong setting. The message names it and says what it should look like.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    #[error("{0}: {1}")]
    Malformed(String, String),
    #[error("unknown setting {0} in {1}; `config.default.toml` lists all of them")]
    Unknown(String, &'static str),
    #[error("{0}")]
    Wrong(String),
}

impl Config {
    /// Loads the settings. Reads `file` if it is given, or `vestibule.toml` if that exists; `environment` gives names
    /// and values.
    pub fn load(
        file: Option<PathBuf>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table: Table = DEFAULTS.parse().map_err(malformed("the defaults"))?;
        let file = file.or_else(|| Some(PathBuf::from("vestibule.toml")).filter(|path| path.exists()));
        if let Some(path) = file {
            let text = std::fs::read_to_string(&path).map_err(|error| ConfigError::Unreadable(path.clone(), error))?;
            merge_file(&mut table, text.parse().map_err(malformed(&path.display().to_string()))?)?;
        }
        merge_environment(&mut table, environment)?;
        let config: Self = Value::Table(table).try_into().map_err(malformed("settings"))?;
        config.check()
    }

    /// Returns the complete URL of the database, which begins with `sqlite:` or `postgres:`.
    pub fn database_url(&self) -> Result<String, ConfigError> {
        let url = from_file_or(&self.database_url_file, &self.database_url)?;
        if url.is_empty() { Ok(format!("sqlite:{}", self.data_dir.join("vestibule.db").display())) } else { Ok(url) }
    }

    /// Returns the number of connections to the database, and the time limits of waiting for it.
    pub fn database_limits(&self) -> PoolLimits {
        let limit = |seconds: u32| (seconds > 0).then(|| Duration::from_secs(seconds.into()));
        PoolLimits {
            connections: self.database_connections.get(),
            wait: Duration::from_secs(self.database_wait_seconds.get().into()),
            statement: limit(self.database_statement_timeout_seconds),
            lock: limit(self.database_lock_timeout_seconds),
            idle_in_transaction: limit(self.database_idle_in_transaction_timeout_seconds),
            keep_alive: limit(self.database_keep_alive_seconds),
        }
    }

    /// Returns the URL of the mail server, or an empty text if there is none.
    pub fn smtp_url(&self) -> Result<String, ConfigError> {
        from_file_or(&self.smtp_url_file, &self.smtp_url)
    }

    /// Returns the address that serves metrics, or `None` if they are off.
    pub fn metrics_listen(&self) -> Result<Option<SocketAddr>, ConfigError> {
        let address = self.metrics_listen.trim();
        if address.is_empty() {
            return Ok(None);
        }
        let refused = |_| {
            let example = "use an address and a port, like 127.0.0.1:9464, or leave it empty to turn metrics off";
            ConfigError::Wrong(format!("metrics_listen is {address:?}; {example}"))
        };
        address.parse().map(Some).map_err(refused)
    }

    /// Checks whether mails go to a folder, which they do unless there is a mail server.
    pub fn has_mail_dir(&self) -> bool {
        !self.mail_dir.as_os_str().is_empty()
    }

    /// Returns the path of the secret key, which is in the data folder by default.
    pub fn secret_key_file(&self) -> PathBuf {
        if self.secret_key_file.as_os_str().is_empty() {
            self.data_dir.join("secret.key")
        } else {
            self.secret_key_file.clone()
        }
    }

    /// Returns the settings that the service needs.
    pub fn settings(&self) -> Settings {
        Settings {
            public_url: if self.public_url.is_empty() {
                format!("http://{}", self.listen)
            } else {
                self.public_url.clone()
            },
            mail_from: self.mail_from.clone(),
            mail_from_name: self.mail_from_name,
            mail_connections: self.mail_connections,
            trusted_proxies: self.trusted_proxies.clone(),
            invitations_per_hour: self.invitations_per_hour,
            api_requests_per_minute: self.api_requests_per_minute,
            security_contact: Some(self.security_contact.clone()).filter(|contact| !contact.is_empty()),
            mail_retention_days: self.mail_retention_days,
            facade_hosts: self.facade_hosts().collect(),
            webhook_allow_subnets: self.webhook_allow_subnets.clone(),
            webhook_timeout_seconds: self.webhook_timeout_seconds,
        }
    }

    /// Returns the host names that are set, in lower case and without ports, which are never compared.
    fn facade_hosts(&self) -> impl Iterator<Item = (Surface, String)> {
        let hosts = [
            (Surface::Adobe, &self.facade_adobe_host),
            (Surface::AppStoreConnect, &self.facade_appstoreconnect_host),
            (Surface::Clerk, &self.facade_clerk_host),
            (Surface::ClickHouse, &self.facade_clickhouse_host),
            (Surface::Snyk, &self.facade_snyk_host),
        ];
        hosts
            .into_iter()
            .map(|(surface, host)| (surface, without_port(host.trim()).to_lowercase()))
            .filter(|(_, host)| !host.is_empty())
    }

    fn check_security_contact(&mut self) -> Result<(), ConfigError> {
        self.security_contact = self.security_contact.trim().to_owned();
        let contact = &self.security_contact;
        if contact.is_empty() || is_contact(contact) {
            return Ok(());
        }
        Err(ConfigError::Wrong(format!(
            "security_contact is {contact:?}; use a URL, like mailto:security@example.org or https://example.org/security"
        )))
    }

    fn check(mut self) -> Result<Self, ConfigError> {
        self.public_url = self.public_url.trim_end_matches('/').to_owned();
        let url = &self.public_url;
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !url.is_empty() && host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', ' '])) {
            return Err(ConfigError::Wrong(format!(
                "public_url is {url:?}; use a scheme and a host, like https://invites.example"
            )));
        }
        self.metrics_listen()?;
        self.check_security_contact()?;
        for (surface, host) in self.facade_hosts() {
            let name = format!("facade_{}_host", surface.as_str());
            if host.contains(['/', '?', '#', '@', ' ', ':']) {
                let example = format!("use only a host name, like {}.invites.example", surface.as_str());
                return Err(ConfigError::Wrong(format!("{name} is {host:?}; {example}")));
            }
            if without_port(self.settings().public_host()).eq_ignore_ascii_case(&host) {
                return Err(ConfigError::Wrong(format!("{name} is {host:?}, which is the portal's own host")));
            }
        }
        Ok(self)
    }
}

/// Checks whether the text is a URL that people can follow and that fits on one line: a mailbox, or a page with https.
fn is_contact(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let Ok(url) = url::Url::parse(text) else { return false };
    let is_good = match url.scheme() {
        "mailto" => EmailAddress::parse(&percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy()).is_ok(),
        "https" => url.host_str().is_some_and(|host| !host.is_empty()) && url.username().is_empty(),
        _ => false,
    };
    is_plain && is_good
}

fn merge_file(table: &mut Table, file: Table) -> Result<(), ConfigError> {
    for (key, value) in file {
        let slot = table.get_mut(&key).ok_or(ConfigError::Unknown(key, "the file"))?;
        *slot = value;
    }
    Ok(())
}

/// Overrides settings from the environment. A variable is parsed as the type of its default.
fn merge_environment(
    table: &mut Table,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in environment {
        let Some(key) = name.strip_prefix(PREFIX).map(str::to_lowercase) else { continue };
        let slot = table.get_mut(&key).ok_or_else(|| ConfigError::Unknown(name.clone(), "the environment"))?;
        *slot = match slot {
            Value::Integer(_) => {
                let refused = |_| ConfigError::Wrong(format!("{name} is {text:?}; use a whole number"));
                Value::Integer(text.trim().parse().map_err(refused)?)
            }
            Value::Array(_) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
            }
            _ => Value::String(text),
        };
    }
    Ok(())
}

fn from_file_or(file: &PathBuf, value: &SecretString) -> Result<String, ConfigError> {
    if file.as_os_str().is_empty() {
        return Ok(value.expose_secret().trim().to_owned());
    }
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Unreadable(file.clone(), error))?;
    Ok(text.trim().to_owned())
}

fn malformed(what: &str) -> impl Fn(toml::de::Error) -> ConfigError {
    let what = what.to_owned();
    move |error| ConfigError::Malformed(what.clone(), error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::load(None, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_defaults_work() {
        let config = load(&[("PATH", "/bin")]).unwrap();
        assert_eq!(config.database_url().unwrap(), "sqlite:./data/vestibule.db");
        assert_eq!(config.settings().public_url, "http://127.0.0.1:3000");
    }

    #[test]
    fn the_environment_wins_and_takes_the_type_of_the_default() {
        let config = load(&[
            ("VESTIBULE_INVITATIONS_PER_HOUR", "5"),
            ("VESTIBULE_TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8"),
            ("VESTIBULE_PUBLIC_URL", "https://invites.example/"),
        ])
        .unwrap();
        assert_eq!((config.invitations_per_hour, config.trusted_proxies.len()), (5, 2));
        assert_eq!(config.public_url, "https://invites.example");
    }

    #[test]
    fn nobody_reads_metrics_unless_an_address_is_named() {
        let listen = |text| load(&[("VESTIBULE_METRICS_LISTEN", text)]).unwrap().metrics_listen().unwrap();
        assert_eq!(load(&[]).unwrap().metrics_listen().unwrap(), None);
        assert_eq!((listen(" "), listen("127.0.0.1:9464")), (None, Some(([127, 0, 0, 1], 9464).into())));
    }

    #[test]
    fn a_facade_may_have_a_host_name_of_its_own() {
        let config = load(&[("VESTIBULE_FACADE_CLERK_HOST", "Clerk.invites.example:443")]).unwrap();
        assert_eq!(config.settings().facade_host(Surface::Clerk), Some("clerk.invites.example"));
        assert_eq!(config.settings().facade_host(Surface::Adobe), None);
    }

    #[test]
    fn invitations_are_sent_in_the_inviters_name_unless_the_operator_wants_one_name() {
        let name = |environment: &[_]| load(environment).unwrap().settings().mail_from_name;
        assert_eq!(name(&[]), MailFromName::Inviter);
        assert_eq!(name(&[("VESTIBULE_MAIL_FROM_NAME", "fixed")]), MailFromName::Fixed);
    }

    #[test]
    fn what_is_unknown_or_wrong_is_refused_by_name() {
        for (name, value) in [
            ("VESTIBULE_LISTNE", "x"),
            ("VESTIBULE_INVITATIONS_PER_HOUR", "many"),
            ("VESTIBULE_PUBLIC_URL", "invites.example"),
            ("VESTIBULE_METRICS_LISTEN", "9464"),
            ("VESTIBULE_METRICS_LISTEN", "localhost:9464"),
            ("VESTIBULE_FACADE_CLERK_HOST", "https://clerk.invites.example"),
            ("VESTIBULE_FACADE_CLERK_HOST", "127.0.0.1"),
            ("VESTIBULE_MAIL_FROM_NAME", "organization"),
            ("VESTIBULE_SECURITY_CONTACT", "security@example.org"),
            ("VESTIBULE_SECURITY_CONTACT", "http://example.org/security"),
            ("VESTIBULE_SECURITY_CONTACT", "https://"),
            ("VESTIBULE_SECURITY_CONTACT", "mailto:"),
            ("VESTIBULE_SECURITY_CONTACT", "mailto:nobody"),
            ("VESTIBULE_SECURITY_CONTACT", "javascript:alert(1)"),
            ("VESTIBULE_SECURITY_CONTACT", "https://example.org/\nExpires: 2000-01-01T00:00:00Z"),
        ] {
            assert!(load(&[(name, value)]).is_err(), "{name}");
        }
        assert!(load(&[("VESTIBULE_LISTNE", "x")]).unwrap_err().to_string().contains("VESTIBULE_LISTNE"));
    }

    #[test]
    fn a_security_contact_is_a_mailbox_or_a_page() {
        let contact = |text| load(&[("VESTIBULE_SECURITY_CONTACT", text)]).unwrap().settings().security_contact;
        assert_eq!(contact(""), None);
        for text in ["mailto:security@example.org", "https://example.org/security?from=vestibule"] {
            assert_eq!(contact(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn the_defaults_of_the_database_are_the_stores_own() {
        assert_eq!(load(&[]).unwrap().database_limits(), PoolLimits::default());
        let limits = load(&[("VESTIBULE_DATABASE_STATEMENT_TIMEOUT_SECONDS", "0")]).unwrap().database_limits();
        assert_eq!(limits.statement, None, "the server's own");
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = load(&[
            ("VESTIBULE_SMTP_URL", "smtp://u:hunter2@h"),
            ("VESTIBULE_DATABASE_URL", "postgres://u:hunter2@h/d"),
        ])
        .unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
