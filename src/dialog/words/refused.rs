//! What sounds like a wish and is none: refusals, questions, and a yes that is taken back.

use super::{Context, Doubt, Intent, understand};

fn intents(text: &str, context: Context) -> Vec<Intent> {
    understand(text, context, None).meanings.iter().map(|meaning| meaning.intent).collect()
}

#[test]
fn a_refusal_or_a_question_is_no_wish() {
    for (unwanted, texts) in [
        (
            Intent::ForgetMe,
            &[
                "are you going to delete my data?",
                "Did you delete my account",
                "how do I delete my account",
                "why did you delete my account",
                "what happens if you delete my account",
                "who deleted my account",
                "don't delete my data",
            ][..],
        ),
        (
            Intent::Start,
            &[
                "don't resubscribe me",
                "please never resubscribe me",
                "do not opt me back in",
                "why did you resubscribe me",
                "did you restart my messages?",
                "no quiero volver a suscribirme",
                "pheri suru nagarnus",
            ],
        ),
        (
            Intent::Register,
            &[
                "don't register me",
                "No I don't want to register",
                "please do not sign me up",
                "my friend told me not to register",
                "no quiero registrarme",
                "malai darta garnu chaina",
            ],
        ),
        (Intent::TipsOn, &["do not turn tips on", "don't sign me up for tips", "I didn't get any tips"]),
        (Intent::TipsOff, &["don't turn off my tips", "did you stop my tips?", "why did you stop the tips"]),
    ] {
        for text in texts {
            assert!(!intents(text, Context::Nothing).contains(&unwanted), "{text}");
        }
    }
    assert_eq!(intents("stop the tips and yes see you", Context::Nothing)[0], Intent::TipsOff);
    assert_eq!(intents("STOP HELP", Context::Nothing), [Intent::Stop]);
    for text in ["delete my data", "please delete my account", "can you delete my data?"] {
        assert_eq!(intents(text, Context::Nothing), [Intent::ForgetMe], "{text}");
    }
}

#[test]
fn a_yes_that_is_taken_back_confirms_nothing() {
    for text in [
        "don't confirm",
        "cannot confirm",
        "didn't confirm",
        "I confirm the cancellation",
        "I confirm that I am not coming",
        "yes \u{1f6d1}",
        "confirmo la cancelación",
        "je confirme mon absence",
        "yes I already told you no",
        "yes it was cancelled",
        "confirm later",
        "\u{1f44d}\u{1f44e}",
        "ok, what's this about",
    ] {
        let understood = understand(text, Context::BookingOpen, None);
        assert_eq!(understood.meanings[0].intent, Intent::Other, "{text}");
        assert_eq!(understood.doubt, Some(Doubt::Confirm), "{text}");
    }
    for text in ["can't wait to stop by", "not going to miss it", "yes, no problem"] {
        assert_eq!(intents(text, Context::BookingOpen), [Intent::Confirm], "{text}");
    }
    assert_eq!(intents("I said no", Context::BookingOpen), [Intent::Decline]);
    for text in ["yes I confirm I won't come", "yes I can't come"] {
        assert_eq!(intents(text, Context::BookingOpen), [Intent::Decline], "{text}");
    }
}

#[test]
fn a_language_that_somebody_does_not_speak_is_not_chosen() {
    for (text, expected) in [
        ("no hablo inglés", None),
        ("je ne parle pas anglais", None),
        ("I don't speak English", None),
        ("I don't want Spanish", None),
        ("in Spanish please", Some("es")),
    ] {
        let understood = understand(text, Context::Nothing, None);
        let argument = understood.meanings[0].argument.as_deref();
        assert_eq!((understood.meanings[0].intent, argument), (Intent::Language, expected), "{text}");
    }
}
