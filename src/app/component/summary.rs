//! At the top of a form with more than one error: each of them, with a link to its field.

use super::{Glyph, Icon};
use leptos::prelude::*;
use vestibule_domain::Violation;

/// Takes the focus as the page opens. Nothing for fewer than two errors: one stands at its field. Where that may be out
/// of sight, as the form is `far` down its page, one is told here as well.
#[component]
pub fn Summary(violations: Vec<Violation>, #[prop(optional)] far: bool) -> impl IntoView {
    let fewest = if far { 1 } else { 2 };
    (violations.len() >= fewest).then(|| {
        let title =
            if violations.len() == 1 { "One field needs another look" } else { "Some fields need another look" };
        let items = violations
            .into_iter()
            .map(|violation| {
                // our own names of fields, never what somebody typed
                let href = format!("#{}", violation.field);
                view! { <li><a href=href>{violation.sentence.into_owned()}</a></li> }
            })
            .collect_view();
        view! {
            <div class="flash flash--danger" role="alert" tabindex="-1" autofocus>
                <Icon glyph=Glyph::Failed/>
                <div>
                    <p class="flash__title">{title}</p>
                    <ul>{items}</ul>
                </div>
            </div>
        }
    })
}
