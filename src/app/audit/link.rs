//! The links to a part of the log, for users who can read it.

use super::query::EventQuery;
use crate::app::portal_context::use_portal_frame;
use leptos::prelude::*;
use vestibule_domain::Permission;

/// Returns the URL of the part of the log that the filter asks for; `None` for users who can't read the log.
pub fn part_of_log(query: &EventQuery) -> Option<String> {
    let here = use_portal_frame();
    here.permissions.contains(&Permission::AuditRead).then(|| query.href(here.organization.slug.as_str()))
}

/// One row of a list of facts: the link to this part of the log. Shows nothing for users who can't read the log.
#[component]
pub fn AuditLog(query: EventQuery) -> impl IntoView {
    part_of_log(&query).map(|href| {
        view! {
            <div>
                <dt>"Audit log"</dt>
                <dd><a href=href>"See the events"</a></dd>
            </div>
        }
    })
}
