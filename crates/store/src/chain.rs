//! The check of an organization's chain of events, from the first event to the last.

use super::{Error, Snapshot, Store};
use vestibule_domain::{
    ChainError, Fact, Head, OrganizationId, Verdict,
    chain::{ChainErrorKind, ChainLink, Redaction},
    seal::Sealed,
};

/// The number of events that are read at once. It is large enough that reading them is most of the work.
const BATCH: u32 = 1000;

impl Store {
    /// Compares every event of the organization with its hash, or with its redaction if a later event vouches for that,
    /// and the last event with the organization's row. Calls `seen` after each batch with the number of events that
    /// were compared. Others may write meanwhile: what they add is not compared, except events that vouch for what was.
    pub async fn verify_chain(&self, id: OrganizationId, mut seen: impl FnMut(u64)) -> Result<Verdict, Error> {
        let (mut walk, mut limit) = (Walk::new(id), BATCH);
        loop {
            // as of one moment, so that what is written meanwhile is not taken for foreign
            let ends = self.read(async |tx| tx.ends(id).await).await?;
            let (highest, end) = (ends.highest, ends.end);
            walk.notes(ends.sealed.number);
            let verdict = |walk: Walk, flaw| Ok(Verdict { count: end.number - walk.left_out, flaw });
            while walk.at.number < end.number {
                let next = ChainError { number: walk.at.number + 1, id: None, wrong: ChainErrorKind::Missing };
                match self.read(async |tx| walk.step(tx, end, limit).await).await {
                    Ok(Ok(next)) => walk = next,
                    Ok(Err(flaw)) => return verdict(walk, Some(flaw)),
                    // continues one by one, to find out which
                    Err(error) if is_unreadable(&error) && limit > 1 => limit = 1,
                    Err(error) if is_unreadable(&error) => {
                        return verdict(walk, Some(ChainError { wrong: ChainErrorKind::Unreadable, ..next }));
                    }
                    Err(error) => return Err(error),
                }
                seen(walk.at.number - walk.left_out);
            }
            let wrong = if highest > end.number {
                Some((end.number + 1, ChainErrorKind::Foreign))
            } else if walk.at != end {
                Some((end.number, ChainErrorKind::Replaced))
            } else {
                self.wrong_with_seal(id, &ends, walk.at_seal)
            };
            if wrong.is_some() || walk.until <= end.number {
                return verdict(walk, wrong.map(|(number, wrong)| ChainError { number, id: None, wrong }));
            }
        }
    }

    /// Detects an end that was moved back, or rewritten by somebody without the key. Events after the sealed one were
    /// written by an older version.
    fn wrong_with_seal(
        &self,
        id: OrganizationId,
        ends: &ChainEnds,
        at_seal: Option<Head>,
    ) -> Option<(u64, ChainErrorKind)> {
        let ChainEnds { end, sealed, is_adopted, .. } = ends;
        match (at_seal, &sealed.seal) {
            (None, _) => Some((end.number + 1, ChainErrorKind::Missing)),
            (Some(head), Some(seal)) => {
                (!self.seals().is_good(id, head, seal)).then_some((head.number, ChainErrorKind::Replaced))
            }
            (Some(_), None) => {
                let wants_one = sealed.number > 0 || (*is_adopted && end.number > 0);
                wants_one.then_some((end.number, ChainErrorKind::Replaced))
            }
        }
    }
}

/// What is stored about the end of a chain, as of one moment.
struct ChainEnds {
    /// The number of the last event that exists.
    highest: u64,
    /// The last event according to the organization's row.
    end: Head,
    sealed: Sealed,
    /// Whether the database knows a key, so that every chain has a seal.
    is_adopted: bool,
}

impl Snapshot {
    async fn ends(&mut self, id: OrganizationId) -> Result<ChainEnds, Error> {
        let highest = self.events().highest(id).await?;
        let end = match self.events().head(id).await {
            Err(error) if is_unreadable(&error) => Head { number: highest, ..Head::START },
            end => end?,
        };
        let sealed = self.sealed(id).await?.unwrap_or(Sealed { number: 0, seal: None });
        Ok(ChainEnds { highest, end, sealed, is_adopted: self.key_check().await?.is_some() })
    }
}

/// The progress of a check.
#[derive(Clone, Copy)]
struct Walk {
    id: OrganizationId,
    at: Head,
    /// The highest number of an event that vouches for one that was compared.
    until: u64,
    /// How many numbers are skipped, because backups were restored.
    left_out: u64,
    /// The number of the event that was sealed last.
    sealed: u64,
    /// The head at that event, once it has been passed.
    at_seal: Option<Head>,
}

impl Walk {
    fn new(id: OrganizationId) -> Self {
        Self { id, at: Head::START, until: 0, left_out: 0, sealed: 0, at_seal: Some(Head::START) }
    }

    /// Sets the number of the event that was sealed last.
    fn notes(&mut self, sealed: u64) {
        if self.sealed != sealed {
            (self.sealed, self.at_seal) = (sealed, (self.at.number == sealed).then_some(self.at));
        }
    }

    /// Compares the next events, at most `limit`. Returns the first that is wrong.
    async fn step(self, tx: &mut Snapshot, end: Head, limit: u32) -> Result<Result<Self, ChainError>, Error> {
        let links = tx.events().links_after(self.id, self.at.number, limit).await?;
        let Some((last, _)) = links.last() else {
            let number = self.at.number + 1;
            return Ok(Err(ChainError { number, id: None, wrong: ChainErrorKind::Missing }));
        };
        let (redactions, highest) = tx.redactions().between(self.id, self.at.number, last.number).await?;
        let mut walk = Self { until: self.until.max(highest), ..self };
        for (link, hash) in links.into_iter().take_while(|(link, _)| link.number <= end.number) {
            match walk.at.step(&link, hash, redactions.get(&link.number)) {
                Ok(next) => walk.passes(next),
                Err(flaw) => return Ok(Err(flaw)),
            }
            if link.action == Fact::EVENTS_REDACTED && !vouches(tx, self.id, &link).await? {
                return Ok(Err(ChainError {
                    number: link.number,
                    id: Some(link.id),
                    wrong: ChainErrorKind::Unvouched,
                }));
            }
        }
        Ok(Ok(walk))
    }

    fn passes(&mut self, event: Head) {
        self.left_out += event.number - self.at.number - 1;
        self.at = event;
        if event.number == self.sealed {
            self.at_seal = Some(event);
        }
    }
}

/// Checks whether the stored redactions are those that this event vouches for.
async fn vouches(tx: &mut Snapshot, id: OrganizationId, link: &ChainLink) -> Result<bool, Error> {
    let Ok(Fact::PersonEventsRedacted { count, digest, .. }) = serde_json::from_str(&link.fact) else {
        return Ok(false);
    };
    let redactions = tx.redactions().by(id, link.number).await?;
    Ok(redactions.len() as u64 == count && Redaction::digest(&redactions).to_string() == digest)
}

/// Checks whether the error is about a value that our program can't have written.
fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::ColumnDecode { .. } | Error::Decode(_))
}
