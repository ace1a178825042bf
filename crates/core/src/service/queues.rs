//! How long the queues are, for the operator.

use super::{Result, Vestibule};
use vestibule_domain::{Instant, Urgency};
use vestibule_store::Waits;
use vestibule_telemetry::metrics::{self, Queues, Waiting};

/// Rows that are counted of each queue; more than an index gives in a moment is "so many, or more".
const COUNTED: u32 = 10_000;
/// The same of what chores should do.
const COUNTED_OF_CHORE: u32 = 1_000;

impl Vestibule {
    /// Returns what is due in each queue, as of now, in the time that a few looks at an index take.
    pub async fn queues(&self) -> Result<Queues> {
        let now = self.now();
        self.read(async |tx| {
            let mut mails = Vec::new();
            for urgency in Urgency::ALL {
                mails.push((urgency, waiting(&tx.mails_waiting(now, urgency, COUNTED).await?, now)));
            }
            let (deliveries, most) = (waiting(&tx.deliveries_waiting(now, COUNTED).await?, now), COUNTED_OF_CHORE);
            let chores = vec![
                ("cut", tx.count_due_cuts(most).await?),
                ("erase", tx.count_due_erasures(most).await?),
                ("expire", tx.count_overdue_invitations(now, most).await?),
                ("remind", tx.count_due_reminders(now, most).await?),
                ("record_failed_sign_ins", self.count_unrecorded_sign_ins()),
            ];
            let held_mails = tx.count_held_mails(COUNTED).await?;
            let held_deliveries = tx.count_held_deliveries(COUNTED).await?;
            Ok(Queues { mails, deliveries, held_mails, held_deliveries, chores })
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

fn waiting(waits: &Waits, now: Instant) -> Waiting {
    let oldest_seconds = waits.oldest.map_or(0.0, |oldest| (now - oldest).as_seconds_f64().max(0.0));
    Waiting { due: waits.due, later: waits.later, oldest_seconds }
}
