//! The code: six digits, mailed to the invited email address. They prove the mailbox when a link was passed on by hand.

use super::OpenedInvitation;
use crate::service::{Error, MailConflict, Result, invitations::organization_mail, rate_limits::Charge, subject};
use std::net::IpAddr;
use subtle::ConstantTimeEq;
use vestibule_domain::{EmailAddress, Letter, RateLimit, Violation};

/// The number of wrong codes after which a new one has to be mailed.
pub(super) const MAX_TRIES: u8 = 5;

impl subject::Acceptance<'_> {
    /// Mails a new code; earlier codes stop working. Returns `NoMailServer` where no mail server is set up.
    pub async fn send_code(self, acceptance_session: &str) -> Result<()> {
        let now = self.now();
        if !self.0.has_mail_server() {
            return Err(MailConflict::NoServer.into());
        }
        self.write(async |tx| {
            let (tx, opened) = OpenedInvitation::locked(tx, acceptance_session, now).await?;
            opened.check_open(now)?;
            let invitation = &opened.context.invitation;
            self.0.limits().take(tx, &code_limits(&invitation.email), now).await?;
            let number = tx.acceptance_sessions_mut().count_code(&opened.id).await?;
            let letter = Letter::Code { invitation_id: invitation.id, acceptance_session: name(&opened.id, number) };
            tx.mails_mut().add(&organization_mail(invitation, letter, invitation.email.typed(), now)).await?;
            Ok(())
        })
        .await
    }

    /// Checks the code and marks the mailbox of this acceptance session as proved. A wrong code is counted although it
    /// is rejected, per mailbox, so that other invitations and links to it give no further tries.
    pub async fn prove_mailbox(self, acceptance_session: &str, code: &str, client: IpAddr) -> Result<()> {
        let now = self.now();
        let typed: String = code.chars().filter(char::is_ascii_digit).collect();
        let left = self
            .write(async |tx| {
                let (tx, opened) = OpenedInvitation::locked(tx, acceptance_session, now).await?;
                opened.check_open(now)?;
                let (id, row) = (opened.id, opened.acceptance_session);
                if row.codes_sent == 0 || row.code_tries >= u32::from(MAX_TRIES) {
                    return Ok(Some(0));
                }
                let limits = try_limits(&opened.context.invitation.email, client);
                self.0.limits().take(tx, &limits, now).await?;
                let right = self.0.letters().code(&name(&id, row.codes_sent));
                if bool::from(typed.as_bytes().ct_eq(right.as_bytes())) {
                    self.0.limits().give_back(tx, &limits).await?;
                    tx.acceptance_sessions_mut().prove(&id).await?;
                    return Ok(None);
                }
                tx.acceptance_sessions_mut().count_try(&id).await?;
                Ok(Some(u32::from(MAX_TRIES) - row.code_tries - 1))
            })
            .await?;
        left.map_or(Ok(()), |left| Err(wrong(left)))
    }
}

fn code_limits(mailbox: &EmailAddress) -> [Charge; 2] {
    [Charge::one(RateLimit::Codes, mailbox), Charge::email_to(mailbox)]
}

fn try_limits(mailbox: &EmailAddress, client: IpAddr) -> [Charge; 2] {
    [Charge::one(RateLimit::CodeTries, mailbox), Charge::of_client(RateLimit::CodeTriesOfClient, client)]
}

/// Returns the name that a code is derived from: the digest of the acceptance session and the number of the mail.
fn name(acceptance_session: &[u8; 32], number: u32) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    format!("{}.{number}", URL_SAFE_NO_PAD.encode(acceptance_session))
}

fn wrong(left: u32) -> Error {
    let sentence = match left {
        0 => "That code is used up. Ask for a new one.".to_owned(),
        1 => "That is not the code. 1 try is left. The newest email has the right code.".to_owned(),
        left => format!("That is not the code. {left} tries are left. The newest email has the right code."),
    };
    Violation::new("code", "wrong", sentence).into()
}
