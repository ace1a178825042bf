//! Walks along the chain of an organization's events.

use super::{Error, Snapshot, Store};
use crate::domain::{Flaw, Head, OrganizationId, Verdict, chain::Wrong};

/// Events read at once: enough that reading them is most of the work.
const BATCH: u32 = 1000;

impl Store {
    /// Compares every event of the organization with its hash, and the last with the organization's own row; says by
    /// `seen` after each batch how many were compared. May go on while others write: what they add is left out.
    pub async fn verify_chain(&self, id: OrganizationId, mut seen: impl FnMut(u64)) -> Result<Verdict, Error> {
        // of one moment: what is written meanwhile is not taken for foreign
        let ends = async |tx: &mut Snapshot| Ok::<_, Error>((tx.highest_event(id).await?, tx.head(id).await));
        let (highest, head) = self.read(ends).await?;
        let end = match head {
            Err(error) if is_unreadable(&error) => Head { number: highest, ..Head::START },
            end => end?,
        };
        let (mut at, mut limit) = (Head::START, BATCH);
        while at.number < end.number {
            let next = Flaw { number: at.number + 1, id: None, wrong: Wrong::Missing };
            match self.read(async |tx| tx.links_after(id, at.number, limit).await).await {
                Ok(links) if links.is_empty() => return Ok(Verdict { count: end.number, flaw: Some(next) }),
                Ok(links) => {
                    for (link, hash) in links.into_iter().take((end.number - at.number) as usize) {
                        match at.step(&link, hash) {
                            Ok(next) => at = next,
                            Err(flaw) => return Ok(Verdict { count: end.number, flaw: Some(flaw) }),
                        }
                    }
                    seen(at.number);
                }
                // one by one from here, to know which
                Err(error) if is_unreadable(&error) && limit > 1 => limit = 1,
                Err(error) if is_unreadable(&error) => {
                    let flaw = Flaw { wrong: Wrong::Unreadable, ..next };
                    return Ok(Verdict { count: end.number, flaw: Some(flaw) });
                }
                Err(error) => return Err(error),
            }
        }
        let wrong = if highest > end.number {
            Some((end.number + 1, Wrong::Foreign))
        } else {
            (at != end).then_some((end.number, Wrong::Replaced))
        };
        Ok(Verdict { count: end.number, flaw: wrong.map(|(number, wrong)| Flaw { number, id: None, wrong }) })
    }
}

/// A value that no program of ours has written.
fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::ColumnDecode { .. } | Error::Decode(_))
}
