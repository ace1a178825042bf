//! Which address a request came from: the connection's, or what our own proxies say about it.

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::{HeaderMap, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The nearest address that is not one of our own proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(UNKNOWN))
    }
}

/// Where a router is called without a connection.
const UNKNOWN: ClientIp = ClientIp(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

/// Puts [`ClientIp`] where handlers find it. `trusted` are the networks of our own proxies.
pub async fn find(State(trusted): State<Arc<[IpNet]>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let client = peer.map_or(UNKNOWN, |peer| ClientIp(client_of(peer, request.headers(), &trusted)));
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// Walks `X-Forwarded-For` from the right, which our proxies wrote, to the first hop that is not ours. What stands
/// further left was written by a stranger and is never read.
fn client_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut client = peer.to_canonical();
    let lines: Vec<_> = headers.get_all("x-forwarded-for").into_iter().filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_trusted(&client) {
            break;
        }
        match parse(hop.trim()) {
            Some(ip) => client = ip.to_canonical(),
            None => break,
        }
    }
    client
}

/// With or without a port, as proxies write it.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// What is counted as one client: an IPv4 address, or the 64 bits of an IPv6 one that a single household gets.
pub fn bucket(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
    }
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

    #[test]
    fn a_household_of_ipv6_is_one_client() {
        let bucket = |ip: &str| bucket(ip.parse().unwrap()).to_string();
        assert_eq!(bucket("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(bucket("203.0.113.7"), "203.0.113.7");
    }
}
