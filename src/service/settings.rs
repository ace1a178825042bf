//! What an operator has decided; `config` makes it from the file and the environment.

use ipnet::IpNet;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this installation: scheme and host, no slash at the end. Links are made with it, whatever
    /// a request says its host is.
    pub public_url: String,
    /// The mailbox that letters come from, like `Vestibule <invitations@example.org>`.
    pub mail_from: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Invitations that an organization may make in an hour.
    pub invitations_per_hour: u32,
    /// Days that finished mails are kept.
    pub mail_retention_days: u16,
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

    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:3000".into(),
            mail_from: "Vestibule <vestibule@localhost>".into(),
            trusted_proxies: Vec::new(),
            invitations_per_hour: 1_000,
            mail_retention_days: 90,
        }
    }
}
