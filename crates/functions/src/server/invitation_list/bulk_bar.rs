//! The bar with what can be done to the selected invitations. The style sheet shows it once a row is ticked, and counts
//! the rows, so it works without scripts too. Scripts also select all that match, on this page and on the others.

use super::{Matching, PickForm};
use leptos::prelude::*;
use vestibule_components::{Glyph, Icon};
use vestibule_domain::{JobKind, Total};

/// The bar. `path` is that of the list, and `here` the URL of the page that is shown. If the list has further pages,
/// `matching` is what can be done to all `total` that match.
#[component]
pub fn BulkBar(path: String, here: String, matching: Vec<Matching>, total: Total) -> impl IntoView {
    let all = (!matching.is_empty()).then(|| {
        let total = total.to_string();
        view! {
            <button class="button button--link" type="button" data-picks-matching=total.clone() hidden>
                {format!("Select all {total} that match")}
            </button>
        }
    });
    view! {
        <div class="bulk-bar" role="group" aria-label="Selected invitations">
            <input type="hidden" name=PickForm::from().name value=here/>
            <p class="bulk-bar__count">
                <span class="bulk-bar__number"></span>
                " selected"
                <span class="bulk-bar__note">"Those that are already closed stay as they are."</span>
            </p>
            <p class="sr" role="status" data-picked></p>
            {all}
            <button class="button button--quiet button--small" type="reset">"Clear"</button>
            <button
                class="button button--small bulk-bar__some"
                formmethod="get"
                formaction=format!("{path}/edit")
                data-act="edit"
                data-key="e"
            >
                <Icon glyph=Glyph::Edit/>
                "Edit"
            </button>
            <button
                class="button button--small button--danger bulk-bar__some"
                formmethod="get"
                formaction=format!("{path}/revoke")
                data-act="revoke"
            >
                <Icon glyph=Glyph::Revoked/>
                "Revoke"
            </button>
            <button class="button button--small button--main bulk-bar__some" data-act="resend">
                <Icon glyph=Glyph::Sent/>
                "Resend"
            </button>
            {matching.into_iter().rev().map(|link| view! { <All link/> }).collect_view()}
        </div>
    }
    .into_any()
}

/// The link to what can be done to all that match, once they are selected.
#[component]
fn All(link: Matching) -> impl IntoView {
    let (class, glyph) = match link.kind {
        JobKind::ResendMatching => ("button button--small button--main bulk-bar__all", Glyph::Sent),
        JobKind::RevokeMatching => ("button button--small button--danger bulk-bar__all", Glyph::Revoked),
    };
    let words = format!("{} all…", link.verb());
    view! { <a class=class href=link.href><Icon glyph/> {words}</a> }
}
