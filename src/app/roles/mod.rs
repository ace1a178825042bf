//! Roles: the list, what each allows, and creating, editing and deleting the organization's own.

mod delete;
mod edit;
mod form;
mod forms;
mod index;
mod new;
mod show;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_domain::{Permission, Role};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/roles", compressed(get(index::index)))
        .route("/o/{slug}/roles/new", compressed(get(new::new).post(forms::create)))
        .route("/o/{slug}/roles/{id}", compressed(get(show::show)))
        .route("/o/{slug}/roles/{id}/edit", compressed(get(edit::edit).post(forms::change)))
        .route("/o/{slug}/roles/{id}/delete", compressed(get(delete::delete).post(forms::remove)))
}

/// Returns why a user with these permissions can't change this role; `None` if they can.
fn hindrance(held: &[Permission], role: &Role) -> Option<String> {
    if role.is_built_in() {
        return Some("This role is built in and can’t be changed. Create one of your own.".to_owned());
    }
    (!role.may_be_granted_by(held)).then(|| format!("{} holds permissions you don’t have. Ask an owner.", role.name))
}
