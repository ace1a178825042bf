//! What the bodies of functions need: who calls, and errors in people's words.

pub mod caller;
pub mod cause;
pub mod changes;
pub mod invitation_list;
pub mod invitation_query;
pub mod invite_form;
pub mod jobs;
pub mod matching;
pub mod page_error;
pub mod places;
pub mod preview;
pub mod recipients;
pub mod search;

pub use caller::{Caller, caller};
pub use cause::Cause;
pub use invitation_query::InvitationQuery;
pub use invite_form::InviteForm;
pub use page_error::{PageError, Wait};

use crate::FunctionError;
use axum::http::StatusCode;
use vestibule_core::service;

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
