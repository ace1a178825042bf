//! What crates do not say of the layers, checked by reading: who may name whom.

use std::{fs, path::Path};

/// Every Rust file below `folder`, with its text up to its unit tests.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).as_path(), &mut found);
    assert!(!found.is_empty(), "{folder} is gone");
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            found.push((path.display().to_string(), code));
        }
    }
}

fn nobody_names(folders: &[&str], words: &[&str]) {
    for (path, code) in folders.iter().flat_map(|folder| sources(folder)) {
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in words {
                assert!(!line.contains(word), "{path}:{}: {word} belongs to another layer: {line}", number + 1);
            }
        }
    }
}

#[test]
fn pages_reach_the_store_through_the_service_only() {
    nobody_names(&["src/app"], &["vestibule_store", "vestibule_core::worker"]);
}

#[test]
fn vendors_do_not_know_each_other() {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/facades/src")).unwrap();
    let folders = entries.map(Result::unwrap).filter(|entry| entry.path().is_dir());
    let vendors: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    for vendor in &vendors {
        let others: Vec<String> =
            vendors.iter().filter(|other| *other != vendor).map(|other| format!("crate::{other}")).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        nobody_names(&[&format!("crates/facades/src/{vendor}")], &others);
    }
}

/// Their routes and refusals are tried in `functions`, where every function has a line.
#[test]
fn functions_are_in_one_crate_and_take_json() {
    nobody_names(&["src", "crates/components/src", "crates/islands/src", "crates/browser/src"], &["#[server"]);
    for (path, code) in sources("crates/functions/src") {
        for (at, _) in code.match_indices("#[server") {
            let head = code[at..].split(']').next().unwrap_or_default();
            assert!(
                head.contains("prefix = \"/fn\"") && head.contains("input = Json, output = Json"),
                "{path}: {head}"
            );
        }
    }
}

/// Leptos would mount the functions by itself, each at its own path, past every layer of ours.
#[test]
fn leptos_mounts_nothing_by_itself() {
    nobody_names(&["src", "crates/web/src"], &["leptos_routes", "LeptosRoutes"]);
}

#[test]
fn only_one_statement_accepts_an_invitation() {
    let (mut closing, mut naming) = (0, 0);
    for (_, code) in sources("crates/store/src") {
        closing += code.matches("update invitations set status = $2").count();
        naming += code.matches("status = 'accepted'").count();
    }
    assert_eq!((closing, naming), (1, 1), "close_invitation changes it, and the list filters by it");
}
