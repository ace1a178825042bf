//! The mail that has left, read as its recipient would.

use super::TestApp;
use vestibule_core::mail::MailMessage;

impl TestApp {
    /// Mails that this address has received, oldest first.
    pub fn inbox(&self, email: &str) -> Vec<MailMessage> {
        self.mail.messages().into_iter().filter(|message| message.to.eq_ignore_ascii_case(email)).collect()
    }

    /// The newest mail to the address.
    pub fn newest_mail(&self, email: &str) -> MailMessage {
        self.inbox(email).pop().unwrap_or_else(|| panic!("no mail has reached {email}"))
    }

    /// The token in the link of the newest mail to the address.
    pub fn mailed_token(&self, email: &str) -> String {
        after(&self.newest_mail(email).text, "/i/")
    }

    /// The six digits of the newest code that was mailed to the address. Mails that are sent in one round arrive in
    /// any order, so other letters may lie above it.
    pub fn mailed_code(&self, email: &str) -> String {
        let mails = self.inbox(email);
        let code = mails.iter().rev().find_map(|mail| code_in(&mail.text));
        code.unwrap_or_else(|| panic!("no code has reached {email}"))
    }
}

fn code_in(text: &str) -> Option<String> {
    let is_code = |word: &&str| word.len() == 6 && word.chars().all(|c| c.is_ascii_digit());
    text.split_whitespace().find(is_code).map(str::to_owned)
}

/// What follows `mark` up to the next white space.
pub fn after(text: &str, mark: &str) -> String {
    let (_, rest) = text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in:\n{text}"));
    rest.split_whitespace().next().unwrap_or_default().to_owned()
}
