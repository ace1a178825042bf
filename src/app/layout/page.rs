//! One page of the portal: its title, what can be done on it, the flash, and what it shows.

use super::use_whereabouts;
use crate::app::flash::FlashNotice;
use leptos::prelude::*;
use leptos_meta::Title;

/// `back` leads to the page above. `under` stands beneath the heading, `actions` beside it.
#[component]
pub fn Page(
    #[prop(into)] title: String,
    #[prop(optional)] back: Option<(String, &'static str)>,
    #[prop(default = "page")] class: &'static str,
    #[prop(optional, into)] under: Option<ViewFnOnce>,
    #[prop(optional, into)] actions: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    let document = format!("{title} · {}", use_whereabouts().get_untracked().organization.name);
    view! {
        <Title text=document/>
        <div class=class>
            <div class="page__head">
                <div class="page__title">
                    {back.map(|(href, name)| view! { <p class="small"><a href=href data-key="u">{name}</a></p> })}
                    <h1><bdi>{title}</bdi></h1>
                    {under.map(|under| under.run())}
                </div>
                {actions.map(|actions| view! { <div class="page__actions">{actions.run()}</div> })}
            </div>
            <FlashNotice/>
            {children()}
        </div>
    }
    .into_any()
}
