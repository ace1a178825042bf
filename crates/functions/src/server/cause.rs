//! Why a function failed. The caller hears nothing of it; the log does.

use leptos::prelude::use_context;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

/// The cause of the present call's failure. The code that answers the call provides one, and takes from it.
#[derive(Clone, Debug, Default)]
pub struct Cause(Arc<Mutex<Option<Arc<dyn Error + Send + Sync>>>>);

impl Cause {
    /// Stores the cause for the one who answers, if there is one.
    pub(super) fn keep(cause: Box<dyn Error + Send + Sync>) {
        if let Some(Self(place)) = use_context() {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::from(cause));
        }
    }

    pub fn take(&self) -> Option<Arc<dyn Error + Send + Sync>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
