//! Roles: the list, and creating, editing and deleting the organization's own.

mod delete;
mod edit;
mod form;
mod forms;
mod index;
mod new;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_domain::{Permission, Role};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/roles", get(index::index))
        .route("/o/{slug}/roles/new", get(new::new))
        .route("/o/{slug}/roles/{id}/edit", get(edit::edit))
        .route("/o/{slug}/roles/{id}/delete", get(delete::delete))
        .merge(forms::routes())
}

/// Returns why a user with these permissions can't change this role; `None` if they can.
fn hindrance(held: &[Permission], role: &Role) -> Option<String> {
    if role.is_built_in() {
        return Some("Every organization has this role, and it stays as it is. Make one of your own.".to_owned());
    }
    (!role.may_be_granted_by(held)).then(|| format!("{} holds permissions you don’t have. Ask an owner.", role.name))
}
