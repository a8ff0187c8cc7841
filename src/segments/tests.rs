use super::*;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

fn vectors(file: &str) -> Value {
    serde_json::from_str(file).unwrap()
}

#[test]
fn every_published_and_oracle_case_is_counted_as_twilio_counts_it() {
    let file = vectors(include_str!("../../tests/vectors/sms_segments.json"));
    let cases = file["published"].as_array().unwrap().iter().chain(file["oracle"].as_array().unwrap());
    for case in cases {
        let body = case["body"].as_str().unwrap();
        let smart = case["smart_encoding"].as_bool().unwrap_or(false);
        let body = if smart { smart_encode(body) } else { body.into() };
        let segments = count(&body);
        let bits = segments.units * if segments.encoding == Encoding::Gsm7 { 7 } else { 16 };
        let header_bits = if segments.segments > 1 { 48 * segments.segments } else { 0 };
        let ours = serde_json::json!({
            "encoding": segments.encoding, "segments": segments.segments, "characters": segments.characters,
            "unicode_scalars": body.chars().count(), "message_bits": bits, "total_bits": bits + header_bits,
        });
        assert_eq!(ours, case["library_1_3_0"], "{}", case["name"]);
        for (field, expected) in case["expect"].as_object().into_iter().flatten() {
            assert_eq!(&ours[field], expected, "{field} of {}", case["name"]);
        }
    }
}

#[test]
fn the_tables_are_the_published_ones() {
    let file = vectors(include_str!("../../tests/vectors/gsm7_and_smart_encoding.json"));
    let table = |name: &str| -> BTreeMap<char, Value> {
        let character = |key: &str| u32::from_str_radix(&key[2..], 16).ok().and_then(char::from_u32).unwrap();
        file[name].as_object().unwrap().iter().map(|(key, value)| (character(key), value.clone())).collect()
    };
    let (basic, extension, smart) = (table("basic"), table("extension"), table("smart_encoding"));
    for character in char::MIN..=char::MAX {
        let expected =
            u8::from(basic.contains_key(&character)) + 2 * u8::from(extension.contains_key(&character));
        assert_eq!(width(character), expected, "{character:?}");
        assert_eq!(
            smart::replacement(character),
            smart.get(&character).map(|value| value.as_str().unwrap()),
            "{character:?}"
        );
        let encoded = smart_encode(character.encode_utf8(&mut [0; 4])).into_owned();
        assert_eq!(encoded, smart::replacement(character).map_or(character.to_string(), str::to_owned));
    }
}

#[test]
fn expensive_characters_are_named_with_their_place_and_cure() {
    let found = expensive("“Hi” – it’s 7 ½… नम “");
    let shown: Vec<_> =
        found.iter().map(|one| (one.character, one.position, one.count, one.replacement)).collect();
    assert_eq!(shown[0], ('“', 0, 2, Some("\"")));
    assert_eq!(shown[2], ('–', 5, 1, Some("-")));
    assert_eq!(shown.last(), Some(&('म', 18, 1, None)));
    assert!(expensive("plain [text] for 5 €\r\n").is_empty());
}

/// Counted by the npm package `sms-segments-calculator` 1.3.0.
#[test]
fn conjuncts_and_line_ends_are_parted_as_the_calculator_does() {
    for (text, characters) in [
        ("नमस्ते क्षत्रिय", 10),
        ("ത്രി", 2),
        ("ത്രി ക്ഷ", 5),
        ("a\r\nж", 4),
        ("\r\n😀", 3),
        ("👨‍👩‍👧‍👦👍🏽", 2),
        ("🇮🇹🇫🇷🇩", 3),
    ] {
        assert_eq!(count(text).characters, characters, "{text}");
    }
}

#[test]
fn a_cluster_longer_than_a_segment_is_cut() {
    let text = format!("e{}", "\u{301}".repeat(299));
    assert_eq!(count(&text), Segments { encoding: Encoding::Ucs2, segments: 5, characters: 1, units: 300 });
}

proptest! {
    #[test]
    fn a_text_never_takes_fewer_segments_than_its_beginning(text in any::<String>(), more in any::<String>()) {
        let longer = format!("{text}{more}");
        let (short, long) = (count(&text), count(&longer));
        prop_assert!(short.segments <= long.segments, "{:?} then {:?}", short, long);
        prop_assert!(long.segments >= long.units.div_ceil(long.encoding.alone()).max(1));
        prop_assert_eq!(expensive(&longer).is_empty(), long.encoding == Encoding::Gsm7);
    }

    #[test]
    fn a_gsm_text_has_as_many_units_as_septets(text in "[ -Z_a-z\n\r^{}\\\\\\[\\]~|€ñÇΩ]{0,400}") {
        let counted = count(&text);
        prop_assert_eq!(counted.encoding, Encoding::Gsm7);
        let doubles = text.chars().filter(|&one| "^{}\\[]~|€".contains(one)).count();
        prop_assert_eq!(counted.units, text.chars().count() + doubles);
        prop_assert_eq!(counted.characters, counted.units);
        prop_assert!(matches!(smart_encode(&text), std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn smart_encoding_twice_changes_nothing_more(text in "[“”‘’…–—½«»　ａ-ｚa-z न-म😀]{0,80}") {
        let once = smart_encode(&text);
        prop_assert_eq!(smart_encode(&once), once.as_ref());
    }
}
