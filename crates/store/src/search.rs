//! Finds rows by a few words of names and email addresses, see decision 0041.
//!
//! On SQLite there is an index of the three letters from every place of a text. Such a list begins there, and in the
//! order of the rows' numbers, which is that of their creation. Rows that the worker has not indexed yet are looked
//! through. PostgreSQL has such an index too, of which it makes use by itself, or its full text search with threes of
//! letters as words.

use super::{
    Error, Snapshot, Tx, escaped, invitations,
    lists::{Arm, List},
    members, on,
    subject::{Invitations, Members},
    values::{Value, Values, bound},
};
use sqlx::AssertSqlSafe;
use std::collections::HashSet;
use uuid::Uuid;
use vestibule_domain::{Direction, Invitation, Member, OrganizationId, SearchWord};

/// The most rows with some threes that are read and sorted. If there are more, the next one is never far when one goes
/// through all in order.
const FEW: u32 = 5_000;
/// The most rows with all words among which the best are chosen, those that came last.
const CHOSEN_AMONG: i64 = 1_000;
/// The most of a text's threes of letters that the index is asked for. The text itself is compared with each row found.
const MOST_THREES: usize = 32;
/// Whatever begins with a text comes before that text with this character after it.
const LAST: char = char::MAX;

/// A table whose rows are found by words.
pub(super) struct Searched {
    /// The table, with its name in the conditions, and what is joined to it for the text.
    table: &'static str,
    joined: &'static str,
    /// Its column with the row's number.
    row: &'static str,
    /// The index of words, and the rows that it has yet to get.
    index: &'static str,
    waiting: &'static str,
    /// The texts that the index is of, as a view and in PostgreSQL's words.
    texts: &'static str,
    text: &'static str,
}

pub(super) const INVITATIONS: Searched = Searched {
    table: "invitations i",
    joined: "",
    row: "i._row",
    index: "_invitation_words",
    waiting: "_invitations_to_index",
    texts: "_invitation_texts",
    text: "replace(i.search, ' ', '  ')",
};
pub(super) const MEMBERS: Searched = Searched {
    table: "members m",
    joined: " cross join users u",
    row: "m._row",
    index: "_member_words",
    waiting: "_members_to_index",
    texts: "_member_texts",
    text: "replace(u.search, ' ', '  ')",
};
pub(super) const MAILS: Searched = Searched {
    table: "mails",
    joined: "",
    row: "mails._row",
    index: "_mail_words",
    waiting: "_mails_to_index",
    texts: "_mail_texts",
    text: "lower(mails.recipient)",
};

const ALL: [&Searched; 3] = [&INVITATIONS, &MEMBERS, &MAILS];

impl Searched {
    /// Returns the two ways to a row: by the index, which is asked at this place, and among those that wait for it.
    fn arms(&self, asked: &str) -> Vec<Arm> {
        let Self { joined, row, index, waiting, .. } = self;
        let table = self.by_number();
        vec![
            Arm::of(format!("{index} w cross join {table}{joined}"), "w.rowid")
                .and(format!("w.{index} match {asked}"))
                .and(format!("{row} = w.rowid")),
            Arm::of(format!("{waiting} q cross join {table}{joined}"), "q.row").and(format!("{row} = q.row")),
        ]
    }

    /// Returns the table, which SQLite must look up by the row's number. With statistics it would rather look through
    /// the whole organization for each row.
    fn by_number(&self) -> String {
        format!("{} not indexed", self.table)
    }

    /// Returns the condition that a row can have these threes in its text, where PostgreSQL's full text search has them
    /// as its words.
    fn has_threes(&self, values: &mut Values, threes: &[String]) -> String {
        let quoted = |three: &String| format!("'{}'", three.replace('\\', "\\\\").replace('\'', "''"));
        let asked = threes.iter().map(quoted).collect::<Vec<_>>().join(" & ");
        let asked = values.add(Value::Text(asked));
        format!("threes_of({}) @@ cast(cast({asked} as text) as tsquery)", self.text)
    }
}

/// Returns the threes of letters that a text has with all of these parts, each once. There are none if all parts are too
/// short.
fn threes_of(parts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut threes: Vec<String> = Vec::new();
    for part in parts {
        let letters: Vec<char> = part.replace(' ', "  ").chars().collect();
        threes.extend(letters.windows(3).map(|three| three.iter().collect()));
    }
    let mut known = HashSet::new();
    threes.retain(|three| known.insert(three.clone()));
    threes.truncate(MOST_THREES);
    threes
}

/// Returns what SQLite's index is asked for: the rows of this organization with all of these threes.
fn asked(of: OrganizationId, threes: Vec<String>) -> String {
    let quoted = |three: String| format!("\"{}\"", three.replace('"', "\"\""));
    threes.into_iter().chain([letters_of(of)]).map(quoted).collect::<Vec<_>>().join(" ")
}

/// Returns the three letters that stand in front of each text of this organization, as the view `_letters` has them.
fn letters_of(of: OrganizationId) -> String {
    let [.., first, second, third] = of.uuid().into_bytes();
    let letter = |byte: u8| char::from_u32(0xe000 | u32::from(byte >> 4) << 6 | u32::from(byte & 15));
    [first, second, third].into_iter().filter_map(letter).collect()
}

impl List {
    /// Adds the condition that this folded text has all words of what somebody typed.
    pub fn and_words(&mut self, text: &str, words: &[SearchWord]) {
        let condition = condition_of_words(&mut self.values, text, words);
        self.and(condition);
    }
}

/// Returns the condition that this folded text has all words. Without any, nothing has them.
pub(super) fn condition_of_words(values: &mut Values, text: &str, words: &[SearchWord]) -> String {
    let likes = words.iter().map(|word| format!("{text} like {}", values.add(Value::Text(word.pattern()))));
    let likes: Vec<String> = likes.collect();
    if likes.is_empty() { "1 = 0".to_owned() } else { likes.join(" and ") }
}

/// The rows that can have some threes in their texts, if these are few.
pub(super) struct Few {
    searched: &'static Searched,
    threes: Vec<String>,
    /// The organization, if SQLite's index is asked.
    of: Option<OrganizationId>,
}

impl Few {
    /// Returns how a statement begins at them: their table in `from`, and the condition.
    pub fn begin(&self, values: &mut Values) -> (String, String) {
        let Searched { table, row, index, waiting, .. } = self.searched;
        let Some(of) = self.of else { return ((*table).to_owned(), self.searched.has_threes(values, &self.threes)) };
        let asked = values.add(Value::Text(asked(of, self.threes.clone())));
        let rows =
            format!("select rowid as row from {index} where {index} match {asked} union all select row from {waiting}");
        (format!("({rows}) few cross join {}", self.searched.by_number()), format!("{row} = few.row"))
    }
}

impl Snapshot {
    /// Returns the list of those of the organization who have all words.
    pub(super) fn with_words(&self, place: &Place, of: OrganizationId, words: &[SearchWord]) -> List {
        let mut list = List::of(place.table, place.id);
        list.by(vec![Arm::of(format!("{}{}", place.searched.table, place.searched.joined), place.id)]);
        list.and_value(&format!("{} =", place.organization_id), Value::Id(of.uuid()));
        list.and_words(place.text, words);
        if let Some(joined) = place.joined {
            list.and(joined);
        }
        self.begin_at_parts(&mut list, place.searched, of, words.iter().map(SearchWord::part));
        list
    }

    /// Makes the list begin at the rows that can have these parts in their texts, if the database has to be told to.
    /// Returns whether they are found by their rows' numbers.
    pub(super) fn begin_at_parts(
        &self,
        list: &mut List,
        searched: &Searched,
        of: OrganizationId,
        parts: impl IntoIterator<Item = String>,
    ) -> bool {
        let threes = threes_of(parts);
        match self {
            _ if threes.is_empty() => false,
            Self::Sqlite(_) => {
                let asked = list.add(Value::Text(asked(of, threes)));
                list.in_order_of_rows(searched.row);
                list.by(searched.arms(&asked));
                true
            }
            Self::Postgres(connection) if connection.has_threes => {
                let condition = searched.has_threes(&mut list.values, &threes);
                list.and(condition);
                false
            }
            Self::Postgres(_) => false,
        }
    }

    /// Returns the rows that can have all of these parts in their texts, if there are at most [`FEW`]. Returns `None` if
    /// there are more, if the parts are too short to know, and where PostgreSQL finds out by itself.
    pub(super) async fn few_with(
        &mut self,
        searched: &'static Searched,
        of: OrganizationId,
        parts: impl IntoIterator<Item = String>,
    ) -> Result<Option<Few>, Error> {
        let threes = threes_of(parts);
        match &*self {
            _ if threes.is_empty() => Ok(None),
            Self::Postgres(connection) => Ok(connection.has_threes.then_some(Few { searched, threes, of: None })),
            Self::Sqlite(_) => {
                let index = searched.index;
                let sql = format!("select rowid from {index} where {index} match $1 limit 1 offset $2");
                let one_more: Option<i64> = on!(self, |c| sqlx::query_scalar(AssertSqlSafe(sql))
                    .bind(asked(of, threes.clone()))
                    .bind(i64::from(FEW))
                    .fetch_optional(c)
                    .await)?;
                Ok(one_more.is_none().then_some(Few { searched, threes, of: Some(of) }))
            }
        }
    }
}

/// Where people are looked for, in the organization `$1`.
pub(super) struct Place {
    searched: &'static Searched,
    /// The table, and its id.
    table: &'static str,
    id: &'static str,
    organization_id: &'static str,
    /// What joins a row with its text.
    joined: Option<&'static str>,
    /// The text in the conditions, and among the columns.
    text: &'static str,
    text_of_row: &'static str,
    /// The rows whose address is at least `$2`, less than `$3`, and like `$4`, in order.
    by_address: &'static str,
}

pub(super) const OF_MEMBERS: Place = Place {
    searched: &MEMBERS,
    table: "members m",
    id: "m.id",
    organization_id: "m.organization_id",
    joined: Some("u.id = m.user_id"),
    text: "u.search",
    text_of_row: "(select t.search from users t where t.id = m.user_id)",
    // the beginning may be that of very many people of other organizations
    by_address: "(select id, email from users where email >= $2 and email < $3 and email like $4 escape '\\'
        order by email limit 1000) u
        cross join members m where m.user_id = u.id and m.organization_id = $1 order by u.email",
};

pub(super) const OF_INVITATIONS: Place = Place {
    searched: &INVITATIONS,
    table: "invitations i",
    id: "i.id",
    organization_id: "i.organization_id",
    joined: None,
    text: "i.search",
    text_of_row: "i.search",
    by_address: "invitations i where i.organization_id = $1 and i.email >= $2 and i.email < $3
        and i.email like $4 escape '\\' order by i.email, i.id desc",
};

impl Snapshot {
    /// Returns the ids of those who have all words, the best first.
    async fn search(&mut self, place: &Place, of: OrganizationId, text: &str, limit: u32) -> Result<Vec<Uuid>, Error> {
        let words = SearchWord::all(text);
        let mut found = match text.split_whitespace().collect::<Vec<_>>()[..] {
            [word] => self.by_address(place, of, &word.to_lowercase(), limit).await?,
            _ => Vec::new(),
        };
        if found.len() < limit as usize {
            let latest = self.among_latest(place, of, &words).await?;
            let others: Vec<Uuid> = latest.into_iter().filter(|id| !found.contains(id)).collect();
            found.extend(others);
            found.truncate(limit as usize);
        }
        Ok(found)
    }

    /// Returns those whose address begins with the word.
    async fn by_address(
        &mut self,
        Place { id, by_address, .. }: &Place,
        of: OrganizationId,
        word: &str,
        limit: u32,
    ) -> Result<Vec<Uuid>, Error> {
        let sql = format!("select {id} from {by_address} limit $5");
        on!(self, |c| sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(of.uuid())
            .bind(word)
            .bind(format!("{word}{LAST}"))
            .bind(format!("{}%", escaped(word)))
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
    }

    /// Returns the latest of those who have all words. The fewer of the words only stand in the middle of another one,
    /// the better.
    async fn among_latest(
        &mut self,
        place: &Place,
        of: OrganizationId,
        words: &[SearchWord],
    ) -> Result<Vec<Uuid>, Error> {
        let mut list = self.with_words(place, of, words);
        let part = list.part(Direction::Older, None, CHOSEN_AMONG);
        let sql = list.select(&format!("{}, {}", place.id, place.text_of_row), "", &part);
        let values = list.values;
        let mut rows: Vec<(Uuid, String)> =
            on!(self, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(false), values).fetch_all(c).await)?;
        rows.sort_by_key(|(_, text)| words.iter().filter(|word| !word.begins_one_of(text)).count());
        Ok(rows.into_iter().map(|(id, _)| id).collect())
    }
}

impl Members<'_> {
    /// Returns the members who have all words of this text in their name or address, at most `limit`. Those come first
    /// whose address or a part of whose name begins with the words.
    pub async fn search(&mut self, of: OrganizationId, text: &str, limit: u32) -> Result<Vec<Member>, Error> {
        let ids = self.0.search(&OF_MEMBERS, of, text, limit).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = Values::default();
        let places = values.add_all(ids.iter().copied().map(Value::Id));
        let columns = self.member_columns();
        let sql = format!("select {columns} from members m join users u on u.id = m.user_id where m.id in ({places})");
        let roles = self.0.roles().all(of).await?;
        let rows: Vec<members::Row> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
        let mut members: Vec<Member> = rows.into_iter().map(|row| row.with_roles(&roles)).collect();
        members.sort_by_key(|member| ids.iter().position(|id| *id == member.id.uuid()));
        Ok(members)
    }
}

impl Invitations<'_> {
    /// Returns the invitations that have all words of this text in the invitee's name or address, at most `limit`. Those
    /// come first whose address or a part of whose name begins with the words.
    pub async fn search(&mut self, of: OrganizationId, text: &str, limit: u32) -> Result<Vec<Invitation>, Error> {
        let ids = self.0.search(&OF_INVITATIONS, of, text, limit).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = Values::default();
        let places = values.add_all(ids.iter().copied().map(Value::Id));
        let sql = format!("select {} from invitations i where i.id in ({places})", self.0.invitation_columns());
        let rows: Vec<invitations::Row> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
        let mut found = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Invitation>, Error>>()?;
        found.sort_by_key(|invitation| ids.iter().position(|id| *id == invitation.id.uuid()));
        Ok(found)
    }
}

impl Snapshot {
    /// Checks whether [`Tx::index_words`] has something to do.
    pub async fn has_words_to_index(&mut self) -> Result<bool, Error> {
        let Self::Sqlite(_) = self else { return Ok(false) };
        let waiting = ALL.map(|searched| format!("exists (select 1 from {})", searched.waiting)).join(" or ");
        let sql = format!("select {waiting}");
        on!(self, |c| sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(c).await)
    }
}

impl Tx {
    /// Chooses whether mails that are removed are also overwritten in the index of words. Those that are only old are
    /// many, and are left to the next merge of its parts.
    pub(super) async fn overwrite_words_of_mails(&mut self, overwrites: bool) -> Result<(), Error> {
        const SQL: &str = "insert into _mail_words (_mail_words, rank) values ('secure-delete', $1)";
        match &**self {
            Snapshot::Sqlite(_) => {
                on!(&mut **self, |c| sqlx::query(SQL).bind(i64::from(overwrites)).execute(c).await.map(drop))
            }
            Snapshot::Postgres(_) => Ok(()),
        }
    }

    /// Merges some of the parts of the index of words, so that nothing is left in it of mails that were removed.
    pub async fn merge_words_of_mails(&mut self) -> Result<(), Error> {
        const SQL: &str = "insert into _mail_words (_mail_words, rank) values ('merge', -200)";
        match &**self {
            Snapshot::Sqlite(_) => on!(&mut **self, |c| sqlx::query(SQL).execute(c).await.map(drop)),
            Snapshot::Postgres(_) => Ok(()),
        }
    }

    /// Gives rows that wait to the index of words, at most `limit` of each kind. Returns how many. PostgreSQL does so
    /// itself.
    pub async fn index_words(&mut self, limit: u32) -> Result<u64, Error> {
        let mut count = 0;
        if let Snapshot::Sqlite(_) = &**self {
            for Searched { index, texts, waiting, .. } in ALL {
                let batch = format!("(select row from {waiting} order by row limit $1)");
                let add =
                    format!("insert into {index} (rowid, text) select row, text from {texts} where row in {batch}");
                let remove = format!("delete from {waiting} where row in {batch}");
                on!(&mut **self, |c| sqlx::query(AssertSqlSafe(add))
                    .bind(i64::from(limit))
                    .execute(c)
                    .await
                    .map(drop))?;
                count += on!(&mut **self, |c| sqlx::query(AssertSqlSafe(remove))
                    .bind(i64::from(limit))
                    .execute(c)
                    .await?
                    .rows_affected());
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_asked_for_in_threes() {
        let of = OrganizationId::from(Uuid::from_u128(0xa1b2c3));
        let parts = |parts: &[&str]| threes_of(parts.iter().map(|part| (*part).to_owned()));
        assert_eq!(parts(&["castl", "tle"]), ["cas", "ast", "stl", "tle"]);
        assert_eq!(parts(&[" j "]), ["  j", " j ", "j  "]);
        assert_eq!(parts(&["ab", ""]), [""; 0], "too short");
        assert_eq!(parts(&["a".repeat(40).as_str(), &('a'..='z').chain('0'..='9').collect::<String>()]).len(), 32);
        assert_eq!(asked(of, parts(&["a\"bc"])), "\"a\"\"b\" \"\"\"bc\" \"\u{e281}\u{e2c2}\u{e303}\"");
    }
}
