//! Words written with their endings: `quit~ar~me` in a language file is every form that "quit" has with
//! one of the endings named `ar` and one of those named `me`.

use super::lexicon::alternatives;
use std::collections::BTreeMap;

/// More forms than these are no help to anybody.
const MOST: usize = 2000;

/// Every form of a phrase. An ending that is `-` adds nothing.
///
/// # Errors
/// When it names endings that the file has not, or has too many forms.
pub(super) fn spell_out(phrase: &str, endings: &BTreeMap<String, String>) -> Result<Vec<String>, String> {
    let mut forms = vec![String::new()];
    for word in phrase.split_whitespace() {
        let mut parts = word.split('~');
        let stem = parts.next().unwrap_or_default();
        for form in &mut forms {
            if !form.is_empty() {
                form.push(' ');
            }
            form.push_str(stem);
        }
        for name in parts {
            let list = endings.get(name).ok_or_else(|| format!("{phrase}: no endings {name}"))?;
            let with = |form: &String| {
                let ends = alternatives(list).map(|ending| ending.trim_start_matches('-'));
                ends.map(|ending| format!("{form}{ending}")).collect::<Vec<_>>()
            };
            forms = forms.iter().flat_map(with).collect();
            if forms.len() > MOST {
                return Err(format!("{phrase}: more than {MOST} forms"));
            }
        }
    }
    Ok(forms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_spelt_out() {
        let endings = BTreeMap::from(
            [("ar", "ar | a"), ("me", "- | me")].map(|(name, list)| (name.into(), list.into())),
        );
        let forms = |phrase| spell_out(phrase, &endings);
        assert_eq!(forms("de baja").unwrap(), ["de baja"]);
        assert_eq!(forms("no quit~ar~me").unwrap(), ["no quitar", "no quitarme", "no quita", "no quitame"]);
        assert!(forms("quit~er").is_err());
    }
}
