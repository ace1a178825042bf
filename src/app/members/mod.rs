//! The people of an organization: who they are, what they can do, and how they leave.

mod forms;
mod index;
mod leave;
mod roles_form;
mod show;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_domain::{Member, Permission};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/members", compressed(get(index::index)))
        .route("/o/{slug}/members/export", get(forms::export))
        .route("/o/{slug}/members/leave", compressed(get(leave::leave).post(forms::leave)))
        .route("/o/{slug}/members/{id}", compressed(get(show::show).post(forms::change_roles)))
        .route("/o/{slug}/members/{id}/remove", compressed(get(leave::remove).post(forms::remove)))
}

/// What the last owner is told. It follows [`is_last_owner`], as title and text or in one sentence after the other.
const LAST_OWNER: &str = "Make someone else an owner first.";

fn is_last_owner(name: &str) -> String {
    format!("{name} is the last owner, so the role stays")
}

/// Returns the roles' names, separated by commas.
fn role_names(member: &Member) -> String {
    member.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Returns why a user with these permissions can't change this member; `None` if they can.
fn hindrance(held: &[Permission], member: &Member) -> Option<String> {
    if !held.contains(&Permission::UserEdit) {
        return Some(format!("Your roles don’t let you {}.", Permission::UserEdit.action_phrase()));
    }
    let role = member.roles.iter().find(|role| !role.may_be_granted_by(held))?;
    Some(format!(
        "{} is {}, which holds permissions you don’t have. Ask an owner to change this.",
        member.name, role.name
    ))
}
