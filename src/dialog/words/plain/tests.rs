use super::super::{Context, Doubt, Intent, understand};
use super::{YesOrNo, yes_or_no};

fn heard(text: &str) -> (Intent, Option<Doubt>) {
    let understood = understand(text, Context::BookingOpen, None);
    (understood.meanings[0].intent, understood.doubt)
}

#[test]
fn a_plain_no_is_done_at_once() {
    for text in [
        "no",
        "can't make it",
        "I can't come tomorrow",
        "not coming",
        "cancel my appointment",
        "can't make it, my car broke down",
        "I can't make it tomorrow because my son is sick",
        "no puedo ir mañana",
        "no puedo, mi hijo está enfermo",
        "je ne peux pas venir demain",
        "je ne peux pas, mon fils est malade",
        "ma bholi aauna sakdina",
        "म भोलि आउन सक्दिनँ",
    ] {
        assert_eq!(heard(text), (Intent::Decline, None), "{text}");
    }
    for text in [
        "can we move it to friday",
        "quiero cambiar la cita",
        "peut-on reporter à vendredi",
        "arko din milcha?",
    ] {
        assert_eq!(heard(text), (Intent::Reschedule, None), "{text}");
    }
}

#[test]
fn chatter_changes_no_booking_unasked() {
    for text in [
        "I feel better today",
        "I changed doctors in 2019",
        "school is cancelled today",
        "I'm at work",
        "my dog is sick",
        "my sister moved to Boston",
        "I'm busy with the garden these days",
        "he can't drive yet he is 15",
        "mi perro está enfermo",
        "me siento mejor hoy",
        "está lloviendo mucho",
        "ma mère est à l'hôpital",
        "j'ai changé de coiffure",
        "aama hospital ma hunuhuncha",
    ] {
        let (intent, doubt) = heard(text);
        assert!(intent == Intent::Other || doubt == Some(Doubt::Answer), "{text}: {intent:?}");
    }
}

#[test]
fn why_says_how_much_it_sounds_so() {
    let understood = understand("I feel better today", Context::BookingOpen, None);
    let why = &understood.meanings[0].why;
    assert!(why.contains("asked first, for it sounds so by"), "{why}");
}

#[test]
fn a_bare_yes_or_no_is_one() {
    for text in ["yes", "Yes please", "YES!", "sí", "oui", "ho"] {
        assert_eq!(yes_or_no(text, None), Some(YesOrNo::Yes), "{text}");
    }
    for text in ["no", "No thanks", "no keep it", "no don't", "non merci", "हैन"] {
        assert_eq!(yes_or_no(text, None), Some(YesOrNo::No), "{text}");
    }
    for text in ["no I can't come", "yes I'll be there", "I can't", "ok", "hello", "", "no?", "sakdina"] {
        assert_eq!(yes_or_no(text, None), None, "{text}");
    }
}

#[test]
fn who_speaks_of_somebody_else_is_no_wrong_number_yet() {
    for text in [
        "she moved away last year",
        "I don't have a dog",
        "you mean the blue one",
        "different person at the desk today",
        "otra persona me atendió",
        "c'est pas moi qui ai mangé le gâteau",
    ] {
        assert_eq!(heard(text), (Intent::WrongNumber, Some(Doubt::WrongNumber)), "{text}");
    }
    for text in
        ["wrong number", "I'm not Bob", "no Bob here", "no soy María", "mauvais numéro", "galat number"]
    {
        assert_eq!(heard(text), (Intent::WrongNumber, None), "{text}");
    }
}

#[test]
fn short_names_are_names_where_one_was_asked() {
    for text in ["Al", "Kay", "An"] {
        assert_eq!(understand(text, Context::AskedName, None).meanings[0].intent, Intent::Name, "{text}");
    }
    for text in ["ok", "Okay", "Kay, later", "an hour"] {
        assert_ne!(understand(text, Context::AskedName, None).meanings[0].intent, Intent::Name, "{text}");
    }
}

#[test]
fn who_would_rather_not_register_gives_no_name_and_wants_no_other_code() {
    for (context, language, texts) in [
        (
            Context::AskedName,
            "en",
            "no thanks|I changed my mind|not interested|I'd rather not say|cancel registration",
        ),
        (Context::AskedName, "es", "mejor no|cambié de opinión|ya no quiero"),
        (Context::AskedName, "fr", "non merci|laissez tomber|je ne veux pas"),
        (Context::AskedName, "ne", "पर्दैन|नाम भन्दिन|दर्ता रद्द"),
        (Context::CodeSent, "en", "never mind|I did not request this code|wasn't me|don't send me codes"),
        (Context::CodeSent, "es", "no gracias|yo no pedí ningún código"),
        (Context::CodeSent, "fr", "non merci|je n'ai pas demandé de code"),
    ] {
        for text in texts.split('|') {
            let understood = understand(text, context, Some(language));
            assert!(understood.leaves, "{text}: {understood:?}");
            assert_eq!(understood.meanings[0].intent, Intent::Other, "{text}");
        }
    }
    for text in ["I didn't get the code", "no code", "resend"] {
        let understood = understand(text, Context::CodeSent, None);
        assert!(!understood.leaves && understood.meanings[0].intent == Intent::Resend, "{text}");
    }
}

#[test]
fn names_come_with_politeness_and_facts_are_no_names() {
    for (context, text, name) in [
        (Context::AskedName, "ok, Jean-Luc Picard", Some("Jean-Luc Picard")),
        (Context::AskedName, "Yes. Maria Lopez", Some("Maria Lopez")),
        (Context::AskedName, "Dr. Ann Lee", Some("Dr. Ann Lee")),
        (
            Context::AskedName,
            "Juan Carlos de la Torre G\u{f3}mez",
            Some("Juan Carlos de la Torre G\u{f3}mez"),
        ),
        (Context::AskedName, "Rok", Some("Rok")),
        (Context::AskedName, "oui, Marie", Some("Marie")),
        (Context::AskedName, "I'm Blessing", Some("Blessing")),
        (Context::AskedName, "I'm pregnant", None),
        (Context::AskedName, "soy sorda", None),
        (Context::CodeSent, "this isn't Karen, it's Karin", Some("Karin")),
        (Context::Nothing, "NAME Bob Jones please", Some("Bob Jones")),
    ] {
        let understood = understand(text, context, None);
        let said = understood.meanings.iter().find(|meaning| meaning.intent == Intent::Name);
        assert_eq!(said.and_then(|meaning| meaning.argument.as_deref()), name, "{text}");
    }
}

#[test]
fn what_only_sounds_like_a_stop_stops_nothing() {
    for text in [
        "did I stop?",
        "stop calling me Kim",
        "forget my name its Kimberly",
        "My friend told me to text this number",
        "keep tips, stop reminders",
        "no tips on weekends",
        "skip tomorrow's tip",
    ] {
        let understood = understand(text, Context::Nothing, Some("en"));
        let ends = [Intent::Stop, Intent::TipsOff, Intent::ForgetMe];
        assert!(understood.doubt.is_none(), "{text}");
        assert!(understood.meanings.iter().all(|meaning| !ends.contains(&meaning.intent)), "{text}");
    }
}

#[test]
fn who_wants_no_texts_in_a_language_or_so_early_is_asked() {
    for (text, language) in [
        ("stop texting me in spanish", "en"),
        ("stop texting me so early", "en"),
        ("deje de escribirme en ingl\u{e9}s", "es"),
        ("arr\u{ea}tez de m'\u{e9}crire en anglais", "fr"),
    ] {
        let understood = understand(text, Context::Nothing, Some(language));
        assert_eq!(
            (understood.meanings[0].intent, understood.doubt),
            (Intent::Other, Some(Doubt::Stop)),
            "{text}"
        );
    }
    for text in ["stop texting me", "do not call", "deje de escribirme"] {
        assert_eq!(understand(text, Context::Nothing, None).meanings[0].intent, Intent::Stop, "{text}");
    }
}
