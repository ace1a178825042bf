//! What the bodies of functions need: who calls, and errors in people's words.

pub mod caller;
pub mod cause;
pub mod changes;
pub mod jobs;
pub mod lists;
pub mod page_error;
pub mod recipients;

pub use caller::{Caller, caller};
pub use cause::Cause;
pub use page_error::{PageError, Wait};

use crate::FunctionError;
use vestibule_core::service;

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
