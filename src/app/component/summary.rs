//! The list of errors at the top of a form, with a link to each field.

use super::{Glyph, Icon};
use leptos::prelude::*;
use vestibule_domain::Violation;

/// Shows the errors, and takes the focus when the page opens. A single error is shown only at its field, unless the
/// form is `far` down the page, where the field may be out of sight.
#[component]
pub fn Summary(violations: Vec<Violation>, #[prop(optional)] far: bool) -> impl IntoView {
    let fewest = if far { 1 } else { 2 };
    (violations.len() >= fewest).then(|| {
        let title =
            if violations.len() == 1 { "One field needs another look" } else { "Some fields need another look" };
        let items = violations
            .into_iter()
            .map(|violation| {
                // a field's name comes from us, never from users
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
