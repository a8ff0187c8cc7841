//! A stop in two halves: that our messages are meant, and that it is enough, wherever each stands and
//! whatever stands between them.

use super::Intent;
use super::decide::{Finding, Wishes};
use super::language::Sense;

/// Whether a sense is one of the two that make a stop together.
pub(super) fn is_half(sense: Sense) -> bool {
    matches!(sense, Sense::OurMessages | Sense::Enough)
}

impl Wishes<'_, '_> {
    /// "Vos sms finissent à la poubelle, coupez": what is meant, and that it is enough, in any order.
    pub(super) fn both_halves(&self) -> Option<String> {
        let enough = self.of(Sense::Enough);
        let about = self.findings.iter().filter(|one| {
            matches!(one.sense, Sense::OurMessages | Sense::PerhapsStop | Sense::Intent(Intent::Stop))
        });
        let why = about.into_iter().find_map(|about| {
            let apart = |one: &&Finding| one.end <= about.start || one.start >= about.end;
            let enough = enough.iter().find(apart)?;
            Some(format!("{}, and {}", self.why(about), self.why(enough)))
        })?;
        (!self.hearing.welcomes()).then_some(why)
    }
}

impl Wishes<'_, '_> {
    /// "Why did the tips stop? I want them back": what is wanted back is what the text speaks of.
    pub(super) fn tips_back(&mut self) {
        let wanted = self.first(Sense::WantedBack).filter(|_| self.hearing.says("@tips")).cloned();
        if let Some(wanted) = wanted.filter(|_| !self.has(Intent::TipsOff) && !self.has(Intent::TipTime)) {
            let apart = |one: &Finding| one.end <= wanted.start || one.start >= wanted.end;
            if !self.of(Sense::Intent(Intent::Start)).iter().any(apart) {
                self.meanings.retain(|meaning| meaning.intent != Intent::Start);
            }
            self.wish(&wanted, Intent::TipsOn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, Intent, understand};

    fn stops(text: &str) -> bool {
        understand(text, Context::Nothing, None).meanings[0].intent == Intent::Stop
    }

    #[test]
    fn two_halves_stop_wherever_they_stand() {
        for text in [
            "vos sms finissent à la poubelle. coupez",
            "ça me bouffe la batterie vos notifs, coupez",
            "pourquoi ces textos? ça suffit",
        ] {
            assert!(stops(text), "{text}");
        }
    }

    #[test]
    fn one_half_stops_nothing() {
        for text in [
            "vos sms me font plaisir",
            "coupez le gâteau",
            "ça me bouffe la batterie",
            "j'ai lu vos sms",
            "these texts wake me up just in time, thanks",
            "sus mensajes me despiertan justo a tiempo, gracias",
        ] {
            assert!(!stops(text), "{text}");
        }
    }

    #[test]
    fn a_stop_in_capitals_begins_a_text_but_no_question() {
        assert!(stops("STOP je suis à la retraite"));
        assert!(stops("STOP म अर्को जिल्ला सरेँ"));
        assert!(!stops("Ça coûte combien d'envoyer STOP ?"));
        assert!(!stops("STOP au coin de la rue"));
    }
}
