//! The page after joining: what the person is now, and where they can go.

use super::parts::GoTo;
use crate::app::component::DoorState;
use crate::app::context::OrganizationScope;
use crate::app::public::layout::PublicPage;
use crate::app::public::parts::listed;
use crate::app::public::visitor::Visitor;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::{Organization, Permission, Role};
use vestibule_functions::server::places::{PAGES, Place};

/// Shows the page to a member.
pub async fn show(at: OrganizationScope, visitor: Visitor) -> Response {
    let roles = at.scope.member().map_or(&[][..], |member| member.roles.as_slice());
    let page = page(at.scope.organization(), roles, &at.scope.permissions());
    visitor.page(StatusCode::OK, page).await
}

fn page(organization: &Organization, roles: &[Role], permissions: &[Permission]) -> PublicPage {
    let name = organization.name.to_string();
    let href = first_place(permissions).map(|place| place.href(organization.slug.as_str()));
    let roles = listed(&roles.iter().map(|role| role.name.clone()).collect::<Vec<_>>());
    let shown = name.clone();
    let page = PublicPage::new(DoorState::Open, format!("Welcome to {name}")).headed(move || {
        view! {
            "You’re now a member of " <bdi>{shown}</bdi>
            {(!roles.is_empty()).then(|| view! { ", as " <bdi>{roles}</bdi> })}
        }
    });
    match href {
        Some(href) => page.lead(|| "You’re signed in, and can start now.").body(move || view! { <GoTo name href/> }),
        None => page.lead(|| "There is nothing more to do here. You can close this page."),
    }
}

/// Returns the first page of the portal that somebody with these permissions can read.
fn first_place(permissions: &[Permission]) -> Option<Place> {
    PAGES.into_iter().find(|place| permissions.contains(&place.needs.unwrap_or(Permission::UserRead)))
}
