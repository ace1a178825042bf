//! What `vestibule check` sees of rows that were changed by hand: each is held against its events.

use crate::harness::{Acme, TestApp};
use vestibule_core::service::WebhookEndpointEdit;

/// Acme with an owner, a member, and an invitation in each state.
async fn lived_in(app: &TestApp) -> Acme {
    let acme = app.organization("Acme").await;
    app.joins(&acme, "joan@example.com", "Joan Whitlock", "member").await;
    app.invites(&acme, "grace@example.com").await;
    let revoked = app.invites(&acme, "alan@example.com").await;
    app.vestibule.invitations().revoke(&acme.scope, revoked).await.unwrap();
    app.settle().await;
    let (ok, said) = app.check().await;
    assert!(ok, "before anything is touched: {said}");
    acme
}

/// After `sql` the check names Acme and says this.
async fn sees(app: TestApp, sql: &str, words: &str) {
    let acme = lived_in(&app).await;
    app.tamper(&acme, sql).await;
    let (ok, said) = app.check().await;
    assert!(!ok && said.lines().any(|line| line.starts_with("acme: ") && line.contains(words)), "{sql}: {said}");
}

both! {
    async fn an_accepted_invitation_set_pending(app) {
        let sql = "update invitations set status = 'pending', member_id = null where organization_id = $1 and status = 'accepted'";
        sees(app, sql, "is pending, and its events say accepted").await;
    }

    async fn a_revoked_invitation_set_pending(app) {
        let sql = "update invitations set status = 'pending' where organization_id = $1 and status = 'revoked'";
        sees(app, sql, "is pending, and its events say revoked").await;
    }

    async fn a_pending_invitation_set_revoked(app) {
        let sql = "update invitations set status = 'revoked' where organization_id = $1 and email = 'grace@example.com'";
        sees(app, sql, "is revoked, and its events say pending").await;
    }

    async fn another_number_of_invitations(app) {
        let sql = "update invitation_counts set count = count + 1 where organization_id = $1 and status = 'revoked'";
        sees(app, sql, "has another number of invitations than is kept beside them").await;
    }

    async fn a_number_of_mails_that_is_gone(app) {
        let sql = "delete from mail_counts where organization_id = $1";
        sees(app, sql, "has another number of mails than is kept beside them").await;
    }

    async fn another_number_of_members(app) {
        let sql = "update member_counts set count = count - 1 where organization_id = $1";
        sees(app, sql, "has another number of members than is kept beside them").await;
    }

    async fn a_number_of_deliveries_of_which_there_are_none(app) {
        let acme = lived_in(&app).await;
        let new = WebhookEndpointEdit { url: Some("http://127.0.0.1:9999/".into()), ..WebhookEndpointEdit::default() };
        app.vestibule.webhook_endpoints().create(&acme.scope, &new).await.unwrap();
        let sql = "insert into webhook_delivery_counts select id, 'failed', 3 from webhook_endpoints where organization_id = $1";
        app.tamper(&acme, sql).await;
        let (ok, said) = app.check().await;
        assert!(!ok && said.contains("acme: webhook "), "{said}");
        assert!(said.contains("has another number of deliveries than is kept beside them"), "{said}");
    }

    async fn another_address_of_an_invitation(app) {
        let sql = "update invitations set email = 'm@example.com' where organization_id = $1 and email = 'grace@example.com'";
        sees(app, sql, "is for m@example.com, and its events say grace@example.com").await;
    }

    async fn another_address_that_it_is_mailed_to(app) {
        let sql = "update invitations set email_typed = 'm@example.com' where organization_id = $1 and email = 'grace@example.com'";
        sees(app, sql, "is mailed to m@example.com, and its events say grace@example.com").await;
    }

    async fn another_address_of_an_account(app) {
        let sql = "update users set email = 'm@example.com' where email = 'joan@example.com' and $1 is not null";
        sees(app, sql, "has an account at m@example.com, and was invited at joan@example.com").await;
    }

    async fn a_member_who_was_made_an_owner(app) {
        let sql = "update member_roles set role_id =
                (select r.role_id from member_roles r join members m on m.id = r.member_id where m.organization_id = $1 and m.invitation_id is null)
            where member_id in (select id from members where organization_id = $1 and invitation_id is not null)";
        sees(app, sql, "holds Owner, and its events say Member").await;
    }

    async fn an_offer_of_more(app) {
        let sql = "update invitation_roles set role_id =
                (select r.role_id from member_roles r join members m on m.id = r.member_id where m.organization_id = $1 and m.invitation_id is null)
            where invitation_id in (select id from invitations where organization_id = $1 and status = 'pending')";
        sees(app, sql, "offers Owner, and its events say Member").await;
    }

    async fn an_owner_who_is_gone(app) {
        let sql = "delete from members where organization_id = $1 and invitation_id is null";
        sees(app, sql, "it has no owner").await;
    }

    async fn a_member_who_is_gone(app) {
        let sql = "delete from members where organization_id = $1 and invitation_id is not null";
        sees(app, sql, "is gone, and no event says that they left").await;
    }

    async fn an_invitation_that_is_gone(app) {
        let acme = lived_in(&app).await;
        app.tamper(&acme, "delete from mails where organization_id = $1").await;
        app.tamper(&acme, "delete from invitations where organization_id = $1 and status = 'revoked'").await;
        let (ok, said) = app.check().await;
        assert!(!ok && said.contains("is gone, and its events say that it is revoked"), "{said}");
    }

    async fn a_mail_that_is_leased_for_ever(app) {
        let sql = "update mails set leased_until = (select max(due_at) from mails where organization_id = $1) where organization_id = $1";
        let acme = lived_in(&app).await;
        app.tamper(&acme, sql).await;
        let (ok, said) = app.check().await;
        assert!(ok, "until a while ago: {said}");
        let far = app.moment(app.vestibule.now() + chrono::Duration::days(30_000));
        app.tamper(&acme, &format!("update mails set leased_until = {far} where organization_id = $1")).await;
        let (ok, said) = app.check().await;
        assert!(!ok && said.contains("is leased to a process for longer than is allowed"), "{said}");
    }

    async fn a_role_that_allows_more(app) {
        let sql = "update roles set permissions = (select r.permissions from roles r where r.organization_id = $1 and r.key = 'owner')
            where organization_id = $1 and key = 'member'";
        sees(app, sql, "role member allows").await;
    }

    async fn a_tail_that_was_cut_off_with_its_count_and_hash(app) {
        let acme = lived_in(&app).await;
        let last = app.vestibule.feed().events(&acme.scope, 0, 500).await.unwrap().len();
        app.tamper(&acme, &format!("delete from events where organization_id = $1 and number = {last}")).await;
        app.tamper(&acme, &format!("update organizations set event_count = {0},
            event_hash = (select hash from events where organization_id = $1 and number = {0}) where id = $1", last - 1)).await;
        let (ok, said) = app.check().await;
        assert!(!ok && said.contains(&format!("acme: event {last} is missing")), "{said}");
        // without the key nobody can make the seal that would fit
        app.tamper(&acme, &format!("update organizations set sealed_number = {} where id = $1", last - 1)).await;
        let flaw = app.vestibule.audit().verify(&acme.scope).await.unwrap().flaw.unwrap();
        assert_eq!(flaw.to_string(), format!("event {} is not the one that was written last", last - 1));
    }

    async fn a_seal_that_was_taken_off(app) {
        let acme = lived_in(&app).await;
        let before = app.vestibule.feed().events(&acme.scope, 0, 500).await.unwrap().len() as u64;
        app.tamper(&acme, "update organizations set sealed_number = 3 where id = $1").await;
        let flaw = app.vestibule.audit().verify(&acme.scope).await.unwrap().flaw.unwrap();
        assert_eq!(flaw.to_string(), "event 3 is not the one that was written last", "{before}");
        for (sql, number) in [("sealed_number = 0", 0), ("sealed_number = event_count, seal = null", before)] {
            app.tamper(&acme, &format!("update organizations set {sql} where id = $1")).await;
            let flaw = app.vestibule.audit().verify(&acme.scope).await.unwrap().flaw.unwrap();
            assert_eq!(flaw.to_string(), format!("event {number} is not the one that was written last"), "{sql}");
        }
    }
}

#[tokio::test]
async fn a_row_that_names_what_is_not_there() {
    let app = TestApp::new().await;
    lived_in(&app).await;
    let options: sqlx::sqlite::SqliteConnectOptions = app.database_url.parse().unwrap();
    let pool = sqlx::SqlitePool::connect_with(options.foreign_keys(false)).await.unwrap();
    let done = sqlx::query("update mails set organization_id = randomblob(16)").execute(&pool).await.unwrap();
    assert!(done.rows_affected() > 0);
    pool.close().await;
    let (ok, said) = app.check().await;
    assert!(
        !ok && said.contains("rows of the table mails refer to a row of organizations that does not exist"),
        "{said}"
    );
}

#[tokio::test]
async fn a_demo_that_was_lived_through_is_all_right() {
    let folder = tempfile::tempdir().unwrap();
    let run = async |verb: &[&str]| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(verb).env("VESTIBULE_DATA_DIR", folder.path()).output().await.unwrap()
    };
    assert!(run(&["seed", "--json"]).await.status.success());
    let output = run(&["check", "--json"]).await;
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{told}");
    assert_eq!((&told["ok"], &told["seals"]), (&true.into(), &"compared".into()));
}
