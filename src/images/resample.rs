//! Other sizes of a plane, by Lanczos' filter, while its rows come in: the plane itself is never held.
//!
//! A row of the target is summed up from rows of the source, and then made narrower. Between the two, a sample has six
//! bits behind the point. The general libraries do this for pixels of several channels; for single planes they take four
//! times as long in WebAssembly, which is more than decoding a photo takes.

use wide::{i16x8, i32x4, i32x8, u8x16};

use crate::{lanes, picture::Plane};

/// What of a side of the source makes a side of the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    /// The samples of the source.
    pub(crate) source: usize,
    /// The samples of the target.
    pub(crate) target: usize,
    /// Where in the source the target begins.
    pub(crate) from: f64,
    /// How much of the source it takes.
    pub(crate) length: f64,
}

impl Span {
    /// All of the source.
    pub(crate) fn whole(source: u32, target: u32) -> Self {
        Self {
            source: source as usize,
            target: target as usize,
            from: 0.0,
            length: f64::from(source),
        }
    }

    /// Whether each sample of the target is one of the source.
    fn is_same(self) -> bool {
        self == Self {
            source: self.target,
            target: self.target,
            from: 0.0,
            length: self.target as f64,
        }
    }
}

/// The bits of a weight behind the point.
const WEIGHT_BITS: i32 = 14;
/// The bits of a sample behind the point, between the two passes.
const LINE_BITS: i32 = 6;
/// How many lobes of the filter are used to each side.
const LOBES: f64 = 3.0;

/// The samples of the source that make a sample of the target, and their weights.
#[derive(Clone, Debug)]
struct Axis {
    starts: Vec<usize>,
    /// As many for each sample of the target, the last of them zero.
    weights: Vec<i16>,
    taps: usize,
}

impl Axis {
    /// The number of weights is a multiple of `multiple`.
    fn new(span: Span, multiple: usize) -> Self {
        let filters: Vec<_> = (0..span.target).map(|at| filter(span, at)).collect();
        let most = filters.iter().map(|(_, weights)| weights.len()).max();
        let taps = most.unwrap_or(0).next_multiple_of(multiple);
        let mut axis = Self {
            starts: Vec::with_capacity(span.target),
            weights: Vec::with_capacity(span.target * taps),
            taps,
        };
        for (start, weights) in filters {
            axis.starts.push(start);
            axis.weights.extend_from_slice(&weights);
            axis.weights.resize(axis.starts.len() * taps, 0);
        }
        axis
    }
}

/// The first sample of the source with a weight, and the weights. Their sum is exactly one, so that an even color stays
/// as it is.
fn filter(span: Span, at: usize) -> (usize, Vec<i16>) {
    if span.is_same() {
        return (at, vec![1 << WEIGHT_BITS]);
    }
    let scale = span.length / span.target as f64;
    let wide = scale.max(1.0);
    let reach = LOBES * wide;
    let center = span.from + (at as f64 + 0.5) * scale - 0.5;
    let last = span.source.saturating_sub(1);
    let start = whole((center - reach).ceil()).min(last);
    let end = whole((center + reach).floor()).clamp(start, last);
    let values: Vec<f64> = (start..=end)
        .map(|sample| lanczos((sample as f64 - center) / wide))
        .collect();
    let sum: f64 = values.iter().sum();
    let one = f64::from(1 << WEIGHT_BITS);
    let mut weights: Vec<i16> = values
        .iter()
        .map(|value| weight(value / sum * one))
        .collect();
    let missing = (1 << WEIGHT_BITS) - weights.iter().map(|weight| i32::from(*weight)).sum::<i32>();
    if let Some(largest) = weights.iter_mut().max() {
        *largest = i16::try_from(i32::from(*largest) + missing).unwrap_or(i16::MAX);
    }
    // Zeros at the start stay: the next sample may need what is there.
    while weights.last() == Some(&0) {
        weights.pop();
    }
    (start, weights)
}

/// `sinc(x) × sinc(x / 3)`. As sin 3a = 3 sin a − 4 sin³ a, one sine is enough.
fn lanczos(x: f64) -> f64 {
    let angle = x * std::f64::consts::PI / LOBES;
    if x.abs() >= LOBES {
        0.0
    } else if angle == 0.0 {
        1.0
    } else {
        let sine = angle.sin();
        let sine_of_all = sine * (3.0 - 4.0 * sine * sine);
        sine_of_all * sine / (LOBES * angle * angle)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a conversion with `as` saturates"
)]
fn whole(value: f64) -> usize {
    value as usize
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a conversion with `as` saturates"
)]
fn weight(value: f64) -> i16 {
    value.round() as i16
}

/// Takes rows from the top of a plane to its bottom.
pub(crate) struct Resampler {
    width: usize,
    height: usize,
    /// The bytes from a row to the next, a multiple of 16.
    stride: usize,
    horizontal: Axis,
    vertical: Axis,
    /// The source is the target.
    is_same: bool,
    /// The rows of the source from `first` on that are still needed.
    held: Vec<u8>,
    first: usize,
    rows: usize,
    /// A row between the two passes.
    line: Vec<i16>,
    target: Plane,
    /// The rows of the target that are there.
    done: usize,
}

impl Resampler {
    pub(crate) fn new(horizontal: Span, vertical: Span) -> Self {
        let stride = horizontal.source.next_multiple_of(16);
        let horizontal_axis = Axis::new(horizontal, 8);
        Self {
            width: horizontal.source,
            height: vertical.source,
            stride,
            // What is behind the last sample has no weight, but is read.
            line: vec![0; stride + horizontal_axis.taps],
            horizontal: horizontal_axis,
            vertical: Axis::new(vertical, 2),
            is_same: horizontal.is_same() && vertical.is_same(),
            held: Vec::new(),
            first: 0,
            rows: 0,
            target: Plane {
                width: u32::try_from(horizontal.target).unwrap_or_default(),
                height: u32::try_from(vertical.target).unwrap_or_default(),
                samples: vec![0; horizontal.target * vertical.target],
            },
            done: 0,
        }
    }

    /// The bytes from a row to the next in `room`.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// The rows of the source that were not written yet.
    pub(crate) fn missing(&self) -> usize {
        self.height.saturating_sub(self.first + self.rows)
    }

    /// Where the next rows are to be written.
    pub(crate) fn room(&mut self, rows: usize) -> &mut [u8] {
        let start = self.rows * self.stride;
        self.held.resize(start + rows * self.stride, 0);
        self.held.get_mut(start..).unwrap_or_default()
    }

    /// `rows` were written.
    #[inline(never)]
    pub(crate) fn wrote(&mut self, rows: usize) {
        self.rows += rows;
        self.resample();
    }

    /// All rows of a plane.
    pub(crate) fn plane(mut self, plane: &Plane) -> Plane {
        for row in plane.samples.chunks_exact(self.width.max(1)) {
            if let Some(room) = self.room(1).get_mut(..row.len()) {
                room.copy_from_slice(row);
            }
            self.wrote(1);
        }
        self.target
    }

    pub(crate) fn into_plane(self) -> Plane {
        self.target
    }

    /// Makes the rows of the target whose rows of the source are there, and drops what is not needed any more.
    fn resample(&mut self) {
        let width = self.target.width as usize;
        let targets = self.target.samples.chunks_exact_mut(width.max(1));
        let filters = self
            .vertical
            .weights
            .chunks_exact(self.vertical.taps.max(1));
        let rows = self.vertical.starts.iter().zip(filters).zip(targets);
        let mut needed = self.first;
        for ((start, weights), target) in rows.skip(self.done) {
            let taps = weights
                .iter()
                .rposition(|weight| *weight != 0)
                .map_or(0, |last| last + 1);
            needed = *start;
            if start + taps > self.first + self.rows {
                break;
            }
            let from = start.saturating_sub(self.first) * self.stride;
            let rows = self.held.get(from..).unwrap_or_default();
            if self.is_same {
                for (to, sample) in target.iter_mut().zip(rows) {
                    *to = *sample;
                }
            } else {
                summed(rows, self.stride, weights, &mut self.line);
                narrowed(&self.line, &self.horizontal, target);
            }
            self.done += 1;
        }
        if self.done == self.vertical.starts.len() {
            needed = usize::MAX;
        }
        let dropped = needed.saturating_sub(self.first).min(self.rows);
        self.held.drain(..dropped * self.stride);
        self.first += dropped;
        self.rows -= dropped;
    }
}

/// The weighted sum of rows.
#[inline(never)]
fn summed(rows: &[u8], stride: usize, weights: &[i16], line: &mut [i16]) {
    const SHIFT: i32 = WEIGHT_BITS - LINE_BITS;
    let (weights, _) = weights.as_chunks::<2>();
    let (rows, _) = rows.as_chunks::<16>();
    let stride = stride / 16;
    for (at, target) in line
        .as_chunks_mut::<16>()
        .0
        .iter_mut()
        .take(stride)
        .enumerate()
    {
        let mut sums = [i32x4::from(1 << (SHIFT - 1)); 4];
        let mut at = at;
        for [a, b] in weights {
            let Some(first) = rows.get(at) else {
                break;
            };
            // The last one may have no second, and no weight for it.
            let second = rows.get(at + stride).unwrap_or(first);
            at += 2 * stride;
            let (first, second) = (u8x16::from(*first), u8x16::from(*second));
            let low = u8x16::unpack_low(first, second);
            let high = u8x16::unpack_high(first, second);
            let weights = i16x8::from([*a, *b, *a, *b, *a, *b, *a, *b]);
            // With zeros between them, bytes are the lower halves of wider numbers.
            sums[0] += widened(u8x16::unpack_low(low, u8x16::ZERO)).dot(weights);
            sums[1] += widened(u8x16::unpack_high(low, u8x16::ZERO)).dot(weights);
            sums[2] += widened(u8x16::unpack_low(high, u8x16::ZERO)).dot(weights);
            sums[3] += widened(u8x16::unpack_high(high, u8x16::ZERO)).dot(weights);
        }
        let [a, b, c, d] = sums.map(|sum| sum >> SHIFT);
        let (left, right) = target.split_at_mut(8);
        left.copy_from_slice(i16x8::from_i32x8_saturate(pair(a, b)).as_array());
        right.copy_from_slice(i16x8::from_i32x8_saturate(pair(c, d)).as_array());
    }
}

fn widened(bytes: u8x16) -> i16x8 {
    bytemuck::cast(bytes)
}

fn pair(a: i32x4, b: i32x4) -> i32x8 {
    bytemuck::cast([a, b])
}

/// The line with fewer samples, or more.
fn narrowed(line: &[i16], axis: &Axis, target: &mut [u8]) {
    match axis.taps {
        8 => narrowed_by::<1>(line, axis, target),
        16 => narrowed_by::<2>(line, axis, target),
        _ => narrowed_by::<0>(line, axis, target),
    }
}

/// `VECTORS` is how many vectors of eight weights a sample has, so that the compiler needs no loop for them; 0 for any.
#[inline(never)]
fn narrowed_by<const VECTORS: usize>(line: &[i16], axis: &Axis, target: &mut [u8]) {
    const SHIFT: i32 = WEIGHT_BITS + LINE_BITS;
    let vectors = match VECTORS {
        0 => (axis.taps / 8).max(1),
        _ => VECTORS,
    };
    let (weights, _) = axis.weights.as_chunks::<8>();
    let mut filters = axis.starts.iter().zip(weights.chunks_exact(vectors));
    for target in target.chunks_mut(8) {
        let mut totals = [i32x4::ZERO; 8];
        for (total, (start, weights)) in totals.iter_mut().zip(&mut filters) {
            let (samples, _) = line.get(*start..).unwrap_or_default().as_chunks::<8>();
            let samples = samples.get(..vectors).unwrap_or_default();
            for (samples, weights) in samples.iter().zip(weights) {
                *total += i16x8::from(*samples).dot(i16x8::from(*weights));
            }
        }
        let [a, b, c, d, e, f, g, h] = totals;
        let [first, second] = [[a, b, c, d], [e, f, g, h]]
            .map(|totals| (lanes::added(totals) + i32x4::from(1 << (SHIFT - 1))) >> SHIFT);
        let sums = i16x8::from_i32x8_saturate(pair(first, second));
        let samples = u8x16::narrow_i16x8(sums, i16x8::ZERO);
        for (target, sample) in target.iter_mut().zip(samples.as_array()) {
            *target = *sample;
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "samples are small"
)]
mod tests {
    use super::*;

    fn plane(width: u32, height: u32, sample: impl Fn(u32, u32) -> u8) -> Plane {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Plane {
            width,
            height,
            samples: places.map(|(x, y)| sample(x, y)).collect(),
        }
    }

    fn resampled(plane: &Plane, horizontal: Span, vertical: Span) -> Plane {
        Resampler::new(horizontal, vertical).plane(plane)
    }

    fn whole(plane: &Plane, width: u32, height: u32) -> Plane {
        let horizontal = Span::whole(plane.width, width);
        resampled(plane, horizontal, Span::whole(plane.height, height))
    }

    /// Noise that is the same each time.
    fn noise(x: u32, y: u32) -> u8 {
        (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).rotate_left(9) as u8
    }

    /// The same in numbers with a point, one sample at a time.
    fn expected(plane: &Plane, horizontal: Span, vertical: Span) -> Vec<u8> {
        let axis = |span: Span| -> Vec<Vec<(usize, f64)>> {
            let scale = span.length / span.target as f64;
            let filter = |at: usize| {
                let center = span.from + (at as f64 + 0.5) * scale - 0.5;
                let weight = |sample: usize| lanczos((sample as f64 - center) / scale.max(1.0));
                let sum: f64 = (0..span.source).map(weight).sum();
                let weights = (0..span.source).map(|sample| (sample, weight(sample) / sum));
                weights.filter(|(_, weight)| *weight != 0.0).collect()
            };
            (0..span.target).map(filter).collect()
        };
        let (columns, rows) = (axis(horizontal), axis(vertical));
        let at = |x: usize, y: usize| f64::from(plane.samples[y * plane.width as usize + x]);
        let sample = |row: &[(usize, f64)], column: &[(usize, f64)]| {
            let line = |y: usize| {
                column
                    .iter()
                    .map(|(x, weight)| at(*x, y) * weight)
                    .sum::<f64>()
            };
            row.iter().map(|(y, weight)| line(*y) * weight).sum::<f64>()
        };
        let samples = rows
            .iter()
            .flat_map(|row| columns.iter().map(move |column| sample(row, column)));
        samples
            .map(|value| value.round().clamp(0.0, 255.0) as u8)
            .collect()
    }

    #[test]
    fn a_plane_of_its_own_size_stays_as_it_is() {
        for (width, height) in [(1, 1), (15, 3), (16, 16), (61, 40)] {
            let plane = plane(width, height, noise);
            assert_eq!(whole(&plane, width, height), plane);
        }
    }

    #[test]
    fn an_even_color_stays_as_it_is() {
        for sample in [0, 1, 127, 254, 255] {
            for (width, height) in [(7, 5), (100, 33), (260, 9), (1, 300)] {
                let small = whole(&plane(153, 77, |_, _| sample), width, height);
                assert!(
                    small.samples.iter().all(|seen| *seen == sample),
                    "{width} {height}"
                );
            }
        }
    }

    #[test]
    fn the_filter_is_a_wave_within_a_longer_one() {
        let sinc = |x: f64| x.sin() / x;
        let pi = std::f64::consts::PI;
        for x in [-2.9, -1.5, -1.0, 0.001, 0.3, 0.7, 2.0, 2.999] {
            let expected = sinc(pi * x) * sinc(pi * x / 3.0);
            assert!((lanczos(x) - expected).abs() < 1e-12, "{x}");
        }
        assert_eq!([0.0, 3.0, -3.0, 7.0].map(lanczos), [1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn agrees_with_the_definition_of_the_filter() {
        let plane = plane(97, 64, noise);
        let part = |source, target, from, length| Span {
            source,
            target,
            from,
            length,
        };
        for (horizontal, vertical) in [
            (Span::whole(97, 31), Span::whole(64, 20)),
            (Span::whole(97, 96), Span::whole(64, 63)),
            (Span::whole(97, 150), Span::whole(64, 1)),
            (Span::whole(97, 3), Span::whole(64, 130)),
            (part(97, 20, 16.5, 64.0), part(64, 20, 0.0, 64.0)),
            (part(97, 48, 0.0, 96.5), part(64, 10, 40.0, 24.0)),
        ] {
            let seen = resampled(&plane, horizontal, vertical);
            let expected = expected(&plane, horizontal, vertical);
            let differs = |(seen, expected): (&u8, &u8)| seen.abs_diff(*expected) > 1;
            let count = seen
                .samples
                .iter()
                .zip(&expected)
                .filter(|pair| differs(*pair))
                .count();
            assert_eq!(count, 0, "{horizontal:?} {vertical:?}");
        }
    }

    #[test]
    fn holds_only_the_rows_that_it_needs() {
        let mut resampler = Resampler::new(Span::whole(64, 16), Span::whole(4_000, 1_000));
        for _ in 0..4_000 {
            resampler.room(1).fill(9);
            resampler.wrote(1);
            assert!(resampler.rows <= 26, "{}", resampler.rows);
        }
        assert_eq!(resampler.done, 1_000);
    }
}
