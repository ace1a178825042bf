//! What comes of each address of an invite, in words.

use crate::invitations::{RecipientKind, RecipientNote, RecipientsPreview};
use std::fmt::Display;
use vestibule_domain::number::{grouped, plural};
use vestibule_domain::{Instant, InviteOutcome, RecipientPreview, RecipientStanding};

/// The number of addresses that are described; the others are counted.
const SHOWN: usize = 20;

/// Returns the preview as the form shows it, in the organization with this slug.
pub fn described(preview: vestibule_domain::RecipientsPreview, slug: &str) -> RecipientsPreview {
    let invited = u32::try_from(preview.invited()).unwrap_or(u32::MAX);
    let mut notes: Vec<RecipientNote> = preview.others.iter().map(|other| note(other, slug, preview.now)).collect();
    // within a kind, they stay in the order written
    notes.sort_by_key(|note| note.kind);
    let more = u32::try_from(notes.len().saturating_sub(SHOWN)).unwrap_or(u32::MAX);
    let summary = preview.refusal.unwrap_or_else(|| summary(preview.ready, &notes));
    notes.truncate(SHOWN);
    RecipientsPreview { invited, summary, notes, more }
}

/// Returns a text like `4 ready, 2 to check, 3 left out`.
fn summary(ready: u64, notes: &[RecipientNote]) -> String {
    let left_out = notes.iter().filter(|note| note.kind == RecipientKind::LeftOut).count();
    let check = notes.len() - left_out;
    let part = |count: usize, words| (count > 0).then(|| format!("{} {words}", grouped(count as u64)));
    let parts = [Some(format!("{} ready", grouped(ready))), part(check, "to check"), part(left_out, "left out")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn note(other: &RecipientPreview, slug: &str, now: Instant) -> RecipientNote {
    let note =
        |kind, sentence, likely, href| RecipientNote { address: other.address.clone(), kind, sentence, likely, href };
    match &other.standing {
        RecipientStanding::Doubtful { likely } => {
            note(RecipientKind::Doubtful, format!("Did you mean {likely}?"), Some(likely.clone()), None)
        }
        RecipientStanding::LeftOut { outcome } => {
            let is_wrong = matches!(outcome, InviteOutcome::Refused { .. });
            let kind = if is_wrong { RecipientKind::Wrong } else { RecipientKind::LeftOut };
            note(kind, reason(outcome, now), None, page(outcome, slug))
        }
    }
}

/// Returns the path of the page about the person who is invited, or a member already.
pub fn page(outcome: &InviteOutcome, slug: &str) -> Option<String> {
    match outcome {
        InviteOutcome::Invited { id } | InviteOutcome::AlreadyInvited { id, .. } => {
            Some(format!("/o/{slug}/invitations/{id}"))
        }
        InviteOutcome::AlreadyMember { .. } => Some(format!("/o/{slug}/members")),
        InviteOutcome::WrittenTwice | InviteOutcome::Refused { .. } => None,
    }
}

/// Says why an address was not invited, or would not be. Returns an empty text for one that was.
pub fn reason(outcome: &InviteOutcome, now: Instant) -> String {
    match outcome {
        InviteOutcome::Invited { .. } => String::new(),
        InviteOutcome::AlreadyInvited { inviter, expires_at, .. } => {
            format!("Already invited by {} ({}).", isolated(inviter), time_left(*expires_at, now))
        }
        InviteOutcome::AlreadyMember { roles } => format!("Already a member ({}).", roles.join(", ")),
        InviteOutcome::WrittenTwice => "Written twice; invited once.".to_owned(),
        InviteOutcome::Refused { sentence, .. } => sentence.clone(),
    }
}

/// Returns the text with marks that keep its direction from changing what is around it.
fn isolated(text: impl Display) -> String {
    format!("\u{2068}{text}\u{2069}")
}

/// Counts midnights in UTC, as the server's pages do.
pub(super) fn time_left(until: Instant, now: Instant) -> String {
    match (until.date_naive() - now.date_naive()).num_days() {
        ..=0 => "expires today".to_owned(),
        1 => "expires tomorrow".to_owned(),
        days => format!("{} left", plural(days.unsigned_abs(), "day", "days")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_to_correct_come_first_and_the_rest_is_counted() {
        let left_out =
            |outcome| RecipientPreview { address: "a@x.org".into(), standing: RecipientStanding::LeftOut { outcome } };
        let refused = || InviteOutcome::Refused { code: "no_at".into(), sentence: "There is no @.".into() };
        let doubtful = RecipientPreview {
            address: "a@gmial.com".into(),
            standing: RecipientStanding::Doubtful { likely: "a@gmail.com".into() },
        };
        let others =
            std::iter::repeat_n(left_out(InviteOutcome::WrittenTwice), 30).chain([doubtful, left_out(refused())]);
        let preview = vestibule_domain::RecipientsPreview {
            ready: 4,
            others: others.collect(),
            refusal: None,
            now: Instant::default(),
        };
        let described = described(preview, "acme");
        assert_eq!((described.invited, described.more), (5, 12));
        assert_eq!(described.summary, "4 ready, 2 to check, 30 left out");
        let kinds: Vec<RecipientKind> = described.notes[..3].iter().map(|note| note.kind).collect();
        assert_eq!(kinds, [RecipientKind::Wrong, RecipientKind::Doubtful, RecipientKind::LeftOut]);
    }
}
