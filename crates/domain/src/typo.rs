//! Typing errors in the domains of email addresses, such as `gmial.com`.

/// Domains where many people have their mail, by the number of people, and those that are easily mistaken for one.
const WELL_KNOWN: [&str; 29] = [
    "gmail.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "icloud.com",
    "googlemail.com",
    "protonmail.com",
    "proton.me",
    "hotmail.co.uk",
    "hotmail.fr",
    "hotmail.it",
    "hotmail.es",
    "hotmail.de",
    "outlook.fr",
    "outlook.de",
    "yahoo.co.uk",
    "yahoo.fr",
    "yahoo.de",
    "yahoo.es",
    "yahoo.it",
    "yahoo.co.jp",
    "yahoo.co.in",
    "comcast.net",
    "verizon.net",
    "mail.com",
    "email.com",
    "ymail.com",
    "rocketmail.com",
    "fastmail.com",
];
/// A shorter domain is too close to others that are as right.
const SHORTEST: usize = 8;

/// Returns the domain that was probably meant: one letter is wrong, missing, too many or in the wrong place. `own` are
/// domains that the organization knows. Returns `None` if the domain is a known one itself, or close to none.
pub fn likely_domain<'a>(domain: &str, own: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let known = || own.clone().chain(WELL_KNOWN);
    if known().any(|known| known == domain) {
        return None;
    }
    let mut long = known().filter(|known| known.len() >= SHORTEST);
    long.find(|known| strsim::osa_distance(domain, known) == 1 && !are_of_two_countries(domain, known))
}

/// Checks whether the domains differ only in the country, like `hotmail.be` and `hotmail.de`: both may be right.
fn are_of_two_countries(one: &str, other: &str) -> bool {
    let (one, other) = (one.rsplit_once('.'), other.rsplit_once('.'));
    one.zip(other)
        .is_some_and(|((name, country), (same, another))| name == same && country.len() == 2 && another.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likely(domain: &str) -> Option<&str> {
        likely_domain(domain, ["saltmarsh.example", "acme.io"].into_iter())
    }

    #[test]
    fn a_slip_of_one_letter_is_recognized() {
        for (typed, meant) in [
            ("gmial.com", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("outlok.com", "outlook.com"),
            ("yaho.com", "yahoo.com"),
            ("saltmarch.example", "saltmarsh.example"),
        ] {
            assert_eq!(likely(typed), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_right_or_far_from_everything_is_left_alone() {
        for typed in [
            "gmail.com",
            "mail.com",
            "ymail.com",
            "yahoo.fr",
            "yahoo.ie",
            "hotmail.be",
            "saltmarsh.example",
            "acme.iq",
            "x.org",
            "gnome.org",
            "",
        ] {
            assert_eq!(likely(typed), None, "{typed}");
        }
    }
}
