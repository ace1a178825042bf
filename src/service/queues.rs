//! How long the queues are, for the operator.

use super::{Result, Vestibule};
use crate::domain::Instant;
use crate::telemetry::metrics::{self, Due, LETTERS, Queues};

/// Rows that are counted of each queue; more than an index gives in a moment is "so many, or more".
const COUNTED: u32 = 10_000;
/// The same of what chores should do.
const COUNTED_OF_CHORE: u32 = 1_000;

impl Vestibule {
    /// Returns what is due in each queue, as of now, in the time that a few looks at an index take.
    pub async fn queues(&self) -> Result<Queues> {
        let now = self.now();
        let age = |since: Instant| (now - since).as_seconds_f64().max(0.0);
        self.read(async |tx| {
            let due = tx.due_mails(now, COUNTED).await?;
            let name = |letter: &str| LETTERS.into_iter().find(|name| *name == letter);
            let mails = due.into_iter().filter_map(|(letter, count, oldest)| {
                Some((name(&letter)?, Due { count, oldest_seconds: age(oldest) }))
            });
            let (count, oldest) = tx.due_deliveries(now, COUNTED).await?;
            let chore = COUNTED_OF_CHORE;
            Ok(Queues {
                mails: mails.collect(),
                mails_later: tx.mails_due_later(now, COUNTED).await?,
                deliveries: Due { count, oldest_seconds: oldest.map_or(0.0, age) },
                deliveries_later: tx.deliveries_due_later(now, COUNTED).await?,
                chores: vec![
                    ("cut", tx.count_due_cuts(chore).await?),
                    ("expire", tx.count_overdue_invitations(now, chore).await?),
                    ("remind", tx.count_due_reminders(now, chore).await?),
                ],
            })
        })
        .await
    }

    /// Returns which kind of database it is: `sqlite` or `postgres`.
    pub fn database(&self) -> &'static str {
        self.store.kind()
    }

    /// Measures how the database's connections and files stand. Asks the database nothing.
    pub fn measure_database(&self) {
        let (used, idle) = self.store.connections();
        metrics::database_connections(used, idle);
        for (file, bytes) in self.store.file_sizes() {
            metrics::database_file(file, bytes);
        }
    }
}
