//! Opening the link of a mail, or one that was passed on by hand.

use super::Visits;
use crate::service::{Missing, Result, Vestibule, VisitToken, secret::digest};
use chrono::Duration;
use vestibule_domain::{
    Actor, Fact, Instant, InvitationId,
    token::{Channel, Claims},
};
use vestibule_store::{Tx, VisitRow};

/// The number of minutes that a visit lasts after the link was opened.
pub const VISIT_MINUTES: i64 = 30;

impl Vestibule {
    /// Creates a visit as the mailed link would. It is for the demo's invitees, who have no mailbox.
    pub async fn visit_mailed(&self, invitation_id: InvitationId) -> Result<VisitToken> {
        let invitation =
            self.read(async |tx| Ok(tx.invitation(invitation_id).await?.ok_or(Missing::Invitation)?)).await?;
        let claims = Claims { invitation_id, generation: invitation.generation, channel: Channel::Mail };
        self.open(self.keys.token(claims).as_str()).await
    }

    /// Creates a visit for any link of this installation, whether or not it still works; the page behind it says. The
    /// invitation does not change, except for the note that a person or a scanner opened its link.
    pub async fn open(&self, token: &str) -> Result<VisitToken> {
        Ok(self.open_beside(token, Visits::default()).await?.0)
    }

    /// Does the same as [`Self::open`] in a browser that has other visits. Returns the new visit and all visits that
    /// the browser is to keep, which leaves out older visits of the same invitation and visits that have ended.
    pub async fn open_beside(&self, token: &str, others: Visits) -> Result<(VisitToken, Visits)> {
        let now = self.now();
        let Claims { invitation_id, generation, channel } = self.keys.verify(token).ok_or(Missing::Link)?;
        let visit = VisitToken::new();
        let row = VisitRow {
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
            let organization_id = tx.invitation(invitation_id).await?.ok_or(Missing::Link)?.organization_id;
            let (tx, _) = tx.lock_organization(organization_id).await?.ok_or(Missing::Link)?;
            let invitation = tx.invitation(invitation_id).await?.ok_or(Missing::Link)?;
            tx.add_visit(&digest(visit.as_str()), &row, now).await?;
            if invitation.is_pending(now) && tx.open_once(invitation_id, now).await? {
                let subject = (Some(invitation_id), None);
                tx.record(now, &Actor::Invitee, subject, &Fact::InvitationOpened {}).await?;
            }
            replaced(tx, &others, invitation_id, now).await
        });
        let replaced = replaced.await?;
        let visits = others.clone().with(&visit, &replaced);
        Ok((visit, visits))
    }
}

/// Returns the tokens of those visits that a new visit of this invitation replaces.
async fn replaced(tx: &mut Tx, others: &Visits, id: InvitationId, now: Instant) -> Result<Vec<String>> {
    let mut replaced = Vec::new();
    for token in others.iter() {
        let visit = tx.visit(&digest(token)).await?;
        if visit.is_none_or(|visit| visit.invitation_id == id || visit.expires_at <= now) {
            replaced.push(token.to_owned());
        }
    }
    Ok(replaced)
}
