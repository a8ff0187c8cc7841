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
    is this free|how much does it cost|where are you|do I have to|hello how are you|happy birthday|good night|merry christmas";

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
