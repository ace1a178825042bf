//! What the bodies of functions need: who calls, and errors in people's words.

pub mod caller;
pub mod cause;
pub mod changes;
pub mod edit_dialog;
pub mod edit_form;
pub mod invitation_list;
pub mod invitation_query;
pub mod invite_form;
pub mod jobs;
pub mod matching;
pub mod page_error;
pub mod places;
pub mod preview;
pub mod recipients;
pub mod refused;
pub mod search;

pub use caller::{Caller, caller};
pub use cause::Cause;
pub use edit_form::EditForm;
pub use invitation_query::InvitationQuery;
pub use invite_form::InviteForm;
pub use page_error::{PageError, Wait};
pub use refused::{refused, unchanged};

use crate::FunctionError;
use axum::http::StatusCode;
use leptos::prelude::{IntoView, RenderHtml};
use vestibule_core::service;

/// Returns the view's HTML, without U+0000 from what users entered, as HTML must not contain it.
pub fn html(view: impl IntoView) -> String {
    let html = view.into_view().to_html();
    // nearly always there is none, and to look for it a character at a time takes 3 % of a page
    if memchr::memchr(0, html.as_bytes()).is_some() { html.replace('\0', "") } else { html }
}

impl FunctionError {
    /// Returns the status of the response.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<service::Error> for FunctionError {
    fn from(error: service::Error) -> Self {
        PageError::from(error).into()
    }
}

impl From<PageError> for FunctionError {
    fn from(error: PageError) -> Self {
        let wait = error.retry_after().map(vestibule_web::http_error::seconds);
        Self {
            retry_after: wait.and_then(|wait| u32::try_from(wait).ok()),
            status: error.status().as_u16(),
            code: error.code().to_owned(),
            title: error.title().to_owned(),
            sentence: error.sentence(),
        }
    }
}
