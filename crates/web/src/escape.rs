//! Text inside URLs.

use std::fmt::Write;

/// Percent-encodes everything except letters, digits and `-._~` (RFC 3986, 2.3).
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_an_address_is_escaped() {
        assert_eq!(escape("a-b.c_d~9"), "a-b.c_d~9");
        assert_eq!(escape("a&b=ü /?"), "a%26b%3D%C3%BC%20%2F%3F");
    }
}
