//! Edit forms that detect changes made by someone else in the meantime. Such a form is not saved: it is shown again
//! with what was entered, and says what has changed.

use super::{
    component::{Notice, NoticeKind},
    context::OrganizationScope,
    form::{Draft, Field, Input, Several, Typed},
};
use leptos::prelude::*;
use std::str::FromStr;
use vestibule_domain::Violation;

/// The hidden field with the version that the form shows. A form that comes back for another reason keeps the version
/// that it was filled in with, because it did not show the current values.
#[component]
pub fn ETagField(input: Input, present: String) -> impl IntoView {
    let etag = input.value.filter(|_| input.error.is_none()).unwrap_or(present);
    view! { <input type="hidden" name=input.name value=etag autocomplete="off"/> }
}

impl OrganizationScope {
    /// Returns the context for a write that succeeds only if the thing still has the version that the form showed.
    pub fn if_match(self, etag: &Typed) -> Self {
        Self { scope: self.scope.if_match(etag.some().map(|etag| vec![etag.to_owned()])), ..self }
    }
}

/// The name of the field in every form that has it.
const VERSION: &str = "version";

/// Returns the violation for a form whose version is no longer current.
pub fn changed() -> Violation {
    Violation::new(VERSION, "changed", "Somebody has changed this since you opened it")
}

/// The fields of a form, with the words for them in a sentence.
pub type Labels<F> = &'static [(Field<F>, &'static str)];

/// The notice at the top of such a form. `present` is the form as it would be opened now; `labels` lists the fields to
/// compare and their labels. `also` is a sentence about what the fields do not show, with a space after it.
#[component]
pub fn ChangedNotice<F: 'static>(
    draft: Draft<F>,
    present: F,
    labels: Labels<F>,
    #[prop(optional)] also: String,
) -> impl IntoView {
    draft.error(VERSION).map(|title| {
        let now = differing(&draft.form, &present, labels) + &also;
        let text =
            format!("Nothing was saved. {now}What you typed is still here: save again to put it in place of that.");
        view! { <Notice tone=NoticeKind::Warning title text news=true/> }
    })
}

/// Describes the fields that differ, like `Name is now “Acme Works”. `
fn differing<F>(typed: &F, present: &F, labels: &[(Field<F>, &str)]) -> String {
    let words = |form, (field, _): &(Field<F>, &str)| words((field.values)(form));
    let differing = labels.iter().filter(|label| words(typed, label) != words(present, label));
    differing.map(|label| format!("{} is now {}. ", label.1, quoted(&words(present, label)))).collect()
}

/// Returns the names of what was chosen by id, in the order of `all`, so that [`ChangedNotice`] can show them.
pub fn named<T: FromStr + PartialEq>(chosen: &Several<T>, all: impl IntoIterator<Item = (T, String)>) -> Several<T> {
    let chosen = chosen.read();
    all.into_iter().filter(|(id, _)| chosen.contains(id)).map(|(_, name)| name).collect()
}

fn quoted(words: &str) -> String {
    if words.is_empty() { "empty".to_owned() } else { format!("“{words}”") }
}

/// Returns all values of a field on one line.
fn words(values: Vec<String>) -> String {
    let lines = values.iter().flat_map(|value| value.lines()).map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::form::{Several, fields};

    fields! {
        struct Form {
            name: Typed,
            domains: Several,
            days: Typed<u16>,
        }
    }

    #[test]
    fn only_what_differs_from_what_was_typed_is_told() {
        let labels = [(Form::name(), "Name"), (Form::domains(), "Domains"), (Form::days(), "Days")];
        let form = |name: &str, domains: &str, days: &str| Form {
            name: name.into(),
            domains: [domains].into_iter().collect(),
            days: days.into(),
        };
        let typed = form("Acme", "a.example\r\nb.example\r\n", "7");
        let present = form("Acme Works", "a.example\nb.example", "");
        assert_eq!(differing(&typed, &present, &labels), "Name is now “Acme Works”. Days is now empty. ");
    }
}
