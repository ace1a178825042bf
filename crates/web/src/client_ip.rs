//! The IP address that a request came from: the connection's, or the one that our own proxies report.

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::{HeaderMap, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The nearest address that does not belong to one of our own proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(UNKNOWN))
    }
}

/// The address if a router is called without a connection.
const UNKNOWN: ClientIp = ClientIp(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

/// Our own proxies, and whether the log has warned that one is missing.
pub struct Proxies {
    trusted: Vec<IpNet>,
    has_warned: AtomicBool,
}

impl Proxies {
    /// Returns the proxies in these networks.
    pub fn new(trusted: &[IpNet]) -> Self {
        Self { trusted: trusted.to_vec(), has_warned: AtomicBool::new(false) }
    }

    /// Warns about a proxy that is not configured: all visitors behind it would count as one, and wait for each other.
    /// It warns only once, because a client that sends such a header without being a proxy must not fill the log.
    fn warn(&self, peer: IpAddr, headers: &HeaderMap) {
        let is_forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
        let peer = peer.to_canonical();
        if is_forwarded && !is_in(&self.trusted, peer) && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a request from {peer} was forwarded for somebody else, but {peer} is not in trusted_proxies: all \
                 its visitors count as one. If it is your proxy, set VESTIBULE_TRUSTED_PROXIES={}",
                IpNet::from(peer)
            );
        }
    }
}

/// The headers in which proxies name their client. Only the first is evaluated.
const FORWARDED: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

/// Adds [`ClientIp`] to the request for the handlers.
pub async fn find(State(proxies): State<Arc<Proxies>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    peer.inspect(|peer| proxies.warn(*peer, request.headers()));
    let client = peer.map_or(UNKNOWN, |peer| ClientIp(client_of(peer, request.headers(), &proxies.trusted)));
    request.extensions_mut().insert(client);
    next.run(request).await
}

fn is_in(networks: &[IpNet], ip: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&ip))
}

/// Walks `X-Forwarded-For` from the right, where our proxies add to it, to the first hop that is not ours. What is
/// further left was written by a stranger and is never read.
fn client_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    let lines: Vec<_> = headers.get_all("x-forwarded-for").into_iter().filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_in(trusted, client) {
            break;
        }
        match parse(hop.trim()) {
            Some(ip) => client = ip.to_canonical(),
            None => break,
        }
    }
    client
}

/// Parses an address with or without a port, as proxies write it.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        client_of(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_say_who_they_are() {
        assert_eq!(client("203.0.113.7", &["1.2.3.4"]), "203.0.113.7");
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn the_right_most_hop_that_is_not_a_proxy_of_ours_counts() {
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 203.0.113.7, 10.9.9.9"]), "203.0.113.7");
        assert_eq!(client("10.0.0.1", &["1.2.3.4", "203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(client("::1", &["[2001:db8::5]:443"]), "2001:db8::5");
    }

    #[test]
    fn nonsense_ends_the_walk() {
        assert_eq!(client("10.0.0.1", &["1.2.3.4, unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &["::ffff:203.0.113.7"]), "203.0.113.7");
    }
}
