//! The operator's settings; `config` reads them from the file and the environment.

use ipnet::IpNet;
use std::collections::HashMap;
use std::num::NonZeroU32;
use vestibule_domain::Surface;

/// The settings of an installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of this installation: scheme and host, without a slash at the end. All links start with it, whatever
    /// host a request names.
    pub public_url: String,
    /// The sender of all mails, like `Vestibule <invitations@example.org>`.
    pub mail_from: String,
    /// The name that invitations are sent under.
    pub mail_from_name: MailFromName,
    /// The most connections to the mail server at once.
    pub mail_connections: NonZeroU32,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The most invitations per organization in an hour.
    pub invitations_per_hour: u32,
    /// The most requests per API key in a minute.
    pub api_requests_per_minute: NonZeroU32,
    /// The contact for reports of security problems, as a `mailto:` or `https:` URL.
    pub security_contact: Option<String>,
    /// The number of days that finished mails are kept.
    pub mail_retention_days: u16,
    /// The host names of the facades that have their own.
    pub facade_hosts: HashMap<Surface, String>,
    /// The private networks that webhooks may be sent to.
    pub webhook_allow_subnets: Vec<IpNet>,
    /// The number of seconds that a webhook endpoint has to answer.
    pub webhook_timeout_seconds: NonZeroU32,
}

/// The name beside the sender's address in invitations and reminders. All other mails have the configured one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailFromName {
    /// Those of the inviter and the organization: `Ada Byrne via Saltmarsh Press`.
    #[default]
    Inviter,
    /// The configured one.
    Fixed,
}

impl Settings {
    /// Returns the absolute URL of a path that begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// Returns the public host, with its port if it has one.
    pub fn public_host(&self) -> &str {
        self.public_url.split("://").nth(1).unwrap_or(&self.public_url)
    }

    /// Returns the facade's own host name in lower case, if it has one.
    pub fn facade_host(&self, surface: Surface) -> Option<&str> {
        self.facade_hosts.get(&surface).map(String::as_str)
    }

    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:3000".into(),
            mail_from: "Vestibule <vestibule@localhost>".into(),
            mail_from_name: MailFromName::default(),
            mail_connections: NonZeroU32::new(32).expect("more than none"),
            trusted_proxies: Vec::new(),
            invitations_per_hour: 1_000,
            api_requests_per_minute: NonZeroU32::new(1_200).expect("more than none"),
            security_contact: None,
            mail_retention_days: 90,
            facade_hosts: HashMap::new(),
            webhook_allow_subnets: Vec::new(),
            webhook_timeout_seconds: NonZeroU32::new(20).expect("more than none"),
        }
    }
}
