//! Metrics as Prometheus reads them, and no more forgiving than it is.

use std::collections::{BTreeMap, BTreeSet};

/// A page of metrics.
#[derive(Debug, Default)]
pub struct Exposition {
    /// Kinds by name.
    kinds: BTreeMap<String, String>,
    pub samples: Vec<Sample>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Exposition {
    /// Reads it. Each family must say what it is (HELP, TYPE) before its first sample, once; no series is there twice;
    /// a histogram's buckets grow and end with all.
    pub fn read(text: &str) -> Self {
        let (mut read, mut helped, mut series) = (Self::default(), BTreeSet::new(), BTreeSet::new());
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').unwrap_or_else(|| panic!("no words: {line}"));
                assert!(!words.is_empty() && helped.insert(name.to_owned()), "{line}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(helped.contains(name), "no HELP before {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(read.kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
            } else {
                let sample = sample(line);
                assert!(read.family(&sample.name).is_some(), "no TYPE before {line}");
                assert!(series.insert(format!("{} {:?}", sample.name, sample.labels)), "twice: {line}");
                read.samples.push(sample);
            }
        }
        read.histograms_are_whole();
        read
    }

    /// The kind of what this sample belongs to.
    fn family(&self, sample: &str) -> Option<&str> {
        let base = ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| sample.strip_suffix(suffix));
        let of_base = base.and_then(|base| self.kinds.get(base)).filter(|kind| *kind == "histogram");
        of_base.or_else(|| self.kinds.get(sample)).map(String::as_str)
    }

    fn histograms_are_whole(&self) {
        for (name, _) in self.kinds.iter().filter(|(_, kind)| *kind == "histogram") {
            let buckets = self.samples.iter().filter(|sample| sample.name == format!("{name}_bucket"));
            let mut by_labels: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
            for bucket in buckets {
                let mut labels = bucket.labels.clone();
                let bound: f64 = labels.remove("le").unwrap().parse().unwrap();
                by_labels.entry(format!("{labels:?}")).or_default().push((bound, bucket.value));
            }
            for counts in by_labels.values() {
                assert!(counts.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1), "{name}: {counts:?}");
                assert!(counts.last().unwrap().0.is_infinite(), "{name}: {counts:?}");
            }
        }
    }

    /// The names of all families.
    pub fn names(&self) -> BTreeSet<&str> {
        self.kinds.keys().map(String::as_str).collect()
    }

    /// All values with these labels, together; 0 where there is none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            sample.name == name
                && labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|own| own == value))
        };
        self.samples.iter().filter(has).map(|sample| sample.value).sum()
    }

    /// Every value that the label has anywhere.
    pub fn values(&self, label: &str) -> BTreeSet<&str> {
        self.samples.iter().filter_map(|sample| sample.labels.get(label)).map(String::as_str).collect()
    }
}

/// `name{label="value",…} number`
fn sample(line: &str) -> Sample {
    let (left, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
    let value = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
    let (name, rest) = left.split_once('{').unwrap_or((left, "}"));
    assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{line}");
    let mut labels = BTreeMap::new();
    let mut rest = rest.strip_suffix('}').unwrap_or_else(|| panic!("no end: {line}"));
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {line}"));
        // none of our values holds a quotation mark
        let (text, after) = after.split_once('"').unwrap();
        assert!(!text.contains('\\'), "{line}");
        assert!(labels.insert(label.to_owned(), text.to_owned()).is_none(), "twice: {line}");
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    Sample { name: name.to_owned(), labels, value }
}
