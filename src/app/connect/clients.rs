//! The vendors whose clients can be connected, each with the location of its API.

use super::page_of;
use crate::app::portal_context::use_portal_frame;
use leptos::prelude::*;
use vestibule_core::service::Settings;
use vestibule_domain::Surface;
use vestibule_web::Vendor;

/// One vendor to choose.
#[derive(Clone)]
pub struct Choice {
    vendor: &'static Vendor,
    place: String,
}

impl Choice {
    /// Returns a choice for each vendor.
    pub fn all(vendors: &[&'static Vendor], settings: &Settings) -> Vec<Self> {
        vendors.iter().map(|vendor| Self { vendor, place: vendor.place(settings).to_owned() }).collect()
    }
}

/// The choices, with `present` marked. The last one is for programs that were not written for any vendor's API.
#[component]
pub fn Clients(choices: Vec<Choice>, #[prop(optional)] present: Option<Surface>) -> impl IntoView {
    let own = format!("/o/{}/keys/new", use_portal_frame().organization.slug);
    let links = choices
        .into_iter()
        .map(|Choice { vendor, place }| {
            let current = (present == Some(vendor.surface)).then_some("page");
            view! {
                <a class="client" href=page_of(vendor) aria-current=current>
                    {vendor.name}
                    <span class="client__path">{place}</span>
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="clients" aria-label="Client">
            {links}
            <a class="client" href=own>
                "A program of your own"
                <span class="client__path">"/api/v1"</span>
            </a>
        </nav>
    }
    .into_any()
}
