//! How much one request may ask for: values in a list, characters in a search.

use super::{Violation, number::grouped};
use std::borrow::Cow;

/// The most values in a list of a request: ids, roles, email addresses, statuses. That is twice a page of any list.
/// Each value costs a look-up or a term of a statement, and SQLite allows a thousand terms.
pub const MAX_VALUES: usize = 100;
/// The most invitations that a person can select one by one, on several pages of the list. More would take longer than a
/// person waits; for all that match there are jobs.
pub const MAX_SELECTED: usize = 500;
/// The most characters in a search. Names and email addresses are shorter, and SQLite refuses patterns of more than
/// 50,000 bytes.
pub const MAX_SEARCH_CHARS: usize = 300;

/// Rejects a list with more than [`MAX_VALUES`] values.
pub fn few<T>(field: impl Into<Cow<'static, str>>, values: &[T]) -> Result<(), Violation> {
    match values.len() {
        0..=MAX_VALUES => Ok(()),
        count => Err(too_many(field, count)),
    }
}

/// Rejects a selection of more than [`MAX_SELECTED`].
pub fn selected<T>(ids: &[T]) -> Result<(), Violation> {
    match ids.len() {
        0..=MAX_SELECTED => Ok(()),
        count => {
            let count = grouped(count as u64);
            let sentence = format!("Select at most {MAX_SELECTED} at once, or all that match. There are {count}.");
            Err(Violation::new("id", "too_many", sentence))
        }
    }
}

/// Returns the violation for a list with `count` values.
pub fn too_many(field: impl Into<Cow<'static, str>>, count: usize) -> Violation {
    Violation::new(field, "too_many", format!("Use at most {MAX_VALUES} values at once. There are {count}."))
}

/// Rejects a search of more than [`MAX_SEARCH_CHARS`] characters.
pub fn short(field: &'static str, text: Option<&str>) -> Result<(), Violation> {
    match text.is_some_and(|text| text.chars().nth(MAX_SEARCH_CHARS).is_some()) {
        true => Err(Violation::new(field, "too_long", format!("Search for at most {MAX_SEARCH_CHARS} characters."))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_values_may_be_named_and_no_more() {
        assert_eq!(few("ids", &[0; MAX_VALUES]), Ok(()));
        assert_eq!(few("ids", &[0; MAX_VALUES + 1]).unwrap_err().code, "too_many");
    }

    #[test]
    fn more_can_be_selected_than_named() {
        assert_eq!(selected(&[0; MAX_SELECTED]), Ok(()));
        let sentence = "Select at most 500 at once, or all that match. There are 1,200.";
        assert_eq!(selected(&[0; 1_200]).unwrap_err().sentence, sentence);
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(short("q", Some(&"é".repeat(MAX_SEARCH_CHARS))), Ok(()));
        assert_eq!(short("q", Some(&"é".repeat(MAX_SEARCH_CHARS + 1))).unwrap_err().code, "too_long");
        assert_eq!(short("q", None), Ok(()));
    }
}
