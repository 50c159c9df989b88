//! Numbers side by side: medians, and the ratio of the peer to the ledger.
//!
//! Knows names and numbers. Must not know how any of them came to be.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What one process measured: names with numbers, units in the names.
#[derive(Default)]
pub(crate) struct Measured(Vec<(String, f64)>);

impl Measured {
    /// Adds one number.
    pub(crate) fn and(mut self, name: &str, value: f64) -> Self {
        self.0.push((name.to_owned(), value));
        self
    }

    /// Adds a duration in seconds.
    pub(crate) fn seconds(self, name: &str, taken: Duration) -> Self {
        self.and(&format!("{name}, s"), taken.as_secs_f64())
    }

    /// Adds the median, 95th percentile of durations, in milliseconds.
    pub(crate) fn latencies(self, name: &str, mut taken: Vec<Duration>) -> Self {
        taken.sort_unstable();
        let at = |share: usize| taken[(taken.len() * share / 100).min(taken.len() - 1)];
        let millis = |share| at(share).as_secs_f64() * 1000.0;
        self.and(&format!("{name}, median, ms"), millis(50))
            .and(&format!("{name}, 95th percentile, ms"), millis(95))
    }

    /// Adds the most memory the process had so far, under the name of its last number.
    pub(crate) fn with_memory(self) -> Self {
        let name = self.0.first().map_or("", |(name, _)| name.split(',').next().unwrap_or(name));
        let name = format!("{name}, peak memory, MB");
        let peak = peak_megabytes();
        self.and(&name, peak)
    }

    /// One line a number, for the process that reads them.
    pub(crate) fn lines(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}: {value:.4}\n")).collect()
    }
}

/// The most memory this process has had, in megabytes; 0 where the system does not tell.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kibibytes.unwrap_or_default() * 1024.0 / 1e6
}

/// The numbers of all rounds.
#[derive(Default)]
pub(crate) struct Table {
    order: Vec<String>,
    values: BTreeMap<(String, String), Vec<f64>>,
}

impl Table {
    /// Takes the lines that a process of one side printed.
    pub(crate) fn take(&mut self, side: &str, lines: &str) {
        for line in lines.lines() {
            let Some((name, value)) = line.rsplit_once(": ") else { continue };
            let Ok(value) = value.parse() else { continue };
            if !self.order.iter().any(|known| known == name) {
                self.order.push(name.to_owned());
            }
            self.values.entry((name.to_owned(), side.to_owned())).or_default().push(value);
        }
    }

    fn median(&self, name: &str, side: &str) -> Option<f64> {
        let mut values = self.values.get(&(name.to_owned(), side.to_owned()))?.clone();
        values.sort_unstable_by(f64::total_cmp);
        Some(values[values.len() / 2])
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| medians | ledger | SQLite | SQLite / ledger |")?;
        writeln!(f, "| --- | ---: | ---: | ---: |")?;
        let cell = |value: Option<f64>| {
            value.map_or_else(String::new, |value| match value {
                value if value >= 1000.0 => format!("{value:.0}"),
                value if value >= 100.0 => format!("{value:.1}"),
                value => format!("{value:.3}"),
            })
        };
        for name in &self.order {
            let (ours, theirs) = (self.median(name, "ledger"), self.median(name, "sqlite"));
            let ratio = ours.zip(theirs).map(|(ours, theirs)| theirs / ours);
            let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            writeln!(f, "| {name} | {} | {} | {ratio} |", cell(ours), cell(theirs))?;
        }
        Ok(())
    }
}
