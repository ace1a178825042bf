//! The people of an organization: who they are, what they may do, and how one leaves.

mod find;
mod forms;
mod index;
mod part;
mod roles_form;
mod show;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_domain::{Member, Permission};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/members", get(index::index))
        .route("/o/{slug}/members/leave", get(part::leave))
        .route("/o/{slug}/members/{id}", get(show::show))
        .route("/o/{slug}/members/{id}/remove", get(part::remove))
        .merge(forms::routes())
}

/// What a last owner is told; the two halves stand as title and text, or one after the other.
const LAST_OWNER: &str = "Make somebody else an owner first.";

fn is_last_owner(name: &str) -> String {
    format!("{name} is the last owner, so the role stays")
}

/// The roles by name, as a list in a sentence.
fn role_names(member: &Member) -> String {
    member.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Why somebody with these permissions may not change this member; `None` when they may.
fn hindrance(held: &[Permission], member: &Member) -> Option<String> {
    if !held.contains(&Permission::UserEdit) {
        return Some(format!("Your roles don’t let you {}.", Permission::UserEdit.deed()));
    }
    let role = member.roles.iter().find(|role| !role.may_be_granted_by(held))?;
    Some(format!(
        "{} is {}, which holds permissions you don’t have. Ask an owner to change this.",
        member.name, role.name
    ))
}
