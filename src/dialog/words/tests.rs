use super::*;

fn first(text: &str, context: Context) -> Meaning {
    understand(text, context, None).meanings.swap_remove(0)
}

#[test]
fn keywords_in_any_dress() {
    for (text, intent) in [
        ("REGISTER", Intent::Register),
        (" register. ", Intent::Register),
        ("Sign  up!", Intent::Register),
        ("Stop.", Intent::Stop),
        ("OPT OUT", Intent::Stop),
        ("cancel", Intent::Stop),
        ("\"START\"", Intent::Start),
        ("forget me", Intent::ForgetMe),
        ("123 456", Intent::Code),
        ("123-456.", Intent::Code),
        ("NAME Asha Rai", Intent::Name),
        ("481920 481920", Intent::Code),
        ("481920 481921", Intent::Other),
        ("+481920481920", Intent::Other),
        ("12345", Intent::Other),
        ("1234567", Intent::Other),
        ("bus stop", Intent::Other),
        ("", Intent::Other),
    ] {
        assert_eq!(first(text, Context::Nothing).intent, intent, "{text}");
    }
    assert_eq!(first("123-456", Context::CodeSent).argument.as_deref(), Some("123456"));
    assert_eq!(first("Name Asha", Context::Nothing).argument.as_deref(), Some("Asha"));
    assert_eq!(first("...NAME Zoe", Context::Nothing).argument.as_deref(), Some("Zoe"));
    assert_eq!(first("Asha", Context::AskedName).intent, Intent::Name);
}

#[test]
fn a_gap_after_a_comma_may_be_empty() {
    for text in ["malai ruchi chaina, hataidinu hola", "malai ruchi chaina, aba ta hataidinu hola"] {
        assert_eq!(first(text, Context::Nothing).intent, Intent::Stop, "{text}");
    }
}
