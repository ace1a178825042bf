//! The offer: what the page behind a link shows, and what the invitee can do there.

use super::{OpenedInvitation, code::MAX_TRIES, opened};
use crate::service::{Result, authorize::names, secret::acceptance_session_name, subject};
use vestibule_domain::{AcceptanceStep, Instant, Offer, State, User};
use vestibule_store::Snapshot;

impl subject::Acceptance<'_> {
    /// Returns the offer for this acceptance session and for `user`, who is signed in. Returns `NotFound::Link` when
    /// the acceptance session has ended.
    pub async fn offer(self, acceptance_session: &str, user: Option<&User>) -> Result<Offer> {
        let now = self.now();
        self.read(async |tx| {
            let opened = opened(tx, acceptance_session, now).await?;
            let step = self.step(tx, &opened, user, now).await?;
            let terms = self.terms_of(&opened);
            let context = opened.context;
            Ok(Offer {
                acceptance_session: acceptance_session_name(acceptance_session),
                organization: context.organization,
                inviter: context.inviter,
                roles: names(&context.roles),
                email: context.invitation.email,
                name: context.invitation.name,
                message: context.invitation.message,
                issued_at: context.invitation.issued_at,
                expires_at: context.invitation.expires_at,
                now,
                terms,
                step,
            })
        })
        .await
    }

    async fn step(
        self,
        tx: &mut Snapshot,
        opened: &OpenedInvitation,
        user: Option<&User>,
        now: Instant,
    ) -> Result<AcceptanceStep> {
        let invitation = &opened.context.invitation;
        match &invitation.state {
            State::Pending if now >= invitation.expires_at => Ok(AcceptanceStep::Expired),
            State::Pending if opened.is_replaced() => Ok(AcceptanceStep::Replaced),
            State::Pending => self.open_step(tx, opened, user).await,
            State::Accepted { at, .. } => Ok(AcceptanceStep::Accepted { at: *at }),
            State::Declined { at, .. } => Ok(AcceptanceStep::Declined { at: *at }),
            State::Revoked { at, .. } => Ok(AcceptanceStep::Revoked { at: *at }),
            State::Expired { .. } => Ok(AcceptanceStep::Expired),
        }
    }

    /// Returns the step for a pending invitation. Whether the email address has an account is looked up, and shown,
    /// only when the mailbox is proved, because an inviter can open the link to anybody's email address.
    async fn open_step(
        self,
        tx: &mut Snapshot,
        opened: &OpenedInvitation,
        user: Option<&User>,
    ) -> Result<AcceptanceStep> {
        let (organization, invitation) = (&opened.context.organization, &opened.context.invitation);
        match user {
            Some(user) if user.email.as_str() != invitation.email.as_str() => {
                return Ok(AcceptanceStep::WrongAccount { signed_in: user.email.clone() });
            }
            Some(user) if tx.members().of_user(organization.id, user.id).await?.is_some() => {
                return Ok(AcceptanceStep::AlreadyMember);
            }
            _ => {}
        }
        if !opened.inviter_may(tx).await? {
            return Ok(AcceptanceStep::InviterMayNot);
        }
        Ok(match (user, Self::is_proven(opened, user), self.0.has_mail_server()) {
            (Some(_), true, _) | (Some(_), false, false) => AcceptanceStep::Join,
            (None, true, _) if tx.users().by_email(invitation.email.as_str()).await?.is_some() => {
                AcceptanceStep::SignIn
            }
            (None, true, _) => AcceptanceStep::New,
            (None, false, false) => AcceptanceStep::NewOrSignIn,
            (_, false, true) => AcceptanceStep::Code {
                asked: opened.acceptance_session.codes_sent > 0,
                tries: MAX_TRIES.saturating_sub(tries(opened)),
            },
        })
    }
}

fn tries(opened: &OpenedInvitation) -> u8 {
    u8::try_from(opened.acceptance_session.code_tries).unwrap_or(u8::MAX)
}
