//! What is found in an organization, in words: the same for the search while one types and for its page.

use super::places::{ACTIONS, OWN_PAGES, PAGES, Place};
use super::recipients::time_left;
use crate::search::Found;
use vestibule_core::service::{self, Result, Scope, Vestibule};
use vestibule_domain::{EmailAddress, Instant, Invitation, Member, Permission, Status};
use vestibule_web::escape;

const PEOPLE: &str = "People";
const INVITATIONS: &str = "Invitations";

/// Returns what the scope may see and has all words of this text. If there are none, returns all pages and actions.
pub async fn found(vestibule: &Vestibule, scope: &Scope, text: &str) -> Result<Vec<Found>> {
    let people = vestibule.search().find(scope, text).await?;
    let (permissions, slug) = (scope.permissions(), scope.organization().slug.as_str());
    let invite = invite(text, &people, &permissions, slug);
    let places = |group: &str, places: &mut dyn Iterator<Item = &Place>| {
        let matching = matching(places.filter(|place| place.is_for(&permissions)), text);
        matching.iter().map(|place| described(place, group, slug)).collect::<Vec<_>>()
    };
    let mut found = described_people(people, text, slug);
    found.extend(places("Pages", &mut PAGES.iter().chain(&OWN_PAGES)));
    found.extend(places("Actions", &mut ACTIONS.iter()));
    found.extend(invite);
    Ok(found)
}

/// Returns the places whose name has all words, those first that begin with the text.
fn matching<'a>(places: impl Iterator<Item = &'a Place>, text: &str) -> Vec<&'a Place> {
    let text = text.trim().to_lowercase();
    let has_all = |place: &&Place| text.split_whitespace().all(|word| place.name.to_lowercase().contains(word));
    let mut matching: Vec<&Place> = places.filter(has_all).collect();
    matching.sort_by_key(|place| !place.name.to_lowercase().starts_with(&text));
    matching
}

fn described(place: &Place, group: &str, slug: &str) -> Found {
    Found {
        group: group.to_owned(),
        title: place.name.to_owned(),
        note: String::new(),
        href: place.href(slug),
        glyph: place.glyph.to_owned(),
    }
}

fn described_people(people: service::Found, text: &str, slug: &str) -> Vec<Found> {
    let service::Found { members, has_more_members, invitations, has_more_invitations, now } = people;
    let list = |group: &str, page: &str| Found {
        group: group.to_owned(),
        title: format!("All {page} with “{}”", text.trim()),
        note: String::new(),
        href: format!("/o/{slug}/{page}?q={}", escape(text.trim())),
        glyph: "search".to_owned(),
    };
    let mut found: Vec<Found> = members.iter().map(|member| described_member(member, slug)).collect();
    found.extend(has_more_members.then(|| list(PEOPLE, "members")));
    found.extend(invitations.iter().map(|invitation| described_invitation(invitation, slug, now)));
    found.extend(has_more_invitations.then(|| list(INVITATIONS, "invitations")));
    found
}

fn described_member(member: &Member, slug: &str) -> Found {
    let roles: Vec<&str> = member.roles.iter().map(|role| role.name.as_str()).collect();
    Found {
        group: PEOPLE.to_owned(),
        title: member.name.to_string(),
        note: format!("{} · {}", member.email, roles.join(", ")),
        href: format!("/o/{slug}/members/{}", member.id),
        glyph: "people".to_owned(),
    }
}

fn described_invitation(invitation: &Invitation, slug: &str, now: Instant) -> Found {
    let status = invitation.status(now);
    let address = invitation.name.as_ref().map(|_| format!("{} · ", invitation.email)).unwrap_or_default();
    let rest = match status {
        Status::Pending => format!(", {}", time_left(invitation.expires_at, now)),
        Status::Accepted | Status::Declined | Status::Revoked | Status::Expired => String::new(),
    };
    Found {
        group: INVITATIONS.to_owned(),
        title: invitation.invitee(),
        note: format!("{address}{}{rest}", status.label()),
        href: format!("/o/{slug}/invitations/{}", invitation.id),
        glyph: status.as_str().to_owned(),
    }
}

/// Returns the action to invite this address, if the text is one whom somebody with these permissions can invite.
fn invite(text: &str, people: &service::Found, permissions: &[Permission], slug: &str) -> Option<Found> {
    let address = EmailAddress::parse(text).ok().filter(|_| permissions.contains(&Permission::UserInvite))?;
    let is_member = people.members.iter().any(|member| member.email.as_str() == address.as_str());
    let is_invited =
        people.invitations.iter().any(|one| one.email.as_str() == address.as_str() && one.is_pending(people.now));
    (!is_member && !is_invited).then(|| Found {
        group: "Actions".to_owned(),
        title: format!("Invite {}", address.typed()),
        note: String::new(),
        href: format!("/o/{slug}/invitations/new?to={}", escape(address.typed())),
        glyph: "plus".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_all_words_those_that_begin_with_them_first() {
        let found =
            |text| matching(PAGES.iter().chain(&ACTIONS), text).iter().map(|place| place.name).collect::<Vec<_>>();
        assert_eq!(found("API"), ["API keys", "New API key"]);
        assert_eq!(found(" key  new"), ["New API key"]);
        assert_eq!(found("invit"), ["Invitations", "Invite people"]);
        assert_eq!(found("%"), [""; 0]);
        assert_eq!(found("  ").len(), PAGES.len() + ACTIONS.len());
    }
}
