//! The link to a person's data, for users who can export and erase it.

use super::show::PersonQuery;
use crate::app::{portal_context::use_portal_frame, query::address};
use leptos::prelude::*;
use vestibule_core::service::may_erase;

/// One row of a list of facts. Shows nothing for users without the permission, and for people who were erased.
#[component]
pub fn PersonalData(#[prop(into)] email: String) -> impl IntoView {
    let here = use_portal_frame();
    let is_there = may_erase(&here.permissions) && !email.ends_with(vestibule_domain::email::ERASED);
    is_there.then(|| {
        let path = format!("/o/{}/people", here.organization.slug);
        let href = address(&path, &PersonQuery { email: email.into() });
        view! {
            <div>
                <dt>"Personal data"</dt>
                <dd><a href=href>"Download or erase…"</a></dd>
            </div>
        }
    })
}
