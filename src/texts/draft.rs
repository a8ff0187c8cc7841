//! A wording before it is in force: checked, and tried with samples.

use super::bounded;
use super::known::{self, Known, Variable};
use super::sandbox::{self, Fault};
use super::{Program, TEMPLATES, Texts, engine, path, rules};
use serde_json::{Map, Value};
use tera::Tera;

/// The longest message that Twilio takes, in characters.
const MAX_MESSAGE: usize = 1600;
/// The longest text that a variable may be tried with, in characters.
const MAX_VALUE: usize = 1600;
/// The longest list that a variable may be tried with.
const MAX_ITEMS: usize = 20;

/// A wording of a template in a locale.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The template.
    pub name: &'a str,
    /// The locale.
    pub locale: &'a str,
    /// The words.
    pub body: &'a str,
}

impl Texts {
    /// Every template, in the order of their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        known::templates().keys().copied()
    }

    /// The shipped words of a template; none where there is no such template.
    #[must_use]
    pub fn shipped(&self, name: &str, locale: &str) -> Option<&'static str> {
        known::templates().get(name)?;
        let file = TEMPLATES.get_file(format!("{}.txt", path(locale, name)))?;
        Some(file.contents_utf8()?.trim_end())
    }

    /// What a template may use.
    #[must_use]
    pub fn variables(&self, name: &str) -> Vec<Variable> {
        known::templates().get(name).map(|known| known.variables(&self.program)).unwrap_or_default()
    }

    /// Whether a template may be tried with this value for a variable.
    ///
    /// # Errors
    /// What it must be, or which variables the template knows.
    pub fn fits(&self, template: &str, name: &str, value: &Value) -> Result<(), String> {
        known::templates().get(template).map_or(Ok(()), |known| fits(known, name, value))
    }

    /// Why the newest wording of a template is not in force, if it is not.
    #[must_use]
    pub fn fault(&self, name: &str, locale: &str) -> Option<String> {
        self.edits.fault(&path(locale, name))
    }

    /// What a template says now, with sample values; nothing where there is no such template.
    #[must_use]
    pub fn sample(&self, name: &str, locale: &str) -> String {
        let Some(known) = known::templates().get(name) else { return String::new() };
        let context = known::context(&known.samples[0], &self.program);
        let path = path(locale, name);
        let text = self.edits.render(&path, &context).or_else(|| self.tera.render(&path, &context).ok());
        text.unwrap_or_default()
    }

    /// Checks everything that a wording must be before it is said to people.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, draft: Draft<'_>) -> Result<(), Vec<Fault>> {
        let (known, tera) = read(draft)?;
        let faults = self.breaches(draft, known, &tera);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// What `draft` says with sample values, of which `variables` replace some, and what
    /// [`Texts::check`] finds wrong with it.
    ///
    /// # Errors
    /// It can't be read, or can't be rendered with these values.
    pub fn preview(
        &self,
        draft: Draft<'_>,
        variables: &Map<String, Value>,
    ) -> Result<(String, Vec<Fault>), Vec<Fault>> {
        let (known, tera) = read(draft)?;
        let mut sample = known.samples[0].clone();
        for (name, value) in variables {
            fits(known, name, value).map_err(|message| vec![Fault::whole(message)])?;
            sample.insert(name.clone(), value.clone());
        }
        let context = known::context(&sample, &self.program);
        let text = bounded::render(&tera, &path(draft.locale, draft.name), &context);
        let text = text.map_err(|failure| vec![Fault::whole(failure.to_string())])?;
        Ok((text, self.breaches(draft, known, &tera)))
    }

    /// What is wrong with what a wording says, tried with every sample.
    fn breaches(&self, draft: Draft<'_>, known: &Known, tera: &Tera) -> Vec<Fault> {
        let path = path(draft.locale, draft.name);
        // Values that nothing else in a text looks like.
        let program =
            Program { frequency: "Up to 73 msgs/day".to_owned(), messages_a_day: 73, ..Program::sample() };
        let silent = Program { support: String::new(), ..program.clone() };
        let mut faults = rules::words(draft);
        for sample in &known.samples {
            for program in [&program, &silent] {
                let context = known::context(sample, program);
                match bounded::render(tera, &path, &context) {
                    Err(failure) => faults.push(Fault::whole(failure.to_string())),
                    Ok(text) if text.chars().count() > MAX_MESSAGE => {
                        faults.push(Fault::whole(format!("says more than {MAX_MESSAGE} characters")));
                    }
                    Ok(text) => {
                        let shipped = self.tera.render(&path, &context).unwrap_or_default();
                        faults.extend(rules::said(draft, sample, program, &text, &shipped));
                    }
                }
            }
        }
        let mut seen = Vec::new();
        faults.retain(|fault| {
            let new = !seen.contains(&fault.message);
            seen.push(fault.message.clone());
            new
        });
        faults
    }
}

/// Reads a wording; what the sandbox lets through, the engine must take, too.
fn read(draft: Draft<'_>) -> Result<(&'static Known, Tera), Vec<Fault>> {
    let known = known::templates().get(draft.name);
    let known = known.ok_or_else(|| vec![Fault::whole("there is no such template")])?;
    sandbox::check(draft.body, &known.kinds)?;
    let mut tera = engine(&Program::sample());
    let added = tera.add_raw_template(&path(draft.locale, draft.name), draft.body);
    added.map_err(|_| vec![Fault::whole("could not be read")])?;
    Ok((known, tera))
}

/// Whether a template may be tried with this value.
fn fits(known: &Known, name: &str, value: &Value) -> Result<(), String> {
    let short: String = name.chars().take(60).collect();
    let Some(kind) = known.kinds.get(name) else {
        let known = known.kinds.keys().copied().collect::<Vec<_>>().join(", ");
        return Err(format!("{short} is unknown here; this template knows {known}"));
    };
    if known::kind(value) != Some(*kind) {
        return Err(format!("{short} must be {kind}"));
    }
    let long = |value: &Value| value.as_str().is_some_and(|text| text.chars().count() > MAX_VALUE);
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if long(value) || items.len() > MAX_ITEMS || items.iter().any(long) {
        return Err(format!("{short} is too long"));
    }
    Ok(())
}
