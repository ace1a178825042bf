//! The public address of the installation, parsed once at the start.

use url::{Host, Url};

/// What `public_url` says about cookies, origins and hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// The origin, like `https://invite.example.org`, with the port if it is not the scheme's default.
    pub origin: String,
    /// The host and port as a browser sends them in `Host`.
    pub authority: String,
    pub is_https: bool,
    /// Whether browsers treat the address as secure without a certificate, as they do with their own machine.
    pub is_loopback: bool,
}

impl PublicUrl {
    /// Parses a setting that has been checked to be an absolute http or https address.
    pub fn new(url: &str) -> Self {
        let url = Url::parse(url).ok();
        let origin = url.as_ref().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let authority = origin.split_once("://").map_or("", |(_, authority)| authority).to_owned();
        let host = url.as_ref().and_then(Url::host);
        let is_https = url.as_ref().is_some_and(|url| url.scheme() == "https");
        Self { is_loopback: host.is_some_and(|host| is_this_machine(&host)), origin, authority, is_https }
    }

    /// Checks whether browsers keep cookies marked `Secure` from this address. Over plain http to another machine they
    /// don't, and signing in would fail silently.
    pub fn keeps_secure_cookies(&self) -> bool {
        self.is_https || self.is_loopback
    }
}

/// Checks whether a host, without its port, is this machine.
pub fn is_loopback(host: &str) -> bool {
    Host::parse(host).is_ok_and(|host| is_this_machine(&host))
}

fn is_this_machine<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost" || name.as_ref().ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_leaves_out_the_schemes_own_port_and_the_path() {
        let origin = |url| PublicUrl::new(url).origin;
        assert_eq!(origin("https://Invite.example.org:443/here"), "https://invite.example.org");
        assert_eq!(origin("http://invite.example.org:8080"), "http://invite.example.org:8080");
        assert_eq!(origin("http://[::1]:3000"), "http://[::1]:3000");
    }

    #[test]
    fn secure_cookies_need_https_or_the_machine_itself() {
        for (url, kept) in [
            ("https://invite.example.org", true),
            ("http://localhost:3000", true),
            ("http://127.0.0.1:3000", true),
            ("http://[::1]:3000", true),
            ("http://vestibule.localhost", true),
            ("http://192.168.0.9:3000", false),
            ("http://invite.example.org", false),
            ("http://localhost.example.org", false),
        ] {
            assert_eq!(PublicUrl::new(url).keeps_secure_cookies(), kept, "{url}");
        }
    }
}
