//! What the outbox says about a mail, as text.

use vestibule_domain::{Instant, Letter, Mail, MailState, Status};

/// Returns the kind of letter.
pub fn kind(letter: &Letter) -> &'static str {
    match letter {
        Letter::Invitation { .. } => "Invitation",
        Letter::Reminder { .. } => "Reminder",
        Letter::InvitationAccepted { .. } => "Accepted, to the inviter",
        Letter::InvitationDeclined { .. } => "Declined, to the inviter",
        Letter::Code { .. } => "Code",
        Letter::WebhookDisabled { .. } => "Webhook disabled, to the owners",
        Letter::PasswordReset { .. } => "New password",
        Letter::PasswordChanged { .. } => "Password changed",
    }
}

/// What is said about a mail that was waiting when the backup was taken.
const HELD: &str = "It was waiting when the restored backup was taken, so it may have been sent since. It is held until the operator \
    sends or discards it.";

/// Returns what happens next or what to do; `None` if the state says everything.
pub fn note(mail: &Mail, has_server: bool, now: Instant) -> Option<String> {
    match mail.state {
        MailState::Held => Some(HELD.into()),
        MailState::Queued | MailState::Deferred if !has_server => {
            Some("Waiting for a mail server to be set up.".into())
        }
        MailState::Queued if mail.leased_until.is_some_and(|until| until > now) => Some("On its way.".into()),
        MailState::Queued if mail.due_at > now => Some("Waiting a few seconds, in case it is undone.".into()),
        MailState::Queued => Some("Next in line.".into()),
        MailState::Deferred => Some(format!("Attempt {} {}.", mail.attempts + 1, soon(mail.due_at - now))),
        MailState::Failed => Some(failure(mail)),
        MailState::Cancelled => Some("No longer needed when its turn came.".into()),
        MailState::LinkOnly => Some("Nothing was sent. Only the link was requested.".into()),
        MailState::Sent => None,
    }
}

/// What is said about a mail whose link a newer one has replaced.
pub const REPLACED: &str = "A newer email has replaced this link.";

/// Returns why a mail of an invitation with this status is not sent again, and what to do instead.
pub fn closed(status: Status) -> &'static str {
    match status {
        Status::Pending => "The invitation is open.",
        Status::Accepted => "The invitation has been accepted.",
        Status::Declined => "The invitation was declined. Invite the person again instead.",
        Status::Revoked => "The invitation was revoked. Invite the person again instead.",
        Status::Expired => "The invitation has expired. Resend it from its own page instead.",
    }
}

/// Returns what to do with this letter if no mail server is set up. `shows_link` says whether the user can see the link
/// in it.
pub fn without_server(letter: &Letter, shows_link: bool) -> &'static str {
    match letter {
        Letter::Invitation { .. } | Letter::Reminder { .. } if shows_link => {
            "Copy the link from the email below, or from the page of the invitation, and give it to the invitee. It doesn’t \
             prove that the email address is theirs."
        }
        Letter::Invitation { .. } | Letter::Reminder { .. } => {
            "The link is hidden: you can only see it if you can grant every role in this invitation. Ask someone who can to \
             give it to the invitee."
        }
        Letter::Code { .. } => "Codes are never shown here.",
        Letter::PasswordReset { .. } => "Links to choose a password are never shown here.",
        Letter::InvitationAccepted { .. }
        | Letter::InvitationDeclined { .. }
        | Letter::WebhookDisabled { .. }
        | Letter::PasswordChanged { .. } => "You can read it below.",
    }
}

/// Checks whether the letter contains something that only the recipient should read.
pub fn holds_secret(letter: &Letter) -> bool {
    match letter {
        Letter::Invitation { .. } | Letter::Reminder { .. } | Letter::Code { .. } | Letter::PasswordReset { .. } => {
            true
        }
        Letter::InvitationAccepted { .. }
        | Letter::InvitationDeclined { .. }
        | Letter::WebhookDisabled { .. }
        | Letter::PasswordChanged { .. } => false,
    }
}

/// Says why a mail failed, and what to do.
fn failure(mail: &Mail) -> String {
    match (mail.attempts, &mail.letter) {
        (1, Letter::Invitation { .. }) => {
            "The mail server rejected this address. Check it, then invite the correct one.".to_owned()
        }
        (0, letter) => format!("It was not sent. {}", remedy(letter)),
        (1, letter) => format!("The mail server rejected this email. {}", remedy(letter)),
        (attempts, letter) => format!("Gave up after {attempts} attempts. {}", remedy(letter)),
    }
}

fn remedy(letter: &Letter) -> &'static str {
    match letter {
        Letter::Invitation { .. } => "Check the email address, then invite the correct one.",
        Letter::Reminder { .. } => "The link in the first email still works.",
        Letter::InvitationAccepted { .. } | Letter::InvitationDeclined { .. } | Letter::WebhookDisabled { .. } => {
            "Nothing else depends on it."
        }
        Letter::Code { .. } | Letter::PasswordReset { .. } | Letter::PasswordChanged { .. } => {
            "The person can ask for a new one."
        }
    }
}

fn soon(wait: chrono::Duration) -> String {
    let (count, unit) = match wait.num_minutes() {
        ..=0 => return "is next".to_owned(),
        minutes @ 1..=119 => (minutes, "minute"),
        minutes => (minutes / 60, "hour"),
    };
    format!("in {count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, TimeZone, Utc};
    use vestibule_domain::{InvitationId, MailId};

    fn mail(state: MailState, wait: Duration) -> (Mail, Instant) {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 9, 44, 0).unwrap();
        let letter = Letter::Invitation { invitation_id: InvitationId::new(now), generation: 1 };
        let mail = Mail {
            id: MailId::new(now),
            organization_id: None,
            letter,
            recipient: "grace@okafor.example".into(),
            state,
            attempts: 2,
            due_at: now + wait,
            leased_until: None,
            response: None,
            created_at: now,
            sent_at: None,
        };
        (mail, now)
    }

    #[test]
    fn a_deferred_mail_says_when_it_is_tried_again() {
        let cases = [
            (0, "Attempt 3 is next."),
            (1, "Attempt 3 in 1 minute."),
            (31, "Attempt 3 in 31 minutes."),
            (125, "Attempt 3 in 2 hours."),
        ];
        for (minutes, expected) in cases {
            let (mail, now) = mail(MailState::Deferred, Duration::minutes(minutes));
            assert_eq!(note(&mail, true, now).as_deref(), Some(expected));
        }
    }

    #[test]
    fn without_a_server_nothing_pretends_to_be_on_its_way() {
        let (mail, now) = mail(MailState::Queued, Duration::zero());
        assert_eq!(note(&mail, false, now).as_deref(), Some("Waiting for a mail server to be set up."));
    }

    #[test]
    fn a_failed_mail_says_why_and_what_to_do() {
        let (mail, now) = mail(MailState::Failed, Duration::zero());
        let cases = [
            (0, "It was not sent. Check the email address, then invite the correct one."),
            (1, "The mail server rejected this address. Check it, then invite the correct one."),
            (9, "Gave up after 9 attempts. Check the email address, then invite the correct one."),
        ];
        for (attempts, expected) in cases {
            assert_eq!(note(&Mail { attempts, ..mail.clone() }, true, now).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_sent_mail_needs_no_words() {
        let (mail, now) = mail(MailState::Sent, Duration::zero());
        assert_eq!(note(&mail, true, now), None);
    }
}
