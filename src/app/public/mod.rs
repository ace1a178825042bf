//! The pages outside of any organization: setup, signing in, passwords. The server renders them completely, without
//! scripts; every form is a plain POST.

pub mod error_page;
mod home;
pub mod layout;
pub mod parts;
mod password;
mod profile;
mod setup;
pub mod sign_in;
pub mod visitor;
mod well_known;

use super::context::AppState;
use axum::Router;
use axum::routing::{get, post};
use vestibule_web::body;

pub fn routes(state: AppState) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/organizations", get(home::organizations))
        .route("/profile", get(profile::show))
        .route("/profile/password", get(profile::back).post(profile::change_password))
        .route("/profile/sessions", get(profile::back).post(profile::end_session))
        .route("/profile/sessions/others", get(profile::back).post(profile::end_others))
        .route("/profile/export", get(profile::export))
        .route("/setup", get(setup::show).post(setup::set_up))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/forgot-password", get(password::forgot).post(password::send))
        .route("/choose-password", get(password::choose).post(password::set))
        .route(well_known::SECURITY, get(well_known::security))
        .route(well_known::CHANGE_PASSWORD, get(well_known::change_password))
        .layer(body::form_sized())
        .with_state(state)
}
