//! The way to all that is kept on a person, for those who may have it and erase it.

use crate::app::{query::escape, visit::use_whereabouts};
use leptos::prelude::*;
use vestibule_core::service::may_erase;

/// A row of a list of facts; nothing for others, and nothing for who is erased.
#[component]
pub fn PersonalData(#[prop(into)] email: String) -> impl IntoView {
    let here = use_whereabouts();
    let is_there = may_erase(&here.permissions) && !email.ends_with(vestibule_domain::email::ERASED);
    is_there.then(|| {
        let href = format!("/o/{}/people?email={}", here.organization.slug, escape(&email));
        view! {
            <div>
                <dt>"Personal data"</dt>
                <dd><a href=href>"Download or erase…"</a></dd>
            </div>
        }
    })
}
