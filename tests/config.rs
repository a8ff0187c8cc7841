//! Settings: a wrong one stops the start with one line that names it and what it should be.

use tidings::config::{Config, SETTINGS, Values};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn check(pairs: &[(&str, &str)]) -> Result<Config, String> {
    let all = [("DATABASE_URL", "postgres://localhost/x"), ("TIDINGS_SECRET", SECRET)];
    let defaults = all.iter().filter(|(name, _)| pairs.iter().all(|(other, _)| other != name));
    let values = Values::from_pairs(defaults.chain(pairs).copied()).map_err(|error| error.to_string())?;
    Config::from_values(&values).map_err(|error| error.to_string())
}

#[test]
fn wrong_settings_are_named_with_what_they_should_be() {
    let sid = "AC0123456789abcdef0123456789abcdef";
    let live =
        [("TWILIO_ACCOUNT_SID", sid), ("TWILIO_AUTH_TOKEN", "t"), ("TWILIO_PHONE_NUMBER", "+14155238886")];
    for (pairs, name) in [
        (vec![("TIDINGS_LISTEN", "8080")], "TIDINGS_LISTEN"),
        (vec![("TIDINGS_PUBLIC_URL", "example.org")], "TIDINGS_PUBLIC_URL"),
        (vec![("TIDINGS_PUBLIC_URL", "https://x.org/?a=1")], "TIDINGS_PUBLIC_URL"),
        (vec![("TIDINGS_PUBLIC_URL", "https://x.org/ a")], "TIDINGS_PUBLIC_URL"),
        (vec![live[0], ("TWILIO_AUTH_TOKEN", "a b"), live[2]], "TWILIO_AUTH_TOKEN"),
        (vec![live[0], ("TWILIO_AUTH_TOKEN_FILE", "/dev/null"), live[2]], "TWILIO_AUTH_TOKEN_FILE"),
        (
            vec![live[0], live[1], live[2], ("TWILIO_AUTH_TOKEN_PREVIOUS", "a b")],
            "TWILIO_AUTH_TOKEN_PREVIOUS",
        ),
        (vec![("DATABASE_URL", "mysql://x")], "DATABASE_URL"),
        (vec![("DATABASE_URL", "sqlite://")], "DATABASE_URL"),
        (vec![("TIDINGS_SECRET", "short")], "TIDINGS_SECRET"),
        (vec![("TIDINGS_SECRET", "")], "TIDINGS_SECRET"),
        (vec![("TWILIO_ACCOUNT_SID", sid)], "TWILIO_AUTH_TOKEN"),
        (vec![("TWILIO_AUTH_TOKEN", "t")], "TWILIO_ACCOUNT_SID"),
        (vec![("TWILIO_ACCOUNT_SID", "AC1"), live[1], live[2]], "TWILIO_ACCOUNT_SID"),
        (vec![live[0], live[1]], "TWILIO_PHONE_NUMBER"),
        (vec![live[0], live[1], ("TWILIO_PHONE_NUMBER", "4155238886")], "TWILIO_PHONE_NUMBER"),
        (vec![live[0], live[1], ("TWILIO_MESSAGING_SERVICE_SID", "MG1")], "TWILIO_MESSAGING_SERVICE_SID"),
        (vec![live[0], live[1], live[2], ("TWILIO_API_KEY", sid)], "TWILIO_API_SECRET"),
        (vec![live[0], live[1], live[2], ("TWILIO_API_BASE", "ftp://x")], "TWILIO_API_BASE"),
        (
            vec![live[0], live[1], live[2], ("TIDINGS_DEMO_CLOCK", "2026-03-08T06:59:00Z")],
            "TIDINGS_DEMO_CLOCK",
        ),
        (vec![("TIDINGS_DEMO", "perhaps")], "TIDINGS_DEMO"),
        (vec![("TIDINGS_DEMO_CLOCK", "tomorrow")], "TIDINGS_DEMO_CLOCK"),
        (vec![("TIDINGS_OPT_OUT_REPLIES", "nobody")], "TIDINGS_OPT_OUT_REPLIES"),
        (vec![("TIDINGS_DEFAULT_REGION", "XX")], "TIDINGS_DEFAULT_REGION"),
        (vec![("TIDINGS_DEFAULT_TIME_ZONE", "Mars/Olympus")], "TIDINGS_DEFAULT_TIME_ZONE"),
        (vec![("TIDINGS_DEFAULT_LOCALE", "../x")], "TIDINGS_DEFAULT_LOCALE"),
        (vec![("TIDINGS_MAX_NUMBERS_PER_ACCOUNT", "0")], "TIDINGS_MAX_NUMBERS_PER_ACCOUNT"),
        (vec![("TIDINGS_UNIQUE_BY", "name")], "TIDINGS_UNIQUE_BY"),
        (vec![("TIDINGS_CODES_PER_COUNTRY", "many")], "TIDINGS_CODES_PER_COUNTRY"),
        (vec![("TIDINGS_CODE_SPEND", "-1")], "TIDINGS_CODE_SPEND"),
        (vec![("TIDINGS_TRUSTED_PROXIES", "10.0.0.0/8, proxy")], "TIDINGS_TRUSTED_PROXIES"),
        (vec![("TIDINGS_SEGMENTS_PER_SECOND", "fast")], "TIDINGS_SEGMENTS_PER_SECOND"),
        (vec![("TIDINGS_DAILY_CAP_PER_PERSON", "-1")], "TIDINGS_DAILY_CAP_PER_PERSON"),
        (vec![("TIDINGS_QUIET_HOURS", "at night")], "TIDINGS_QUIET_HOURS"),
        (vec![("TIDINGS_TIP_TIME", "seven")], "TIDINGS_TIP_TIME"),
        (vec![("TIDINGS_COUNTRIES", "US,XX")], "TIDINGS_COUNTRIES"),
        (vec![("TIDINGS_LOG_FORMAT", "xml")], "TIDINGS_LOG_FORMAT"),
        (vec![("TIDINGS_LOG", "warning")], "TIDINGS_LOG"),
        (vec![("TIDINGS_LOG", "infoo")], "TIDINGS_LOG"),
        (vec![("TIDINGS_LOG", "tidings")], "TIDINGS_LOG"),
        (vec![("TIDINGS_LOG", "info,tidings=loud")], "TIDINGS_LOG"),
        (vec![("TIDINGS_LOG", "tidings=debug, warning")], "TIDINGS_LOG"),
        (vec![("TIDINGS_LOG", ",")], "TIDINGS_LOG"),
        (vec![("TIDINGS_SETTLE_SECONDS", "0")], "TIDINGS_SETTLE_SECONDS"),
        (vec![("TWILIO_WHATSAPP_NUMBER", "whatsapp:12")], "TWILIO_WHATSAPP_NUMBER"),
        (vec![("TIDINGS_WEBHOOK_ALLOW_PRIVATE", "maybe")], "TIDINGS_WEBHOOK_ALLOW_PRIVATE"),
        (vec![("TWILIO_API_KEY", "SK1")], "TWILIO_ACCOUNT_SID"),
        (vec![("TWILIO_API_SECRET", "x")], "TWILIO_ACCOUNT_SID"),
        (vec![("TWILIO_PHONE_NUMBER", "+14155238886")], "TWILIO_ACCOUNT_SID"),
        (vec![("TWILIO_MESSAGING_SERVICE_SID", "MG1")], "TWILIO_ACCOUNT_SID"),
        (vec![("TWILIO_API_BASE", "foo")], "TWILIO_API_BASE"),
        (vec![("TIDINGS_VOICE_DESTINATION", "foo")], "TIDINGS_VOICE_DESTINATION"),
        (vec![("TIDINGS_ORGANISATION", &"x".repeat(300))], "TIDINGS_ORGANISATION"),
        (vec![("TIDINGS_SUPPORT_CONTACT", "call\nus")], "TIDINGS_SUPPORT_CONTACT"),
        (vec![("DATABASE_URL", "sqlite:///does/not/exist/x.db")], "DATABASE_URL"),
        (vec![("TIDINGS_NONSENSE", "1")], "TIDINGS_NONSENSE"),
    ] {
        let error = check(&pairs).map(|_| ()).expect_err(name);
        assert!(error.starts_with(&format!("{name}: ")), "{pairs:?} says {error}");
        assert!(!error.contains('\n') && error.len() > name.len() + 10, "{error}");
    }
}

#[test]
fn a_log_filter_is_a_level_or_says_what_it_is_for() {
    for filter in ["", "off", "error", "warn", "Info", "DEBUG", "trace", "3", "tidings=debug"] {
        assert!(check(&[("TIDINGS_LOG", filter)]).is_ok(), "{filter}");
    }
    for filter in ["warn, tidings=debug", "info,", "sqlx=debug,info", "tidings::outbound=trace"] {
        assert!(check(&[("TIDINGS_LOG", filter)]).is_ok(), "{filter}");
    }
    // A space before a level would make a part of the program of it.
    let values = Values::from_pairs([("TIDINGS_LOG", "sqlx=off, DEBUG")]).unwrap();
    let filter = tidings::config::log_filter(&values).unwrap().to_string().to_lowercase();
    assert!(filter.split(',').any(|part| part == "debug"), "{filter}");
}

#[test]
fn defaults_follow_the_region_and_secrets_hide() {
    let config = check(&[("TIDINGS_DEFAULT_REGION", "np")]).unwrap();
    assert_eq!(config.default_time_zone, "Asia/Kathmandu");
    assert!(config.twilio.is_none() && config.twilio_answers);
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert!(!format!("{config:?}").contains(SECRET));
}

#[test]
fn a_secret_is_made_once_and_kept_to_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("tidings.db").display());
    let values = Values::from_pairs([("DATABASE_URL", database.as_str())]).unwrap();
    let first = Config::from_values(&values).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let first = first.keep_secret().unwrap();
    let second = Config::from_values(&values).unwrap().keep_secret().unwrap();
    assert_eq!(first.secret, second.secret);
    let kept = std::fs::metadata(folder.path().join("tidings.secret")).unwrap();
    assert_eq!(kept.permissions().mode() & 0o777, 0o600);
}

#[test]
fn where_no_database_is_a_command_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let database = format!("sqlite://{}", path.display());
    let values = Values::from_pairs([("DATABASE_URL", database.as_str())]).unwrap();
    assert_eq!(Config::from_values(&values).unwrap().database.missing(), Some(path.clone()));
    let refused = || Config::of_existing(&values).unwrap_err().to_string();
    assert!(refused().contains(&format!("no database at {}", path.display())), "{}", refused());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // What a start leaves that is killed as it begins.
    std::fs::write(&path, "").unwrap();
    assert!(refused().contains("no database"), "{}", refused());
    std::fs::write(&path, "SQLite").unwrap();
    assert!(refused().contains("tidings.secret is missing"), "{}", refused());
}

#[test]
fn the_readme_explains_every_setting() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/SETTINGS.md")).unwrap();
    for setting in SETTINGS {
        assert!(readme.contains(&format!("`{}`", setting.name)), "docs/SETTINGS.md lacks {}", setting.name);
    }
}
