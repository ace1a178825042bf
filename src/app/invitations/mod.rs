//! The Invitations area: the list, the invitation form, and a single invitation with its history.

mod edit;
mod edit_many;
mod filters;
mod forms;
mod index;
mod matching;
mod new;
mod offer;
mod preview;
mod results;
mod revoke;
mod show;
mod timeline;

pub use index::Index;

use super::AppState;
use axum::{
    Router,
    routing::{get, post},
};
use vestibule_web::compression::compressed;

/// Why a user who can invite can't edit this invitation.
const BEYOND: &str = "This invitation gives more than you can give. Ask an owner to change it.";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/invitations", compressed(get(index::index)))
        .route("/o/{slug}/invitations/new", compressed(get(new::new).post(forms::invite)))
        .route("/o/{slug}/invitations/preview", post(forms::preview))
        .route("/o/{slug}/invitations/preview/letter", post(forms::letter))
        .route("/o/{slug}/invitations/resend", post(forms::resend_many))
        .route("/o/{slug}/invitations/undo", post(forms::undo))
        .route("/o/{slug}/invitations/revoke", compressed(get(revoke::revoke_many).post(forms::revoke_many)))
        .route("/o/{slug}/invitations/edit", compressed(get(edit_many::edit_many).post(forms::change_many)))
        .route("/o/{slug}/invitations/matching", compressed(get(matching::matching).post(matching::start)))
        // with the link
        .route("/o/{slug}/invitations/{id}", get(show::show))
        .route("/o/{slug}/invitations/{id}/edit", get(edit::edit).post(forms::change))
        .route("/o/{slug}/invitations/{id}/resend", post(forms::resend))
        .route("/o/{slug}/invitations/{id}/revoke", get(revoke::revoke).post(forms::revoke))
}
