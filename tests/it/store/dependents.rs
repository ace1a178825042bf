//! Rows that were there before makers were kept get theirs from what is recorded.

use crate::harness::{Database, app::database_in};
use sqlx::migrate::Migrator;
use vestibule_domain::{Maker, OrganizationId, UserId};
use vestibule_store::Store;

const BEFORE: i64 = 10;
const ORGANIZATION: &str = "01900000-0000-7000-8000-000000000001";
const ADA: &str = "01900000-0000-7000-8000-000000000002";
const KEY: &str = "01900000-0000-7000-8000-000000000003";
const OPERATORS_KEY: &str = "01900000-0000-7000-8000-000000000004";
const WEBHOOK: &str = "01900000-0000-7000-8000-000000000005";
const UNTOLD: &str = "01900000-0000-7000-8000-000000000006";
const EVENT: &str = "01900000-0000-7000-8000-000000000007";

/// The rows in SQL, with each id as this database writes it.
fn rows(id: impl Fn(&str) -> String, bytes: &str) -> String {
    let actor = format!(r#"{{"type":"member","id":"{ADA}","name":"Ada"}}"#);
    let fact = format!(
        r#"{{"action":"webhook.created","data":{{"id":"{WEBHOOK}","url":"https://a.example/","actions":[]}}}}"#
    );
    let (organization, at) = (id(ORGANIZATION), "2026-11-22T09:00:00.000000+00:00");
    let key = |key: &str, maker: &str| {
        format!(
            "insert into api_keys (id, organization_id, surface, name, permissions, secret_hash, hint, created_by, created_at)
            values ({}, {organization}, 'native', 'ci', '[]', {bytes}, 'x', '{maker}', '{at}');",
            id(key)
        )
    };
    let webhook = |webhook: &str| {
        format!(
            "insert into endpoints (id, organization_id, url, actions, secret_generation, created_at)
            values ({}, {organization}, 'https://a.example/', '[]', 1, '{at}');",
            id(webhook)
        )
    };
    let parts = [
        format!(
            "insert into organizations (id, slug, name, invitation_lifetime_days, allowed_domains, redirect_origins, created_at)
            values ({organization}, 'acme', 'Acme', 7, '[]', '[]', '{at}');"
        ),
        key(KEY, &actor),
        key(OPERATORS_KEY, r#"{"type":"system"}"#),
        webhook(WEBHOOK),
        webhook(UNTOLD),
        format!(
            "insert into events (id, organization_id, number, at, actor, actor_id, action, fact, search, hash)
            values ({}, {organization}, 1, '{at}', '{actor}', '{ADA}', 'webhook.created', '{fact}', '', {bytes});",
            id(EVENT)
        ),
    ];
    parts.concat()
}

fn before(mut all: Migrator) -> Migrator {
    let earlier: Vec<_> = all.iter().filter(|migration| migration.version < BEFORE).cloned().collect();
    all.migrations = earlier.into();
    all
}

/// What hangs on Ada, once the store has brought the database up to date.
async fn makers_are_known(url: &str) {
    let store = Store::open(url).await.unwrap();
    let organization: OrganizationId = ORGANIZATION.parse().unwrap();
    let ada = Maker::User(ADA.parse::<UserId>().unwrap());
    let (keys, webhooks, all) = store
        .read(async |tx| {
            let keys = tx.dependents().keys_made_by(organization, ada).await?;
            let webhooks = tx.dependents().endpoints_made_by(organization, ada).await?;
            Ok::<_, sqlx::Error>((keys, webhooks, tx.webhook_endpoints().all(organization).await?))
        })
        .await
        .unwrap();
    assert_eq!(keys.iter().map(|key| key.id.to_string()).collect::<Vec<_>>(), [KEY]);
    assert_eq!(webhooks.iter().map(|webhook| webhook.id.to_string()).collect::<Vec<_>>(), [WEBHOOK]);
    let untold = all.iter().find(|webhook| webhook.id.to_string() == UNTOLD).unwrap();
    assert_eq!((all.len(), &untold.created_by), (2, &None), "it is the organization's own");
}

#[tokio::test]
async fn makers_are_found_in_what_sqlite_has_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let url = database_in(&folder, Database::Sqlite).await;
    let pool = sqlx::SqlitePool::connect(&format!("{url}?mode=rwc")).await.unwrap();
    before(sqlx::migrate!("crates/store/migrations/sqlite")).run(&pool).await.unwrap();
    let sql = rows(|id| format!("x'{}'", id.replace('-', "")), "zeroblob(32)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    pool.close().await;
    makers_are_known(&url).await;
}

#[tokio::test]
async fn makers_are_found_in_what_postgres_has_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let url = database_in(&folder, Database::Postgres).await;
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    before(sqlx::migrate!("crates/store/migrations/postgres")).run(&pool).await.unwrap();
    let sql = rows(|id| format!("'{id}'"), "decode(repeat('00', 32), 'hex')");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    makers_are_known(&url).await;
}
