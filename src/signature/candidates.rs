//! The other forms of a webhook's URL that Twilio may have signed.

/// Every distinct variant of `url` (which has no fragment) but `url` itself, at most 47 of them.
///
/// A plain URL has one: its port toggled. A URL that can't be taken apart has none of the authority's
/// variants.
pub(super) fn of(url: &str) -> Vec<String> {
    let Some(parts) = Parts::of(url) else { return Vec::new() };
    let rests = rests(parts.rest);
    let mut found = Vec::with_capacity(4);
    for user in [parts.user, ""] {
        for port in [parts.port, parts.other_port()] {
            for rest in &rests {
                let candidate = [parts.scheme, "://", user, parts.host, port, rest].concat();
                if candidate != url && !found.contains(&candidate) {
                    found.push(candidate);
                }
            }
        }
    }
    found
}

/// A URL taken apart without changing a byte: joined again, the parts give the URL.
struct Parts<'a> {
    scheme: &'a str,
    /// User name and password with the `@` behind them, or nothing.
    user: &'a str,
    host: &'a str,
    /// The port with the `:` before it, or nothing.
    port: &'a str,
    /// Path and query.
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let (scheme, after) = url.split_once("://")?;
        let (authority, rest) = after.split_at(after.find(['/', '?']).unwrap_or(after.len()));
        let (user, address) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        // The colons of an IPv6 address are inside its brackets.
        let name_end = address.rfind(']').unwrap_or(0);
        let port_start = address[name_end..].find(':').map_or(address.len(), |at| name_end + at);
        let (host, port) = address.split_at(port_start);
        Some(Self { scheme, user, host, port, rest })
    }

    /// No port for a URL that has one, the scheme's own for a URL that has none.
    fn other_port(&self) -> &'static str {
        match () {
            () if !self.port.is_empty() => "",
            () if self.scheme.eq_ignore_ascii_case("https") => ":443",
            () if self.scheme.eq_ignore_ascii_case("http") => ":80",
            () => "",
        }
    }
}

/// The ways to write path and query that have been seen signed: quote, `@` and `:`; at most 12.
fn rests(rest: &str) -> Vec<String> {
    type Rewrite = fn(&str) -> String;
    let rewrites: [&[Rewrite]; 3] = [
        &[|text| text.replace('\'', "%27"), |text| text.replace("%27", "'")],
        &[|text| text.replace("%40", "@")],
        &[|text| text.replace("%3A", ":").replace("%3a", ":")],
    ];
    let mut found = vec![rest.to_owned()];
    for group in rewrites {
        for known in found.clone() {
            found.extend(group.iter().map(|rewrite| rewrite(&known)).filter(|text| *text != known));
        }
    }
    found
}
