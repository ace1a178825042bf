//! Why a server function did nothing, as a person reads it.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// The code of an answer that didn't come.
const UNREACHABLE: &str = "unreachable";

/// A refusal. It is flat, because the browser's half grows with what it has to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionError {
    /// The status of the response, which has the same words if no function was called.
    pub status: u16,
    /// A stable name.
    pub code: String,
    pub title: String,
    /// What happened, and what to do next.
    pub sentence: String,
    /// The seconds after which it may work, if waiting helps.
    #[serde(default)]
    pub retry_after: Option<u32>,
}

impl FunctionError {
    /// Checks whether signing in helps.
    pub fn is_signed_out(&self) -> bool {
        self.status == 401
    }

    /// Checks whether the browser got no answer.
    pub fn is_unreachable(&self) -> bool {
        self.code == UNREACHABLE
    }

    fn unreachable() -> Self {
        Self::new(500, UNREACHABLE, "No response", "Check your connection, then try again.")
    }

    fn new(status: u16, code: &str, title: &str, sentence: &str) -> Self {
        let (code, title, sentence) = (code.to_owned(), title.to_owned(), sentence.to_owned());
        Self { status, code, title, sentence, retry_after: None }
    }
}

impl FromServerFnError for FunctionError {
    type Encoder = JsonEncoding;

    /// Returns the error for what the framework itself refuses. Its own words say how the program is built, so they are
    /// left out.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // in the browser it is the answer that can't be read
            ServerFnErrorErr::Deserialization(_) if cfg!(target_family = "wasm") => Self::unreachable(),
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::new(400, "malformed", "This can’t be read", "Load the page again, then repeat what you did.")
            }
            _ => Self::unreachable(),
        }
    }
}
