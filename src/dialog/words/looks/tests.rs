use super::super::{Context, Intent, understand};

/// What is taken for a name when one was asked for; none if the text is no name.
fn heard(text: &str, language: &str) -> Option<String> {
    let understood = understand(text, Context::AskedName, Some(language));
    let name = understood.meanings.iter().find(|meaning| meaning.intent == Intent::Name);
    name.and_then(|meaning| meaning.argument.clone())
}

const NAMES: &str = "Hope Moore|Dee Day|Si Nguyen|Will|Mark|May Parks|Faith|Grace Ng|Asha Rai|李娜|O'Neil|\
    Asha|Will Smith|Art Small|April May|June Day|Joy|Bill Long|Sunday Okoro|Pat Down|Rose West|Sue Will|Max Power|\
    Drew|Chase Park|Dawn Summers|Jack Black|Frank Long|Kim Call|Al Green|Guy Young|Rich Little|Sunny Day|Happy Singh|\
    Precious|Blessing|Goodluck|Comfort|Patience|Mercy|Charity|Justice|Destiny Love|An Le|No Kim|\
    Ho Chi|Ha Noi Tran|So Young Park|Hari|Sita|Ram Thapa|Maya|Grace|Hope|Mr. Singh|Dr Moore|\
    Van Morrison|Bob Stopford|J.P. Moore|jean-luc|de la Cruz|Anne Marie Smith|\
    will|mark|hope moore|faith|Luz|Paz|Sol Ruiz|Alex C|C J|Bo|Ed|Jo|Li|Ng|Wu|Xi|T.J.|\
    Sky Walker|Early Bird|Price Waters|Will Power|Lee|Page Turner|Clay Best|Gay Friend|Nice Mango|Busy Philipps|\
    Mo Salah|Ali|Ky|Sy|Pearl Button|Holly Day|Soo-jin Kim|Yes Man Gurung|Alto Pérez|Ken Do|Stormy|Sandy Shore|Miles Away";

const NOT_NAMES: &str = "C|c|Y|n|K|yes|no|ok|okay|1|12|\u{1f44d}|STOP|stop|Stop|HELP|START|STATUS|RESEND|REGISTER|stopall|\
    unsubscribe|Art Stop|Noel Cancel|cancel|quit|end|forget me|why|what for|who is this|who is this?|what is this|how are you|\
    why do you need my name|none of your business|i dont want to say|no thanks|not telling you|leave me alone|\
    what's your name|hello there|hi|hello|thanks|thank you so much|see you tomorrow|good morning|call me later|i am busy|\
    i'm driving|im busy right now|wrong number|you have the wrong number|I can't make it|can we move it?|can't make it|\
    tips off|stop the tips|my name|this is spam|it is raining today|I don't know|idk|later|maybe tomorrow|hope so|\
    hope you are well|i will|will do|i hope so|mark my words|may i ask why|let me think|wait a minute|not now|\
    resend the code|I want to register|sign me up|yes please|yeah sure|nope|nah|si|oui|non|claro|ho|hoina|lol|test|\
    please stop texting me|take me off the list|delete my data|opt out|who?|huh|??|...|english please|I'm good|i'm not interested|\
    is this free|how much does it cost|where are you|do I have to|hello how are you|happy birthday|good night|merry christmas|I forgot|i forgot|bye|Bye|maybe|Maybe|brb|BRB|goodbye|Perhaps|tomorrow|n/a|idk yet|\
    quizás|adiós|Adios|se me olvidó|mañana|peut-être|au revoir|j'ai oublié|sayad|भोलि|बिर्सें|ek chin";

#[test]
fn names_that_are_words_are_names_still() {
    let wrong: Vec<String> = NAMES
        .split('|')
        .filter_map(|name| {
            let as_name = heard(name, "en");
            (as_name.as_deref() != Some(name)).then(|| {
                format!("{name}: {as_name:?} {:?}", understand(name, Context::AskedName, Some("en")).meanings)
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sentences_questions_and_keywords_are_no_names() {
    let wrong: Vec<String> = NOT_NAMES
        .split('|')
        .filter_map(|text| {
            let name = heard(text, "en");
            name.map(|name| format!("{text}: {name}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn politeness_is_no_part_of_a_name() {
    for (text, name) in [
        ("Bob thanks", "Bob"),
        ("hi, Bob", "Bob"),
        ("Hi Bob!", "Bob"),
        ("asha rai please", "asha rai"),
        ("Bob \u{1f60a}", "Bob"),
        ("Hola, Lucía gracias", "Lucía"),
        ("Bonjour Zoé", "Zoé"),
        ("Ram Thapa dhanyabad", "Ram Thapa"),
    ] {
        assert_eq!(heard(text, "en").as_deref(), Some(name), "{text}");
    }
}

#[test]
fn a_name_that_is_a_word_of_another_language_or_nearly_one_stops_nothing() {
    for name in [
        "Sue",
        "Stan",
        "Stu",
        "Chad",
        "Kat",
        "Van",
        "Wanda",
        "Banda",
        "Rokka",
        "Neha",
        "Donny",
        "Hart",
        "Soto",
        "Bass",
        "Finn",
        "Ben",
        "Kai",
        "Simon",
        "Roger",
        "Ava",
        "Joan",
        "Frances",
        "Tamang",
        "Dane",
        "Rene",
        "Stark",
        "Chang",
        "Socorro",
        "Wong Smith",
        "Tabb",
        "Storp",
    ] {
        assert_eq!(heard(name, "en").as_deref(), Some(name), "{name}");
        assert_eq!(heard(&format!("My name is {name}"), "en").as_deref(), Some(name), "my name is {name}");
    }
    for name in ["Thapa", "Roka", "Rekha", "Chand", "Samantha", "Kate", "Shyam", "Manisha"] {
        assert_eq!(heard(name, "ne").as_deref(), Some(name), "{name}");
    }
    for name in ["Yan", "Paula", "Alba", "Alma"] {
        assert_eq!(heard(name, "es").as_deref(), Some(name), "{name}");
    }
    for word in ["Stop", "STPO", "halt", "Unsubscribe", "Baja", "बन्द", "Arrêtez"] {
        assert_eq!(said(word, Context::AskedName).0, [Intent::Stop], "{word}");
    }
}

#[test]
fn whoever_signs_a_text_stops_nothing() {
    for context in [Context::Nothing, Context::BookingOpen] {
        for text in [
            "Thanks, Sue",
            "Thanks, Stan",
            "Hi, Stan",
            "- Chad",
            "Thanks, Kat",
            "Thanks, Hart",
            "Thanks, Starp",
        ] {
            let understood = understand(text, context, Some("en"));
            assert_ne!(understood.meanings[0].intent, Intent::Stop, "{text}");
        }
    }

    for text in ["please stpo", "Please Stop", "thanks, unsubscribe", "ok, STOP"] {
        assert_eq!(said(text, Context::Nothing).0, [Intent::Stop], "{text}");
    }
    for text in [
        "Merci, Arrêtez",
        "S'il vous plaît, Stop",
        "Por favor, Baja",
        "Hola. Alto",
        "कृपया Stop",
        "Bonjour. Stop",
    ] {
        for hint in [None, Some("en"), Some("es"), Some("fr"), Some("ne")] {
            let understood = understand(text, Context::Nothing, hint);
            assert_eq!(understood.meanings[0].intent, Intent::Stop, "{text} from {hint:?}");
        }
    }
}

#[test]
fn a_carrier_s_word_with_a_sign_opts_out_whatever_was_asked() {
    for text in ["Cancel.", "CANCEL!", "(cancel)", "Cancel\u{1f44d}", "END.", " quit \u{2026}"] {
        assert_eq!(said(text, Context::BookingOpen).0, [Intent::Stop], "{text}");
    }
    for text in ["cancel both", "Cancel both please"] {
        assert_eq!(said(text, Context::BookingOpen).0, [Intent::Decline], "{text}");
    }
}

#[test]
fn who_asks_whether_there_are_tips_switches_none_on() {
    for text in ["are my tips on?", "do I get tips?", "did I sign up for tips?", "am I getting tips?"] {
        assert_eq!(said(text, Context::Nothing).0, [Intent::Status], "{text}");
    }
}

/// What a text asks for, with the name in it.
fn said(text: &str, context: Context) -> (Vec<Intent>, Option<String>) {
    let meanings = understand(text, context, None).meanings;
    let name = meanings.iter().find_map(|meaning| match meaning.intent {
        Intent::Name | Intent::Register => meaning.argument.clone(),
        _ => None,
    });
    (meanings.iter().map(|meaning| meaning.intent).collect(), name)
}

#[test]
fn a_name_may_come_with_the_wish_to_register() {
    for (text, name) in [
        ("register my name is Bob", "Bob"),
        ("REGISTER Asha Rai thanks", "Asha Rai"),
        ("REGISTER John Smith please", "John Smith"),
        ("registrarme soy María", "María"),
        ("Join, I'm Tom", "Tom"),
        ("hola quiero registrarme soy María", "María"),
        ("i want to sign up my name is Asha Rai", "Asha Rai"),
        ("register me as Bob Smith please", "Bob Smith"),
        ("sign me up as Asha", "Asha"),
        ("REGISTER Im Yoona", "Im Yoona"),
        ("register my name is Im Yoona", "Im Yoona"),
        ("regístrame como Lucía Pérez", "Lucía Pérez"),
        ("inscrivez-moi sous le nom de Zoé Martin", "Zoé Martin"),
    ] {
        let expected = (vec![Intent::Register], Some(name.to_owned()));
        assert_eq!(said(text, Context::Nothing), expected, "{text}");
    }
    let (intents, name) = said("REGISTER Bob, tips at 8am", Context::Nothing);
    assert_eq!((intents, name.as_deref()), (vec![Intent::TipTime, Intent::Register], Some("Bob")));
    for text in ["REGISTER Old", "REGISTER qx 7"] {
        assert_eq!(said(text, Context::Nothing), (vec![Intent::Register], None), "{text}");
    }
    for text in ["register for what?", "join us tonight", "register office is closed"] {
        assert_eq!(said(text, Context::Nothing).0, [Intent::Other], "{text}");
    }
}

/// `Im` begins names, and is a hasty "I'm": that it plainly is before small letters or a first name.
#[test]
fn im_is_taken_for_speech_where_it_plainly_is() {
    for (text, name) in [
        ("Im Yoona", "Im Yoona"),
        ("Im Yoon Ah", "Im Yoon Ah"),
        ("hi, Im Yoona", "Im Yoona"),
        ("I'm Im Yoona", "Im Yoona"),
        ("I'm Yoona", "Yoona"),
        ("I\u{2019}m Yoona", "Yoona"),
        ("im yoona", "yoona"),
        ("Im yoona", "yoona"),
        ("Im Karen", "Karen"),
        ("NAME Im Yoona", "Im Yoona"),
    ] {
        assert_eq!(said(text, Context::AskedName), (vec![Intent::Name], Some(name.to_owned())), "{text}");
    }
}

#[test]
fn a_name_is_corrected_at_any_time() {
    for context in [Context::Nothing, Context::CodeSent] {
        for (text, intents, name) in [
            ("My name is Robert", vec![Intent::Name], "Robert"),
            ("hi, my name is Ana María thanks", vec![Intent::Name], "Ana María"),
            ("me llamo Roberto", vec![Intent::Name], "Roberto"),
            ("Mi nombre es Lucía, gracias", vec![Intent::Name], "Lucía"),
            ("je m'appelle Zoé", vec![Intent::Name], "Zoé"),
            ("mon nom est Roy", vec![Intent::Name], "Roy"),
            ("mero naam Ram ho", vec![Intent::Name], "Ram"),
            ("मेरो नाम राम हो", vec![Intent::Name], "राम"),
            ("name is Robert", vec![Intent::Name], "Robert"),
            ("tips off please, and change my name to Bob", vec![Intent::TipsOff, Intent::Name], "Bob"),
        ] {
            assert_eq!(said(text, context), (intents, Some(name.to_owned())), "{text}");
        }
        for text in [
            "my name is wrong",
            "my name is Robert and I want to complain",
            "I'm Robert",
            "name of the place?",
            "Name is on the list",
            "me llamo tarde",
            "mi nombre está mal",
            "mon nom est faux",
            "मेरो नाम गलत छ",
            "mero naam lekhdinus",
        ] {
            assert_eq!(said(text, context).1, None, "{text}");
        }
    }
}
