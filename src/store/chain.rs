//! Walks along the chain of an organization's events.

use super::{Error, Snapshot, Store};
use crate::domain::{
    Fact, Flaw, Head, OrganizationId, Verdict,
    chain::{Link, Redaction, Wrong},
};

/// Events read at once: enough that reading them is most of the work.
const BATCH: u32 = 1000;

impl Store {
    /// Compares every event of the organization with its hash, or with the redaction of it that a later event vouches for,
    /// and the last with the organization's own row; says by `seen` after each batch how many were compared. May go on
    /// while others write: what they add is left out, but for events that vouch for what was compared.
    pub async fn verify_chain(&self, id: OrganizationId, mut seen: impl FnMut(u64)) -> Result<Verdict, Error> {
        let (mut walk, mut limit) = (Walk { id, at: Head::START, until: 0, left_out: 0 }, BATCH);
        loop {
            // of one moment: what is written meanwhile is not taken for foreign
            let ends = async |tx: &mut Snapshot| Ok::<_, Error>((tx.highest_event(id).await?, tx.head(id).await));
            let (highest, head) = self.read(ends).await?;
            let end = match head {
                Err(error) if is_unreadable(&error) => Head { number: highest, ..Head::START },
                end => end?,
            };
            let verdict = |walk: Walk, flaw| Ok(Verdict { count: end.number - walk.left_out, flaw });
            while walk.at.number < end.number {
                let next = Flaw { number: walk.at.number + 1, id: None, wrong: Wrong::Missing };
                match self.read(async |tx| walk.step(tx, end, limit).await).await {
                    Ok(Ok(next)) => walk = next,
                    Ok(Err(flaw)) => return verdict(walk, Some(flaw)),
                    // one by one from here, to know which
                    Err(error) if is_unreadable(&error) && limit > 1 => limit = 1,
                    Err(error) if is_unreadable(&error) => {
                        return verdict(walk, Some(Flaw { wrong: Wrong::Unreadable, ..next }));
                    }
                    Err(error) => return Err(error),
                }
                seen(walk.at.number - walk.left_out);
            }
            let wrong = if highest > end.number {
                Some((end.number + 1, Wrong::Foreign))
            } else {
                (walk.at != end).then_some((end.number, Wrong::Replaced))
            };
            if wrong.is_some() || walk.until <= end.number {
                return verdict(walk, wrong.map(|(number, wrong)| Flaw { number, id: None, wrong }));
            }
        }
    }
}

/// How far a walk is.
#[derive(Clone, Copy)]
struct Walk {
    id: OrganizationId,
    at: Head,
    /// The highest number of an event that vouches for one that was compared.
    until: u64,
    /// How many numbers no event has, as backups were restored.
    left_out: u64,
}

impl Walk {
    /// The next events, at most `limit`, or the first that is wrong.
    async fn step(self, tx: &mut Snapshot, end: Head, limit: u32) -> Result<Result<Self, Flaw>, Error> {
        let links = tx.links_after(self.id, self.at.number, limit).await?;
        let Some((last, _)) = links.last() else {
            let number = self.at.number + 1;
            return Ok(Err(Flaw { number, id: None, wrong: Wrong::Missing }));
        };
        let (redactions, highest) = tx.redactions_between(self.id, self.at.number, last.number).await?;
        let mut walk = Self { until: self.until.max(highest), ..self };
        let left = usize::try_from(end.number - self.at.number).unwrap_or(usize::MAX);
        for (link, hash) in links.into_iter().take(left) {
            match walk.at.step(&link, hash, redactions.get(&link.number)) {
                Ok(next) => {
                    walk.left_out += next.number - walk.at.number - 1;
                    walk.at = next;
                }
                Err(flaw) => return Ok(Err(flaw)),
            }
            if link.action == Fact::EVENTS_REDACTED && !vouches(tx, self.id, &link).await? {
                return Ok(Err(Flaw { number: link.number, id: Some(link.id), wrong: Wrong::Unvouched }));
            }
        }
        Ok(Ok(walk))
    }
}

/// Whether the redactions that are kept are those that this event speaks of.
async fn vouches(tx: &mut Snapshot, id: OrganizationId, link: &Link) -> Result<bool, Error> {
    let Ok(Fact::PersonEventsRedacted { count, digest, .. }) = serde_json::from_str(&link.fact) else {
        return Ok(false);
    };
    let redactions = tx.redactions_by(id, link.number).await?;
    Ok(redactions.len() as u64 == count && Redaction::digest(&redactions).to_string() == digest)
}

/// A value that no program of ours has written.
fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::ColumnDecode { .. } | Error::Decode(_))
}
