//! Fields that have the same name mean the same everywhere. Here it is said once.

use serde_json::{Value, json};

/// Name, meaning, and an example as JSON.
const FIELDS: &[(&str, &str, &str)] = &[
    ("access_token", "The token for the header `Authorization: Bearer`.", r#""kQ0v3bJ5tXn8r2Lz""#),
    ("actor", "Who did it.", r#""token clinic""#),
    ("body", "The words.", r#""Your results are in. Please call us.""#),
    ("challenge_id", "What the code is for.", r#""rG5bqkq7oC2c0l1v""#),
    ("code", "The code from the text.", r#""493817""#),
    ("count", "How many.", "42"),
    ("country", "The country, as in ISO 3166.", r#""US""#),
    ("created_at", "When it was made.", r#""2026-11-21T12:00:00Z""#),
    ("cursor", "The `next_cursor` of the page before.", r#""1884072960000001""#),
    ("date", "A day.", r#""2026-12-01""#),
    ("detail", "What went wrong, for people.", r#""there is nothing at this address""#),
    ("description", "What it is for.", r#""Our booking system""#),
    ("email", "An email address.", r#""asha@example.org""#),
    ("error_code", "Twilio's error code.", "30003"),
    ("full_name", "First and last name.", r#""Asha Rai""#),
    ("group", "The name or id of a group of staff.", r#""Nurses""#),
    ("id", "The id.", r#""1884072960000001""#),
    ("intent", "What a text asks for.", r#""confirm""#),
    ("items", "What is on this page.", "[]"),
    ("language", "A language code.", r#""en""#),
    ("limit", "How many to list.", "50"),
    ("locale", "A language, such as `en` or `pt-BR`.", r#""en""#),
    ("location", "Where it is.", r#""12 Lake Road""#),
    ("message", "The words.", r#""The test of today.""#),
    ("name", "The name.", r#""Asha""#),
    ("next_cursor", "The cursor of the next page; `null` on the last.", "null"),
    ("password", "A password.", r#""seven otters by the lake""#),
    ("phone_number", "A phone number, E.164.", r#""+14155550101""#),
    ("price_per_segment", "US dollars for a segment.", "0.0083"),
    ("region", "The country that numbers without a country code belong to.", r#""US""#),
    ("segments", "SMS segments.", "1"),
    ("sent_at", "When it left.", r#""2026-11-21T12:00:01Z""#),
    ("status", "How it stands.", r#""delivered""#),
    ("status_reason", "Why it stands so.", "null"),
    ("template", "The name of a template.", r#""alert""#),
    ("time_zone", "A zone of the IANA time zone database.", r#""America/New_York""#),
    ("title", "What it is called.", r#""Check-up""#),
    ("to", "The number it goes to.", r#""+14155550101""#),
    ("twilio_sid", "Twilio's id.", r#""SM5ef8732a3c49700934481addd5ce1659""#),
    ("updated_at", "When it was changed last.", r#""2026-11-21T12:00:00Z""#),
    ("url", "An address on the web.", r#""https://example.org/form""#),
    ("variables", "Values for the words, by name.", "{}"),
];

/// Fills in what a field of this name means, and an example, where its schema does not say.
pub(super) fn explain(name: &str, schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    let Some((_, meaning, _)) = FIELDS.iter().find(|(known, ..)| *known == name) else { return };
    if !schema.contains_key("description") {
        schema.insert("description".to_owned(), json!(meaning));
    }
}

/// An example of a field of this name, if it is of a type that fits.
pub(super) fn example(name: &str, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    let (_, _, text) = FIELDS.iter().find(|(known, ..)| *known == name)?;
    serde_json::from_str(text).ok().filter(fits)
}

#[test]
fn examples_are_json_and_names_stand_in_order() {
    for (name, meaning, example) in FIELDS {
        assert!(serde_json::from_str::<Value>(example).is_ok(), "{name}: {example}");
        assert!(meaning.ends_with('.'), "{name}: {meaning}");
    }
}
