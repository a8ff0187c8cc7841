//! What is asked or supposed but not wished: "did you cancel my appointment?" wants nothing cancelled, and
//! "what if I unsubscribe" is no stop.

use super::Intent;
use super::decide::Finding;
use super::hearing::Hearing;
use super::language::Sense;
use super::tokens::Break;

/// How far before a wish the words stand that make it none.
const NEAR: usize = 6;

/// What would change something is a question of how it stands, where it is asked about the past.
pub(super) fn of_the_past(hearing: &Hearing, all: &mut [Finding]) {
    let changes = [Intent::Stop, Intent::Decline, Intent::Reschedule].map(Sense::Intent);
    for finding in all.iter_mut().filter(|finding| changes.contains(&finding.sense)) {
        if is_asked(hearing, finding) {
            // "Did you not hear me say stop" without a question mark may well be one.
            let sure = finding.sense != Sense::Intent(Intent::Stop) || hearing.is_asked(finding.start);
            finding.sense = if sure { Sense::Intent(Intent::Status) } else { Sense::PerhapsStop };
        }
    }
}

/// What is only supposed, or nearly done, is not yet wished: "I might unsubscribe" is asked about.
pub(super) fn supposed(hearing: &Hearing, all: &mut [Finding]) {
    for finding in all {
        let before = |class: &str| {
            let near = (finding.start.saturating_sub(NEAR)..=finding.start).rev();
            let part =
                near.take_while(|at| *at == finding.start || hearing.tokens[at + 1].before == Break::None);
            part.into_iter().any(|at| hearing.ears.iter().any(|ear| ear.is(at, class)))
        };
        match finding.sense {
            Sense::Intent(Intent::Stop) if before("@supposing") || before("@nearly") => {
                finding.sense = Sense::PerhapsStop;
            }
            Sense::Intent(Intent::Decline) if before("@supposing") => {
                finding.sense = Sense::Intent(Intent::Other);
            }
            _ => {}
        }
    }
}

/// Whether the part of the message with the finding asks so: it begins with "did you", or it ends with a
/// question mark and has words such as "am I" at its beginning or, as some languages do, at its end.
fn is_asked(hearing: &Hearing, finding: &Finding) -> bool {
    let tokens = &hearing.tokens;
    let length = |at: usize, class: &str| hearing.ears.iter().find_map(|ear| ear.length(at, class));
    let begins = |class: &str| {
        let first = finding.start.saturating_sub(NEAR);
        (first..=finding.start).any(|at| {
            let apart = tokens[at + 1..=finding.start].iter().any(|token| token.before != Break::None);
            !apart && hearing.opens(at) && length(at, class).is_some()
        })
    };
    let ends = || {
        let rest = (finding.start + 1..tokens.len()).find(|at| tokens[*at].before != Break::None);
        let end = rest.unwrap_or(tokens.len());
        (finding.start..end).any(|at| length(at, "@has_become").is_some_and(|length| at + length == end))
    };
    begins("@did") || (hearing.is_asked(finding.start) && (begins("@became") || ends()))
}

#[cfg(test)]
mod tests {
    use super::super::{Context, Intent, understand};

    #[test]
    fn who_asks_what_became_of_it_wants_no_change() {
        for text in [
            "did you cancel my appointment?",
            "did someone move my appointment",
            "am i unsubscribed now?",
            "was I removed from the list?",
            "¿se canceló mi cita?",
            "¿ya estoy dado de baja?",
            "avez-vous déplacé mon rendez-vous ?",
            "vous m'avez désabonné ?",
            "mero appointment cancel garnubhayo?",
            "ma unsubscribe bhaisake?",
        ] {
            let intents: Vec<Intent> =
                understand(text, Context::Nothing, None).meanings.iter().map(|one| one.intent).collect();
            assert!(intents == [Intent::Status] || intents == [Intent::Other], "{text}: {intents:?}");
        }
        for text in [
            "I might unsubscribe",
            "what happens if I text STOP",
            "qué pasa si mando STOP",
            "casi me doy de baja jaja",
            "j'ai failli me désabonner",
            "unsubscribe gare ke huncha?",
        ] {
            assert_eq!(understand(text, Context::Nothing, None).meanings[0].intent, Intent::Other, "{text}");
        }
        for text in ["what if I can't make it", "¿y si no puedo ir?", "et si je ne peux pas venir ?"] {
            assert_eq!(
                understand(text, Context::BookingOpen, None).meanings[0].intent,
                Intent::Other,
                "{text}"
            );
        }
        for (text, intent) in [
            ("can you cancel my appointment?", Intent::Decline),
            ("can you unsubscribe me?", Intent::Stop),
            ("did you not hear me? stop texting", Intent::Stop),
            ("pueden darme de baja?", Intent::Stop),
            ("vous pouvez me désabonner ?", Intent::Stop),
        ] {
            assert_eq!(understand(text, Context::Nothing, None).meanings[0].intent, intent, "{text}");
        }
    }
}
