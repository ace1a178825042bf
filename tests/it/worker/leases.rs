//! Who may send a mail, and what its row says when that is not known for certain.

use crate::harness::{Database, TestApp};
use chrono::Duration;
use vestibule_domain::{Mail, MailFilter, MailState, SendOutcome};

async fn only_mail(app: &TestApp, at: &crate::harness::Acme) -> Mail {
    app.vestibule.outbox().page(&at.scope, &MailFilter::default(), None, 50).await.unwrap().page.items.remove(0)
}

/// As a process leaves it that is killed while it sends.
async fn is_left_in_the_middle(app: &TestApp) {
    app.execute("update mails set attempts = attempts + 1, leased_until = created_at").await;
}

both! {
    async fn a_mail_that_may_be_out_is_not_called_cancelled(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        is_left_in_the_middle(&app).await;
        app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        app.settle().await;
        let mail = only_mail(&app, &acme).await;
        assert_eq!(mail.state, MailState::Sent);
        assert!(mail.response.unwrap().starts_with("It may have arrived: "));
        assert!(app.mail.tries().is_empty(), "a dead link is not sent");
    }

    async fn a_mail_that_surely_is_not_out_is_cancelled(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.mail.answer_with(vec![SendOutcome::Deferred { response: "451 greylisted".into(), our_fault: false }]);
        app.settle().await;
        app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        app.advance(Duration::minutes(2));
        app.settle().await;
        assert_eq!(only_mail(&app, &acme).await.state, MailState::Cancelled);
        assert_eq!(app.mail.tries().len(), 1);
    }

    async fn a_mail_left_in_the_middle_is_sent_again_under_its_id(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        is_left_in_the_middle(&app).await;
        app.settle().await;
        let mail = only_mail(&app, &acme).await;
        assert_eq!((mail.state, mail.attempts, mail.leased_until), (MailState::Sent, 2, None));
        assert!(app.mail.messages()[0].message_id.starts_with(&mail.id.to_string()), "{:?}", app.mail.messages()[0]);
    }

    async fn who_asks_for_another_try_of_a_mail_on_its_way_gets_no_second_one(app) {
        let acme = app.organization("Acme").await;
        app.mail.answer_with(vec![SendOutcome::Deferred { response: "451 greylisted".into(), our_fault: false }]);
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let until = app.vestibule.now() + Duration::seconds(90);
        let until = until.to_rfc3339_opts(chrono::SecondsFormat::Micros, false);
        app.execute(&format!("update mails set leased_until = '{until}'")).await;
        let mail = only_mail(&app, &acme).await;
        assert!(mail.leased_until.is_some());
        app.vestibule.outbox().retry(&acme.scope, mail.id).await.unwrap();
        app.settle().await;
        assert_eq!(app.mail.tries().len(), 1, "somebody else is sending it");
        app.advance(Duration::seconds(91));
        app.settle().await;
        assert_eq!(app.mail.tries().len(), 2);
    }

    async fn a_mail_that_cannot_be_composed_is_given_back_and_holds_up_no_other(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.invites(&acme, "joan@example.com").await;
        app.execute("update invitations set mail_state = 'nonsense' where email = 'grace@example.com'").await;
        app.settle().await;
        assert_eq!((app.inbox("grace@example.com").len(), app.inbox("joan@example.com").len()), (0, 1));
        assert_eq!(app.count("select count(*) from mails where leased_until is not null").await, 0);
        assert_eq!(app.count("select count(*) from mails where state = 'queued' and attempts = 0").await, 1);
        app.execute("update invitations set mail_state = 'queued' where email = 'grace@example.com'").await;
        app.settle().await;
        assert!(app.inbox("grace@example.com").is_empty(), "not in a busy loop");
        app.advance(Duration::seconds(5));
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 1);
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.sent"]);
    }

    async fn mails_of_an_earlier_program_are_sent(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let default = if app.is_sqlite() { "x'ffffffffffffffffffffffffffffffff'" } else { "'ffffffff-ffff-ffff-ffff-ffffffffffff'" };
        // it knows neither lanes nor who holds a lease
        app.execute(&format!("update mails set lane = {default}, urgency = 1, leased_until = created_at")).await;
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 1);
    }
}

/// The statements of the store, taken from its source.
fn statement(source: &str, begin: &str, end: &str) -> String {
    let (_, rest) = source.split_once(begin).unwrap();
    format!("{begin}{}", rest.split_once(end).unwrap().0)
}

/// However many mails there are, the lanes and the due ones of each are found by the index of those that wait, and need
/// no sorting.
#[tokio::test]
async fn what_is_sent_next_is_found_by_its_index() {
    let mails = include_str!("../../../crates/store/src/mail_leases.rs");
    let deliveries = include_str!("../../../crates/store/src/webhook_delivery_leases.rs");
    let (number, id, moment) = ("bigint", "uuid", "timestamptz");
    let statements = [
        ("mails", statement(mails, "with recursive lanes", "\";"), vec![number, id, moment, id, number]),
        (
            "mails",
            statement(mails, "select id from mails\n                where", "$6") + "$6",
            vec![number, id, moment, moment, id, number],
        ),
        (
            "webhook_deliveries",
            statement(deliveries, "with recursive waiting", "\";"),
            vec![id, moment, id, number, number],
        ),
        (
            "webhook_deliveries",
            statement(deliveries, "select id from webhook_deliveries where state", "$5") + "$5",
            vec![id, moment, moment, id, number],
        ),
    ];
    let (sqlite, postgres) = (TestApp::new().await, TestApp::on(Database::Postgres).await);
    let pool = sqlx::SqlitePool::connect(&sqlite.database_url).await.unwrap();
    let mut connection = postgres.postgres().await;
    sqlx::raw_sql("set enable_seqscan = off; set plan_cache_mode = force_generic_plan")
        .execute(&mut connection)
        .await
        .unwrap();
    for (table, sql, types) in statements {
        let explain = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&pool).await.unwrap();
        let of_table = |step: &&String| step.contains(&format!("{table}_waiting"));
        let steps: Vec<String> = steps.into_iter().map(|step| step.3).collect();
        assert!(steps.iter().any(|step| of_table(&step)), "{steps:?}");
        // endpoints are sorted, of which there are few
        let is_bad =
            |step: &String| step.contains(&format!("SCAN {table}")) || table == "mails" && step.contains("B-TREE");
        assert!(!steps.iter().any(is_bad), "{steps:?}");
        let nulls = vec!["null"; types.len()].join(", ");
        let prepare = format!("prepare it ({}) as {sql}; explain execute it ({nulls})", types.join(", "));
        let mut lines = Vec::new();
        for statement in prepare.split("; ") {
            let rows =
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).fetch_all(&mut connection).await.unwrap();
            lines.extend(rows.iter().map(|row| sqlx::Row::get::<String, _>(row, 0)));
        }
        sqlx::raw_sql("deallocate it").execute(&mut connection).await.unwrap();
        assert!(lines.iter().any(|line| line.contains(&format!("{table}_waiting"))), "{lines:#?}");
        assert!(!lines.iter().any(|line| line.contains(&format!("Seq Scan on {table}"))), "{lines:#?}");
    }
}
