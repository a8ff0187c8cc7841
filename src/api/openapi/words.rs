//! Fields that have the same name mean the same everywhere. Here it is said once.

use serde_json::{Value, json};

/// Name, meaning, and an example as JSON.
const FIELDS: &[(&str, &str, &str)] = &[
    ("access_token", "The token for the header `Authorization: Bearer`.", r#""kQ0v3bJ5tXn8r2Lz""#),
    ("accounts", "Accounts that have the number, or claim to.", "[]"),
    ("actor", "Who did it.", r#""token clinic""#),
    ("as_of", "When it was counted.", r#""2026-11-21T12:00:00Z""#),
    ("at", "When it happened.", r#""2026-11-21T12:00:00Z""#),
    ("attempts", "How often it was tried.", "1"),
    ("author", "Who made it.", r#""account 1884072960000001""#),
    ("body", "The words.", r#""Your results are in. Please call us.""#),
    ("bookings", "The bookings.", "[]"),
    ("campaigns", "Campaigns that wrote.", "[]"),
    ("challenge_id", "What the code is for.", r#""rG5bqkq7oC2c0l1v""#),
    ("clicks", "How often the link was opened.", "1"),
    ("code", "The code from the text.", r#""493817""#),
    ("codes_sent", "Codes that left.", "20"),
    ("completed_at", "When the form was filled in.", "null"),
    ("consent", "Consent given and taken back, by way.", "[]"),
    ("content_variables", "Values for the content template, by name.", "{}"),
    ("context", "What was asked before.", "null"),
    ("corrections", "What staff said that texts ask for.", "[]"),
    ("cost", "What it would cost.", "9.96"),
    ("count", "How many.", "42"),
    ("country", "The country, as in ISO 3166.", r#""US""#),
    ("counts", "What became of its messages.", "null"),
    ("created_at", "When it was made.", r#""2026-11-21T12:00:00Z""#),
    ("created_by", "Who made it.", r#""account 1884072960000001""#),
    ("currency", "In what.", r#""USD""#),
    ("current_password", "The password until now.", r#""seven otters by the lake""#),
    ("cursor", "The `next_cursor` of the page before.", r#""1884072960000001""#),
    ("date", "A day.", r#""2026-12-01""#),
    ("default_body", "The shipped words.", r#""Your code is 493817.""#),
    ("description", "What it is for.", r#""Our booking system""#),
    ("detail", "What went wrong, for people.", r#""there is nothing at this address""#),
    ("direction", "Which way they went.", r#""outbound""#),
    ("email", "An email address.", r#""asha@example.org""#),
    ("ended_at", "When it ended.", "null"),
    ("error_code", "Twilio's error code.", "30003"),
    ("errors", "Messages that failed, by reason.", "[]"),
    ("estimated_cost", "What they cost, in US dollars.", "1.16"),
    ("evidence", "Where it is on record that the person agreed anew.", r#""Form of 20 November""#),
    ("expensive", "Characters that make the text expensive.", "[]"),
    ("expires_at", "When it ends.", r#""2026-12-05T12:00:00Z""#),
    ("external_id", "The id that another system of yours has for it.", r#""patient-4711""#),
    ("first_clicked_at", "When the link was opened first.", r#""2026-11-21T13:00:00Z""#),
    ("forms", "The form requests.", "[]"),
    ("from", "The number it came from.", r#""+14155550101""#),
    ("full_name", "First and last name.", r#""Asha Rai""#),
    ("given", "Whether it was given; else it was taken back.", "true"),
    ("group", "The name or id of a group of staff.", r#""Nurses""#),
    ("group_id", "The id of the group.", r#""1884072960000001""#),
    ("groups", "Groups of staff.", r#"["Nurses"]"#),
    ("how", "In what way.", r#""text""#),
    ("id", "The id.", r#""1884072960000001""#),
    ("inbound", "Texts that came in.", "64"),
    ("intent", "What a text asks for.", r#""confirm""#),
    ("intents", "All that the text asks for.", "[]"),
    ("is_verified", "Whether it was proven.", "true"),
    ("items", "What is on this page.", "[]"),
    ("language", "A language code.", r#""en""#),
    ("last_clicked_at", "When the link was opened last.", r#""2026-11-21T13:00:00Z""#),
    ("limit", "How many to list.", "50"),
    ("locale", "A language, such as `en` or `es`.", r#""en""#),
    ("location", "Where it is.", r#""12 Lake Road""#),
    ("max_reminders", "How often to remind.", "2"),
    ("meaning", "What it means.", r#""Unreachable destination handset""#),
    ("message", "The words.", r#""The test of today.""#),
    ("message_id", "The message that it was said in.", r#""1884072960000001""#),
    ("messages", "Messages, by kind.", "[]"),
    ("name", "The name.", r#""Asha""#),
    ("next_cursor", "The cursor of the next page; `null` on the last.", "null"),
    ("next_reminder_at", "When the next reminder leaves.", r#""2026-11-22T12:00:00Z""#),
    ("note", "Why.", r#""A typo of yes""#),
    ("opt_ins", "People who opted in.", "12"),
    ("opt_outs", "People who opted out.", "0"),
    ("opted_out_at", "When it was.", r#""2026-11-21T12:00:00Z""#),
    ("outbound", "Messages to people.", "120"),
    ("password", "A password.", r#""seven otters by the lake""#),
    ("phone_number", "A phone number, E.164.", r#""+14155550101""#),
    ("price_per_segment", "US dollars for a segment.", "0.012"),
    ("purpose", "What it is for.", r#""reminder""#),
    ("region", "The country that numbers without a country code belong to.", r#""US""#),
    ("registered_at", "When the person registered.", r#""2026-11-20T08:00:00Z""#),
    ("registrations", "People who registered.", "9"),
    ("remind_after_minutes", "How long to wait before each reminder.", "1440"),
    ("reminders_sent", "How many reminders left.", "0"),
    ("replies", "Texts that came back.", "3"),
    ("restored_from", "The version that it is a copy of.", "null"),
    ("revoked_at", "When it was revoked.", "null"),
    ("sample", "What it says with sample values.", r#""Your code is 493817.""#),
    ("segments", "SMS segments.", "1"),
    ("segments_sent", "Segments that left.", "140"),
    ("send_at", "When it is to leave.", r#""2026-12-01T15:00:00Z""#),
    ("sent_at", "When it left.", r#""2026-11-21T12:00:01Z""#),
    ("source", "Who says so.", r#""operator""#),
    ("started_at", "When it was started.", r#""2026-11-21T12:00:00Z""#),
    ("status", "How it stands.", r#""delivered""#),
    ("status_reason", "Why it stands so.", "null"),
    ("template", "The name of a template.", r#""alert""#),
    ("test_id", "The id.", r#""1884072960000001""#),
    ("text", "The words.", r#""Yes please""#),
    ("time_zone", "A zone of the IANA time zone database.", r#""America/New_York""#),
    (
        "time_zone_source",
        "How we know the time zone: `person`, `browser`, `staff` and `import` told it, `number` follows from the number; `country` (where most have such numbers) and `default` (the organisation's own) are assumed.",
        r#""number""#,
    ),
    ("title", "What it is called.", r#""Check-up""#),
    ("to", "The number it goes to.", r#""+14155550101""#),
    ("twilio_sid", "Twilio's id.", r#""SM5ef8732a3c49700934481addd5ce1659""#),
    ("updated_at", "When it was changed last.", r#""2026-11-21T12:00:00Z""#),
    ("url", "An address on the web.", r#""https://example.org/form""#),
    ("variables", "Values for the words, by name.", "{}"),
    ("version", "The number of the version.", "2"),
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
    assert!(FIELDS.is_sorted_by_key(|(name, ..)| name));
}
