//! Which language a text is in.

use super::hearing::Hearing;

/// How much more must speak for one language than for the next.
const AHEAD: f32 = 1.4;
/// How much must speak for it at all.
const ENOUGH: f32 = 0.9;
/// More words than these tell no more.
const WORDS: usize = 40;

/// The code of the language that the text is in, if it is clear. A `name` within it tells no language, but for its
/// letters: many a name is a word somewhere.
pub(super) fn language(hearing: &Hearing, name: Option<&str>) -> Option<&'static str> {
    let name = name.and_then(|name| Some((hearing.text.find(name)?, name.len())));
    let in_name = |at: usize| name.is_some_and(|(start, length)| (start..start + length).contains(&at));
    let mut scores = vec![0.0_f32; hearing.ears.len()];
    for (at, token) in hearing.tokens.iter().enumerate().take(WORDS) {
        if token.word.starts_with(|c: char| ('\u{900}'..='\u{97f}').contains(&c)) {
            let devanagari = hearing.ears.iter().position(|ear| ear.language.code == "ne");
            if let Some(ear) = devanagari {
                scores[ear] += 1.0;
            }
            continue;
        }
        if in_name(token.start) {
            continue;
        }
        let count = hearing.ears.iter().filter(|ear| ear.readings[at].exact.is_some()).count();
        let share = if count == 1 { 1.0 } else { 0.3 };
        for (score, ear) in scores.iter_mut().zip(&hearing.ears) {
            if let Some(word) = ear.readings[at].exact {
                *score += share * if ear.language.is_common(word) { 1.0 } else { 0.6 };
            }
        }
    }
    let best = (0..scores.len()).max_by(|one, other| scores[*one].total_cmp(&scores[*other]))?;
    let next = (0..scores.len()).filter(|at| *at != best).map(|at| scores[at]).fold(0.0, f32::max);
    (scores[best] >= ENOUGH && scores[best] >= next * AHEAD).then(|| hearing.ears[best].language.code)
}
