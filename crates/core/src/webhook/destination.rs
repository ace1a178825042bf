//! The allowed destinations of webhooks. People who can add an endpoint must not thereby reach what only this machine
//! can reach. So the addresses behind a host name are checked at the moment of connecting, on the very address that is
//! connected to.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// The error code of a blocked destination.
pub const BLOCKED: &str = "blocked_destination";

/// The allowed addresses: public ones, and the networks that the operator allows.
#[derive(Clone, Debug)]
pub struct Destinations {
    allowed: Arc<[IpNet]>,
    /// host and port of this installation, which must not call itself
    own: String,
}

/// The error when all addresses of a host name are blocked.
#[derive(Debug, thiserror::Error)]
#[error("{BLOCKED}")]
struct BlockedAddressError;

/// The networks that are not part of the public internet (IANA's registries of special-purpose addresses).
const SPECIAL_V4: [&str; 15] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// The special networks within 2000::/3, outside which nothing is public.
const SPECIAL_V6: [&str; 3] = ["2001::/23", "2001:db8::/32", "3fff::/20"];

impl Destinations {
    /// Creates the rules; `own` is this installation's public host, with its port if it has one.
    pub fn new(allowed: &[IpNet], own: &str) -> Self {
        Self { allowed: allowed.into(), own: own.to_lowercase() }
    }

    /// Checks whether this IP address is allowed.
    pub fn allows(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|net| net.contains(&address)) || is_public(address)
    }

    /// Checks the URL as far as its text tells: it rejects blocked IP addresses, names for this machine, and this
    /// installation itself. Host names are looked up by [`Self::check`] and when connecting.
    pub fn allows_url(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let authority = url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        if authority == self.own {
            return false;
        }
        match host {
            Host::Ipv4(address) => self.allows(address.into()),
            Host::Ipv6(address) => self.allows(address.into()),
            Host::Domain(_) => true,
        }
    }

    /// Checks whether anything can be sent to the URL, and looks up its host name. A name without addresses passes,
    /// because it may get some later.
    pub async fn check(&self, url: &Url) -> bool {
        if !self.allows_url(url) {
            return false;
        }
        let Some(Host::Domain(name)) = url.host() else { return true };
        match tokio::net::lookup_host((name, 0)).await {
            Ok(found) => {
                let mut found = found.peekable();
                found.peek().is_none() || found.any(|address| self.allows(address.ip()))
            }
            Err(_) => true,
        }
    }
}

impl Resolve for Destinations {
    fn resolve(&self, name: Name) -> Resolving {
        let destinations = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| destinations.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(Box::new(BlockedAddressError).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Checks whether the cause of an error is a blocked destination.
pub fn is_blocked(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.to_string() == BLOCKED {
            return true;
        }
        cause = error.source();
    }
    false
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|net| net.parse::<Ipv4Net>().is_ok_and(|net| net.contains(&address)))
}

/// Checks an IPv6 address. One that contains an IPv4 address is as public as that: mapped, NAT64 (RFC 6052), 6to4 (RFC
/// 3056).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => is_public_v4(v4(g, h)),
        (0x2002, high, low, ..) => is_public_v4(v4(high, low)),
        _ => {
            let special = SPECIAL_V6.iter().any(|net| net.parse::<Ipv6Net>().is_ok_and(|net| net.contains(&address)));
            a & 0xe000 == 0x2000 && !special
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(destinations: &Destinations, text: &str) -> bool {
        destinations.allows_url(&Url::parse(text).unwrap())
    }

    #[test]
    fn what_is_not_of_the_public_internet_is_blocked() {
        let destinations = Destinations::new(&[], "invites.example");
        for host in [
            "127.0.0.1",
            "[::1]",
            "0.0.0.0",
            "169.254.169.254",
            "[fd00:ec2::254]",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "[fe80::1]",
            "[fc00::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[::]",
            "[::7f00:1]",
            "[ff02::1]",
            "2130706433",
            "0x7f.1",
            "017700000001",
            "127.1",
            "255.255.255.255",
            "224.0.0.1",
            "invites.example",
            "INVITES.example",
        ] {
            assert!(!allows(&destinations, &format!("http://{host}/")), "{host}");
        }
        for host in
            ["8.8.8.8", "[2606:4700::1111]", "app.example", "172.32.0.1", "[::ffff:8.8.8.8]", "[2002:808:808::]"]
        {
            assert!(allows(&destinations, &format!("https://{host}/")), "{host}");
        }
    }

    #[test]
    fn what_the_operator_names_is_allowed_and_no_more() {
        let nets = ["10.0.0.0/8".parse().unwrap()];
        let destinations = Destinations::new(&nets, "10.0.0.1:3000");
        assert!(allows(&destinations, "http://10.9.9.9/"));
        assert!(allows(&destinations, "http://10.0.0.1:8080/"));
        assert!(!allows(&destinations, "http://10.0.0.1:3000/"), "ourselves");
        assert!(!allows(&destinations, "http://127.0.0.1/"));
    }

    #[tokio::test]
    async fn names_are_looked_up() {
        let destinations = Destinations::new(&[], "invites.example");
        assert!(!destinations.check(&Url::parse("http://localhost/").unwrap()).await);
        assert!(destinations.check(&Url::parse("https://there-is-none.invalid/").unwrap()).await);
        let refused = destinations.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert_eq!(refused.to_string(), BLOCKED);
    }
}
