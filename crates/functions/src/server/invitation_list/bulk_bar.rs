//! The bar with what can be done to the selected invitations. The style sheet shows it once a row is ticked, and counts
//! the rows, so it works without scripts too.

use leptos::prelude::*;
use vestibule_components::{Glyph, Icon};

/// The names of the form's fields: the selected invitations, and the URL of the list.
pub const ID: &str = "id";
pub const FROM: &str = "from";

/// The bar. `path` is that of the list, and `here` the URL of the page that is shown.
#[component]
pub fn BulkBar(path: String, here: String) -> impl IntoView {
    view! {
        <div class="bulk-bar" role="group" aria-label="Selected invitations">
            <input type="hidden" name=FROM value=here/>
            <p class="bulk-bar__count">
                <span class="bulk-bar__number"></span>
                " selected"
                <span class="bulk-bar__note">"Those that are closed already stay as they are."</span>
            </p>
            <p class="sr" role="status" data-picked></p>
            <button class="button button--quiet button--small" type="reset">"Clear"</button>
            <button
                class="button button--small button--danger"
                formmethod="get"
                formaction=format!("{path}/revoke")
                data-act="revoke"
            >
                <Icon glyph=Glyph::Revoked/>
                "Revoke"
            </button>
            <button class="button button--small button--main" data-act="resend">
                <Icon glyph=Glyph::Sent/>
                "Resend"
            </button>
        </div>
    }
    .into_any()
}
