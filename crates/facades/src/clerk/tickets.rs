//! The link in an invitation, which people open in a browser. It leads to the page where they accept.

use super::fault::{ErrorDetail, Fault, VendorResult};
use super::query::Query;
use crate::FacadeState;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

/// Redirects every ticket of ours, whether it still works or not; the page explains its state. Changes nothing.
pub async fn accept(State(state): State<FacadeState>, query: Query) -> VendorResult<Response> {
    let page = query.text("ticket").and_then(|ticket| state.vestibule.letters().link_of(ticket));
    let page = page.ok_or_else(|| {
        let long = "The ticket is invalid. Open the link as it is in the invitation.";
        Fault::new(StatusCode::BAD_REQUEST, ErrorDetail::new("ticket_invalid_code", "ticket invalid", long))
    })?;
    let mut response = Redirect::to(&page).into_response();
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}
