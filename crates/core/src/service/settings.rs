//! What an operator has decided; `config` makes it from the file and the environment.

use ipnet::IpNet;
use std::collections::HashMap;
use std::num::NonZeroU32;
use vestibule_domain::Surface;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this installation: scheme and host, no slash at the end. Links are made with it, whatever
    /// a request says its host is.
    pub public_url: String,
    /// The mailbox that letters come from, like `Vestibule <invitations@example.org>`.
    pub mail_from: String,
    /// Conversations with the mail server at once, at most.
    pub mail_connections: NonZeroU32,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Invitations that an organization may make in an hour.
    pub invitations_per_hour: u32,
    /// Requests that an API key may make in a minute.
    pub api_requests_per_minute: NonZeroU32,
    /// Whom to tell of a fault in this installation's security, as a URL: `mailto:` or `https:`.
    pub security_contact: Option<String>,
    /// Days that finished mails are kept.
    pub mail_retention_days: u16,
    /// Host names of facades that have one of their own.
    pub facade_hosts: HashMap<Surface, String>,
    /// Networks that webhooks may go to although they are not of the public internet.
    pub webhook_allow_subnets: Vec<IpNet>,
    /// Seconds that an endpoint may take for its answer.
    pub webhook_timeout_seconds: NonZeroU32,
}

impl Settings {
    /// `https://invites.example` or its like.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// The public host, with its port where it has one.
    pub fn public_host(&self) -> &str {
        self.public_url.split("://").nth(1).unwrap_or(&self.public_url)
    }

    /// The host name of this facade, in small letters, if it has one of its own.
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
