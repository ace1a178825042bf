//! The portal's frame: beside the page on wide screens, above it on small ones.

use super::{
    actions::whereabouts,
    live,
    nav::{Nav, PersonMenu, Switcher},
};
use crate::app::{
    component::{Glyph, Icon, toast::use_toaster},
    failure::Failed,
    flash::provide_flash,
};
use crate::domain::Whereabouts;
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_params_map};

/// Loads who is here and what they may do, once; then the pages below can read it without waiting.
#[component]
pub fn Portal() -> impl IntoView {
    provide_flash();
    let params = use_params_map();
    let slug = Memo::new(move |_| params.read().get("slug").unwrap_or_default());
    let resource = Resource::new(move || slug.get(), whereabouts);
    view! {
        <Suspense>
            {Suspend::new(async move {
                match resource.await {
                    Ok(whereabouts) => view! { <Frame whereabouts/> }.into_any(),
                    Err(failure) => view! {
                        <main class="room" id="main">
                            <div class="room__main"><Failed failure/></div>
                        </main>
                    }
                    .into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// Who is here, and the counts of the navigation. Pages below [`Portal`] only.
pub fn use_whereabouts() -> RwSignal<Whereabouts> {
    expect_context()
}

#[component]
fn Frame(whereabouts: Whereabouts) -> impl IntoView {
    let whereabouts = RwSignal::new(whereabouts);
    provide_context(whereabouts);
    live::provide_changes(whereabouts, use_toaster());
    let menu = NodeRef::<leptos::html::Details>::new();
    close_when_moved(menu);
    view! {
        <div class="app">
            <a class="skip" href="#main" rel="external">"Skip to content"</a>
            <header class="app__bar">
                <details class="menu" node_ref=menu>
                    <summary class="button button--icon button--quiet">
                        <Icon glyph=Glyph::Menu/>
                        <span class="sr">"Menu"</span>
                    </summary>
                    <div class="menu__panel menu__panel--start">
                        <Nav label="Menu"/>
                    </div>
                </details>
                <Switcher/>
                <PersonMenu brief=true/>
            </header>
            <header class="app__side">
                <Switcher/>
                <Nav label="Portal"/>
                <PersonMenu/>
            </header>
            <main class="app__main" id="main" tabindex="-1">
                <Outlet/>
            </main>
        </div>
    }
    .into_any()
}

/// A menu is for one choice: the page behind it changes without closing it.
fn close_when_moved(menu: NodeRef<leptos::html::Details>) {
    let location = leptos_router::hooks::use_location();
    Effect::new(move || {
        location.pathname.track();
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    });
}
