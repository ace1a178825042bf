//! The mailed link itself.

use super::which::href;
use crate::app::public::visitor::{Answer, Visitor};
use axum::extract::{Path, rejection::PathRejection};
use axum::response::{IntoResponse, Redirect};
use vestibule_web::session::VISIT;

/// Begins a visit and takes the token out of the address. A link that we never made is answered like one that is
/// cut short, and who tries many has to wait.
pub async fn open(visitor: Visitor, token: Result<Path<String>, PathRejection>) -> Answer {
    // an address that is no text holds no token of ours
    let token = token.map_or_else(|_| String::new(), |Path(token)| token);
    let (visit, visits) = visitor.follow(visitor.vestibule().open_beside(&token, visitor.visits())).await?;
    Ok(visitor.lead_on_with(&href("/accept", &visit.name()), VISIT, &visits.to_text()))
}

/// For programs that look before a person does: says where the page is, and touches nothing.
pub async fn look() -> impl IntoResponse {
    Redirect::to("/accept")
}
