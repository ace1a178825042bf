//! A violation: what is wrong with one field of an input.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What is wrong with one field of an input. `field` is the field's name, `code` is stable and for programs, `sentence`
/// tells a person what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    pub field: Cow<'static, str>,
    pub code: Cow<'static, str>,
    pub sentence: Cow<'static, str>,
}

impl Violation {
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        sentence: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field: field.into(), code: code.into(), sentence: sentence.into() }
    }
}
