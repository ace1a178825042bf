//! The layers, checked by reading: who may name whom.

use std::{fs, path::Path};

/// Every Rust file below `folder`, with its text up to its unit tests.
fn sources(folder: &str) -> Vec<(String, String)> {
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
fn only_the_store_names_sqlx() {
    nobody_names(
        &[
            "src/domain",
            "src/mail",
            "src/webhook",
            "src/service",
            "src/worker",
            "src/http",
            "src/api",
            "src/app",
            "src/cli",
            "src/facade",
        ],
        &["sqlx::"],
    );
}

#[test]
fn the_domain_names_nothing_but_itself() {
    let others = [
        "crate::store",
        "crate::mail",
        "crate::service",
        "crate::worker",
        "crate::http",
        "crate::app",
        "tokio::",
        "axum::",
    ];
    nobody_names(&["src/domain"], &others);
}

#[test]
fn nothing_at_or_below_the_service_knows_http() {
    nobody_names(
        &["src/service", "src/store", "src/mail", "src/webhook", "src/worker"],
        &["crate::http", "crate::api", "crate::app", "crate::facade", "axum::", "StatusCode"],
    );
}

#[test]
fn the_toolkit_names_no_page() {
    nobody_names(&["src/http"], &["crate::app", "crate::api", "crate::facade"]);
}

#[test]
fn pages_reach_the_store_through_the_service_only() {
    nobody_names(&["src/app", "src/api", "src/facade", "src/http"], &["crate::store", "crate::worker"]);
}

#[test]
fn surfaces_do_not_know_each_other() {
    nobody_names(&["src/app"], &["crate::api", "crate::facade"]);
    nobody_names(&["src/api"], &["crate::app", "crate::facade"]);
    nobody_names(&["src/facade"], &["crate::app", "crate::api"]);
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/facade")).unwrap();
    let folders = entries.map(Result::unwrap).filter(|entry| entry.path().is_dir());
    let vendors: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    for vendor in &vendors {
        let others: Vec<String> =
            vendors.iter().filter(|other| *other != vendor).map(|other| format!("facade::{other}")).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        nobody_names(&[&format!("src/facade/{vendor}")], &others);
    }
}

#[test]
fn what_runs_in_the_browser_knows_no_page() {
    let areas = [
        "crate::service",
        "crate::http",
        "app::acceptance",
        "app::invitations",
        "app::layout",
        "app::members",
        "app::outbox",
        "app::public",
        "app::visit",
    ];
    nobody_names(&["src/app/browser", "src/app/component"], &areas);
}

/// A server function takes any origin and any content type, and leads on to the referrer, whatever it is. Pages read by
/// themselves, and changes are forms.
#[test]
fn there_are_no_functions_to_call() {
    nobody_names(&["src/app"], &["#[server"]);
}

#[test]
fn only_one_statement_accepts_an_invitation() {
    let (mut closing, mut naming) = (0, 0);
    for (_, code) in sources("src/store") {
        closing += code.matches("update invitations set status = $2").count();
        naming += code.matches("status = 'accepted'").count();
    }
    assert_eq!((closing, naming), (1, 1), "close_invitation changes it, and the list filters by it");
}
