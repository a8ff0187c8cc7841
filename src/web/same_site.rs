//! Keeps other sites' pages away from what has no sign-in to protect it.

use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::net::IpAddr;
use std::sync::Arc;
use url::Url;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The host that people know this server by, if it has a name.
#[derive(Clone, Debug)]
pub(super) struct KnownHost(Arc<str>);

impl KnownHost {
    /// The host of the server's public URL.
    #[must_use]
    pub(super) fn of(public_url: &str) -> Self {
        let url = Url::parse(public_url).ok();
        Self(url.as_ref().and_then(Url::host_str).unwrap_or_default().into())
    }

    /// A name that somebody else controls may point at this machine; an address or `localhost` can't lie.
    fn trusts(&self, host: &str) -> bool {
        let Ok(url) = Url::parse(&format!("http://{host}")) else { return false };
        let name = url.host_str().unwrap_or_default();
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        address.is_ok() || name == "localhost" || name.ends_with(".localhost") || name == &*self.0
    }
}

/// Refuses requests under a foreign name, and changes that another site's page asks for. Programs such as
/// `curl` say nothing about a site and may come in.
///
/// # Errors
/// 403, with the reason.
pub(super) async fn guard(
    State(known): State<KnownHost>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let refuse = |detail| Problem::new(StatusCode::FORBIDDEN, "other_site", detail);
    let headers = request.headers();
    let host = text(headers, &HOST).ok_or_else(|| refuse("the request names no host"))?;
    if !known.trusts(host) {
        return Err(refuse("this server is not known by that name; open it under its address"));
    }
    if !request.method().is_safe() && is_foreign(headers, host) {
        return Err(refuse("this can only be asked for from the page itself"));
    }
    Ok(next.run(request).await)
}

fn is_foreign(headers: &HeaderMap, host: &str) -> bool {
    let site = text(headers, &SEC_FETCH_SITE);
    let by_site = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let origin = text(headers, &ORIGIN);
    let by_origin = origin.is_some_and(|origin| origin.split_once("://").map(|(_, from)| from) != Some(host));
    by_site || by_origin
}

/// A header's text; one that is no text counts as there and foreign to all.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_localhost_and_the_public_name_are_trusted() {
        let known = KnownHost::of("https://sms.example.org");
        for host in ["127.0.0.1:8080", "[::1]:8080", "localhost:8080", "sms.example.org", "192.168.0.7"] {
            assert!(known.trusts(host), "{host}");
        }
        for host in
            ["evil.example", "evil.example:8080", "localhost.evil.example", "", "sms.example.org.evil"]
        {
            assert!(!known.trusts(host), "{host}");
        }
    }

    #[test]
    fn another_origin_is_foreign_and_none_is_not() {
        let headers = |pairs: &[(HeaderName, &'static str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
        };
        let host = "127.0.0.1:8080";
        assert!(!is_foreign(&headers(&[]), host));
        assert!(!is_foreign(&headers(&[(ORIGIN, "http://127.0.0.1:8080")]), host));
        assert!(!is_foreign(&headers(&[(SEC_FETCH_SITE, "same-origin")]), host));
        for (name, value) in [
            (ORIGIN, "http://127.0.0.1:9090"),
            (ORIGIN, "https://evil.example"),
            (ORIGIN, "null"),
            (SEC_FETCH_SITE, "cross-site"),
            (SEC_FETCH_SITE, "same-site"),
        ] {
            assert!(is_foreign(&headers(&[(name, value)]), host), "{value}");
        }
    }
}
