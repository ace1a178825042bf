//! What comes for Prometheus and Grafana names nothing that is not there, and the manual names all that is.

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;
use std::collections::BTreeSet;
use std::{fs, path::Path};
use vestibule_telemetry::metrics::{ALL, MetricKind};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Those of the process, which a library names.
const PROCESS: [&str; 6] = [
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_threads",
];

/// Everything that an expression may name.
fn series() -> BTreeSet<String> {
    let ours = ALL.iter().flat_map(|metric| match metric.kind {
        MetricKind::Counter | MetricKind::Gauge => vec![metric.name.to_owned()],
        MetricKind::Histogram(_) => ["bucket", "sum", "count"].map(|part| format!("{}_{part}", metric.name)).to_vec(),
    });
    ours.chain(PROCESS.map(str::to_owned)).collect()
}

/// The metrics that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("vestibule_") || word.starts_with("process_")).map(str::to_owned).collect()
}

fn alerts() -> Vec<Yaml> {
    let parsed: Yaml = serde_yaml_ng::from_str(&read("deploy/monitoring/alerts.yml")).unwrap();
    parsed["groups"][0]["rules"].as_sequence().unwrap().clone()
}

#[test]
fn each_alert_names_what_is_there_and_says_what_to_do() {
    let (series, manual) = (series(), read("docs/operations.md"));
    let mut seen = BTreeSet::new();
    for rule in alerts() {
        let name = rule["alert"].as_str().unwrap();
        assert!(seen.insert(name.to_owned()), "{name} is there twice");
        for metric in named(rule["expr"].as_str().unwrap()) {
            assert!(series.contains(&metric), "{name}: {metric} is no metric");
        }
        for part in ["summary", "description"] {
            assert!(rule["annotations"][part].as_str().is_some_and(|words| !words.is_empty()), "{name}: no {part}");
        }
        assert!(["critical", "warning", "info"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{name}");
        assert!(manual.contains(&format!("`{name}`")), "docs/operations.md does not name {name}");
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn each_panel_names_what_is_there() {
    let dashboard: Value = serde_json::from_str(&read("deploy/monitoring/dashboard.json")).unwrap();
    let (series, mut ids, mut used) = (series(), BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: its id is there twice");
        for target in panel["targets"].as_array().unwrap_or(&Vec::new()) {
            let expression = target["expr"].as_str().unwrap();
            assert!(expression.contains("$instance"), "{title}: {expression}");
            used.extend(named(expression));
        }
    }
    assert!(used.is_subset(&series), "{:?}", used.difference(&series).collect::<Vec<_>>());
    for metric in ALL {
        assert!(used.iter().any(|name| name.starts_with(metric.name)), "no panel shows {}", metric.name);
    }
}

#[test]
fn the_manual_lists_every_metric_and_nothing_else() {
    let manual = read("docs/operations.md");
    let (_, section) = manual.split_once("\n## Metrics\n").expect("there is a section");
    let section = section.split("\n## ").next().unwrap();
    let listed: BTreeSet<String> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| named(line.split('|').nth(1).unwrap()))
        .collect();
    let all: BTreeSet<String> = ALL.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(listed.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(all.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn prometheus_is_told_of_the_alerts() {
    let parsed: Yaml = serde_yaml_ng::from_str(&read("deploy/monitoring/prometheus.yml")).unwrap();
    assert_eq!(parsed["rule_files"][0].as_str(), Some("alerts.yml"));
    assert_eq!(parsed["scrape_configs"][0]["job_name"].as_str(), Some("vestibule"));
}
