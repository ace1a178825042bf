//! The lengths of the queues, for monitoring.

use super::{Result, Vestibule};
use vestibule_domain::{Instant, Urgency};
use vestibule_store::QueueCounts;
use vestibule_telemetry::metrics::{self, Queues, WaitingCounts};

/// The most rows that are counted in each queue, which an index can do in a moment; the result then means "this many or
/// more".
const COUNTED: u32 = 10_000;
/// The most rows that are counted for each chore.
const COUNTED_OF_CHORE: u32 = 1_000;

impl Vestibule {
    /// Returns the number of due rows in each queue as of now, from a few quick index reads.
    pub async fn queues(&self) -> Result<Queues> {
        let now = self.now();
        self.read(async |tx| {
            let mut mails = Vec::new();
            for &urgency in Urgency::ALL {
                mails.push((urgency, waiting(&tx.queues().mails_waiting(now, urgency, COUNTED).await?, now)));
            }
            let (deliveries, most) =
                (waiting(&tx.queues().deliveries_waiting(now, COUNTED).await?, now), COUNTED_OF_CHORE);
            let chores = vec![
                ("cut", tx.queues().count_due_cuts(most).await?),
                ("erase", tx.queues().count_due_erasures(most).await?),
                ("jobs", tx.queues().count_due_jobs(now, most).await?),
                ("expire", tx.queues().count_overdue_invitations(now, most).await?),
                ("remind", tx.queues().count_due_reminders(now, most).await?),
                ("record_failed_sign_ins", self.sign_in_failures().count_unrecorded()),
            ];
            let held_mails = tx.queues().count_held_mails(COUNTED).await?;
            let held_deliveries = tx.queues().count_held_deliveries(COUNTED).await?;
            Ok(Queues { mails, deliveries, held_mails, held_deliveries, chores })
        })
        .await
    }

    /// Returns the kind of database: `sqlite` or `postgres`.
    pub fn database(&self) -> &'static str {
        self.store.kind()
    }

    /// Reports the database's connections and file sizes as metrics, without a query.
    pub fn measure_database(&self) {
        let (used, idle) = self.store.connections();
        metrics::database_connections(used, idle);
        for (file, bytes) in self.store.file_sizes() {
            metrics::database_file(file, bytes);
        }
    }
}

fn waiting(waits: &QueueCounts, now: Instant) -> WaitingCounts {
    let oldest_seconds = waits.oldest.map_or(0.0, |oldest| (now - oldest).as_seconds_f64().max(0.0));
    WaitingCounts { due: waits.due, later: waits.later, oldest_seconds }
}
