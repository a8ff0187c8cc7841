use super::*;
use proptest::prelude::*;
use serde_json::Value;

const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

type Pairs = Vec<(Cow<'static, str>, Cow<'static, str>)>;

fn token(text: &str) -> AuthToken {
    AuthToken::new(text).unwrap()
}

fn pairs(list: &Value) -> Pairs {
    let text = |value: &Value| Cow::Owned(value.as_str().unwrap().to_owned());
    list.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

#[test]
fn every_published_vector_is_judged_as_published() {
    let file: Value =
        serde_json::from_str(include_str!("../../tests/vectors/twilio_signature_vectors.json")).unwrap();
    for vector in file["vectors"].as_array().unwrap() {
        let text = |field: &str| vector[field].as_str().unwrap();
        let tokens = [token("another"), token(text("token"))];
        let body = vector["body"].as_str().map(str::as_bytes);
        let params = pairs(&vector["params"]);
        let result = verify(&tokens, text("url"), &params, body, text("signature"));
        assert_eq!(result.is_ok(), vector["expect_valid"].as_bool().unwrap(), "{}: {result:?}", vector["id"]);
        if vector["signed_url_variant"] == "as_given" {
            assert_eq!(sign(text("token"), text("url"), &params), text("signature"), "{}", vector["id"]);
        }
    }
}

/// Signs `signed` and says whether the server, knowing its URL as `seen`, accepts it.
fn accepts(signed: &str, seen: &str) -> bool {
    let params = [(Cow::from("From"), Cow::from("+14158675309"))];
    verify(&[token("12345")], seen, &params, None, &sign("12345", signed, &params)).is_ok()
}

#[test]
fn the_known_quirks_of_signed_urls_are_accepted() {
    for (signed, seen) in [
        ("https://example.org/sms", "https://example.org:443/sms"),
        ("https://example.org:443/sms", "https://example.org/sms"),
        ("http://example.org:80/sms", "http://example.org/sms"),
        ("https://[::1]/sms", "https://[::1]:8443/sms"),
        ("https://example.org/sms", "https://user:word@example.org/sms"),
        ("https://user:word@example.org/sms", "https://user:word@example.org/sms"),
        ("https://example.org:443/sms", "https://user@example.org/sms"),
        ("https://example.org/sms?b=It's", "https://example.org/sms?b=It%27s"),
        ("https://example.org/sms?b=It%27s", "https://example.org/sms?b=It's"),
        ("https://example.org/sms?a=x@y:z", "https://example.org/sms?a=x%40y%3Az"),
        ("https://example.org:443/sms?a=@'", "https://u@example.org/sms?a=%40%27"),
        ("https://example.org/sms", "https://example.org/sms#rc=5&rp=all"),
    ] {
        assert!(accepts(signed, seen), "signed {signed}, seen {seen}");
    }
    for (signed, seen) in [
        ("https://example.org/sms", "http://example.org/sms"),
        ("https://example.org:8443/sms", "https://example.org/sms"),
        ("https://example.org/sms?a=%40", "https://example.org/sms?a=@"),
        ("https://example.org/sms", "https://Example.org/sms"),
        ("https://example.org/sms", "https://example.org/sms?"),
    ] {
        assert!(!accepts(signed, seen), "signed {signed}, seen {seen}");
    }
}

#[test]
fn a_rejection_says_why_and_nothing_more() {
    let check = |tokens: &[AuthToken], url: &str, body: Option<&[u8]>, signature: &str| {
        verify(tokens, url, &[], body, signature)
    };
    let tokens = [token("12345")];
    let right = "zYQTYrRWXE7LtzbG4PfP7/bkkGo=";
    assert_eq!(check(&tokens, URL, None, right), Ok(()));
    assert_eq!(check(&tokens, URL, None, ""), Err(Rejection::Missing));
    assert_eq!(check(&tokens, URL, None, "zYQ"), Err(Rejection::Malformed));
    assert_eq!(check(&tokens, URL, None, "zYQTYrRWXE7LtzbG4PfP7/bkkGoA"), Err(Rejection::Malformed));
    assert_eq!(check(&tokens, URL, Some(b"{}"), right), Err(Rejection::BodyHashMissing));
    let hashed = format!("{URL}&bodySHA256={}", "0a".repeat(32));
    assert_eq!(check(&tokens, &hashed, Some(b"{}"), right), Err(Rejection::BodyHashWrong));
    assert_eq!(check(&[], URL, None, right), Err(Rejection::NoToken));
    assert_eq!(check(&[token("54321")], URL, None, right), Err(Rejection::Mismatch));
    assert!(!format!("{:?} {}", tokens, Rejection::Mismatch).contains("12345"));
    assert!(AuthToken::new("").is_none() && AuthToken::new("a b").is_none());
}

#[test]
fn a_url_has_a_bounded_number_of_variants() {
    let url = format!("https://u@example.org/{}", "'%27%40%3A%3a".repeat(100));
    let found = candidates::of(&url);
    assert!(found.len() < 48, "{}", found.len());
    assert!(candidates::of("no url").is_empty());
    assert_eq!(candidates::of("https://example.org/sms"), ["https://example.org:443/sms"]);
}

prop_compose! {
    /// A URL without port, user or quirks, and fields whose names differ.
    fn request()(
        path in "[a-z0-9/]{1,20}",
        query in "[a-zA-Z0-9=&]{0,20}",
        fields in prop::collection::vec(("[A-Za-z]{0,8}", "\\PC{1,12}"), 1..8),
    ) -> (String, Pairs) {
        let named = fields.into_iter().enumerate().map(|(index, (name, value))| {
            (Cow::from(format!("P{index}{name}")), Cow::from(value))
        });
        (format!("https://example.org/{path}?{query}"), named.collect())
    }
}

/// `text` with its character number `at` (counted round) replaced by another one.
fn altered(text: &str, at: usize, by: char) -> Option<String> {
    let mut characters: Vec<char> = text.chars().collect();
    let at = at.checked_rem(characters.len())?;
    (characters[at] != by).then(|| characters[at] = by)?;
    Some(characters.into_iter().collect())
}

proptest! {
    #[test]
    fn what_is_signed_verifies_in_any_order((url, mut params) in request(), turn in 0..8_usize) {
        let signature = sign("key", &url, &params);
        let turn = turn % params.len();
        params.rotate_left(turn);
        prop_assert_eq!(verify(&[token("key")], &url, &params, None, &signature), Ok(()));
    }

    #[test]
    fn any_altered_character_fails(
        (url, params) in request(), at in any::<usize>(), by in proptest::char::range('!', '~'),
    ) {
        let tokens = [token("key")];
        let signature = sign("key", &url, &params);
        if let Some(url) = altered(&url, at, by) {
            prop_assert!(verify(&tokens, &url, &params, None, &signature).is_err());
        }
        if let Some(signature) = altered(&signature, at, by) {
            prop_assert!(verify(&tokens, &url, &params, None, &signature).is_err());
        }
        let mut params = params;
        let which = at % params.len();
        if let Some(value) = altered(&params[which].1, at, by) {
            params[which].1 = value.into();
            prop_assert!(verify(&tokens, &url, &params, None, &signature).is_err());
        }
    }

    #[test]
    fn no_url_makes_it_panic(url in "\\PC{0,60}", signature in "\\PC{0,40}", body in "\\PC{0,9}") {
        prop_assert!(verify(&[token("key")], &url, &[], Some(body.as_bytes()), &signature).is_err());
        let _ = candidates::of(&url);
    }
}
