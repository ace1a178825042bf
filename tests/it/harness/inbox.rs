//! The mail that has left, read as its recipient would.

use super::TestApp;
use vestibule::mail::Message;

impl TestApp {
    /// Mails that this address has received, oldest first.
    pub fn inbox(&self, email: &str) -> Vec<Message> {
        self.mail.messages().into_iter().filter(|message| message.to.eq_ignore_ascii_case(email)).collect()
    }

    /// The newest mail to the address.
    pub fn newest_mail(&self, email: &str) -> Message {
        self.inbox(email).pop().unwrap_or_else(|| panic!("no mail has reached {email}"))
    }

    /// The token in the link of the newest mail to the address.
    pub fn mailed_token(&self, email: &str) -> String {
        after(&self.newest_mail(email).text, "/i/")
    }

    /// The six digits of the newest mail to the address.
    pub fn mailed_code(&self, email: &str) -> String {
        let text = self.newest_mail(email).text;
        let digits = |word: &str| word.len() == 6 && word.chars().all(|c| c.is_ascii_digit());
        let code = text.split(|c: char| !c.is_ascii_digit()).find(|word| digits(word));
        code.unwrap_or_else(|| panic!("no code in:\n{text}")).to_owned()
    }
}

/// What follows `mark` up to the next white space.
pub fn after(text: &str, mark: &str) -> String {
    let (_, rest) = text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in:\n{text}"));
    rest.split_whitespace().next().unwrap_or_default().to_owned()
}
