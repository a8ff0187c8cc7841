//! Every text in every locale: it renders, it is short, and it says what it must.

use tidings::dialog::Reply;
use tidings::notice::Notice;
use tidings::segments::{Encoding, count};
use tidings::texts::{CODE_MASK, Program, Texts, reveal};

/// More segments than this cost more than a reply is worth; Devanagari takes more of them.
fn most_segments(locale: &str) -> usize {
    if locale == "ne" { 3 } else { 2 }
}

#[test]
fn all_texts_render_in_all_locales() {
    let texts = Texts::load(&Program::sample()).unwrap();
    assert!(texts.locales().iter().any(|locale| locale == "en"));
    for locale in texts.locales() {
        let replies = Reply::samples().into_iter();
        let replies = replies.map(|reply| (reply.template(), texts.render(&reply, locale).unwrap()));
        let notices = Notice::samples().into_iter();
        let notices = notices.map(|notice| (notice.template(), texts.render(&notice, locale).unwrap()));
        for (name, text) in replies.chain(notices) {
            let size = count(&text);
            println!("{locale} {name:18} {} {:3} units  {text}", size.segments, size.units);
            assert!(
                size.segments <= most_segments(locale),
                "{locale}/{name} takes {} segments",
                size.segments
            );
            assert!(
                !text.contains("{{") && !text.contains("{%") && text.trim() == text,
                "{locale}/{name}: {text}"
            );
            // Languages are named as they call themselves, so that list needs their letters.
            if locale == "en" && name != "languages" {
                assert_eq!(size.encoding, Encoding::Gsm7, "{locale}/{name} is not in GSM-7: {text}");
            }
        }
    }
}

#[test]
fn no_template_is_left_over() {
    let mut used: Vec<&str> = Reply::samples().iter().map(Reply::template).collect();
    used.extend(Notice::samples().iter().map(Notice::template));
    for locale in ["en", "es", "fr", "ne"] {
        let folder = format!("{}/templates/sms/{locale}", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(folder).unwrap();
        let names =
            entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
        let names: Vec<String> = names.collect();
        for name in &names {
            assert!(used.contains(&name.as_str()), "nothing says {locale}/{name}");
        }
        for name in &used {
            assert!(names.iter().any(|known| known == name), "{locale} has no words for {name}");
        }
    }
}

#[test]
fn every_language_says_what_the_law_asks() {
    let program = Program::sample();
    let texts = Texts::load(&program).unwrap();
    let charges = [("es", "tarifas de mensajes y datos"), ("fr", "Tarif SMS et données"), ("ne", "डाटा शुल्क")];
    for (locale, charges) in charges {
        let welcome = texts.render(&Reply::Welcome { name: "Asha".to_owned() }, locale).unwrap();
        for part in [program.organisation.as_str(), "HELP", "STOP", "5", charges, "Asha"] {
            assert!(welcome.contains(part), "the welcome in {locale} lacks {part}: {welcome}");
        }
        let help = texts.render(&Reply::Help, locale).unwrap();
        assert!(help.contains("STOP") && help.contains(&program.support), "{help}");
    }
}

/// What carriers (CTIA) ask of the first message after an opt-in, of HELP and of the last one.
#[test]
fn the_welcome_help_and_stop_say_what_they_must() {
    let program = Program::sample();
    let texts = Texts::load(&program).unwrap();
    let render = |reply| texts.render(&reply, "en").unwrap();
    let welcome = render(Reply::Welcome { name: "Asha".to_owned() });
    for part in
        [&program.organisation, &program.frequency, "HELP", "STOP", "Msg & data rates may apply", "Asha"]
    {
        assert!(welcome.contains(part), "the welcome lacks {part}: {welcome}");
    }
    let help = render(Reply::Help);
    for part in [&program.organisation, &program.support, "STOP"] {
        assert!(help.contains(part), "HELP lacks {part}: {help}");
    }
    let stopped = render(Reply::Stopped);
    assert!(stopped.contains(&program.organisation) && stopped.contains("no more messages"), "{stopped}");
}

#[test]
fn an_unknown_locale_falls_back_and_a_code_is_filled_in_last() {
    let texts = Texts::load(&Program::sample()).unwrap();
    assert_eq!(texts.render(&Reply::Help, "xx").unwrap(), texts.render(&Reply::Help, "en").unwrap());
    let code = Reply::samples().into_iter().find(|reply| reply.template() == "code").unwrap();
    let masked = texts.render(&code, "en").unwrap();
    assert!(masked.contains(CODE_MASK));
    assert_eq!(count(&masked).units, count(&reveal(&masked, "123456")).units);
    assert!(reveal(&masked, "123456").contains("123456"));
}

#[test]
fn names_are_words_not_templates() {
    let texts = Texts::load(&Program::sample()).unwrap();
    let text = texts.render(&Reply::Renamed { name: "{{ support }} <b> & 'x'".to_owned() }, "en").unwrap();
    assert!(text.contains("{{ support }} <b> & 'x'"), "{text}");
}

/// An earlier import kept the country behind a language.
#[test]
fn where_a_country_has_no_words_its_language_has() {
    let texts = Texts::load(&Program::sample()).unwrap();
    for (locale, language) in
        [("es-MX", "es"), ("fr_CA", "fr"), ("ne-NP", "ne"), ("de-AT", "en"), ("", "en"), ("en-GB", "en")]
    {
        assert_eq!(texts.agreement(locale), texts.agreement(language), "{locale}");
        for reply in Reply::samples() {
            let name = reply.template();
            let said = |locale| texts.render(&reply, locale).unwrap();
            assert_eq!(said(locale), said(language), "{locale}/{name}");
        }
    }
}
