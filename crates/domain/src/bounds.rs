//! How much one request may ask for: lists of values, texts that are looked for.

use super::Violation;
use std::borrow::Cow;

/// Values in a list that a request names things by: ids, roles, addresses, statuses. Twice a page of any list. Each is
/// a look-up or a term of a statement, of which SQLite takes a thousand.
pub const MAX_VALUES: usize = 100;
/// Characters of a text that is looked for. Names and addresses are shorter, and SQLite compares no pattern of more
/// than 50,000 bytes.
pub const MAX_SEARCH_CHARS: usize = 300;

/// Refuses a list of more values than may be named at once.
pub fn few<T>(field: impl Into<Cow<'static, str>>, values: &[T]) -> Result<(), Violation> {
    match values.len() {
        0..=MAX_VALUES => Ok(()),
        count => Err(too_many(field, count)),
    }
}

/// That a list has so many values.
pub fn too_many(field: impl Into<Cow<'static, str>>, count: usize) -> Violation {
    Violation::new(field, "too_many", format!("Name at most {MAX_VALUES} at once. There are {count}."))
}

/// Refuses a text that is too long to be looked for.
pub fn short(field: &'static str, text: Option<&str>) -> Result<(), Violation> {
    match text.is_some_and(|text| text.chars().nth(MAX_SEARCH_CHARS).is_some()) {
        true => Err(Violation::new(field, "too_long", format!("Look for at most {MAX_SEARCH_CHARS} characters."))),
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
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(short("q", Some(&"é".repeat(MAX_SEARCH_CHARS))), Ok(()));
        assert_eq!(short("q", Some(&"é".repeat(MAX_SEARCH_CHARS + 1))).unwrap_err().code, "too_long");
        assert_eq!(short("q", None), Ok(()));
    }
}
