//! Which passwords are accepted. The criteria are length and commonness, not composition. Every byte counts.

use super::Violation;

/// The least number of characters. ASVS 6.2.1 demands 8 and recommends 15; we chose twelve together with a list of
/// common passwords.
pub const MIN_CHARS: usize = 12;
/// The greatest number of characters: long passphrases are welcome, hashing megabytes is not.
pub const MAX_CHARS: usize = 128;

/// Rejects a password that is too short, too long or common. `context` holds words that an attacker tries first: the
/// person's name and email address, the organization's name.
pub fn check(field: &'static str, password: &str, context: &[&str]) -> Result<(), Violation> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        let sentence = format!("Use at least {MIN_CHARS} characters. This has {chars}.");
        return Err(Violation::new(field, "password_short", sentence));
    }
    if chars > MAX_CHARS {
        return Err(Violation::new(field, "password_long", "Use at most 128 characters."));
    }
    if password.contains('\0') {
        return Err(Violation::new(field, "control_character", "Remove the character U+0000."));
    }
    if is_common(password, context) {
        let sentence = "This password is among the first that anybody tries. Choose words that nobody expects.";
        return Err(Violation::new(field, "password_common", sentence));
    }
    Ok(())
}

/// The stems that leaked-password lists consist of. Without its digits and symbols, a long common password is one or
/// several of these in a row. Of two stems with the same beginning, the longer one comes first.
const STEMS: [&str; 44] = [
    "password",
    "passwort",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "qwertyuiop",
    "qwerty",
    "qwertz",
    "azerty",
    "asdfghjkl",
    "asdfgh",
    "zxcvbnm",
    "zxcvbn",
    "letmein",
    "welcome",
    "iloveyou",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "master",
    "superman",
    "batman",
    "trustno",
    "shadow",
    "michael",
    "jordan",
    "access",
    "hello",
    "charlie",
    "starwars",
    "login",
    "administrator",
    "admin",
    "changeme",
    "secret",
    "default",
    "abc",
    "test",
    "user",
    "vestibule",
    "invitation",
];

fn is_common(password: &str, context: &[&str]) -> bool {
    let lower = password.to_lowercase();
    let distinct: std::collections::BTreeSet<char> = lower.chars().collect();
    if distinct.len() < 4 || is_run(&lower) {
        return true;
    }
    let words = context.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).map(str::to_lowercase);
    let mut rest = lower;
    for word in STEMS.iter().map(|stem| (*stem).to_owned()).chain(words.filter(|word| word.chars().count() >= 4)) {
        rest = rest.replace(&word, " ");
    }
    // what is left without the known words must still be hard to guess
    rest.chars().filter(|c| c.is_alphabetic()).count() < 4 && rest.chars().filter(|c| !c.is_whitespace()).count() < 9
}

/// Checks whether the text is a sequence like `123456789012` or `abcdefghijkl`, forwards or backwards.
fn is_run(text: &str) -> bool {
    let chars: Vec<u32> = text.chars().map(u32::from).collect();
    let steps = |by: i64| {
        chars
            .windows(2)
            .filter(|w| {
                let step = i64::from(w[1]) - i64::from(w[0]);
                step == by || (w[0], w[1]) == (u32::from('9'), u32::from('0'))
            })
            .count()
            + 1
            == chars.len()
    };
    steps(1) || steps(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_refused() {
        for password in [
            "aaaaaaaaaaaa",
            "Password1234",
            "123456789012",
            "passwordpassword",
            "qwertyuiop123",
            "Letmein2026!",
            "abcdefghijkl",
        ] {
            assert_eq!(check("password", password, &[]).unwrap_err().code, "password_common", "{password}");
        }
        assert!(check("password", "SaltmarshPress1", &["Saltmarsh Press"]).is_err());
    }

    #[test]
    fn length_is_counted_in_characters_and_nothing_is_trimmed() {
        let short = check("password", "nine char", &[]).unwrap_err();
        assert_eq!(short.sentence, "Use at least 12 characters. This has 9.");
        assert!(check("password", &"žluťoučký kůň".repeat(10)[..].chars().take(128).collect::<String>(), &[]).is_ok());
        assert!(check("password", &"xkcd staple ".repeat(11), &[]).is_err());
        assert!(check("password", "hedgerow plates ", &[]).is_ok());
    }
}
