//! From a [`Reply`] to the words that are sent: Tera templates, one folder a locale, embedded in
//! the binary, and over them what staff made of them. Template variables are the reply's fields and the
//! [`Program`]'s.

mod bounded;
mod draft;
mod edited;
mod known;
mod reserved;
mod rules;
mod samples;
mod sandbox;

pub use draft::Draft;
pub use known::{Variable, for_campaigns, for_messages};
pub use sandbox::{Fault, Kind, MAX_CHARACTERS};

use crate::dialog::Reply;
use crate::notice::Notice;
use crate::store::Store;
use edited::Edits;
use include_dir::{Dir, include_dir};
use serde::Serialize;
use std::collections::BTreeMap;
use tera::{Context, Tera};

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates/sms");
/// What is agreed to, one file a locale: not said by text, and not for staff to change.
static AGREEMENTS: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates/agreement");

/// The template of what is agreed to.
const AGREEMENT: &str = "agreement";

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
    program: Program,
    edits: Edits,
}

impl Texts {
    /// Loads the embedded templates.
    ///
    /// # Errors
    /// A template that does not parse or can't be rendered with its samples.
    pub fn load(program: &Program) -> Result<Self, tera::Error> {
        let mut tera = engine(program);
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
        for file in AGREEMENTS.files() {
            let locale = file.path().with_extension("").to_string_lossy().into_owned();
            tera.add_raw_template(
                &path(&locale, AGREEMENT),
                file.contents_utf8().unwrap_or_default().trim_end(),
            )?;
        }
        let texts = Self { tera, locales, program: program.clone(), edits: Edits::default() };
        for locale in &texts.locales {
            texts.tera.render(&path(locale, AGREEMENT), &Context::new())?;
            for reply in Reply::samples() {
                texts.render(&reply, locale)?;
            }
            for notice in Notice::samples() {
                texts.render(&notice, locale)?;
            }
        }
        Ok(texts)
    }

    /// What somebody agrees to who has a code sent and enters it, in `locale` or in English: shown before, and
    /// kept with the consent.
    #[must_use]
    pub fn agreement(&self, locale: &str) -> String {
        // All have been rendered by `load`, and know nothing but the program.
        let said = |locale| self.tera.render(&path(locale, AGREEMENT), &Context::new()).ok();
        said(locale).or_else(|| said(language(locale))).or_else(|| said(FALLBACK_LOCALE)).unwrap_or_default()
    }

    /// The locales that have templates.
    #[must_use]
    pub fn locales(&self) -> &[String] {
        &self.locales
    }

    /// Takes over what staff have changed, here or on another node.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn refresh(&self, store: &Store) -> sqlx::Result<()> {
        self.edits.refresh(store, &self.program).await
    }

    /// How often a template of staff's failed, so that the shipped one was said.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.edits.failures()
    }

    /// The words of `text` in `locale`, in its language where there is none for the country behind it, or in
    /// English where that lacks it. A code is
    /// written as [`CODE_MASK`]; see [`reveal`].
    ///
    /// # Errors
    /// A template that uses something it was not given; [`Texts::load`] has tried them all.
    pub fn render(&self, text: &impl Say, locale: &str) -> Result<String, tera::Error> {
        let mut context = Context::from_serialize(text)?;
        let template = text.template();
        if known::has_code(template) {
            context.insert("code", CODE_MASK);
        }
        let known = |locale| Some(path(locale, template)).filter(|name| self.tera.contains_template(name));
        let name = known(locale).or_else(|| known(language(locale)));
        let name = name.unwrap_or_else(|| path(FALLBACK_LOCALE, template));
        match self.edits.render(&name, &context) {
            Some(text) => Ok(text),
            None => self.tera.render(&name, &context),
        }
    }
}

impl Texts {
    /// Those of a template's variables that `given` lacks and without which it can't be said, each with what it means.
    #[must_use]
    pub fn missing(
        &self,
        template: &str,
        given: &BTreeMap<String, String>,
    ) -> Vec<(&'static str, &'static str)> {
        let name = path(FALLBACK_LOCALE, template);
        known::missing(template, given, &self.program, |context| self.tera.render(&name, context).is_ok())
    }
}

/// The language of a locale: `es` of `es-MX`.
fn language(locale: &str) -> &str {
    locale.split(['-', '_']).next().unwrap_or_default()
}

/// Where a template is found.
fn path(locale: &str, template: &str) -> String {
    format!("{locale}/{template}")
}

/// An engine without templates, in which every template knows `program`.
fn engine(program: &Program) -> Tera {
    let mut tera = Tera::new();
    // Texts are not HTML: `&` and `'` stay as they are.
    tera.autoescape_on(Vec::<&str>::new());
    if let Ok(context) = Context::from_serialize(program) {
        *tera.global_context() = context;
    }
    tera
}

/// Puts the digits wherever [`CODE_MASK`] stands.
#[must_use]
pub fn reveal(body: &str, code: &str) -> String {
    body.replace(CODE_MASK, code)
}
