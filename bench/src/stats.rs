//! The middle of some measurements, and how far they spread.

/// The median, the smallest and the largest of some measurements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Returns the spread of `values`, which are not empty.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (below, above) = ((values.len() - 1) / 2, values.len() / 2);
        Self {
            median: f64::midpoint(values[below], values[above]),
            min: values[0],
            max: values[values.len() - 1],
        }
    }
}
