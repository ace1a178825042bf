//! The start page, and the list of organizations for users who belong to several.

use super::layout::PublicPage;
use super::visitor::{PageResult, Visitor};
use crate::app::component::DoorState;
use crate::app::context::SignedIn;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use leptos::prelude::*;
use vestibule_domain::Organization;

/// Redirects to the user's organization, to the list if there isn't exactly one, or to signing in.
pub async fn show(visitor: Visitor) -> PageResult {
    let path = match visitor.user().await? {
        Some(user) => match visitor.vestibule().organizations().of_user(&user).await?.as_slice() {
            [only] => format!("/o/{}/invitations", only.slug),
            _ => "/organizations".to_owned(),
        },
        None if visitor.vestibule().organizations().needs_set_up().await? => {
            return Ok(super::setup::needed(&visitor).await);
        }
        None => "/sign-in".to_owned(),
    };
    Ok(Redirect::to(&path).into_response())
}

/// Shows the organizations of the signed-in user.
pub async fn organizations(SignedIn(user): SignedIn, visitor: Visitor) -> PageResult {
    let organizations = visitor.vestibule().organizations().of_user(&user).await?;
    let room = if organizations.is_empty() { none() } else { choice(organizations) };
    let room = room.aside(move || {
        view! { "Signed in as " <bdi>{user.email.typed().to_owned()}</bdi> }
    });
    Ok(visitor.page(StatusCode::OK, room).await)
}

fn choice(organizations: Vec<Organization>) -> PublicPage {
    PublicPage::new(DoorState::Open, "Your organizations").body(move || {
        let links = organizations.into_iter().map(|organization| {
            let href = format!("/o/{}/invitations", organization.slug);
            view! { <a class="button button--wide" href=href><bdi>{organization.name.to_string()}</bdi></a> }
        });
        view! { <nav class="stack" aria-label="Your organizations">{links.collect_view()}</nav> <Leave/> }
    })
}

fn none() -> PublicPage {
    PublicPage::new(DoorState::Shut, "You don’t belong to any organization")
        .lead(|| "Ask a member of one to invite you. You join with the link in the email.")
        .body(|| view! { <Leave/> })
}

#[component]
fn Leave() -> impl IntoView {
    view! {
        <form class="stack" method="post" action="/sign-out">
            <button class="button button--quiet button--wide">"Sign out"</button>
        </form>
    }
}
