//! The language of the conversation: chosen by LANGUAGE, or noticed and offered once.

use super::Reply;
use super::step::Turn;
use super::words;

impl Turn {
    /// Changes the language, or says which there are.
    pub(super) fn set_language(&mut self, wanted: Option<&str>) {
        let known = words::languages().into_iter().find(|(code, _)| Some(*code) == wanted);
        self.reply = Some(if let Some((code, name)) = known {
            self.person.locale = Some(code.to_owned());
            Reply::LanguageSet { language: name.to_owned() }
        } else {
            let names: Vec<&str> = words::languages().iter().map(|(_, name)| *name).collect();
            Reply::Languages { languages: names.join(", ") }
        });
    }

    /// Offers the language that somebody writes in, beside the answer they get: once.
    pub(super) fn offer_language(&mut self, noticed: Option<&'static str>, current: &str) {
        let Some(code) = noticed else { return };
        let goes_with = matches!(
            self.reply,
            Some(
                Reply::Invitation
                    | Reply::AskName
                    | Reply::Code { .. }
                    | Reply::Unclear
                    | Reply::Help
                    | Reply::Status { .. }
            )
        );
        let known = self.person.locale.is_some() || self.person.doubts.offered.is_some();
        if goes_with && !known && code != current {
            self.person.doubts.offered = Some(code.to_owned());
            self.offer = Some(code);
        }
    }
}
