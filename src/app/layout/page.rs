//! One page of the portal: its title, actions, flash and content.

use crate::app::{flash::FlashNotice, portal_context::use_portal_frame, shell::Title};
use leptos::prelude::*;

/// The page. `back` is the link to the page above, `under` is shown below the heading, and `actions` next to it. A page
/// that is `live` updates when something changes elsewhere; this is for pages to read, whose only inputs are filters.
/// If an `island` has the content, the island updates it.
#[component]
pub fn Page(
    #[prop(into)] title: String,
    #[prop(optional)] back: Option<(String, &'static str)>,
    #[prop(default = "page")] class: &'static str,
    #[prop(optional, into)] under: Option<ViewFnOnce>,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
    #[prop(optional)] live: bool,
    #[prop(optional)] island: bool,
    children: Children,
) -> impl IntoView {
    let document_title = format!("{title} · {}", use_portal_frame().organization.name);
    view! {
        <Title text=document_title/>
        <div class=class>
            <div class="page__head" data-live=live.then_some("head")>
                <div class="page__title">
                    {back.map(|(href, name)| {
                        view! { <p class="small page__back"><a href=href data-key="u">{name}</a></p> }
                    })}
                    <h1><bdi>{title}</bdi></h1>
                    {under.map(|under| under.run())}
                </div>
                {actions.map(|actions| view! { <div class="page__actions">{actions.run()}</div> })}
            </div>
            <FlashNotice/>
            <div class="page__content" data-live=(live && !island).then_some("content")>{children()}</div>
        </div>
    }
    .into_any()
}
