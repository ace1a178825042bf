//! The cookies that carry a secret, and nothing else: who is signed in, whose link was opened, whose password may be
//! chosen. The database keeps only digests of what they hold.

use super::PublicUrl;
use axum::http::{HeaderMap, HeaderValue, header};

/// One kind of cookie.
#[derive(Clone, Copy, Debug)]
pub struct Cookie {
    name: &'static str,
    host_name: &'static str,
    /// Seconds until the browser forgets it; the server's own limits are shorter or the same.
    max_age: u32,
}

/// Who is signed in. Seven days, the absolute limit of a session.
pub const SESSION: Cookie = Cookie { name: "vst_sid", host_name: "__Host-vst_sid", max_age: 7 * 24 * 60 * 60 };
/// Which invitations were opened here, so that no token stands in an address. Half an hour to answer.
pub const VISIT: Cookie = Cookie { name: "vst_inv", host_name: "__Host-vst_inv", max_age: 30 * 60 };
/// Whose password may be chosen here. As long as it takes to choose one.
pub const PASSWORD_LINK: Cookie = Cookie { name: "vst_pwd", host_name: "__Host-vst_pwd", max_age: 30 * 60 };

/// Ends what the browser keeps of a person who signs out: [`clear_site_data`] names it.
const EVERYTHING: HeaderValue = HeaderValue::from_static(r#""cache", "cookies", "storage""#);

impl Cookie {
    /// The cookie's value in a request, if it is there and not empty.
    pub fn read(self, headers: &HeaderMap, url: &PublicUrl) -> Option<String> {
        let name = self.name(url);
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value.to_owned())
    }

    /// A `Set-Cookie` line. `value` is of our own tokens: base64url, underscores, and points between them.
    pub fn set(self, value: &str, url: &PublicUrl) -> HeaderValue {
        self.line(value, self.max_age, url)
    }

    /// A `Set-Cookie` line that makes the browser forget it.
    pub fn clear(self, url: &PublicUrl) -> HeaderValue {
        self.line("", 0, url)
    }

    /// The `__Host-` prefix keeps other hosts of the same domain from setting it, but browsers demand `Secure` with
    /// it, and over plain http to another machine they drop what is `Secure`.
    fn name(self, url: &PublicUrl) -> &'static str {
        if url.keeps_secure_cookies() { self.host_name } else { self.name }
    }

    fn line(self, value: &str, max_age: u32, url: &PublicUrl) -> HeaderValue {
        let secure = if url.keeps_secure_cookies() { "; Secure" } else { "" };
        let line = format!("{}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}", self.name(url));
        HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
    }
}

/// The token of whoever is signed in, for `vestibule.session`. `public_url` is the setting.
pub fn token_of(headers: &HeaderMap, public_url: &str) -> Option<String> {
    SESSION.read(headers, &PublicUrl::new(public_url))
}

/// Whether a request brings any secret of ours along, so that a foreign page could misuse it.
pub fn brings_secret(headers: &HeaderMap, url: &PublicUrl) -> bool {
    [SESSION, VISIT, PASSWORD_LINK].iter().any(|cookie| cookie.read(headers, url).is_some())
}

/// Header and value that empty the browser of everything it keeps for us.
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
