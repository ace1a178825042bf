//! Names in lower case, for the search. The two databases don't lower-case letters beyond ASCII in the same way, so the
//! program does it. The migration that added the column filled in the names that are all ASCII.

use super::{Error, Store, on};
use uuid::Uuid;

/// The number of names that one transaction writes.
const BATCH: i64 = 500;

impl Store {
    /// Fills in the lower-case names that are missing. As a rule none are.
    pub(super) async fn fold_names(&self) -> Result<(), Error> {
        const FIND: &str = "select id, name from users where name_lower is null order by id limit $1";
        const SAVE: &str = "update users set name_lower = $2 where id = $1";
        loop {
            let find = async |tx: &mut super::Snapshot| {
                let rows: Vec<(Uuid, String)> = on!(tx, |c| sqlx::query_as(FIND).bind(BATCH).fetch_all(c).await)?;
                Ok::<_, Error>(rows)
            };
            let rows = self.read(find).await?;
            if rows.is_empty() {
                return Ok(());
            }
            self.write_unheard(async |tx| {
                for (id, name) in &rows {
                    let lower = name.to_lowercase();
                    on!(&mut **tx, |c| sqlx::query(SAVE).bind(id).bind(lower).execute(c).await.map(drop))?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        }
    }
}
