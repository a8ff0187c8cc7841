//! Hours of tips: the one that is wanted, where a text names several or refuses one.

use super::{Context, Intent, understand};

/// What each of `texts`, one on a line, asks for.
fn each(texts: &str, intent: Intent, argument: Option<&str>) {
    for text in texts.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let meanings = understand(text, Context::Nothing, None).meanings;
        let said: Vec<_> = meanings.iter().map(|one| (one.intent, one.argument.as_deref())).collect();
        assert_eq!(said, [(intent, argument)], "{text}");
    }
}

#[test]
fn an_hour_that_is_only_refused_is_not_set() {
    each(
        "\
        pas de conseils à 7h
        no me manden los consejos a las 7
        dont send tips after 9pm
        don't send me tips at 7
        7 is too early for tips
        quit sending tips at 6am
        quit texting tips at 5am
        stop sending tips at 7am
        pare de mandar consejos a las 6 de la mañana
        cancel tips at 7
        end tips at 7
        enough tips at 7
        quita los consejos de las 7
        cancela los consejos de las 7
        supprimez les conseils de 7h
        arrêtez les conseils à 7h
        i hate tips at 7am
        these 7am tips are killing me
        please no 7am tips
        can you not send tips at 7
        anything but 7 for tips
        tips any time but 7
        tips anytime except 7am
        I cant read tips at 7
        dont text tips between 7 and 9
        odio los consejos a las 7
        los consejos a las 7 no me gustan
        cualquier hora menos las 7 para los consejos
        plus de conseils à 7h
        n'importe quand sauf 7h pour les conseils
        je déteste les conseils à 7h
        malai 7 baje tips chaidaina
        मलाई बिहान ७ बजे सुझाव चाहिँदैन
        ",
        Intent::TipTime,
        None,
    );
}

#[test]
fn who_ends_tips_ends_no_more_than_those() {
    each(
        "\
        dont send tips anymore
        don't send tips any more
        dont send me tips ever
        I don't want tips at 7 or 9 or at all
        don't send me tips at 7 or any other time
        ",
        Intent::TipsOff,
        None,
    );
}

/// Texts, each behind the hour that it asks for.
const WANTED: &str = "\
    06:00 राति सुझाव नपठाउनुस्, बिहान ६ बजे पठाउनुस्
    06:00 I get up at 5 so tips at 6 plz
    07:00 tips at 7 please
    07:00 tips at 7 in the morning
    07:00 tips at 7 every day
    07:10 tips at 10 past 7
    07:30 tips 7 30
    07:30 tips 7:30 please
    08:00 can I get tips at 8 instead of 7
    08:00 instead of 7 send tips at 8
    08:00 don't send the tip at 6, send at 8
    08:00 stop sending tips at 7 am and send at 8 am
    08:00 I work 9 to 5 so tips at 8 please
    08:00 je travaille de 9h à 17h donc conseils à 8h svp
    08:00 tips at 8 works better for me
    08:00 tips from 8 to 9
    08:00 send tips from 8 to 9
    09:00 tips bihana 7 baje napathaunus, 9 baje pathaunus
    09:00 pas de conseils avant 9h svp
    09:00 n'envoyez pas le conseil à 7h, plutôt 9h
    09:00 cambia los consejos de las 7 a las 9
    09:00 no me manden consejos antes de las 9
    09:00 no me manden el consejo a las 7, mejor a las 9
    09:00 tips not at 7 but at 9
    09:00 dont send tips before 9
    09:00 I don't want tips at 7, 9 is better
    09:00 turn off the 7am and send tips at 9am
    09:00 dejen de mandar los tips a las 7 y manden a las 9
    09:00 move 7am tips to 9am
    09:00 please make the 7am tip a 9am tip
    09:00 pls chg tips 7am to 9am
    09:00 chnage my tips form 7 to 9
    09:00 swap tips 7 for 9
    09:00 replace 7 with 9 for tips
    09:00 my tip comes at 7, I want it at 9
    09:00 I get tips at 7 but want them at 9
    09:00 tips come at 7 can they come at 9
    09:00 tip is at 7am right now, could it be 9am instead
    09:00 i dont like tips at 7, send at 9
    09:00 could you stop sending tips at 7 and send them at 9 instead?
    09:00 tips at 7 no wait 9
    09:00 tips at 7, sorry, 9
    09:00 tips at 7 oops i mean 9
    09:00 tips at 7 actually 9
    09:00 consejos a las 7, perdon, a las 9
    09:00 conseils à 7h non pardon 9h
    09:00 mueve mi tip de las 7am a las 9am
    09:00 me llegan los tips a las 7, pueden ser a las 9?
    09:00 el consejo llega a las 7 y lo quiero a las 9
    09:00 cambiar hora del consejo 7 por 9
    09:00 plutôt 9h que 7h pour les conseils
    09:00 le conseil arrive à 7h, je le voudrais à 9h
    09:00 arrêtez les conseils à 7h et envoyez à 9h
    09:00 tips 7 ko sato 9 baje
    09:00 मलाई ७ बजे सुझाव चाहिँदैन, ९ बजे चाहियो
    09:00 tips two hours later so 9 instead of 7
    09:00 tips at 9 instead
    09:00 tips at 9 since 7 is too early
    09:00 dont send tips at 7 send them at 9 instead
    09:00 please do not text tips at 7 but at 9
    09:00 don't text me tips before 9 in the morning
    09:00 no me mandes consejos a las 7 mandamelos a las 9
    09:00 ne m'envoyez pas les conseils à 7h mais à 9h
    09:00 je ne veux pas de conseils à 7h mais à 9h
    09:00 change my tips from 7 to 9
    09:30 move my tips from 7am to 9:30
    10:00 I dont get up before 9 so tips at 10 please
    12:00 n'envoyez pas le conseil la nuit, midi c'est bien
    12:00 de noche no me manden el consejo, mejor al mediodía
    12:00 dont send the tip at dawn, lunch time is fine
    12:00 7am is too early, make the tip come at noon
    12:00 7 is too early, make the tip noon
    18:00 tips at 6 o'clock pm
    19:00 tips every evening at 7
    19:00 tips at 7 in the evening
    19:00 tips 7 pm every day
    19:00 tips 7pm not am
    20:00 at night pls, not mornings
    20:00 tips in the evening not at 7, at 8
    20:00 change my tips to the evening at 8
    20:00 cada noche a las 8 los consejos
    20:00 conseils le soir à 8h
    20:15 send my tip at quarter past 8 in the evening
";

#[test]
fn of_several_hours_the_wanted_one_is_set() {
    for line in WANTED.lines() {
        let (hour, text) = line.trim().split_once(' ').unwrap();
        each(text, Intent::TipTime, Some(hour));
    }
}
