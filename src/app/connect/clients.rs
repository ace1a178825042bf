//! Whose clients there are, each with the place of its API.

use super::page_of;
use crate::app::visit::use_whereabouts;
use leptos::prelude::*;
use vestibule_core::service::Settings;
use vestibule_domain::Surface;
use vestibule_web::Vendor;

/// A client to choose.
#[derive(Clone)]
pub struct Choice {
    vendor: &'static Vendor,
    place: String,
}

impl Choice {
    /// All that there are.
    pub fn all(vendors: &[&'static Vendor], settings: &Settings) -> Vec<Self> {
        vendors.iter().map(|vendor| Self { vendor, place: vendor.place(settings).to_owned() }).collect()
    }
}

/// With `present` marked. The last one is for programs that were written for nobody else.
#[component]
pub fn Clients(choices: Vec<Choice>, #[prop(optional)] present: Option<Surface>) -> impl IntoView {
    let own = format!("/o/{}/keys/new", use_whereabouts().organization.slug);
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
