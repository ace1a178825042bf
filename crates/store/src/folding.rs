//! Texts that the search looks at, folded: see [`vestibule_domain::search`]. No database knows the small letters of all
//! alphabets as the program does, so migrations leave these texts to it.

use super::{Error, Snapshot, Store, on};
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use vestibule_domain::search::folded;

/// The number of texts that one transaction writes.
const BATCH: i64 = 1_000;
/// The tables with such texts, in a column `search`.
const TABLES: [&str; 3] = ["users", "invitations", "events"];

impl Store {
    /// Folds the texts that are not, which are those that a migration has left. As a rule there are none.
    pub(super) async fn fold(&self) -> Result<(), Error> {
        for table in TABLES {
            let mut count = 0;
            loop {
                let done = self.fold_some(table).await?;
                if done == 0 {
                    break;
                }
                count += done;
                if count % 100_000 == 0 {
                    tracing::info!(table, count, "preparing texts for the search");
                }
            }
        }
        Ok(())
    }

    /// Folds a batch and returns how many.
    async fn fold_some(&self, table: &str) -> Result<usize, Error> {
        // a folded text begins with a space
        let find = format!(
            "select id, search from {table} where search <> '' and substr(search, 1, 1) <> ' ' order by id limit $1"
        );
        let save = format!("update {table} set search = $2 where id = $1");
        let find = async |tx: &mut Snapshot| {
            let rows: Vec<(Uuid, String)> =
                on!(tx, |c| sqlx::query_as(AssertSqlSafe(find)).bind(BATCH).fetch_all(c).await)?;
            Ok::<_, Error>(rows)
        };
        let rows = self.read(find).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        self.write_unheard(async |tx| {
            for (id, text) in &rows {
                let save = AssertSqlSafe(save.clone());
                on!(&mut **tx, |c| sqlx::query(save).bind(id).bind(folded(text)).execute(c).await.map(drop))?;
            }
            Ok::<_, Error>(())
        })
        .await?;
        Ok(rows.len())
    }
}
