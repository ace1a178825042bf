//! `vestibule health`

use super::CliError;
use crate::config::Config;
use std::{net::IpAddr, net::Ipv4Addr, net::Ipv6Addr, net::SocketAddr, time::Duration};

/// How long to wait for the answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// Asks the instance at the configured address whether it can serve. For container managers, in whose images there is
/// neither a shell nor curl. Fails with one line if the instance can't serve or does not answer. Opens no database.
pub async fn health(config: &Config) -> Result<(), CliError> {
    let address = reachable(config.listen);
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().tls_certs_only([]).build()?;
    let answer = client.get(format!("http://{address}/readyz")).send().await;
    let answer = answer.map_err(|error| match error.is_timeout() {
        true => format!("{address} did not answer within {} seconds", PATIENCE.as_secs()),
        false => format!(
            "there is no answer at {address}. Check that `vestibule serve` is running with the same VESTIBULE_LISTEN"
        ),
    })?;
    match answer.status().as_u16() {
        200 => Ok(()),
        status => Err(format!("the instance is not ready to serve ({status}). See its log for the reason").into()),
    }
}

/// Returns the address for a connection from the same machine: the unspecified address, which means all of them,
/// becomes loopback.
fn reachable(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listens.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_reached_on_the_same_machine() {
        for (listens, asks) in
            [("0.0.0.0:3000", "127.0.0.1:3000"), ("[::]:3000", "[::1]:3000"), ("192.0.2.7:80", "192.0.2.7:80")]
        {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), asks);
        }
    }
}
