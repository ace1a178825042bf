//! The portal's frame: beside the page on wide screens, above it on small ones.

use super::{
    keys::{Keys, provide_keys},
    live,
    nav::{Nav, PersonMenu, Switcher},
};
use crate::app::read::hand_over;
use crate::app::{
    component::{Glyph, Icon, toast::use_toaster},
    flash::provide_flash,
};
use crate::domain::Whereabouts;
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// Who is here is known before the page begins, as the server reads it first: pages below can use it at once. A move
/// into the portal from elsewhere is a new page, never one by scripts.
#[component]
pub fn Portal() -> impl IntoView {
    provide_flash();
    match hand_over(use_context::<Whereabouts>) {
        Some(whereabouts) => view! { <Frame whereabouts/> }.into_any(),
        None => {
            Effect::new(|| _ = window().location().reload());
            ().into_any()
        }
    }
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
    let keys = provide_keys();
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
            <Keys dialog=keys/>
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
