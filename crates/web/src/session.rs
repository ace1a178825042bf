//! Our cookies: those that carry a secret, for the session, for opened invitation links, and for choosing a password,
//! and those for what the next page shows or where it leads. The database keeps only digests of the secrets.

use super::PublicUrl;
use axum::http::{HeaderMap, HeaderValue, header};

/// One kind of cookie.
#[derive(Clone, Copy, Debug)]
pub struct Cookie {
    name: &'static str,
    host_name: &'static str,
    /// The seconds until the browser deletes it. The server's own limits are the same or shorter.
    max_age: u32,
}

/// The session of the person who is signed in. It lasts seven days, the absolute limit of a session.
pub const SESSION: Cookie = Cookie { name: "vst_sid", host_name: "__Host-vst_sid", max_age: 7 * 24 * 60 * 60 };
/// The invitations that were opened in this browser, so that no address needs to contain a token. It lasts half an
/// hour.
pub const ACCEPTANCE_SESSION: Cookie = Cookie { name: "vst_inv", host_name: "__Host-vst_inv", max_age: 30 * 60 };
/// The person whose password may be chosen in this browser. It lasts half an hour.
pub const PASSWORD_LINK: Cookie = Cookie { name: "vst_pwd", host_name: "__Host-vst_pwd", max_age: 30 * 60 };
/// The acceptance session on whose page the password was forgotten, by its public name: the new password leads back to it.
/// No secret; it lasts as long as the acceptance session.
pub const FORGOTTEN_AT: Cookie = Cookie { name: "vst_from", host_name: "__Host-vst_from", max_age: 30 * 60 };
/// The result of a form post, for the page that it redirects to. No secret; lives for a minute.
pub const FLASH: Cookie = Cookie { name: "vst_flash", host_name: "__Host-vst_flash", max_age: 60 };
/// A secret that the page after a form shows once, sealed. It lasts five minutes.
pub const SHOWN_ONCE: Cookie = Cookie { name: "vst_once", host_name: "__Host-vst_once", max_age: 5 * 60 };

/// Deletes everything that the browser keeps of a person who signs out; see [`clear_site_data`].
const EVERYTHING: HeaderValue = HeaderValue::from_static(r#""cache", "cookies", "storage""#);

impl Cookie {
    /// Returns the cookie's value in a request, if it is there and not empty.
    pub fn read(self, headers: &HeaderMap, url: &PublicUrl) -> Option<String> {
        let name = self.name(url);
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value.to_owned())
    }

    /// Adds the cookie to a request, in front of those that are there: the first of a name counts.
    pub fn put(self, value: &str, headers: &mut HeaderMap, url: &PublicUrl) {
        let mut line = format!("{}={value}", self.name(url));
        for other in headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok()) {
            line.push_str("; ");
            line.push_str(other);
        }
        if let Ok(line) = HeaderValue::try_from(line) {
            headers.insert(header::COOKIE, line);
        }
    }

    /// Returns a `Set-Cookie` value. `value` must not need quotes: base64url, underscores, and dots between them.
    pub fn set(self, value: &str, url: &PublicUrl) -> HeaderValue {
        self.line(value, self.max_age, url)
    }

    /// Returns a `Set-Cookie` value that makes the browser delete the cookie.
    pub fn clear(self, url: &PublicUrl) -> HeaderValue {
        self.line("", 0, url)
    }

    /// Returns the cookie's name. The `__Host-` prefix prevents other hosts of the same domain from setting it. But
    /// browsers demand `Secure` with it, and over plain http to another machine they drop `Secure` cookies.
    fn name(self, url: &PublicUrl) -> &'static str {
        if url.keeps_secure_cookies() { self.host_name } else { self.name }
    }

    fn line(self, value: &str, max_age: u32, url: &PublicUrl) -> HeaderValue {
        let secure = if url.keeps_secure_cookies() { "; Secure" } else { "" };
        let line = format!("{}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}", self.name(url));
        HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
    }
}

/// Returns the token of the session, for `vestibule.session`. `public_url` is the setting.
pub fn token_of(headers: &HeaderMap, public_url: &str) -> Option<String> {
    SESSION.read(headers, &PublicUrl::new(public_url))
}

/// Checks whether a request carries one of our secrets, so that a foreign page could misuse it.
pub fn brings_secret(headers: &HeaderMap, url: &PublicUrl) -> bool {
    [SESSION, ACCEPTANCE_SESSION, PASSWORD_LINK].iter().any(|cookie| cookie.read(headers, url).is_some())
}

/// Returns the header that makes the browser delete everything that it keeps for us.
pub fn clear_site_data() -> (header::HeaderName, HeaderValue) {
    (header::HeaderName::from_static("clear-site-data"), EVERYTHING)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(line: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(line))])
    }

    #[test]
    fn a_session_cookie_has_every_flag() {
        let line = SESSION.set("abc", &PublicUrl::new("https://app.example"));
        assert_eq!(line, "__Host-vst_sid=abc; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure");
    }

    #[test]
    fn over_plain_http_to_another_machine_the_cookie_is_one_that_browsers_keep() {
        let line = SESSION.set("abc", &PublicUrl::new("http://192.168.0.9:3000"));
        assert_eq!(line, "vst_sid=abc; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn only_the_name_that_was_set_is_read() {
        let url = PublicUrl::new("https://app.example");
        assert_eq!(SESSION.read(&with("a=b; __Host-vst_sid=abc; c=d"), &url).as_deref(), Some("abc"));
        for line in ["vst_sid=abc", "__Host-vst_sid=", "x__Host-vst_sid=abc", "__Host-vst_inv=abc"] {
            assert_eq!(SESSION.read(&with(line), &url), None, "{line}");
        }
    }
}
