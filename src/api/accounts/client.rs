//! Who is at the other end of a connection. Proxies are believed only if they are configured.

use super::super::Api;
use super::super::openapi::{Asks, Sheet};
use crate::listen::Peer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// The client's address as limits count it.
#[derive(Debug)]
pub(in crate::api) struct Client(pub(in crate::api) String);

impl FromRequestParts<Arc<Api>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let forwarded: Vec<&str> = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let peer = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        Ok(Self(key(client(peer, &forwarded, &api.accounts.settings.limits.trusted_proxies))))
    }
}

impl Asks for Client {
    fn asks(_: &mut Sheet) {}
}

/// Each proxy appends who called it. From the end, addresses are believed as long as a trusted one
/// wrote them; the first that is none of ours is the client.
fn client(peer: IpAddr, forwarded: &[&str], trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    for text in forwarded.iter().rev() {
        if !is_trusted(client) {
            break;
        }
        let Ok(next) = text.parse::<IpAddr>() else { break };
        client = next.to_canonical();
    }
    client
}

/// One customer of an IPv6 provider has at least a /64 to himself.
fn key(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x}/64", u128::from(address) >> 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_configured_peers_are_believed() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        for (peer, forwarded, expected) in [
            ("198.51.100.7", vec!["203.0.113.9"], "198.51.100.7"),
            ("10.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", vec!["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", vec!["nonsense"], "10.0.0.1"),
            ("::ffff:10.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec![], "10.0.0.1"),
        ] {
            assert_eq!(client(ip(peer), &forwarded, &trusted), ip(expected), "{peer} {forwarded:?}");
        }
        assert_eq!(key(ip("2001:db8:0:1::5")), key(ip("2001:db8:0:1:ffff::9")));
        assert_ne!(key(ip("2001:db8:0:1::5")), key(ip("2001:db8:0:2::5")));
    }

    proptest! {
        #[test]
        fn a_stranger_cannot_choose_his_key(headers in prop::collection::vec("[0-9.]{1,15}", 0..5), last in any::<u8>()) {
            let peer = ip(&format!("198.51.100.{last}"));
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            prop_assert_eq!(client(peer, &headers, &["10.0.0.0/8".parse().unwrap()]), peer);
        }
    }
}
