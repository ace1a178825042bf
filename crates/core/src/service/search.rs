//! Finds people by a few words, while a person types them.

use super::{Result, Scope, subject};
use vestibule_domain::{Instant, Invitation, Member, Permission, SearchWord, bounds::short};

/// The number of members, and of invitations, that are found at most.
const MOST: u32 = 5;

/// Who was found, the best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub members: Vec<Member>,
    /// Whether the list of members has more.
    pub has_more_members: bool,
    pub invitations: Vec<Invitation>,
    /// Whether the list of invitations has more.
    pub has_more_invitations: bool,
    pub now: Instant,
}

impl subject::Search<'_> {
    /// Returns who has all words of this text in their name or email address. Finds nobody for those who may not see
    /// people.
    pub async fn find(self, scope: &Scope, text: &str) -> Result<Found> {
        short("q", Some(text))?;
        let (now, id) = (self.now(), scope.organization().id);
        if SearchWord::all(text).is_empty() || !scope.has(Permission::UserRead) {
            let (members, invitations) = (Vec::new(), Vec::new());
            return Ok(Found { members, has_more_members: false, invitations, has_more_invitations: false, now });
        }
        self.read(async move |tx| {
            let mut members = tx.members().search(id, text, MOST + 1).await?;
            let mut invitations = tx.invitations().search(id, text, MOST + 1).await?;
            Ok(Found {
                has_more_members: cut(&mut members),
                has_more_invitations: cut(&mut invitations),
                members,
                invitations,
                now,
            })
        })
        .await
    }
}

/// Removes what is too much. Returns whether there was any.
fn cut<T>(found: &mut Vec<T>) -> bool {
    let is_more = found.len() > MOST as usize;
    found.truncate(MOST as usize);
    is_more
}
