//! What prevents something from being deleted because people have it.

use super::plural;
use vestibule_domain::Uses;

/// Returns `3 members and 1 open invitation`, or an empty text if there are none.
pub fn in_words(uses: Uses) -> String {
    let members = (uses.members > 0).then(|| plural(uses.members, "member", "members"));
    let invitations = (uses.invitations > 0).then(|| plural(uses.invitations, "open invitation", "open invitations"));
    members.into_iter().chain(invitations).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_are_named_that_there_are() {
        let words = |members, invitations| in_words(Uses { members, invitations });
        assert_eq!(words(3, 1), "3 members and 1 open invitation");
        assert_eq!((words(1, 0), words(0, 2)), ("1 member".into(), "2 open invitations".into()));
        assert_eq!(words(0, 0), "");
    }
}
