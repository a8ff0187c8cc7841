//! Addresses in a text, which a handset lets its owner follow.

use serde::Serialize;
use url::Url;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    pub(super) text: String,
    /// It is an address of the web, and leads there.
    pub(super) leads: bool,
}

/// The parts of a text with an address in it; none where it has no address.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut told = 0;
    let words = text.split_whitespace().map(|word| (word.as_ptr().addr() - text.as_ptr().addr(), word));
    for (at, word) in words {
        // A sentence may end right after it.
        let address = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'', '…', '।']);
        if !is_address(address) {
            continue;
        }
        if told < at {
            pieces.push(Piece { text: text[told..at].to_owned(), leads: false });
        }
        pieces.push(Piece { text: address.to_owned(), leads: true });
        told = at + address.len();
    }
    if !pieces.is_empty() && told < text.len() {
        pieces.push(Piece { text: text[told..].to_owned(), leads: false });
    }
    pieces
}

fn is_address(word: &str) -> bool {
    let begins = ["https://", "http://"].iter().any(|scheme| word.starts_with(scheme));
    begins && Url::parse(word).is_ok_and(|url| url.has_host())
}

#[test]
fn only_addresses_of_the_web_lead_anywhere() {
    let told = |text: &str| {
        let pieces = pieces(text);
        let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert!(pieces.is_empty() || whole == text, "nothing of {text} is lost");
        pieces.into_iter().filter(|piece| piece.leads).map(|piece| piece.text).collect::<Vec<_>>()
    };
    assert_eq!(told("Your form: http://127.0.0.1:8080/f/aB3. Thanks"), ["http://127.0.0.1:8080/f/aB3"]);
    assert_eq!(told("https://a.example/x?y=1&z=2"), ["https://a.example/x?y=1&z=2"]);
    assert_eq!(
        told("यहाँ https://a.example/नेपाल। र https://b.example)"),
        ["https://a.example/नेपाल", "https://b.example"]
    );
    for text in [
        "",
        "hello",
        "javascript:alert(1)",
        "http://",
        "ftp://a.example",
        "see a.example",
        "xhttps://a.example",
    ] {
        assert!(told(text).is_empty(), "{text}");
    }
}
