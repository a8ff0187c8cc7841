//! One webhook over HTTP: no redirects, no proxy, ten seconds, and only to public addresses unless
//! the operator says otherwise. What a name resolves to is checked, and that is what is connected to.

use crate::events::{check_url, is_public};
use crate::problem::why_broken;
use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a delivery may take in all.
const TIMEOUT: Duration = Duration::from_secs(10);
const PRIVATE: &str = "the name belongs to an address of this machine or of a private network";

/// Posts webhooks. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Post {
    http: reqwest::Client,
    allow_private: bool,
}

/// A webhook that is ready to leave.
#[derive(Clone, Debug)]
pub(super) struct Letter<'a> {
    pub(super) url: &'a str,
    pub(super) id: String,
    pub(super) at: Timestamp,
    /// Signatures, separated by spaces.
    pub(super) signatures: String,
    pub(super) body: String,
}

impl Post {
    /// A client. With `allow_private` it goes to any address, and without encryption if asked to.
    ///
    /// # Errors
    /// No certificates to be had on this machine.
    pub fn new(allow_private: bool) -> Result<Self, reqwest::Error> {
        // A second call finds the provider in place, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("tidings/", env!("CARGO_PKG_VERSION")));
        if !allow_private {
            builder = builder.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self { http: builder.build()?, allow_private })
    }

    /// Whether webhooks may go to private addresses.
    #[must_use]
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// Posts a webhook; returns the HTTP status of the answer, or why there was none.
    pub(super) async fn send(&self, letter: Letter<'_>) -> Result<u16, String> {
        // Again, because a literal address is not resolved and settings change between runs.
        let url = check_url(letter.url, self.allow_private).map_err(|error| format!("the URL {error}"))?;
        let request = self
            .http
            .post(url)
            .header("webhook-id", letter.id)
            .header("webhook-timestamp", letter.at.as_second())
            .header("webhook-signature", letter.signatures)
            .header(CONTENT_TYPE, "application/json")
            .body(letter.body);
        // The body of the answer is not read: the status says all.
        request.send().await.map(|answer| answer.status().as_u16()).map_err(|error| plain(&error))
    }
}

/// Resolves names to public addresses only.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(PRIVATE.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// The error in words and without its URL, whose query may hold a token.
fn plain(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "no answer within 10 seconds"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    why_broken(error).map_or_else(|| kind.to_owned(), |why| format!("{kind}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn private_addresses_are_not_connected_to_under_any_name() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = Post::new(false).unwrap();
        for (host, expected) in
            [("localhost", PRIVATE), ("127.0.0.1", "private network"), ("[::1]", "private")]
        {
            let letter = Letter {
                url: &format!("https://{host}:{port}/"),
                id: "msg_1".to_owned(),
                at: Timestamp::UNIX_EPOCH,
                signatures: String::new(),
                body: String::new(),
            };
            let error = client.send(letter).await.unwrap_err();
            assert!(error.contains(expected), "{host}: {error}");
        }
        // Nobody has come: accepting would still have to wait.
        let waiting = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(waiting.is_err(), "somebody connected");
    }
}
