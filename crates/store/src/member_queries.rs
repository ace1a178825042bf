//! Members by filter, in any order and a part at a time. A page of a million members is found by an index: that of the
//! organization's members in order, that of a role's holders, or that of those who are limited to a resource.

use super::id_lists::{MEMBER_RESOURCES, MEMBER_ROLES};
use super::values::{Value, Values, bound};
use super::{
    Error, escaped, on,
    search::{MEMBERS, condition_of_words},
    subject::Members,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use vestibule_domain::{
    Member, MemberId, MemberQuery, MemberSort, Name, OrganizationId, ResourceId, RoleId, RolesHeld, SearchWord, UserId,
};

/// The most holders of several roles that are read and sorted. If there are more, the next holder is never far when one
/// goes through all members in order.
const FEW: u64 = 5_000;

const USERS: &str = " join users u on u.id = m.user_id";
/// The condition that nobody meets.
const NOBODY: &str = "1 = 0";

/// Where a part of a list begins.
#[derive(Clone, Copy, Debug)]
pub enum MemberStart<'a> {
    /// After so many.
    Offset(u64),
    /// After this one of them.
    After(&'a Member),
}

/// The direction through a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Forwards,
    Backwards,
}

/// A statement that finds the ids of members.
struct Statement {
    values: Values,
    sql: String,
    /// The terms to sort by.
    order: String,
}

impl Members<'_> {
    /// Returns a part of the list. `matching` is the number of members that the query finds.
    pub async fn find(
        &mut self,
        organization_id: OrganizationId,
        query: &MemberQuery,
        start: MemberStart<'_>,
        (limit, matching): (u32, u64),
    ) -> Result<Vec<Member>, Error> {
        let Statement { mut values, sql: ids, order } =
            self.by_shortest(organization_id, query, matching, (start, Way::Forwards)).await?;
        let offset = match start {
            MemberStart::Offset(offset) => offset,
            MemberStart::After(_) => 0,
        };
        let limit = values.add(Value::Number(limit.into()));
        let offset = values.add(Value::Number(i64::try_from(offset).unwrap_or(i64::MAX)));
        // what is in a row is read of those of the part alone
        let sql = format!(
            "select {} from ({ids} order by {order} limit {limit} offset {offset}) found
            cross join members m cross join users u where m.id = found.id and u.id = m.user_id order by {}",
            self.member_columns(),
            order_by(&self.members_sorted_by(query, Way::Forwards))
        );
        let roles = self.0.roles().all(organization_id).await?;
        let rows: Vec<super::members::Row> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|row| row.with_roles(&roles)).collect())
    }

    /// Returns the number of members that the query finds.
    pub async fn count_found(&mut self, organization_id: OrganizationId, query: &MemberQuery) -> Result<u64, Error> {
        if query.is_of_all() {
            return self.count(organization_id).await;
        }
        if let Some(ids) = only_roles(query) {
            let mut values = Values::default();
            let ids = values.add_all(ids.iter().map(|id| Value::Id(id.uuid())));
            let sql = format!("select count(distinct member_id) from member_roles where role_id in ({ids})");
            return self.count_by(sql, values).await;
        }
        let start = MemberStart::Offset(0);
        let Statement { values, sql, .. } = match one_resource(query) {
            Some(id) => by_resource(id, query, start, Way::Forwards),
            None => self.by_order(organization_id, query, start, Way::Forwards).await?,
        };
        self.count_by(format!("select count(*) from ({sql}) found"), values).await
    }

    /// Returns how many of them come before this member. `matching` is the number of members that the query finds.
    pub async fn count_before(
        &mut self,
        organization_id: OrganizationId,
        query: &MemberQuery,
        member: &Member,
        matching: u64,
    ) -> Result<u64, Error> {
        let from = (MemberStart::After(member), Way::Backwards);
        let Statement { values, sql, .. } = self.by_shortest(organization_id, query, matching, from).await?;
        self.count_by(format!("select count(*) from ({sql}) found"), values).await
    }

    /// Returns the one of them that comes `distance` before this member, or `None` if there are not so many.
    /// `matching` is the number of members that the query finds.
    pub async fn before(
        &mut self,
        organization_id: OrganizationId,
        query: &MemberQuery,
        member: &Member,
        (distance, matching): (u32, u64),
    ) -> Result<Option<MemberId>, Error> {
        let from = (MemberStart::After(member), Way::Backwards);
        let Statement { mut values, sql, order } = self.by_shortest(organization_id, query, matching, from).await?;
        let offset = values.add(Value::Number(distance.saturating_sub(1).into()));
        let sql = format!("{sql} order by {order} limit 1 offset {offset}");
        let id: Option<Uuid> =
            on!(self.0, |c| bound!(sqlx::query_scalar(AssertSqlSafe(sql)), values).fetch_optional(c).await)?;
        Ok(id.map(Into::into))
    }

    /// Returns this member if the query finds them.
    pub async fn found(
        &mut self,
        organization_id: OrganizationId,
        query: &MemberQuery,
        id: MemberId,
    ) -> Result<Option<Member>, Error> {
        let start = MemberStart::Offset(0);
        let Statement { mut values, sql, .. } = self.by_order(organization_id, query, start, Way::Forwards).await?;
        let sql = format!("{sql} and m.id = {}", values.add(Value::Id(id.uuid())));
        let found: Option<Uuid> =
            on!(self.0, |c| bound!(sqlx::query_scalar(AssertSqlSafe(sql)), values).fetch_optional(c).await)?;
        match found {
            Some(_) => self.get(organization_id, id).await,
            None => Ok(None),
        }
    }

    /// Returns the member that this user is, if the query finds them.
    pub async fn found_user(
        &mut self,
        organization_id: OrganizationId,
        query: &MemberQuery,
        id: UserId,
    ) -> Result<Option<Member>, Error> {
        match self.of_user(organization_id, id).await? {
            Some(member) => self.found(organization_id, query, member.id).await,
            None => Ok(None),
        }
    }

    async fn count_by(&mut self, sql: String, values: Values) -> Result<u64, Error> {
        let count: i64 = on!(self.0, |c| bound!(sqlx::query_scalar(AssertSqlSafe(sql)), values).fetch_one(c).await)?;
        Ok(count.unsigned_abs())
    }

    /// Returns the statement for those that come after the start, or before it when going backwards, by the index that
    /// finds them soonest.
    async fn by_shortest(
        &mut self,
        of: OrganizationId,
        query: &MemberQuery,
        matching: u64,
        (start, way): (MemberStart<'_>, Way),
    ) -> Result<Statement, Error> {
        match (one_resource(query), only_roles(query)) {
            (Some(id), _) => Ok(by_resource(id, query, start, way)),
            (None, Some(ids)) if ids.len() == 1 || matching <= FEW => Ok(by_roles(ids, start, way)),
            _ => self.by_order(of, query, start, way).await,
        }
    }

    /// Returns the same statement by the index of all members or, if few have the words, by these.
    async fn by_order(
        &mut self,
        of: OrganizationId,
        query: &MemberQuery,
        start: MemberStart<'_>,
        way: Way,
    ) -> Result<Statement, Error> {
        let parts: Vec<String> = words_of(query).iter().map(SearchWord::part).collect();
        let few = self.0.few_with(&MEMBERS, of, parts).await?;
        let mut values = Values::default();
        let mut conditions = vec![format!("m.organization_id = {}", values.add(Value::Id(of.uuid())))];
        conditions.extend(conditions_of(query, &mut values));
        let order = self.members_sorted_by(query, way);
        if let MemberStart::After(member) = start {
            conditions.push(beyond(query, &order, member, &mut values));
        }
        let (begin, condition) = few.map(|few| few.begin(&mut values)).unzip();
        conditions.extend(condition);
        let (members, users) =
            (begin.unwrap_or_else(|| "members m".to_owned()), if asks_for_accounts(query) { USERS } else { "" });
        let sql = format!("select m.id from {members}{users} where {}", conditions.join(" and "));
        Ok(Statement { values, sql, order: order_by(&order) })
    }

    /// Returns the terms to sort by, and whether each descends. The id is last, so that the order is total.
    fn members_sorted_by(&self, query: &MemberQuery, way: Way) -> Vec<(String, bool)> {
        let collation = self.0.by_bytes("", " collate \"C\"");
        let term = |(sort, descends): &(MemberSort, bool)| {
            let term = match sort {
                MemberSort::Email => "u.email".to_owned(),
                MemberSort::LastName => self.0.rest_of_name("u.name"),
            };
            (term + collation, *descends)
        };
        let mut terms: Vec<_> = query.sort.iter().map(term).collect();
        terms.push(("m.id".to_owned(), false));
        terms.into_iter().map(|(term, descends)| (term, descends != (way == Way::Backwards))).collect()
    }
}

/// Returns the words that the query asks for.
fn words_of(query: &MemberQuery) -> Vec<SearchWord> {
    query.wanted().map(SearchWord::all).unwrap_or_default()
}

/// Whether the query asks for something that is in the members' accounts.
fn asks_for_accounts(query: &MemberQuery) -> bool {
    let MemberQuery { text, addresses, domain, roles: _, resource_ids: _, sort } = query;
    !text.is_empty() || addresses.is_some() || domain.is_some() || !sort.is_empty()
}

/// Returns the roles of which one is enough, if the query asks for nothing else and sorts by joining.
fn only_roles(query: &MemberQuery) -> Option<&[RoleId]> {
    let [held] = query.roles.as_deref()? else { return None };
    let is_all = *query == MemberQuery { roles: query.roles.clone(), ..MemberQuery::default() };
    held.only().filter(|ids| is_all && !ids.is_empty())
}

/// Returns the resource, if the query asks for that one and for nothing else but roles, and sorts by joining.
fn one_resource(query: &MemberQuery) -> Option<ResourceId> {
    let [id] = query.resource_ids.as_deref()? else { return None };
    let MemberQuery { roles, resource_ids, .. } = query.clone();
    (*query == MemberQuery { roles, resource_ids, ..MemberQuery::default() }).then_some(*id)
}

/// Returns the statement for the holders of these roles. Each role's holders are in order in the index.
fn by_roles(ids: &[RoleId], start: MemberStart<'_>, way: Way) -> Statement {
    let mut values = Values::default();
    let sql = MEMBER_ROLES.owners(&values.add_each(ids.iter().map(|id| Value::Id(id.uuid()))));
    placed(sql, values, start, way)
}

/// Returns the statement for those who are limited to this resource and have the roles that the query asks for. They
/// are in order in the index.
fn by_resource(id: ResourceId, query: &MemberQuery, start: MemberStart<'_>, way: Way) -> Statement {
    let mut values = Values::default();
    let mut sql = MEMBER_RESOURCES.owners(&[values.add(Value::Id(id.uuid()))]);
    if let Some(condition) = condition_of_roles(query, "member_resources.member_id", &mut values) {
        sql += &format!(" and {condition}");
    }
    placed(sql, values, start, way)
}

/// Returns the statement for those of a list's owners who come after the start, or before it when going backwards.
fn placed(mut sql: String, mut values: Values, start: MemberStart<'_>, way: Way) -> Statement {
    let (side, order) = match way {
        Way::Forwards => (">", "id asc"),
        Way::Backwards => ("<", "id desc"),
    };
    if let MemberStart::After(member) = start {
        sql += &format!(" and member_id {side} {}", values.add(Value::Id(member.id.uuid())));
    }
    Statement { values, sql, order: order.to_owned() }
}

/// Returns the conditions of the query on `m` and `u`.
fn conditions_of(query: &MemberQuery, values: &mut Values) -> Vec<String> {
    let mut conditions = Vec::new();
    match query.wanted() {
        Some("") => {}
        Some(_) => conditions.push(condition_of_words(values, "u.search", &words_of(query))),
        None => conditions.push(NOBODY.to_owned()),
    }
    if let Some(addresses) = &query.addresses {
        conditions.push(match addresses.is_empty() {
            true => NOBODY.to_owned(),
            false => {
                // the index has the normal form, which is the typed one in lower case
                let normal = values.add_all(addresses.iter().map(|address| Value::Text(address.to_lowercase())));
                let typed = values.add_all(addresses.iter().map(|address| Value::Text(address.clone())));
                format!("u.email in ({normal}) and (u.email in ({typed}) or u.email_typed in ({typed}))")
            }
        });
    }
    if let Some(domain) = &query.domain {
        let ending = values.add(Value::Text(format!("%@{}", escaped(&domain.to_ascii_lowercase()))));
        conditions.push(format!("u.email like {ending} escape '\\'"));
    }
    conditions.extend(condition_of_roles(query, "m.id", values));
    if let Some(ids) = &query.resource_ids {
        conditions.push(match ids.is_empty() {
            true => NOBODY.to_owned(),
            false => MEMBER_RESOURCES.hold("m.id", &values.add_each(ids.iter().map(|id| Value::Id(id.uuid())))),
        });
    }
    conditions
}

/// Returns the condition on the roles of the member with the id `row`, if the query asks for any.
fn condition_of_roles(query: &MemberQuery, row: &str, values: &mut Values) -> Option<String> {
    let any: Vec<String> = query.roles.as_ref()?.iter().map(|held| condition_of(held, row, values)).collect();
    Some(if any.is_empty() { NOBODY.to_owned() } else { format!("({})", any.join(" or ")) })
}

/// Returns the condition on the roles of the member with the id `row`.
fn condition_of(held: &RolesHeld, row: &str, values: &mut Values) -> String {
    let mut hold = |ids: &[RoleId]| match ids.is_empty() {
        true => NOBODY.to_owned(),
        false => MEMBER_ROLES.hold(row, &values.add_each(ids.iter().map(|id| Value::Id(id.uuid())))),
    };
    let mut all: Vec<String> = held.one_of_each.iter().map(|ids| hold(ids)).collect();
    all.push(format!("not {}", hold(&held.none_of)));
    format!("({})", all.join(" and "))
}

/// Returns the condition that a row comes after the member in this order.
fn beyond(query: &MemberQuery, order: &[(String, bool)], member: &Member, values: &mut Values) -> String {
    let own = query.sort.iter().map(|(sort, _)| {
        Value::Text(match sort {
            MemberSort::Email => member.email.as_str().to_owned(),
            MemberSort::LastName => Name::rest(&member.name).unwrap_or_default().to_owned(),
        })
    });
    let places = values.add_each(own.chain([Value::Id(member.id.uuid())]));
    later(order.iter().zip(&places).map(|((row, descends), place)| (row.as_str(), place.as_str(), *descends)))
}

/// Returns the condition that a row comes after a place in an order: for each term the expression for the row, the one
/// for the place, and whether the term descends.
pub(super) fn later<'a>(terms: impl DoubleEndedIterator<Item = (&'a str, &'a str, bool)>) -> String {
    terms.rev().fold(String::new(), |rest, (row, place, descends)| {
        let side = if descends { "<" } else { ">" };
        match rest.is_empty() {
            true => format!("{row} {side} {place}"),
            false => format!("({row} {side} {place} or {row} = {place} and {rest})"),
        }
    })
}

/// Returns the terms as they stand in `order by`.
pub(super) fn order_by(terms: &[(String, bool)]) -> String {
    let term = |(term, descends): &(String, bool)| format!("{term} {}", if *descends { "desc" } else { "asc" });
    terms.iter().map(term).collect::<Vec<_>>().join(", ")
}
