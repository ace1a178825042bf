//! The Invitations area: the list, the invitation form, and a single invitation with its history.

mod asked;
mod edit;
mod filters;
mod forms;
mod index;
mod list;
mod new;
mod offer;
mod results;
mod revoke;
mod row;
mod show;
mod timeline;

use super::AppState;
use axum::{Router, routing::get};

/// Why a user who can invite can't edit this invitation.
const BEYOND: &str = "This invitation gives more than you can give. Ask an owner to change it.";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/invitations", get(index::index))
        .route("/o/{slug}/invitations/new", get(new::new))
        .route("/o/{slug}/invitations/revoke", get(revoke::revoke_many))
        .route("/o/{slug}/invitations/{id}", get(show::show))
        .route("/o/{slug}/invitations/{id}/edit", get(edit::edit))
        .route("/o/{slug}/invitations/{id}/revoke", get(revoke::revoke))
        .merge(forms::routes())
}
