//! The page that is shown when a page failed.

use crate::app::component::{Door, DoorState};
use crate::app::{
    portal_context::{use_page_path, use_portal_frame},
    shell::Title,
};
use leptos::prelude::*;
use vestibule_domain::PortalFrame;
use vestibule_functions::{FunctionError, server::places::PAGES};

/// Shows what happened and what to do next.
#[component]
pub fn ErrorPanel(error: FunctionError) -> impl IntoView {
    let FunctionError { title, sentence, status, .. } = error;
    let page = use_page_path();
    let (href, words) = match status {
        // the same request would get the same answer
        403 | 404 | 422 => way_back(&use_portal_frame(), &page),
        _ => (page, "Try again".to_owned()),
    };
    view! {
        <Title text=title.clone()/>
        <section class="panel">
            <div class="empty">
                <Door state=DoorState::Shut/>
                <div class="stack stack--tight">
                    <h1>{title}</h1>
                    <p>{sentence}</p>
                </div>
                <div class="row">
                    <a class="button" href=href>{words}</a>
                    <a class="button button--quiet" href="/">"Home"</a>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// Returns the URL of the list above this page, or of the organization's first page, and the words of a link to it.
/// Somebody who doesn't see that one either is led to their organizations.
fn way_back(frame: &PortalFrame, page: &str) -> (String, String) {
    let lists = PAGES.into_iter().filter(|list| list.is_for(&frame.permissions));
    let lists: Vec<_> = lists.map(|list| (list.href(frame.organization.slug.as_str()), list.name)).collect();
    let is_above = |href: &str| page.strip_prefix(href).is_some_and(|rest| rest.starts_with(['/', '?']));
    let list = lists.iter().find(|(href, _)| is_above(href)).or(lists.first());
    match list.filter(|(href, _)| href != page) {
        Some((href, name)) => (href.clone(), format!("Back to {name}")),
        None => ("/organizations".to_owned(), "Your organizations".to_owned()),
    }
}
