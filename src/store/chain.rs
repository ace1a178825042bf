//! Walks along the chain of an organization's events.

use super::{Error, Snapshot, Store};
use crate::domain::seal::Sealed;
use crate::domain::{Flaw, Head, OrganizationId, Verdict, chain::Wrong};

/// Events read at once: enough that reading them is most of the work.
const BATCH: u32 = 1000;

impl Store {
    /// Compares every event of the organization with its hash, and the last with the organization's own row; says by
    /// `seen` after each batch how many were compared. May go on while others write: what they add is left out.
    pub async fn verify_chain(&self, id: OrganizationId, mut seen: impl FnMut(u64)) -> Result<Verdict, Error> {
        // of one moment: what is written meanwhile is not taken for foreign
        let ends = async |tx: &mut Snapshot| {
            let is_adopted = tx.key_check().await?.is_some();
            Ok::<_, Error>((tx.highest_event(id).await?, tx.head(id).await, tx.sealed(id).await?, is_adopted))
        };
        let (highest, head, sealed, is_adopted) = self.read(ends).await?;
        let sealed = sealed.unwrap_or(Sealed { number: 0, seal: None });
        let end = match head {
            Err(error) if is_unreadable(&error) => Head { number: highest, ..Head::START },
            end => end?,
        };
        let (mut count, mut at_seal) = (0, (sealed.number == 0).then_some(Head::START));
        let (mut at, mut limit) = (Head::START, BATCH);
        while at.number < end.number {
            let next = Flaw { number: at.number + 1, id: None, wrong: Wrong::Missing };
            match self.read(async |tx| tx.links_after(id, at.number, limit).await).await {
                Ok(links) if links.is_empty() => return Ok(Verdict { count: end.number, flaw: Some(next) }),
                Ok(links) => {
                    for (link, hash) in links.into_iter().take((end.number - at.number) as usize) {
                        match at.step(&link, hash) {
                            Ok(next) => (at, count) = (next, count + 1),
                            Err(flaw) => return Ok(Verdict { count: end.number, flaw: Some(flaw) }),
                        }
                        if at.number == sealed.number {
                            at_seal = Some(at);
                        }
                    }
                    seen(count);
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
        } else if at != end {
            Some((end.number, Wrong::Replaced))
        } else {
            self.wrong_with_seal(id, &sealed, at_seal, end, is_adopted)
        };
        Ok(Verdict { count, flaw: wrong.map(|(number, wrong)| Flaw { number, id: None, wrong }) })
    }

    /// An end that was moved back, or made anew by somebody without the key. Events after the sealed one are of a program
    /// from before.
    fn wrong_with_seal(
        &self,
        id: OrganizationId,
        sealed: &Sealed,
        at_seal: Option<Head>,
        end: Head,
        is_adopted: bool,
    ) -> Option<(u64, Wrong)> {
        match (at_seal, &sealed.seal) {
            (None, _) => Some((end.number + 1, Wrong::Missing)),
            (Some(head), Some(seal)) => {
                (!self.seals().is_good(id, head, seal)).then_some((head.number, Wrong::Replaced))
            }
            (Some(_), None) => (is_adopted && end.number > 0).then_some((end.number, Wrong::Replaced)),
        }
    }
}

/// A value that no program of ours has written.
fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::ColumnDecode { .. } | Error::Decode(_))
}
