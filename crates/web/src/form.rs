//! Forms and queries as structs of named fields.

use serde::{Deserialize, Deserializer};
use std::{marker::PhantomData, str::FromStr};

/// Defines a struct that is parsed from a form or a query. A field's name is written only here: a page that shows the
/// field `email` of a `SignInForm` takes its name from `SignInForm::email()`.
///
/// Missing fields are empty, and unknown ones are ignored, so that parsing never fails.
#[macro_export]
macro_rules! fields {
    ($(#[$meta:meta])* $vis:vis struct $form:ident { $($(#[$of:meta])* $field:ident: $kind:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
        #[serde(default)]
        $vis struct $form {
            $($(#[$of])* pub $field: $kind,)+
        }

        impl $form {
            $(pub const fn $field() -> $crate::form::Field<Self> {
                $crate::form::Field {
                    name: stringify!($field),
                    values: |form| $crate::form::Values::values(&form.$field),
                }
            })+
        }

        impl $crate::form::Fields for $form {
            const FIELDS: &'static [$crate::form::Field<Self>] = &[$(Self::$field()),+];
        }
    };
}

pub use crate::fields;

/// A struct that [`fields`] defined.
pub trait Fields: Sized + 'static {
    /// All of its fields, in the order of the definition.
    const FIELDS: &'static [Field<Self>];
}

/// A field of `F`: its name, and how to get its values.
pub struct Field<F> {
    pub name: &'static str,
    pub values: fn(&F) -> Vec<String>,
}

impl<F> Clone for Field<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Field<F> {}

impl<F> Field<F> {
    /// Returns the field of a new form, empty.
    pub fn empty(self) -> Input {
        Input { name: self.name, value: None, error: None }
    }

    /// Returns the field of a new form, with this value.
    pub fn filled(self, value: impl Into<String>) -> Input {
        Input { value: Some(value.into()), ..self.empty() }
    }
}

/// A field as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub name: &'static str,
    /// What was entered. `None` if the form was sent without the field.
    pub value: Option<String>,
    /// The error at the field.
    pub error: Option<String>,
}

/// All values of a field, as they were entered.
pub trait Values {
    fn values(&self) -> Vec<String>;
}

/// What was entered in a field for one `T`, whether or not it can be parsed. If the field was sent several times, the
/// first value counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed<T = String> {
    value: Option<String>,
    of: PhantomData<fn() -> T>,
}

impl<T> Typed<T> {
    /// Returns what was entered, or an empty text if the form was sent without the field.
    pub fn text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// Returns what was entered, if it isn't empty.
    pub fn some(&self) -> Option<&str> {
        self.value.as_deref().filter(|text| !text.is_empty())
    }

    /// Checks whether the form was sent with the field, even if it is empty.
    pub fn is_there(&self) -> bool {
        self.value.is_some()
    }
}

impl<T: FromStr> Typed<T> {
    /// Parses the text.
    pub fn read(&self) -> Option<T> {
        self.text().parse().ok()
    }
}

impl<T> Values for Typed<T> {
    fn values(&self) -> Vec<String> {
        self.value.iter().cloned().collect()
    }
}

impl<T> Default for Typed<T> {
    fn default() -> Self {
        Self { value: None, of: PhantomData }
    }
}

impl<T, S: Into<String>> From<S> for Typed<T> {
    fn from(text: S) -> Self {
        Self { value: Some(text.into()), ..Self::default() }
    }
}

impl<'de, T> Deserialize<'de> for Typed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Vec::<String>::deserialize(deserializer)?;
        Ok(Self { value: values.into_iter().next(), ..Self::default() })
    }
}

/// The values of a field that can be sent several times, each for a `T`, whether or not they can be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Several<T = String> {
    values: Vec<String>,
    of: PhantomData<fn() -> T>,
}

impl<T: FromStr> Several<T> {
    /// Returns the values that can be parsed, and skips the others.
    pub fn read(&self) -> Vec<T> {
        self.values.iter().filter_map(|value| value.parse().ok()).collect()
    }
}

impl<T> Values for Several<T> {
    fn values(&self) -> Vec<String> {
        self.values.clone()
    }
}

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self { values: Vec::new(), of: PhantomData }
    }
}

impl<T, S: Into<String>> FromIterator<S> for Several<T> {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Self {
        Self { values: values.into_iter().map(Into::into).collect(), of: PhantomData }
    }
}

impl<'de, T> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<String>::deserialize(deserializer).map(Self::from_iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum_extra::extract::Query;

    fields! {
        struct Party {
            name: Typed,
            day: Typed<u16>,
            guests: Several<u16>,
        }
    }

    fn read(query: &str) -> Party {
        Query::try_from_uri(&format!("/?{query}").parse().unwrap()).unwrap().0
    }

    #[test]
    fn what_was_typed_is_kept_whether_it_can_be_read_or_not() {
        let party = read("guests=1&name=+Ada+&guests=two&day=soon&guests=3");
        assert_eq!((party.name.text(), party.day.text(), party.day.read()), (" Ada ", "soon", None));
        assert_eq!((party.guests.read(), party.guests.values().len()), (vec![1, 3], 3));
    }

    #[test]
    fn of_several_values_the_first_counts_and_what_is_unheard_of_does_not() {
        let party = read("unheard_of=1&name=Ada&unheard_of=2&name=Grace&name=");
        assert_eq!((party.name.text(), party.guests.read()), ("Ada", vec![]));
        assert_eq!(read("%ff=1&name=%ff"), Party { name: "\u{fffd}".into(), ..Party::default() });
    }

    #[test]
    fn an_empty_field_is_there_and_a_missing_one_is_not() {
        assert!(read("name=").name.is_there() && !read("").name.is_there() && read("name=").name.some().is_none());
    }

    #[test]
    fn a_field_knows_its_name() {
        assert_eq!(Party::FIELDS.iter().map(|field| field.name).collect::<Vec<_>>(), ["name", "day", "guests"]);
    }
}
