//! Makes a program of the snippet that the portal shows: where it has its public credentials filled in, this reads them
//! from the environment.

use std::{env, fs, path::Path};

const SNIPPET: &str = "../../../crates/facades/src/clickhouse/snippets/invite.rs";

fn main() {
    println!("cargo::rerun-if-changed={SNIPPET}");
    let read = |name: &str| format!("&std::env::var(\"{name}\")?");
    let text = fs::read_to_string(SNIPPET).expect("the snippet is there");
    let text = text
        .replace("\"{{base_url}}\"", &read("BASE"))
        .replace("\"{{key_id}}\"", &read("KEY_ID"))
        .replace("\"{{organization_id}}\"", &read("ORGANIZATION_ID"));
    let to = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&to).join("snippet.rs"), text).expect("it can be written");
}
