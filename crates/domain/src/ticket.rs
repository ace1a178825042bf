//! The ticket: how this installation tells a site, with its signature, who has accepted and is being sent there.

use super::{Instant, InvitationId, MemberId, Object, OrganizationId, UserId};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

/// How an invitee came to accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AcceptanceKind {
    /// The invitee created an account for it.
    SignedUp,
    /// The invitee signed in while accepting.
    SignedIn,
    /// The invitee was signed in already.
    Accepted,
}

/// The claims of a ticket. The names are those of RFC 7519 where it has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The public address of this installation.
    pub iss: String,
    /// The origin that the invitee is sent to.
    pub aud: String,
    pub sub: UserId,
    /// The ticket's id, which our own endpoint accepts once.
    pub jti: Uuid,
    /// When the ticket was issued, in seconds since 1970.
    pub iat: i64,
    pub exp: i64,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
    pub invitation_id: InvitationId,
    pub status: AcceptanceKind,
    /// The public half of the invitation's metadata.
    pub metadata: Object,
}

impl Ticket {
    /// The lifetime of a ticket: long enough for a redirect, too short to be found and used.
    pub const LIFETIME_SECONDS: i64 = 60;

    pub fn is_over(&self, now: Instant) -> bool {
        now.timestamp() >= self.exp
    }
}

impl AcceptanceKind {
    pub const ALL: &'static [Self] = Self::VARIANTS;

    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
