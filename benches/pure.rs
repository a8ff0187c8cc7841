//! What the parts of a turn cost that touch nothing outside: `docs/PERFORMANCE.md`.
//!
//! Each is measured in turn with a plain HMAC-SHA1 of the same bytes, round after round, so that the
//! ratio holds on a machine that does other things. A ratio that grows is a regression.

#[path = "../tests/corpus/mod.rs"]
#[expect(dead_code, reason = "nothing is scored here")]
mod corpus;

use corpus::{Item, ordinary, shared};
use jiff::Timestamp;
use std::borrow::Cow;
use std::hint::black_box;
use tidings::clock::stopwatch;
use tidings::dialog::words::{Context, understand};
use tidings::dialog::{CodeKey, Event, Ground, Heard, Nonce, Person, Reply, step};
use tidings::segments;
use tidings::signature::{AuthToken, sign, verify};
use tidings::texts::{Program, Texts};

const ROUNDS: usize = 41;
const CALLS: u32 = 2000;
/// How often each of the real texts is read.
const PASSES: usize = 15;
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const URL: &str = "https://sms.example.org/webhooks/twilio/sms";
const FORM: &str = "ToCountry=US&ToState=CA&SmsMessageSid=SM0123456789abcdef0123456789abcdef&NumMedia=0\
    &ToCity=SAN+FRANCISCO&FromZip=94107&SmsSid=SM0123456789abcdef0123456789abcdef&FromState=CA\
    &SmsStatus=received&FromCity=SAN+FRANCISCO&Body=Thanks%2C+see+you+on+Tuesday%21&FromCountry=US\
    &To=%2B15005550006&ToZip=94103&NumSegments=1&MessageSid=SM0123456789abcdef0123456789abcdef\
    &AccountSid=AC0123456789abcdef0123456789abcdef&From=%2B14155550100&ApiVersion=2010-04-01";
/// As long as most texts from people: half of them are shorter.
const ANSWER: &str = "Sorry, I can't make it on Tuesday. Could we do Friday instead?";
const LONG: &str = "Thanks, see you on Tuesday at the lake! I will bring the children and the papers that \
    you asked for; is there anything else that I should have with me when I come?";

struct Part<'a> {
    name: &'static str,
    call: Box<dyn Fn() + 'a>,
    nanoseconds: Vec<f64>,
}

fn part<'a>(name: &'static str, call: impl Fn() + 'a) -> Part<'a> {
    Part { name, call: Box::new(call), nanoseconds: Vec::new() }
}

fn main() {
    let fields: Vec<(Cow<str>, Cow<str>)> = form_urlencoded::parse(FORM.as_bytes()).collect();
    let texts = Texts::load(&Program::sample()).expect("the templates are tested");
    let mut parts = vec![part("HMAC-SHA1 of the same bytes (the measure)", || hmac(&fields))];
    parts.extend(webhook(&fields));
    parts.extend(understanding());
    parts.extend(steps());
    parts.extend(replies(&texts));
    measure(&mut parts);
    real_texts(&fields);
}

/// What a webhook takes before anybody reads what was said.
fn webhook<'a>(fields: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> [Part<'a>; 2] {
    let token = [AuthToken::new(TOKEN).expect("a token")];
    let signature = sign(TOKEN, URL, fields);
    [
        part("check the signature", move || {
            verify(&token, URL, black_box(fields), None, &signature).expect("it is right");
        }),
        part("parse the form", || {
            drop(black_box(form_urlencoded::parse(black_box(FORM).as_bytes()).collect::<Vec<_>>()));
        }),
    ]
}

fn understanding() -> [Part<'static>; 3] {
    let understand = |body, context, locale| drop(black_box(understand(black_box(body), context, locale)));
    [
        part("understand a keyword", move || understand("Register.", Context::Nothing, None)),
        part("understand a usual answer", move || understand(ANSWER, Context::BookingOpen, Some("en"))),
        part("understand a sentence", move || understand(LONG, Context::Nothing, None)),
    ]
}

fn steps() -> [Part<'static>; 2] {
    let hear = |body: &'static str| {
        let (key, person) = (CodeKey::new(b"a key"), Person::default());
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
        move || {
            let ground = Ground {
                now,
                nonce: Nonce([7; 16]),
                key: &key,
                subject: "+14155550100",
                numbers_offered: false,
                twilio_answers: true,
                locale: "en",
                bookings: &[],
            };
            let heard = Heard { body, opt_out_type: None };
            drop(black_box(step(black_box(&person), &Event::Heard(heard), &ground)));
        }
    };
    [part("one step: REGISTER", hear("REGISTER")), part("one step: a sentence", hear(LONG))]
}

fn replies(texts: &Texts) -> [Part<'_>; 3] {
    let status =
        Reply::Status { state: "member", name: "Asha Rai".to_owned(), tips: false, tip_time: String::new() };
    let count = |body| _ = black_box(segments::count(black_box(body)));
    [
        part("render a reply", move || drop(black_box(texts.render(black_box(&status), "en")))),
        part("count segments, GSM-7", move || count(LONG)),
        part("count segments, UCS-2", move || count("नमस्ते, मंगलवार को मिलते हैं 😀")),
    ]
}

/// Calls all parts in turn, round after round, and prints what each takes.
fn measure(parts: &mut [Part]) {
    for _ in 0..ROUNDS {
        for part in &mut *parts {
            let watch = stopwatch();
            for _ in 0..CALLS {
                (part.call)();
            }
            part.nanoseconds.push(watch.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS));
        }
    }
    let measure = parts[0].nanoseconds.clone();
    for part in parts {
        let ratios = part.nanoseconds.iter().zip(&measure).map(|(one, measure)| one / measure).collect();
        let took = median(std::mem::take(&mut part.nanoseconds));
        print(part.name, took, median(ratios));
    }
}

fn print(name: &str, nanoseconds: f64, ratio: f64) {
    println!("{name:<44}{nanoseconds:>9.0} ns{ratio:>9.2}");
}

/// Every text of the lists that the rules are scored with, as it would come: the median, the slowest
/// hundredth and the mean of what each of them takes.
fn real_texts(fields: &[(Cow<str>, Cow<str>)]) {
    let (labelled, ordinary) = (shared(), ordinary());
    let labelled =
        labelled.iter().map(|item: &Item| (item.text.as_str(), item.context(), Some(item.lang.as_str())));
    let texts: Vec<_> =
        labelled.chain(ordinary.into_iter().map(|text| (text, Context::Nothing, None))).collect();
    let mut took = vec![Vec::with_capacity(PASSES); texts.len()];
    let mut measures = Vec::with_capacity(PASSES);
    for _ in 0..PASSES {
        let watch = stopwatch();
        for _ in 0..CALLS {
            hmac(fields);
        }
        measures.push(watch.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS));
        for ((text, context, locale), took) in texts.iter().zip(&mut took) {
            let watch = stopwatch();
            drop(black_box(understand(black_box(text), *context, *locale)));
            took.push(watch.elapsed().as_secs_f64() * 1e9);
        }
    }
    let measure = median(measures);
    let mut each: Vec<f64> = took.into_iter().map(median).collect();
    each.sort_by(f64::total_cmp);
    let count = u32::try_from(each.len()).expect("few texts");
    let mean = each.iter().sum::<f64>() / f64::from(count);
    for (name, figure) in [
        ("understand real texts, the median", each[each.len() / 2]),
        ("understand real texts, the 99th of a hundred", each[each.len() * 99 / 100]),
        ("understand real texts, the mean", mean),
    ] {
        print(name, figure, figure / measure);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The least that checking a signature can cost.
fn hmac(fields: &[(Cow<str>, Cow<str>)]) {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).expect("any key will do");
    mac.update(URL.as_bytes());
    for (name, value) in black_box(fields) {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    black_box(mac.finalize());
}
