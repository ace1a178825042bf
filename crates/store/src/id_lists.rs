//! Lists of ids that belong to a row, each in a table of its own: the roles that an invitation offers, what a member is
//! limited to. A list is written with its row, and read as a column of the statement that reads the row.

use super::{Error, Snapshot, Tx, on};
use sqlx::AssertSqlSafe;
use std::str::FromStr;
use uuid::Uuid;

/// A table that holds such lists.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdLists {
    table: &'static str,
    /// The column with the id of the row that the list belongs to.
    owner: &'static str,
    /// The column with the ids in the list.
    id: &'static str,
}

pub(super) const INVITATION_ROLES: IdLists =
    IdLists { table: "invitation_roles", owner: "invitation_id", id: "role_id" };
pub(super) const INVITATION_RESOURCES: IdLists =
    IdLists { table: "invitation_resources", owner: "invitation_id", id: "resource_id" };
pub(super) const MEMBER_ROLES: IdLists = IdLists { table: "member_roles", owner: "member_id", id: "role_id" };
pub(super) const MEMBER_RESOURCES: IdLists =
    IdLists { table: "member_resources", owner: "member_id", id: "resource_id" };

impl IdLists {
    /// Returns the condition that the list of this row has one of these ids, which are given as placeholders.
    pub fn hold(self, row: &str, ids: &[String]) -> String {
        let Self { table, owner, id } = self;
        // without `limit 1` SQLite 3.51 makes a join of it, in which `offset` counts a row for each of its ids
        format!("exists (select 1 from {table} l where l.{owner} = {row} and l.{id} in ({}) limit 1)", ids.join(", "))
    }

    /// Returns the statement that finds all rows whose list has one of these ids.
    pub fn owners(self, ids: &[String]) -> String {
        let Self { table, owner, id } = self;
        format!("select distinct {owner} as id from {table} where {id} in ({})", ids.join(", "))
    }
}

impl Snapshot {
    /// Returns the expression for the list of this row as one text, which [`read_ids`] parses.
    pub(super) fn id_list(&self, lists: IdLists, row: &str) -> String {
        let IdLists { table, owner, id } = lists;
        let ids = match self {
            // the rows are in this order already, and `order by` among the arguments would sort them all the same
            Self::Sqlite(_) => format!(
                "select group_concat(hex({id}), ' ') from (select {id} from {table} where {owner} = {row} order by position)"
            ),
            Self::Postgres(_) => {
                format!(
                    "select string_agg(cast({id} as text), ' ' order by position) from {table} where {owner} = {row}"
                )
            }
        };
        format!("coalesce(({ids}), '')")
    }

    /// Returns the text that the expression of [`Self::id_list`] has for these ids.
    pub(super) fn id_list_of(&self, ids: impl Iterator<Item = Uuid>) -> String {
        let text = |id: Uuid| match self {
            Self::Sqlite(_) => format!("{:X}", id.simple()),
            Self::Postgres(_) => id.to_string(),
        };
        ids.map(text).collect::<Vec<_>>().join(" ")
    }
}

/// Parses the text of a list.
pub(super) fn read_ids<I: FromStr>(text: &str) -> Vec<I> {
    text.split(' ').filter_map(|id| id.parse().ok()).collect()
}

impl Tx {
    /// Adds the list of a new row.
    pub(super) async fn add_ids(
        &mut self,
        lists: IdLists,
        row: Uuid,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<(), Error> {
        let ids: Vec<Uuid> = ids.collect();
        if ids.is_empty() {
            return Ok(());
        }
        let IdLists { table, owner, id } = lists;
        let rows: Vec<String> = (0..ids.len()).map(|position| format!("($1, {position}, ${})", position + 2)).collect();
        let sql = format!("insert into {table} ({owner}, position, {id}) values {}", rows.join(", "));
        on!(self, |c| {
            let query = sqlx::query(AssertSqlSafe(sql)).bind(row);
            ids.into_iter().fold(query, |query, id| query.bind(id)).execute(c).await.map(drop)
        })
    }

    /// Replaces the list of a row, if it differs.
    pub(super) async fn save_ids(
        &mut self,
        lists: IdLists,
        row: Uuid,
        ids: impl Iterator<Item = Uuid> + Clone,
    ) -> Result<(), Error> {
        let find = format!("select {}", self.id_list(lists, "$1"));
        let found: String = on!(&mut *self, |c| sqlx::query_scalar(AssertSqlSafe(find)).bind(row).fetch_one(c).await)?;
        if found == self.id_list_of(ids.clone()) {
            return Ok(());
        }
        let remove = format!("delete from {} where {} = $1", lists.table, lists.owner);
        on!(&mut *self, |c| sqlx::query(AssertSqlSafe(remove)).bind(row).execute(c).await.map(drop))?;
        self.add_ids(lists, row, ids).await
    }
}
