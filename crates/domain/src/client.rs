//! Clients, identified by the IP address that they connect from.

use std::net::{IpAddr, Ipv6Addr};

/// Returns the network that counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is what a
/// single household gets.
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
    }
}

/// Returns the kind of the address, for logs and events that must not identify anybody.
pub fn class(ip: IpAddr) -> &'static str {
    match ip.to_canonical() {
        ip if ip.is_loopback() => "this machine",
        ip if ip.is_unspecified() => "unknown",
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() => "a private IPv4 network",
        IpAddr::V4(_) => "a public IPv4 address",
        IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => "a private IPv6 network",
        IpAddr::V6(_) => "a public IPv6 address",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_of_ipv6_is_one_client() {
        let network = |ip: &str| network(ip.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
    }

    #[test]
    fn a_class_names_nobody() {
        let class = |ip: &str| class(ip.parse().unwrap());
        assert_eq!(class("127.0.0.1"), "this machine");
        assert_eq!(class("::ffff:10.1.2.3"), "a private IPv4 network");
        assert_eq!(class("203.0.113.7"), "a public IPv4 address");
        assert_eq!(class("fd00::1"), "a private IPv6 network");
        assert_eq!(class("2001:db8::1"), "a public IPv6 address");
    }
}
