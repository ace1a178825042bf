//! Finds people by a few words of their names and email addresses. The beginning of an address is found by an index. All
//! else is looked for among those who came last, so that a search among a million takes as long as one among ten
//! thousand; the lists find the others.

use super::{
    Error, Snapshot, escaped, invitations, members, on,
    subject::{Invitations, Members},
    values::{Value, Values, bound},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use vestibule_domain::{Invitation, Member, OrganizationId};

/// The number of rows that are looked through, those that came last. It takes some hundredths of a second.
const LOOKED_THROUGH: u32 = 10_000;
/// Whatever begins with a text comes before that text with this character after it.
const LAST: char = char::MAX;

/// Where to search, in the organization `$1`.
struct Place {
    /// The latest `$2` rows, with a condition at the end.
    latest: &'static str,
    /// What a word is looked for in.
    texts: &'static [&'static str],
    /// The rows whose address is at least `$2`, less than `$3`, and like `$4`, in order.
    by_address: &'static str,
    id: &'static str,
    table: &'static str,
}

const MEMBERS: Place = Place {
    latest: "(select id, user_id from members where organization_id = $1 order by id desc limit $2) m
        cross join users u where u.id = m.user_id",
    texts: &["u.email", "u.name_lower"],
    // the beginning may be that of very many people of other organizations
    by_address: "(select id, email from users where email >= $2 and email < $3 and email like $4 escape '\\'
        order by email limit 1000) u
        cross join members m where m.user_id = u.id and m.organization_id = $1 order by u.email",
    id: "m.id",
    table: "members",
};

const INVITATIONS: Place = Place {
    latest: "(select id, search from invitations where organization_id = $1 order by id desc limit $2) i where 1 = 1",
    texts: &["i.search"],
    by_address: "invitations i where i.organization_id = $1 and i.email >= $2 and i.email < $3
        and i.email like $4 escape '\\' order by i.email, i.id desc",
    id: "i.id",
    table: "invitations",
};

/// A statement that finds ids, the best first.
struct Statement {
    values: Values,
    sql: String,
}

impl Place {
    /// Returns the statement for the addresses that begin with the only word.
    fn by_address(&self, of: OrganizationId, words: &[String], limit: u32) -> Option<Statement> {
        let [word] = words else { return None };
        let mut values = Values::default();
        let (end, pattern) = (format!("{word}{LAST}"), format!("{}%", escaped(word)));
        values.add(Value::Id(of.uuid()));
        values.add_each([word.clone(), end, pattern].map(Value::Text));
        let limit = values.add(Value::Number(limit.into()));
        Some(Statement { values, sql: format!("select {} from {} limit {limit}", self.id, self.by_address) })
    }

    /// Returns the statement for the latest rows that have all words. The fewer of the words only stand in the middle of
    /// another one, the better.
    fn among_latest(&self, of: OrganizationId, words: &[String], limit: u32) -> Statement {
        let mut values = latest(of);
        let (mut conditions, mut misses) = (String::new(), String::from("0"));
        for word in words {
            let word = escaped(word);
            let places =
                values.add_each([format!("%{word}%"), format!("{word}%"), format!("% {word}%")].map(Value::Text));
            let like = |places: &[String]| {
                let each = self.texts.iter().flat_map(|text| places.iter().map(move |place| (text, place)));
                each.map(|(text, place)| format!("{text} like {place} escape '\\'")).collect::<Vec<_>>().join(" or ")
            };
            conditions += &format!(" and ({})", like(&places[..1]));
            misses += &format!(" + case when {} then 0 else 1 end", like(&places[1..]));
        }
        let (rows, id, limit) = (self.latest, self.id, values.add(Value::Number(limit.into())));
        let sql = format!("select {id} from {rows}{conditions} order by {misses}, {id} desc limit {limit}");
        Statement { values, sql }
    }
}

/// Returns the values of a statement about the latest rows.
fn latest(of: OrganizationId) -> Values {
    let mut values = Values::default();
    values.add_each([Value::Id(of.uuid()), Value::Number(LOOKED_THROUGH.into())]);
    values
}

impl Snapshot {
    /// Returns the ids of what is found, the best first.
    async fn search(
        &mut self,
        place: &Place,
        of: OrganizationId,
        words: &[String],
        limit: u32,
    ) -> Result<Vec<Uuid>, Error> {
        let mut found = match place.by_address(of, words, limit) {
            Some(statement) => self.ids(statement).await?,
            None => Vec::new(),
        };
        if found.len() < limit as usize {
            let latest = self.ids(place.among_latest(of, words, limit)).await?;
            let others: Vec<Uuid> = latest.into_iter().filter(|id| !found.contains(id)).collect();
            found.extend(others);
            found.truncate(limit as usize);
        }
        Ok(found)
    }

    async fn ids(&mut self, Statement { values, sql }: Statement) -> Result<Vec<Uuid>, Error> {
        on!(self, |c| bound!(sqlx::query_scalar(AssertSqlSafe(sql)), values).fetch_all(c).await)
    }

    /// Checks whether there are more rows than are looked through.
    async fn has_earlier(&mut self, place: &Place, of: OrganizationId) -> Result<bool, Error> {
        let table = place.table;
        let sql = format!("select id from {table} where organization_id = $1 order by id desc limit 1 offset $2");
        Ok(!self.ids(Statement { values: latest(of), sql }).await?.is_empty())
    }
}

impl Members<'_> {
    /// Returns the members who have all of these words in their name or address, at most `limit`. Those come first whose
    /// address or a part of whose name begins with the words, which are in lower case.
    pub async fn search(&mut self, of: OrganizationId, words: &[String], limit: u32) -> Result<Vec<Member>, Error> {
        let ids = self.0.search(&MEMBERS, of, words, limit).await?;
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

    /// Checks whether [`Self::search`] looks through the latest members only.
    pub async fn are_too_many_to_search(&mut self, of: OrganizationId) -> Result<bool, Error> {
        self.0.has_earlier(&MEMBERS, of).await
    }
}

impl Invitations<'_> {
    /// Returns the invitations that have all of these words in the invitee's name or address, at most `limit`. Those come
    /// first whose address or a part of whose name begins with the words, which are in lower case.
    pub async fn search(&mut self, of: OrganizationId, words: &[String], limit: u32) -> Result<Vec<Invitation>, Error> {
        let ids = self.0.search(&INVITATIONS, of, words, limit).await?;
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

    /// Checks whether [`Self::search`] looks through the latest invitations only.
    pub async fn are_too_many_to_search(&mut self, of: OrganizationId) -> Result<bool, Error> {
        self.0.has_earlier(&INVITATIONS, of).await
    }
}
