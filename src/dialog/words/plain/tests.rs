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
