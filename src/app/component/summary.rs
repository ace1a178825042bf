//! At the top of a form with more than one error: each of them, with a link to its field.

use super::{Glyph, Icon};
use crate::domain::Violation;
use leptos::prelude::*;

/// Takes the focus as the page opens. Nothing for fewer than two errors: one stands at its field.
#[component]
pub fn Summary(violations: Vec<Violation>) -> impl IntoView {
    (violations.len() > 1).then(|| {
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
                    <p class="flash__title">"Some fields need another look"</p>
                    <ul>{items}</ul>
                </div>
            </div>
        }
    })
}
