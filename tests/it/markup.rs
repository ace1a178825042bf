//! Gates on the pages' source: what must not be written in markup, and that every class has its style.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

#[test]
fn no_textarea_has_children() {
    // Leptos 0.8 writes the children of a textarea unescaped: they would be a way in for other people's markup.
    for (path, source) in pages() {
        for (at, _) in source.match_indices("<textarea") {
            let rest = &source[at..];
            let (attributes, after) = rest.split_at(tag_length(rest));
            let is_empty = attributes.ends_with("/>") || after.trim_start().starts_with("</textarea>");
            assert!(
                is_empty,
                "{}: a textarea with children; set prop:value or use the field component",
                path.display()
            );
        }
    }
}

#[test]
fn no_page_styles_or_handles_inline() {
    // The content security policy refuses both.
    for (path, source) in pages() {
        for (number, line) in source.lines().enumerate() {
            let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || "-_:=".contains(c)));
            for word in words {
                let is_style = word == "style=" || (word.starts_with("style:") && word.ends_with('='));
                let is_handler = word.starts_with("on")
                    && word.ends_with('=')
                    && word[2..word.len() - 1].chars().all(char::is_alphabetic)
                    && word.len() > 4;
                assert!(!is_style && !is_handler, "{}:{}: {word}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn every_class_in_a_page_has_its_style() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let styles: String = files(&root.join("style"), "css").into_iter().map(read).collect();
    let known: BTreeSet<&str> = styles.split('.').skip(1).map(leading_name).collect();
    let unknown: BTreeSet<String> = pages()
        .iter()
        .flat_map(|(path, source)| {
            let classes = source.split("class=\"").skip(1).filter_map(|rest| rest.split_once('"'));
            let names = classes.flat_map(|(value, _)| value.split_whitespace());
            names
                .filter(|name| !known.contains(name))
                .map(|name| format!("{}: {name}", path.display()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(unknown.is_empty(), "classes without a style: {unknown:#?}");
}

/// Where the opening tag that `text` starts with ends. Braces and quotes may hold a `>` of their own.
fn tag_length(text: &str) -> usize {
    let (mut depth, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '{' | '(' if !quoted => depth += 1,
            '}' | ')' if !quoted => depth -= 1,
            '>' if !quoted && depth == 0 && !text[..at].ends_with(['=', '-']) => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn leading_name(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(text.len());
    &text[..end]
}

fn pages() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app");
    files(&folder, "rs").into_iter().map(|path| (path.clone(), without_words(&read(path)))).collect()
}

/// Comments and tests may name what markup may not hold.
fn without_words(source: &str) -> String {
    let code = source.split("mod tests {").next().unwrap_or_default();
    code.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect::<Vec<_>>().join("\n")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("a readable entry").path())
        .flat_map(|path| if path.is_dir() { files(&path, extension) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect()
}

fn read(path: PathBuf) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
