//! Ids that were kept as texts are in tables of their own after the upgrade: each of them, in its order, with what it
//! named. And every name is found by its small letters.

use super::Desk;
use super::upgrade::{POSTGRES, SQLITE, read, up_to};
use crate::harness::Database;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::collections::BTreeMap;
use vestibule_domain::MemberQuery;

/// The last schema with texts.
const BEFORE: i64 = 17;
const GARDEN: &str = "01a18977-c4bf-7040-bd5e-c46394b2a0a1";
const SHED: &str = "01a18977-c4bf-7040-bd5e-c46394b2a0a2";
/// A role that was deleted, and that an invitation which is over still names.
const GONE: &str = "01a18977-c4bf-7040-bd5e-c46394b2a0a3";

/// Owner, list and the ids in it, by the name of the list.
type Lists = BTreeMap<(String, String), Vec<String>>;

/// Lists of several ids, in an order that is not theirs, and of ids that name nothing any more.
fn several(id: impl Fn(&str) -> String) -> String {
    let resource = |name: &str, of: &str| {
        format!(
            "insert into resources (id, organization_id, name, created_at)
            select {}, id, '{name}', created_at from organizations;",
            id(of)
        )
    };
    let of = |status: &str, order: &str| {
        format!("select id from invitations where status = '{status}' order by id {order} limit 1")
    };
    let member = "select id from members where invitation_id is not null order by id limit 1".to_owned();
    let texts = [
        ("members", "resource_ids", format!("' {SHED} {GARDEN} '"), member),
        ("invitations", "resource_ids", format!("' {SHED} {GARDEN} {SHED} '"), of("pending", "asc")),
        ("invitations", "role_ids", format!("' {GONE}' || role_ids"), of("revoked", "asc")),
        ("invitations", "role_ids", "' '".to_owned(), of("revoked", "desc")),
    ];
    let updates =
        texts.map(|(table, column, text, which)| format!("update {table} set {column} = {text} where id = ({which});"));
    [resource("Garden", GARDEN), resource("Shed", SHED), updates.concat()].concat()
}

const TEXTS: &str = "select {id} as id, 'member_roles', role_ids from members union all select {id}, 'member_resources', resource_ids from members
    union all select {id}, 'invitation_roles', role_ids from invitations
    union all select {id}, 'invitation_resources', resource_ids from invitations";
const TABLES: &str = "select {member_id}, 'member_roles', {role_id}, position from member_roles
    union all select {member_id}, 'member_resources', {resource_id}, position from member_resources
    union all select {invitation_id}, 'invitation_roles', {role_id}, position from invitation_roles
    union all select {invitation_id}, 'invitation_resources', {resource_id}, position from invitation_resources order by 1, 2, 4";

/// The ids that columns of a statement name, as texts that are the same in both databases.
fn with_texts(sql: &str, is_sqlite: bool) -> String {
    let ids = ["id", "member_id", "invitation_id", "role_id", "resource_id"];
    ids.iter().fold(sql.to_owned(), |sql, id| {
        let text =
            if is_sqlite { format!("lower(hex({id}))") } else { format!("replace(cast({id} as text), '-', '')") };
        sql.replace(&format!("{{{id}}}"), &text)
    })
}

fn taken_apart(rows: Vec<(String, String, String)>) -> Lists {
    let ids = |text: String| text.split_whitespace().map(|id| id.replace('-', "")).collect::<Vec<_>>();
    rows.into_iter().map(|(row, list, text)| ((row, list), ids(text))).filter(|(_, ids)| !ids.is_empty()).collect()
}

fn gathered(rows: Vec<(String, String, String, i64)>) -> Lists {
    let mut lists = Lists::new();
    for (row, list, id, position) in rows {
        let ids = lists.entry((row, list)).or_default();
        assert_eq!(i64::try_from(ids.len()).unwrap(), position, "they are numbered from 0");
        ids.push(id);
    }
    lists
}

async fn names_are_found(desk: &Desk) {
    let app = desk.opened().await;
    let ada = app.enter("saltmarsh", "ada@saltmarsh.example").await;
    let found = async |text: &str| {
        let query = MemberQuery { text: text.into(), ..MemberQuery::default() };
        let list = app.vestibule.members().list(&ada.scope, &query, None, 50).await.unwrap();
        list.members.into_iter().map(|member| member.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found("édith øde").await, ["ÉDITH ØDEGÅRD"]);
    assert_eq!(found("JOAN WHITLOCK").await, ["Joan Whitlock"]);
    assert_eq!(app.count("select count(*) from users where search not like ' %'").await, 0);
}

const RENAME: &str = "update users set name = 'ÉDITH ØDEGÅRD' where email = 'grace@saltmarsh.example'";

fn has_all(before: &Lists) {
    let plain = |id: &str| id.replace('-', "");
    for ids in [vec![SHED, GARDEN], vec![SHED, GARDEN, SHED]] {
        let ids: Vec<String> = ids.into_iter().map(plain).collect();
        assert!(before.values().any(|list| *list == ids), "the fixture has such a list");
    }
    assert!(before.values().any(|list| list[0] == plain(GONE) && list.len() == 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_ids_arrive_in_their_order_on_sqlite() {
    let desk = Desk::empty(Database::Sqlite).await;
    let mut connection = SqliteConnection::connect(&format!("{}?mode=rwc", desk.url)).await.unwrap();
    up_to(&SQLITE, BEFORE).run(&mut connection).await.unwrap();
    let several = several(|id| format!("x'{}'", id.replace('-', "")));
    for sql in [read(BEFORE, "sqlite.sql"), several, RENAME.to_owned()] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    let texts = AssertSqlSafe(with_texts(TEXTS, true));
    let before = taken_apart(sqlx::query_as(texts).fetch_all(&mut connection).await.unwrap());
    connection.close().await.unwrap();
    has_all(&before);
    desk.run(&["migrate"]).await.is_well();
    let mut connection = SqliteConnection::connect(&desk.url).await.unwrap();
    let tables = AssertSqlSafe(with_texts(TABLES, true));
    assert_eq!(gathered(sqlx::query_as(tables).fetch_all(&mut connection).await.unwrap()), before);
    connection.close().await.unwrap();
    names_are_found(&desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_ids_arrive_in_their_order_on_postgres() {
    let desk = Desk::empty(Database::Postgres).await;
    let mut connection = PgConnection::connect(&desk.url).await.unwrap();
    up_to(&POSTGRES, BEFORE).run(&mut connection).await.unwrap();
    let several = several(|id| format!("uuid '{id}'"));
    for sql in [read(BEFORE, "postgres.sql"), several, RENAME.to_owned()] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    let texts = AssertSqlSafe(with_texts(TEXTS, false));
    let before = taken_apart(sqlx::query_as(texts).fetch_all(&mut connection).await.unwrap());
    has_all(&before);
    desk.run(&["migrate"]).await.is_well();
    let tables = AssertSqlSafe(with_texts(TABLES, false));
    assert_eq!(gathered(sqlx::query_as(tables).fetch_all(&mut connection).await.unwrap()), before);
    names_are_found(&desk).await;
}
