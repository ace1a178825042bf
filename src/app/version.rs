//! Forms that change something as it was shown: when somebody else has changed it since, they are refused, shown again
//! with what was typed, and say what holds now.

use super::{
    component::{Notice, Tone},
    context::Entered,
    form::{Draft, Fields},
};
use leptos::prelude::*;
use vestibule_domain::Violation;

/// The version that the form shows; sent with it. A form that comes back for another reason keeps the version that it
/// was filled in on: what holds now was not told with it.
#[component]
pub fn VersionField(draft: Draft, present: String) -> impl IntoView {
    let version = match draft.fields.has("version") && draft.error("version").is_none() {
        true => draft.text("version"),
        false => present,
    };
    view! { <input type="hidden" name="version" value=version autocomplete="off"/> }
}

impl Entered {
    /// What is to be changed must be as the form showed it.
    pub fn expecting(self, fields: &Fields) -> Self {
        let version = Some(fields.text("version")).filter(|version| !version.is_empty());
        Self { scope: self.scope.expecting(version.map(|version| vec![version.to_owned()])), ..self }
    }
}

/// For the draft of a form that came too late.
pub fn changed() -> Violation {
    Violation::new("version", "changed", "Somebody has changed this since you opened it")
}

/// At the top of a form that came too late. `present` is the form as it would be opened now, `labels` are the fields to
/// compare and what people know them by.
#[component]
pub fn ChangedNotice(draft: Draft, present: Draft, labels: &'static [(&'static str, &'static str)]) -> impl IntoView {
    draft.error("version").map(|title| {
        let now = differing(&draft.fields, &present.fields, labels);
        let text =
            format!("Nothing was saved. {now}What you typed is still here: save again to put it in place of that.");
        view! { <Notice tone=Tone::Warning title text/> }
    })
}

/// `Name is now “Acme Works”. `
fn differing(typed: &Fields, present: &Fields, labels: &[(&str, &str)]) -> String {
    let differing = labels.iter().filter(|(name, _)| words(typed, name) != words(present, name));
    differing.map(|(name, label)| format!("{label} is now {}. ", quoted(&words(present, name)))).collect()
}

fn quoted(words: &str) -> String {
    if words.is_empty() { "empty".to_owned() } else { format!("“{words}”") }
}

/// All values of a field on one line.
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
