//! Opening the link of a mail, or one that was passed on by hand.

use super::AcceptanceSessions;
use crate::service::{AcceptanceSessionToken, NotFound, Result, secret::digest, subject};
use chrono::Duration;
use vestibule_domain::{
    Actor, Fact, Instant, InvitationId,
    token::{Channel, LinkClaims},
};
use vestibule_store::{AcceptanceSessionRow, Tx};

/// The number of minutes that an acceptance session lasts after the link was opened.
pub const VISIT_MINUTES: i64 = 30;

impl subject::Acceptance<'_> {
    /// Creates an acceptance session as the mailed link would. It is for the demo's invitees, who have no mailbox.
    pub async fn open_as_mailed(self, invitation_id: InvitationId) -> Result<AcceptanceSessionToken> {
        let invitation =
            self.read(async |tx| Ok(tx.invitations().get(invitation_id).await?.ok_or(NotFound::Invitation)?)).await?;
        let claims = LinkClaims { invitation_id, generation: invitation.generation, channel: Channel::Mail };
        self.open(self.0.signing_keys.token(claims).as_str()).await
    }

    /// Creates an acceptance session for any link of this installation, whether or not it still works; the page behind
    /// it says. The invitation does not change, except for the note that a person or a scanner opened its link.
    pub async fn open(self, token: &str) -> Result<AcceptanceSessionToken> {
        Ok(self.open_beside(token, AcceptanceSessions::default()).await?.0)
    }

    /// Does the same as [`Self::open`] in a browser that has other acceptance sessions. Returns the new acceptance
    /// session and all acceptance sessions that the browser is to keep, which leaves out older acceptance sessions of
    /// the same invitation and acceptance sessions that have ended.
    pub async fn open_beside(
        self,
        token: &str,
        others: AcceptanceSessions,
    ) -> Result<(AcceptanceSessionToken, AcceptanceSessions)> {
        let now = self.now();
        let LinkClaims { invitation_id, generation, channel } =
            self.0.signing_keys.verify(token).ok_or(NotFound::Link)?;
        let acceptance_session = AcceptanceSessionToken::new();
        let row = AcceptanceSessionRow {
            invitation_id,
            generation,
            channel,
            codes_sent: 0,
            code_tries: 0,
            is_proven: channel == Channel::Mail,
            arrival: None,
            expires_at: now + Duration::minutes(VISIT_MINUTES),
        };
        let replaced = self.write(async |tx| {
            let organization_id = tx.invitations().get(invitation_id).await?.ok_or(NotFound::Link)?.organization_id;
            let (tx, _) = tx.lock_organization(organization_id).await?.ok_or(NotFound::Link)?;
            let invitation = tx.invitations().get(invitation_id).await?.ok_or(NotFound::Link)?;
            tx.acceptance_sessions_mut().add(&digest(acceptance_session.as_str()), &row, now).await?;
            if invitation.is_pending(now) && tx.invitations_mut().open_once(invitation_id, now).await? {
                let subject = (Some(invitation_id), None);
                tx.record(now, &Actor::Invitee, subject, &Fact::InvitationOpened {}).await?;
            }
            replaced(tx, &others, invitation_id, now).await
        });
        let replaced = replaced.await?;
        let acceptance_sessions = others.clone().with(&acceptance_session, &replaced);
        Ok((acceptance_session, acceptance_sessions))
    }
}

/// Returns the tokens of those acceptance sessions that a new acceptance session of this invitation replaces.
async fn replaced(tx: &mut Tx, others: &AcceptanceSessions, id: InvitationId, now: Instant) -> Result<Vec<String>> {
    let mut replaced = Vec::new();
    for token in others.iter() {
        let acceptance_session = tx.acceptance_sessions().get(&digest(token)).await?;
        if acceptance_session.is_none_or(|acceptance_session| {
            acceptance_session.invitation_id == id || acceptance_session.expires_at <= now
        }) {
            replaced.push(token.to_owned());
        }
    }
    Ok(replaced)
}
