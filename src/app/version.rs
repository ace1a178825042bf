//! Edit forms that detect changes made by someone else in the meantime. Such a form is not saved: it is shown again
//! with what was entered, and says what has changed.

use super::{
    component::{Notice, Tone},
    context::Entered,
    form::{Draft, Fields},
};
use leptos::prelude::*;
use vestibule_domain::Violation;

/// The hidden field with the version that the form shows. A form that comes back for another reason keeps the version
/// that it was filled in with, because it did not show the current values.
#[component]
pub fn VersionField(draft: Draft, present: String) -> impl IntoView {
    let version = match draft.fields.has("version") && draft.error("version").is_none() {
        true => draft.text("version"),
        false => present,
    };
    view! { <input type="hidden" name="version" value=version autocomplete="off"/> }
}

impl Entered {
    /// Returns the context for a write that succeeds only if the thing still has the version that the form showed.
    pub fn expecting(self, fields: &Fields) -> Self {
        let version = Some(fields.text("version")).filter(|version| !version.is_empty());
        Self { scope: self.scope.expecting(version.map(|version| vec![version.to_owned()])), ..self }
    }
}

/// Returns the violation for a form whose version is no longer current.
pub fn changed() -> Violation {
    Violation::new("version", "changed", "Somebody has changed this since you opened it")
}

/// The notice at the top of such a form. `present` is the form as it would be opened now; `labels` lists the fields to
/// compare and their labels.
#[component]
pub fn ChangedNotice(draft: Draft, present: Draft, labels: &'static [(&'static str, &'static str)]) -> impl IntoView {
    draft.error("version").map(|title| {
        let now = differing(&draft.fields, &present.fields, labels);
        let text =
            format!("Nothing was saved. {now}What you typed is still here: save again to put it in place of that.");
        view! { <Notice tone=Tone::Warning title text/> }
    })
}

/// Describes the fields that differ, like `Name is now “Acme Works”. `
fn differing(typed: &Fields, present: &Fields, labels: &[(&str, &str)]) -> String {
    let differing = labels.iter().filter(|(name, _)| words(typed, name) != words(present, name));
    differing.map(|(name, label)| format!("{label} is now {}. ", quoted(&words(present, name)))).collect()
}

fn quoted(words: &str) -> String {
    if words.is_empty() { "empty".to_owned() } else { format!("“{words}”") }
}

/// Returns all values of a field on one line.
fn words(fields: &Fields, name: &str) -> String {
    let lines = fields.all(name).flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn only_what_differs_from_what_was_typed_is_told() {
        let labels = [("name", "Name"), ("domains", "Domains"), ("days", "Days")];
        let typed = fields(&[("name", "Acme"), ("domains", "a.example\r\nb.example\r\n"), ("days", "7")]);
        let present = fields(&[("name", "Acme Works"), ("domains", "a.example\nb.example"), ("days", "")]);
        assert_eq!(differing(&typed, &present, &labels), "Name is now “Acme Works”. Days is now empty. ");
    }
}
