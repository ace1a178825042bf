//! Finds people by a few words, while a person types them.

use super::{Result, Scope, subject};
use vestibule_domain::{Instant, Invitation, Member, Permission, bounds::short};

/// The number of members, and of invitations, that are found at most.
const MOST: u32 = 5;
/// The number of words that are looked for one by one. All further ones have to follow each other as they were written.
const WORDS: usize = 8;

/// Who was found, the best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub members: Vec<Member>,
    /// Whether the list of members may have more.
    pub has_more_members: bool,
    pub invitations: Vec<Invitation>,
    /// Whether the list of invitations may have more.
    pub has_more_invitations: bool,
    pub now: Instant,
}

impl subject::Search<'_> {
    /// Returns who has all words of this text in their name or email address. Finds nobody for those who may not see
    /// people.
    pub async fn find(self, scope: &Scope, text: &str) -> Result<Found> {
        short("q", Some(text))?;
        let (words, now, id) = (words(text), self.now(), scope.organization().id);
        if words.is_empty() || !scope.has(Permission::UserRead) {
            let (members, invitations) = (Vec::new(), Vec::new());
            return Ok(Found { members, has_more_members: false, invitations, has_more_invitations: false, now });
        }
        let words = &words;
        self.read(async move |tx| {
            let mut members = tx.members().search(id, words, MOST + 1).await?;
            let mut invitations = tx.invitations().search(id, words, MOST + 1).await?;
            Ok(Found {
                has_more_members: cut(&mut members) || tx.members().are_too_many_to_search(id).await?,
                has_more_invitations: cut(&mut invitations) || tx.invitations().are_too_many_to_search(id).await?,
                members,
                invitations,
                now,
            })
        })
        .await
    }
}

/// Returns the words in lower case.
fn words(text: &str) -> Vec<String> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").splitn(WORDS, ' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Removes what is too much. Returns whether there was any.
fn cut<T>(found: &mut Vec<T>) -> bool {
    let is_more = found.len() > MOST as usize;
    found.truncate(MOST as usize);
    is_more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_few() {
        assert_eq!(words("  Grace\tOKAFOR "), ["grace", "okafor"]);
        assert_eq!(words(" \n "), [""; 0]);
        let many = words(&"a ".repeat(150));
        assert_eq!((many.len(), many[7].len()), (8, 285));
    }
}
