//! From a [`Reply`] to the words that are sent: Tera templates, one folder a locale, embedded in
//! the binary. Template variables are the reply's fields and the [`Program`]'s.

mod samples;

use crate::dialog::Reply;
use crate::notice::Notice;
use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Tera};

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates/sms");

/// Stands in a text where the code goes. As long as a code and in the GSM-7 alphabet, so segments
/// are counted right; what is stored carries this and not the digits.
pub const CODE_MASK: &str = "******";

/// The locale whose templates are complete; the others fall back to it.
pub const FALLBACK_LOCALE: &str = "en";

/// Something to say: its fields are the template's variables.
pub trait Say: Serialize {
    /// The template that says it.
    fn template(&self) -> &'static str;
}

impl Say for Reply {
    fn template(&self) -> &'static str {
        self.template()
    }
}

impl Say for Notice {
    fn template(&self) -> &'static str {
        self.template()
    }
}

/// What every text may say about the organisation.
#[derive(Clone, Debug, Serialize)]
pub struct Program {
    /// Its name.
    pub organisation: String,
    /// How to reach a human; empty when not configured.
    pub support: String,
    /// How often people will hear from it, as a sentence without its full stop.
    pub frequency: String,
    /// The same as a number, for the other languages.
    pub messages_a_day: u32,
}

impl Program {
    /// A program with values such as an organisation may have.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            organisation: "Lakeside Clinic".to_owned(),
            support: "+1 415 555 0100".to_owned(),
            frequency: "Up to 5 msgs/day".to_owned(),
            messages_a_day: 5,
        }
    }
}

/// Every text in every locale.
#[derive(Debug)]
pub struct Texts {
    tera: Tera,
    locales: Vec<String>,
}

impl Texts {
    /// Loads the embedded templates.
    ///
    /// # Errors
    /// A template that does not parse or can't be rendered with its samples.
    pub fn load(program: &Program) -> Result<Self, tera::Error> {
        let mut tera = Tera::new();
        // Texts are not HTML: `&` and `'` stay as they are.
        tera.autoescape_on(Vec::<&str>::new());
        *tera.global_context() = Context::from_serialize(program)?;
        let mut locales = Vec::new();
        for folder in TEMPLATES.dirs() {
            let locale = folder.path().to_string_lossy().into_owned();
            for file in folder.files() {
                let name = file.path().with_extension("").to_string_lossy().into_owned();
                let text = file.contents_utf8().unwrap_or_default().trim_end();
                tera.add_raw_template(&name, text)?;
            }
            locales.push(locale);
        }
        let texts = Self { tera, locales };
        for locale in &texts.locales {
            for reply in Reply::samples() {
                texts.render(&reply, locale)?;
            }
            for notice in Notice::samples() {
                texts.render(&notice, locale)?;
            }
        }
        Ok(texts)
    }

    /// The locales that have templates.
    #[must_use]
    pub fn locales(&self) -> &[String] {
        &self.locales
    }

    /// The words of `text` in `locale`, or in English where that locale lacks it. A code is
    /// written as [`CODE_MASK`]; see [`reveal`].
    ///
    /// # Errors
    /// A template that uses something it was not given; [`Texts::load`] has tried them all.
    pub fn render(&self, text: &impl Say, locale: &str) -> Result<String, tera::Error> {
        let mut context = Context::from_serialize(text)?;
        if matches!(text.template(), "code" | "web_code") {
            context.insert("code", CODE_MASK);
        }
        let mut name = format!("{locale}/{}", text.template());
        if !self.tera.contains_template(&name) {
            name = format!("{FALLBACK_LOCALE}/{}", text.template());
        }
        self.tera.render(&name, &context)
    }
}

/// Puts the digits wherever [`CODE_MASK`] stands.
#[must_use]
pub fn reveal(body: &str, code: &str) -> String {
    body.replace(CODE_MASK, code)
}
