//! Learns `src/dialog/words/weights.bin` from the labelled texts: `cargo run --example learn`.
//!
//! Multinomial logistic regression by `AdaGrad` (Duchi, Hazan and Singer, 2011), the same on every run. `--folds` learns
//! from four fifths of the texts and hears the last fifth, five times, and prints how it went; it writes nothing.

#[path = "../tests/corpus/mod.rs"]
#[expect(dead_code, reason = "nothing is scored here")]
mod corpus;

use std::error::Error;
use tidings::dialog::words::Intent;
use tidings::dialog::words::weights::{
    CLASSES, HEAD, LANES, ROWS, features, fingerprint, length_of, softmax,
};

/// How often all texts are gone through.
const EPOCHS: usize = 12;
const STEP: f32 = 0.5;
/// How much a weight is drawn back to nothing when its feature is seen.
const DECAY: f32 = 2e-5;
const FOLDS: usize = 5;

/// A text to learn from.
struct Lesson {
    features: Vec<u16>,
    class: usize,
    also: Vec<usize>,
    is_ordinary: bool,
}

/// What is learnt, and how much each weight has moved.
struct Learner {
    weights: Vec<[f32; LANES]>,
    moved: Vec<[f32; LANES]>,
    biases: [f32; LANES],
}

fn main() -> Result<(), Box<dyn Error>> {
    let lessons = lessons();
    println!("{} texts", lessons.len());
    if std::env::args().any(|argument| argument == "--folds") {
        hear_folds(&lessons);
        return Ok(());
    }
    let learner = Learner::of(&lessons.iter().collect::<Vec<_>>());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dialog/words/weights.bin");
    std::fs::write(path, learner.bytes())?;
    println!("src/dialog/words/weights.bin is written");
    Ok(())
}

fn class_of(intent: &str) -> usize {
    let intent = Intent::from_name(intent);
    CLASSES.iter().position(|class| Some(*class) == intent).unwrap_or_default()
}

fn lessons() -> Vec<Lesson> {
    let labelled = corpus::own().into_iter().flatten().chain(corpus::shared()).map(|item| Lesson {
        features: features(&item.text, item.context()),
        class: class_of(&item.intent),
        also: CLASSES
            .iter()
            .filter(|class| item.accepts(class.as_str()))
            .map(|class| class_of(class.as_str()))
            .collect(),
        is_ordinary: false,
    });
    let ordinary = corpus::ordinary().into_iter().map(|text| Lesson {
        features: features(text, tidings::dialog::words::Context::Nothing),
        class: 0,
        also: Vec::new(),
        is_ordinary: true,
    });
    labelled.chain(ordinary).collect()
}

impl Learner {
    fn of(lessons: &[&Lesson]) -> Self {
        let mut learner = Self {
            weights: vec![[0.0; LANES]; ROWS],
            moved: vec![[1e-2; LANES]; ROWS],
            biases: [0.0; LANES],
        };
        let mut order: Vec<usize> = (0..lessons.len()).collect();
        let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..EPOCHS {
            for at in (1..order.len()).rev() {
                chance =
                    chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                order.swap(at, usize::try_from(chance >> 33).unwrap_or_default() % (at + 1));
            }
            for at in &order {
                learner.take(lessons[*at]);
            }
        }
        learner
    }

    fn hear(&self, features: &[u16]) -> [f32; LANES] {
        let mut scores = [f32::NEG_INFINITY; LANES];
        scores[..CLASSES.len()].copy_from_slice(&self.biases[..CLASSES.len()]);
        let length = length_of(features);
        for feature in features {
            for (score, weight) in scores.iter_mut().zip(&self.weights[usize::from(*feature)]) {
                *score += weight / length;
            }
        }
        softmax(scores)
    }

    fn take(&mut self, lesson: &Lesson) {
        let mut error = self.hear(&lesson.features);
        error[lesson.class] -= 1.0;
        let length = length_of(&lesson.features);
        for feature in &lesson.features {
            let at = usize::from(*feature);
            let rows = self.weights[at].iter_mut().zip(&mut self.moved[at]);
            for ((weight, moved), error) in rows.zip(error) {
                let slope = error / length + DECAY * *weight;
                *moved += slope * slope;
                *weight -= STEP * slope / moved.sqrt();
            }
        }
        for (bias, error) in self.biases.iter_mut().zip(error) {
            *bias -= 0.01 * error;
        }
    }

    /// The weights in bytes: one unit of a class' is 1/127 of its largest.
    fn bytes(&self) -> Vec<u8> {
        let texts = [
            include_str!("../tests/corpus/own.json"),
            include_str!("../tests/corpus/shared.json"),
            include_str!("../tests/corpus/ordinary.txt"),
        ];
        let mut units = [0.0_f32; LANES];
        for row in &self.weights {
            for (unit, weight) in units.iter_mut().zip(row) {
                *unit = unit.max(weight.abs() / 127.0);
            }
        }
        let mut bytes = fingerprint(&texts).to_le_bytes().to_vec();
        bytes.extend(self.biases.iter().chain(&units).flat_map(|value| value.to_le_bytes()));
        assert_eq!(bytes.len(), HEAD);
        for row in &self.weights {
            #[expect(clippy::cast_possible_truncation, reason = "it is from -127 to 127")]
            bytes.extend(
                row.iter().zip(units).map(|(weight, unit)| ((weight / unit).round() as i8).cast_unsigned()),
            );
        }
        bytes
    }
}

fn hear_folds(lessons: &[Lesson]) {
    let mut heard: Vec<(&Lesson, usize, f32)> = Vec::with_capacity(lessons.len());
    for fold in 0..FOLDS {
        let mine = |at: usize| at.wrapping_mul(2_654_435_761) / 65_536 % FOLDS == fold;
        let learnt: Vec<&Lesson> =
            lessons.iter().enumerate().filter(|(at, _)| !mine(*at)).map(|(_, l)| l).collect();
        let learner = Learner::of(&learnt);
        for (_, lesson) in lessons.iter().enumerate().filter(|(at, _)| mine(*at)) {
            let likely = learner.hear(&lesson.features);
            let best =
                (0..CLASSES.len()).max_by(|a, b| likely[*a].total_cmp(&likely[*b])).unwrap_or_default();
            heard.push((lesson, best, likely[best]));
        }
        println!("fold {} of {FOLDS}", fold + 1);
    }
    let chatter = &heard.iter().filter(|(lesson, ..)| lesson.is_ordinary);
    let stops =
        |least: f32| chatter.clone().filter(|(_, best, likely)| *best == 1 && *likely >= least).count();
    println!(
        "of {} ordinary texts a stop is heard in {} (from 0.5), {} (from 0.75), {} (from 0.9)",
        chatter.clone().count(),
        stops(0.5),
        stops(0.75),
        stops(0.9),
    );
    let right = |lesson: &Lesson, best: usize| lesson.class == best || lesson.also.contains(&best);
    let all = heard.iter().filter(|(lesson, best, _)| right(lesson, *best)).count();
    println!("all: {all} of {} right", heard.len());
    println!(
        "{:>14} {:>6} {:>22} {:>22} {:>22}",
        "intent", "texts", "from 0.6: right/heard", "from 0.75", "from 0.9"
    );
    for (class, intent) in CLASSES.iter().enumerate().skip(1) {
        let texts = heard.iter().filter(|(lesson, ..)| lesson.class == class).count();
        print!("{:>14} {texts:>6}", intent.as_str());
        for least in [0.6, 0.75, 0.9] {
            let sure = heard.iter().filter(|(_, best, likely)| *best == class && *likely >= least);
            let (good, all) = sure.fold((0, 0), |(good, all), (lesson, best, _)| {
                (good + usize::from(right(lesson, *best)), all + 1)
            });
            print!(" {:>22}", format!("{good}/{all}"));
        }
        println!();
    }
}
