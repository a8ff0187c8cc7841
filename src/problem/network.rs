//! Why a call over the network failed, in plain words.

use std::error::Error;
use std::io;

/// The reason at the bottom of `error`: without its URL, which may hold what is nobody's business, and
/// without the numbers of the operating system.
#[must_use]
pub fn why_broken(error: &(dyn Error + 'static)) -> Option<String> {
    let mut deepest = None;
    let mut source = error.source();
    while let Some(inner) = source {
        deepest = Some(inner);
        source = inner.source();
    }
    deepest.map(words)
}

fn words(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<io::Error>() {
        Some(error) if error.raw_os_error().is_some() => error.kind().to_string(),
        Some(error) if error.to_string().starts_with("failed to lookup address") => {
            "its name can't be looked up".to_owned()
        }
        _ => error.to_string(),
    }
}

#[test]
fn the_numbers_of_the_operating_system_are_left_out() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);
    let words = |error| why_broken(&Outer(error)).unwrap();
    assert_eq!(words(io::Error::from_raw_os_error(111)), "connection refused");
    assert_eq!(
        words(io::Error::other("failed to lookup address information: Name or service not known")),
        "its name can't be looked up"
    );
}
