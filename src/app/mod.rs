//! The portal: pages that the server renders whole and scripts then take over. Server functions read; every change is
//! a plain form's POST, with scripts or without.

#[cfg(feature = "ssr")]
pub mod acceptance;
pub mod component;
#[cfg(feature = "ssr")]
pub mod context;
pub mod failure;
pub mod flash;
pub mod form;
pub mod invitations;
pub mod layout;
pub mod members;
pub mod outbox;
#[cfg(feature = "ssr")]
pub mod public;
pub mod query;
pub mod read;
#[cfg(feature = "ssr")]
pub mod respond;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
pub mod shell;

#[cfg(feature = "ssr")]
pub use context::AppState;
#[cfg(feature = "ssr")]
pub use routes::routes;

use component::{toast, when};
use failure::NotFound;
use layout::Portal;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// All pages of the portal by their addresses.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    when::provide_zone();
    toast::provide_toaster();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("/o/:slug") view=Portal ssr=SsrMode::Async>
                    <Route path=path!("/invitations") view=invitations::Index ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/new") view=invitations::New ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/revoke") view=invitations::RevokeMany ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:id") view=invitations::Show ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:id/edit") view=invitations::Edit ssr=SsrMode::Async/>
                    <Route path=path!("/invitations/:id/revoke") view=invitations::Revoke ssr=SsrMode::Async/>
                <Route path=path!("/members") view=members::Index ssr=SsrMode::Async/>
                    <Route path=path!("/members/leave") view=members::Leave ssr=SsrMode::Async/>
                    <Route path=path!("/members/:id") view=members::Show ssr=SsrMode::Async/>
                    <Route path=path!("/members/:id/remove") view=members::Remove ssr=SsrMode::Async/>
                    <Route path=path!("/outbox") view=outbox::Index ssr=SsrMode::Async/>
                    <Route path=path!("/outbox/:id") view=outbox::Show ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
        <component::Toaster/>
    }
}
