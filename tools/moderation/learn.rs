//! Sparse logistic regression by stochastic gradient descent with AdaGrad. Seeded: the same examples give the same weights.

use suplatzigram_queues::moderation::{BUCKETS, Features, SIGN_BUCKETS};

const EPOCHS: usize = 12;
const RATE: f32 = 0.15;
/// Pulls large weights towards zero.
const DECAY: f32 = 2e-5;

/// The largest quantised weight. Steps grow with the square, so that small weights, which are most, keep their precision; with
/// the 127 that 8 bits allow, the file would not compress and nothing would be judged better.
const LEVELS: f32 = 4.0;

/// How a model learns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// What is learnt to be as probable as this gets the score 0.5, where comments are flagged.
    pub(crate) even: f32,
    /// What is learnt to be as probable as this gets the score 0.8, from where a rule and the model reject together.
    pub(crate) sure: f32,
    /// How much a feature of the text must tell for a weight other than zero. Comments of sources that were not learnt
    /// from are judged better with fewer weights, and the file is smaller.
    pub(crate) cut: f32,
    /// The order of the examples.
    pub(crate) seed: u64,
}

/// A comment to learn from.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    /// What the model sees of it.
    pub(crate) features: Features,
    /// Whether it is what the model looks for.
    pub(crate) is_positive: bool,
    /// How much it counts.
    pub(crate) weight: f32,
}

/// Learns, and returns the file of the model: see src/moderation/models.
pub(crate) fn learn(examples: &[Example], plan: Plan) -> Vec<u8> {
    let mut random = Random(plan.seed);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut model = Weights {
        bias: Weight::default(),
        text: vec![Weight::default(); BUCKETS],
        signs: vec![Weight::default(); SIGN_BUCKETS],
    };
    for _ in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            order.swap(at, random.below(at + 1));
        }
        for at in &order {
            model.step(&examples[*at], plan.cut);
        }
    }
    let log_odds = |probability: f32| (probability / (1.0 - probability)).ln();
    model.bias.value -= log_odds(plan.even);
    model.file(log_odds(0.8) / (log_odds(plan.sure) - log_odds(plan.even)))
}

#[derive(Clone, Default)]
struct Weight {
    value: f32,
    squares: f32,
}

impl Weight {
    fn step(&mut self, gradient: f32, cut: f32) {
        let gradient = gradient + DECAY * self.value;
        self.squares += gradient * gradient;
        let rate = RATE / (self.squares.sqrt() + 1e-6);
        self.value -= rate * gradient;
        self.value -= self.value.clamp(-rate * cut, rate * cut);
    }
}

struct Weights {
    bias: Weight,
    text: Vec<Weight>,
    signs: Vec<Weight>,
}

impl Weights {
    fn step(&mut self, example: &Example, cut: f32) {
        let Features { text, signs } = &example.features;
        let share = 1.0 / (text.len().max(1) as f32).sqrt();
        let sum = |weights: &[Weight], buckets: &[u16]| -> f32 {
            buckets
                .iter()
                .map(|bucket| weights[usize::from(*bucket)].value)
                .sum()
        };
        let score = self.bias.value + sum(&self.text, text) * share + sum(&self.signs, signs);
        let probability = 1.0 / (1.0 + (-score).exp());
        let target = if example.is_positive { 1.0 } else { 0.0 };
        let error = (probability - target) * example.weight;
        self.bias.step(error, 0.0);
        for bucket in text {
            self.text[usize::from(*bucket)].step(error * share, cut);
        }
        for bucket in signs {
            self.signs[usize::from(*bucket)].step(error, 0.0);
        }
    }

    /// The header, a weight of 8 bits for each bucket of text, and one for each of the signs. A few large weights would cost
    /// the others their precision, so that what is above the 999th permille is cut. All of the log-odds are scaled.
    fn file(&self, scale: f32) -> Vec<u8> {
        let text_step = step(&self.text);
        let sign_step = self
            .signs
            .iter()
            .map(|weight| weight.value.abs())
            .fold(0.0, f32::max)
            / (LEVELS * LEVELS);
        let mut file = Vec::new();
        for number in [self.bias.value, text_step, sign_step] {
            file.extend((number * scale).to_le_bytes());
        }
        file.extend(
            self.text
                .iter()
                .map(|weight| quantised(weight.value, text_step)),
        );
        file.extend(
            self.signs
                .iter()
                .map(|weight| quantised(weight.value, sign_step)),
        );
        file
    }
}

fn step(weights: &[Weight]) -> f32 {
    let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.value.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    sizes[sizes.len() * 999 / 1_000] / (LEVELS * LEVELS)
}

fn quantised(value: f32, step: f32) -> u8 {
    let steps = if step > 0.0 {
        (value.abs() / step).sqrt().round() * value.signum()
    } else {
        0.0
    };
    (steps.clamp(-LEVELS, LEVELS) as i8).cast_unsigned()
}

/// splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}
