//! Someone's dependents, and what happened to them: keys, webhooks and open invitations as text, with the choice to
//! take them over.

use super::plural;
use crate::app::form::{Typed, fields};
use leptos::prelude::*;
use vestibule_domain::{DependentChanges, DependentCounts, Dependents};

/// The largest number of names that are listed for each kind.
const NAMES: usize = 10;

/// Returns `2 API keys, 1 webhook and 5 open invitations`, or an empty text if there are none.
pub fn in_words(counts: DependentCounts) -> String {
    let mut parts = [
        (counts.api_keys, "API key", "API keys"),
        (counts.webhooks, "webhook", "webhooks"),
        (counts.invitations, "open invitation", "open invitations"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| plural(count, one, many))
    .collect::<Vec<_>>();
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) }
}

/// Describes what happened to dependents. `fate` is what happened to those that were cut.
pub fn settled_in_words(settled: DependentChanges, fate: &str) -> String {
    let cut = (!settled.cut.is_empty()).then(|| format!("{} {fate}.", in_words(settled.cut)));
    let taken = (!settled.taken_over.is_empty()).then(|| format!("You took over {}.", in_words(settled.taken_over)));
    cut.into_iter().chain(taken).collect::<Vec<_>>().join(" ")
}

/// Describes someone's dependents: `2 API keys were created by Ann.`, followed by `fate`. Shows nothing if there are none.
#[component]
pub fn DependentsNote(
    dependents: Dependents,
    /// How they were made, like `by Ann` or `with this key`.
    #[prop(into)]
    made: String,
    #[prop(into)] fate: String,
    /// The name of the field that offers to take them over, if the form offers it.
    #[prop(optional_no_strip)]
    choice: Option<&'static str>,
) -> impl IntoView {
    let counts = dependents.counts();
    let keys = names("API keys", dependents.api_keys.iter().map(|key| key.name.to_string()).collect());
    let webhooks = names("Webhooks", dependents.webhooks.iter().map(|endpoint| endpoint.label()).collect());
    let details = keys.into_iter().chain(webhooks).map(|line| view! { <p class="small quiet">{line}</p> });
    (!counts.is_empty()).then(|| {
        view! {
            <CountsNote counts made fate/>
            {details.collect_view()}
            {choice.map(|name| view! { <TakeOver name/> })}
        }
        .into_any()
    })
}

/// Describes dependents like [`DependentsNote`], but by their counts only.
#[component]
pub fn CountsNote(counts: DependentCounts, #[prop(into)] made: String, #[prop(into)] fate: String) -> impl IntoView {
    let is_one = counts.api_keys + counts.webhooks + counts.invitations == 1;
    let were = if is_one { "was" } else { "were" };
    (!counts.is_empty()).then(|| view! { <p>{format!("{} {were} created {made}. {fate}", in_words(counts))}</p> })
}

/// The value of [`TakeOver`] when it is ticked.
pub const TAKE_OVER: &str = "take_over";

fields! {
    /// A form with only this choice.
    pub struct TakeOverForm {
        dependents: Typed,
    }
}

/// The choice to take dependents over.
#[component]
pub fn TakeOver(name: &'static str) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="checkbox" name=name value=TAKE_OVER/>
            <span>"Take them over"</span>
            <span class="choice__note">"They keep working with the permissions that you have, and stop when you leave."</span>
        </label>
    }
}

/// Returns `API keys: ci, deploy and 3 more.`
fn names(kind: &str, names: Vec<String>) -> Option<String> {
    let more = names.len().saturating_sub(NAMES);
    let shown = names.iter().take(NAMES).cloned().collect::<Vec<_>>().join(", ");
    match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(format!("{kind}: {shown}.")),
        (false, more) => Some(format!("{kind}: {shown} and {more} more.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(api_keys: u64, webhooks: u64, invitations: u64) -> DependentCounts {
        DependentCounts { api_keys, webhooks, invitations }
    }

    #[test]
    fn only_those_are_named_that_there_are() {
        assert_eq!(in_words(counts(2, 1, 5)), "2 API keys, 1 webhook and 5 open invitations");
        assert_eq!(in_words(counts(1, 0, 2)), "1 API key and 2 open invitations");
        assert_eq!((in_words(counts(0, 1, 0)), in_words(counts(0, 0, 0))), ("1 webhook".into(), String::new()));
    }

    #[test]
    fn what_was_cut_and_what_was_taken_over_are_two_sentences() {
        let settled = DependentChanges { cut: counts(1, 0, 0), taken_over: counts(0, 1, 1) };
        let words = "1 API key stopped working. You took over 1 webhook and 1 open invitation.";
        assert_eq!(settled_in_words(settled, "stopped working"), words);
        assert_eq!(settled_in_words(DependentChanges::default(), "stopped working"), "");
    }

    #[test]
    fn a_long_list_of_names_ends_with_how_many_there_are_more() {
        let many: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        assert_eq!(names("Webhooks", many).unwrap(), "Webhooks: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more.");
        assert_eq!(names("Webhooks", vec!["a".into()]).unwrap(), "Webhooks: a.");
        assert_eq!(names("Webhooks", vec![]), None);
    }
}
