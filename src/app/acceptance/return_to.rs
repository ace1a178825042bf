//! Sends a person who accepted to the organization's own site, with a ticket.
//!
//! This is a page that the browser leaves immediately, because `form-action` blocks redirects to other hosts after a
//! form.

use super::acceptance_session::{OfferForm, of_link};
use crate::app::component::DoorState;
use crate::app::public::layout::PublicPage;
use crate::app::public::visitor::{PageResult, Visitor};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::Query;
use leptos::prelude::*;
use url::{Position, Url};
use vestibule_core::service::{Error, NotFound};

/// The path that accepting redirects to when the invitation names a site.
pub const PATH: &str = "/accept/onward";

/// Shows the page. This changes nothing: each request gets its own ticket.
pub async fn show(visitor: Visitor, Query(query): Query<OfferForm>) -> PageResult {
    let (Some(acceptance_session), Some(user)) = (of_link(&visitor, &query), visitor.user().await?) else {
        return Ok(Redirect::to("/organizations").into_response());
    };
    let url = match visitor.vestibule().tickets().return_to(&acceptance_session, &user).await {
        Ok(Some(return_to)) => {
            let redirect_params = visitor.state().redirect_params(return_to.surface);
            return_to.url.with(
                (redirect_params.ticket, &return_to.ticket),
                (redirect_params.status, (redirect_params.word)(return_to.status)),
            )
        }
        Ok(None) | Err(Error::NotFound(NotFound::Link)) => return Ok(Redirect::to("/organizations").into_response()),
        Err(other) => return Err(other.into()),
    };
    let host =
        Url::parse(&url).map(|url| url[Position::BeforeHost..Position::AfterPort].to_owned()).unwrap_or_default();
    let refresh = HeaderValue::try_from(format!("0; url={url}"));
    let room = PublicPage::new(DoorState::Open, "You have joined")
        .lead({
            let host = host.clone();
            move || view! { "Taking you to " <bdi>{host}</bdi> "." }
        })
        .body(move || {
            view! { <a class="button button--main button--wide" href=url rel="noreferrer"><span>"Go to " <bdi>{host}</bdi></span></a> }
        });
    let mut response = visitor.page(StatusCode::OK, room).await;
    if let Ok(refresh) = refresh {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(response)
}
