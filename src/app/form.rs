//! A form that is shown again with what was entered and what is wrong.

use vestibule_core::service::{Conflict, Error, RequestConflict};
use vestibule_domain::Violation;
pub use vestibule_web::form::{Field, Fields, Input, Several, Typed, Values, fields};

/// A refused form: everything that was entered, and what is wrong. The form's page shows it again, but no password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft<F> {
    pub form: F,
    pub violations: Vec<Violation>,
}

impl<F> Draft<F> {
    /// Creates a form without errors.
    pub fn of(form: F) -> Self {
        Self { form, violations: Vec::new() }
    }

    /// Returns a field with what was entered and its error.
    pub fn input(&self, field: Field<F>) -> Input {
        let value = (field.values)(&self.form).into_iter().next();
        Input { name: field.name, value, error: self.error(field.name) }
    }

    /// Returns the error at the field with this name.
    pub fn error(&self, name: &str) -> Option<String> {
        self.violations.iter().find(|violation| violation.field == name).map(|violation| violation.sentence.to_string())
    }
}

/// Converts an error that the input caused, or a change by somebody else, to violations at the form's fields. Returns
/// other errors unchanged.
pub fn faults(error: Error) -> Result<Vec<Violation>, Error> {
    match error {
        Error::Invalid(violations) => Ok(violations),
        Error::Conflict(Conflict::Request(RequestConflict::Changed)) => Ok(vec![super::etag::changed()]),
        error => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fields! {
        struct Party {
            name: Typed,
            day: Typed<u16>,
        }
    }

    #[test]
    fn a_field_knows_its_name() {
        let draft = Draft {
            form: Party { name: "Ada".into(), ..Party::default() },
            violations: vec![Violation::new("day", "day", "Choose a day.")],
        };
        assert_eq!(draft.input(Party::name()), Party::name().filled("Ada"));
        assert_eq!(draft.input(Party::day()).error.unwrap(), "Choose a day.");
    }
}
