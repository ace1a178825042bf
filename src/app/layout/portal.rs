//! The portal's frame: next to the page on wide screens, above it on small ones.

use super::{
    nav::{Nav, PersonMenu, Switcher},
    palette::SearchPalette,
    shortcuts::Shortcuts,
};
use crate::app::component::{Glyph, Icon, Notice, NoticeKind};
use crate::app::portal_context::{use_page_path, use_portal_frame};
use leptos::prelude::*;
use vestibule_domain::Instant;
use vestibule_functions::server::jobs::described;
use vestibule_islands::{acts::Acting, progress::Progress};

/// The frame around `page`. Scripts listen to the feed that it names.
#[component]
pub fn Portal(now: Instant, page: AnyView) -> impl IntoView {
    let frame = use_portal_frame();
    let slug = frame.organization.slug.to_string();
    let jobs = frame.jobs.iter().map(|job| described(job, now)).collect();
    let feed = format!("/o/{slug}/feed");
    view! {
        <div class="app" data-feed=feed>
            <a class="skip" href="#main">"Skip to content"</a>
            <header class="app__bar">
                <details class="menu">
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
                {page}
            </main>
            <Shortcuts/>
        </div>
        <div id="toasts" role="status"></div>
        <div class="dock">
            <Acting slug=slug.clone()/>
            <Progress slug=slug.clone() here=use_page_path() jobs/>
        </div>
        <SearchPalette slug/>
        <Stale/>
    }
    .into_any()
}

/// The notice that scripts show above a page that could not be refreshed.
#[component]
fn Stale() -> impl IntoView {
    view! {
        <template id="stale">
            <Notice
                tone=NoticeKind::Danger
                title="No response"
                text="The server couldn’t be reached, or you are signed out. What you see may be out of date."
            >
                <a href="">"Load the page again"</a>
            </Notice>
        </template>
    }
}
