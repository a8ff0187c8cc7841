//! Where webhooks may go: not to this machine and not into its network, unless the operator says so,
//! because whoever may add an endpoint could otherwise reach what only we can.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// The longest URL taken.
const MAX_LENGTH: usize = 2048;

/// Why webhooks can't go to a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// Not an absolute URL with a host.
    #[error(
        "must be a URL such as https://example.org/hooks/tidings of at most 2048 characters, without spaces"
    )]
    NoUrl,
    /// Ends with a part that only browsers keep.
    #[error("must not have a fragment: leave out # and what follows, which is never sent to a server")]
    Fragment,
    /// Not encrypted, or no web address at all.
    #[error("must begin with https://, because numbers and names travel in it")]
    NotHttps,
    /// Holds a name and password, which would be shown in lists.
    #[error("must not hold a user name or password; the signature says who is calling")]
    Credentials,
    /// Names an address of this machine or of a private network.
    #[error("must not be an address of this machine or of a private network")]
    Private,
}

/// Checks a URL as it is written: what its name resolves to is checked when a webhook leaves. With
/// `allow_private`, `http://` and addresses of private networks are taken too.
///
/// # Errors
/// What is wrong with it.
pub fn check_url(text: &str, allow_private: bool) -> Result<Url, DestinationError> {
    let url = Url::parse(text).map_err(|_| DestinationError::NoUrl)?;
    // What reads URLs leaves these out; then what is stored is not what is called.
    let is_blank = |one: char| one.is_whitespace() || one.is_control();
    if text.contains(is_blank) || text.len() > MAX_LENGTH || !url.has_host() {
        return Err(DestinationError::NoUrl);
    }
    if url.fragment().is_some() {
        return Err(DestinationError::Fragment);
    }
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        _ => return Err(DestinationError::NotHttps),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(DestinationError::Credentials);
    }
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if literal.is_some_and(|address| !allow_private && !is_public(address)) {
        return Err(DestinationError::Private);
    }
    Ok(url)
}

/// Whether an address belongs to the public internet (IANA's special-purpose registries).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99);
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4 in IPv6: mapped, and translated by NAT64.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        // Protocol assignments, Teredo, documentation and 6to4 within what is otherwise global.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => false,
        [0x2002, ..] => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_of_this_machine_and_its_network_are_not_public() {
        for private in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.19.0.1",
            "192.0.0.8",
            "203.0.113.9",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "::127.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn urls_are_checked_as_written() {
        use DestinationError::{Credentials, Fragment, NoUrl, NotHttps, Private};
        for (text, wrong) in [
            ("", NoUrl),
            ("example.org", NoUrl),
            ("https://", NoUrl),
            ("https://example.org/#x", Fragment),
            (" https://example.org/", NoUrl),
            ("https://example.org/ ", NoUrl),
            ("\thttps://example.org/", NoUrl),
            ("https://exa\nmple.org/", NoUrl),
            ("https://example.org/\u{0}", NoUrl),
            ("https://example.org/a b", NoUrl),
            ("https://example.org/\u{a0}", NoUrl),
            ("http://example.org", NotHttps),
            ("ftp://example.org", NotHttps),
            ("file:///etc/passwd", NoUrl),
            ("https://user:secret@example.org", Credentials),
            ("https://127.0.0.1/x", Private),
            ("https://2130706433/", Private),
            ("https://0x7f.1/", Private),
            ("https://[::1]:8080/", Private),
            ("https://[::ffff:10.0.0.1]/", Private),
        ] {
            assert_eq!(check_url(text, false).unwrap_err(), wrong, "{text}");
        }
        assert!(check_url("https://example.org/hooks?a=1", false).is_ok());
        assert!(check_url("http://127.0.0.1:3000/", true).is_ok());
        assert_eq!(check_url("ftp://127.0.0.1/", true).unwrap_err(), NotHttps);
    }

    proptest! {
        #[test]
        fn an_address_inside_another_is_judged_alike(bits in any::<u32>()) {
            let inner = Ipv4Addr::from_bits(bits);
            let mapped = IpAddr::V6(inner.to_ipv6_mapped());
            prop_assert_eq!(is_public(mapped), is_public(IpAddr::V4(inner)));
        }
    }
}
