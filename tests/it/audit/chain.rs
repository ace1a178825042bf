//! Every way to rewrite history is noticed, and the first event that is wrong is named.

use crate::harness::{Acme, TestApp};
use tokio::process::Command;
use vestibule_domain::Verdict;

/// Six events: the owner, and five invitations.
async fn six_events(app: &TestApp) -> Acme {
    let acme = app.organization("Acme").await;
    for number in 0..5 {
        app.invites(&acme, &format!("person{number}@example.com")).await;
    }
    acme
}

impl TestApp {
    /// Whether `vestibule check` is content, and the lines that it says.
    pub async fn check(&self) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.arg("check").env("VESTIBULE_DATABASE_URL", &self.database_url).current_dir(self.folder());
        let output = command.output().await.unwrap();
        let (said, wrong) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(wrong, "", "nothing is told of how far it is where nobody looks");
        (output.status.success(), said)
    }

    async fn verdict(&self, at: &Acme) -> Verdict {
        self.vestibule.audit().verify(&at.scope).await.unwrap()
    }

    async fn id_of(&self, at: &Acme, number: u64) -> String {
        self.vestibule.feed().events(&at.scope, number - 1, 1).await.unwrap()[0].id.to_string()
    }
}

/// After `sql`, the chain of Acme is broken in these words, and that of another organization is whole.
async fn broken(app: TestApp, sql: &str, number: Option<u64>, words: &str) {
    let acme = six_events(&app).await;
    app.organization("Other").await;
    let named = match number {
        Some(number) => format!("acme: event {number} ({}) {words}\n", app.id_of(&acme, number).await),
        None => format!("acme: {words}\n"),
    };
    app.tamper(&acme, sql).await;
    assert_eq!(app.check().await, (false, named.clone()), "{sql}");
    let flaw = app.verdict(&acme).await.flaw.unwrap();
    assert_eq!(format!("acme: {flaw}\n"), named);
}

const CHANGED: &str = "is not as it was written, or was not written after the one before it";

both! {
    async fn an_untouched_database_is_all_right(app) {
        let acme = six_events(&app).await;
        app.organization("Other").await;
        app.joins(&acme, "joan@example.com", "Joan Whitlock", "member").await;
        let count = app.vestibule.feed().events(&acme.scope, 0, 500).await.unwrap().len();
        assert_eq!(app.check().await, (true, format!("ok: {} events of 2 organizations\n", count + 1)));
        assert_eq!(app.verdict(&acme).await, Verdict { count: count as u64, flaw: None });
    }

    async fn a_changed_text_is_named(app) {
        let sql = "update events set fact = replace(fact, 'person2', 'person9') where organization_id = $1 and number = 4";
        broken(app, sql, Some(4), CHANGED).await;
    }

    async fn a_changed_actor_is_named(app) {
        let sql = "update events set actor = replace(actor, 'Ada', 'Eda') where organization_id = $1 and number = 2";
        broken(app, sql, Some(2), CHANGED).await;
    }

    async fn a_changed_action_is_named(app) {
        broken(app, "update events set action = 'invitation.sent' where organization_id = $1 and number = 6", Some(6), CHANGED).await;
    }

    async fn an_event_that_is_gone_is_named(app) {
        broken(app, "delete from events where organization_id = $1 and number = 3", None, "event 3 is missing").await;
    }

    async fn a_closed_gap_is_named(app) {
        let acme = six_events(&app).await;
        app.tamper(&acme, "delete from events where organization_id = $1 and number = 3").await;
        for number in 4..=6 {
            let sql = format!("update events set number = {} where organization_id = $1 and number = {number}", number - 1);
            app.tamper(&acme, &sql).await;
        }
        let id = app.id_of(&acme, 3).await;
        assert_eq!(app.check().await, (false, format!("acme: event 3 ({id}) {CHANGED}\n")));
    }

    async fn a_tail_that_was_cut_off_is_named(app) {
        broken(app, "delete from events where organization_id = $1 and number > 4", None, "event 5 is missing").await;
    }

    async fn a_tail_that_was_cut_off_with_its_count_is_named(app) {
        let acme = six_events(&app).await;
        app.tamper(&acme, "delete from events where organization_id = $1 and number > 4").await;
        app.tamper(&acme, "update organizations set event_count = 4 where id = $1").await;
        assert_eq!(app.check().await, (false, "acme: event 4 is not the one that was written last\n".to_owned()));
    }

    async fn all_of_it_being_gone_is_named(app) {
        broken(app, "delete from events where organization_id = $1", None, "event 1 is missing").await;
    }

    async fn two_that_changed_places_are_named(app) {
        let acme = six_events(&app).await;
        let id = app.id_of(&acme, 5).await;
        for (from, to) in [(3, 99), (5, 3), (99, 5)] {
            app.tamper(&acme, &format!("update events set number = {to} where organization_id = $1 and number = {from}")).await;
        }
        assert_eq!(app.check().await, (false, format!("acme: event 3 ({id}) {CHANGED}\n")));
    }

    async fn an_event_that_was_put_behind_the_last_is_named(app) {
        let acme = six_events(&app).await;
        app.tamper(&acme, "update organizations set event_count = 5, event_hash = (select hash from events where organization_id = $1 and number = 5) where id = $1").await;
        assert_eq!(app.check().await, (false, "acme: event 6 was not written by Vestibule: it follows on the last one\n".to_owned()));
    }

    async fn an_event_that_cannot_be_read_is_named(app) {
        let sql = if app.database_url.starts_with("sqlite:") {
            "update events set hash = x'00' where organization_id = $1 and number = 3"
        } else {
            "update events set hash = '\\x00' where organization_id = $1 and number = 3"
        };
        broken(app, sql, None, "event 3 can't be read").await;
    }

    async fn events_go_on_while_the_chain_is_walked(app) {
        let acme = six_events(&app).await;
        let write = async {
            for number in 5..40 {
                app.invites(&acme, &format!("person{number}@example.com")).await;
            }
        };
        let walk = async {
            for _ in 0..40 {
                assert_eq!(app.verdict(&acme).await.flaw, None);
            }
        };
        tokio::join!(write, walk);
        assert_eq!(app.verdict(&acme).await, Verdict { count: 41, flaw: None });
    }

    async fn an_invitation_that_says_what_cannot_be_is_named(app) {
        let acme = six_events(&app).await;
        let joan = app.joins(&acme, "joan@example.com", "Joan Whitlock", "member").await;
        app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        assert!(app.check().await.0, "a member who was removed is no fault");
        app.joins(&acme, "alan@example.com", "Alan Pemberton", "member").await;
        app.tamper(&acme, "delete from members where organization_id = $1 and invitation_id is not null").await;
        let (ok, said) = app.check().await;
        assert!(!ok && said.contains("is accepted, but there is neither its member nor a record"), "{said}");
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_no_empty_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("mistyped.db").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    let output =
        command.arg("check").env("VESTIBULE_DATABASE_URL", url).current_dir(folder.path()).output().await.unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(!folder.path().join("mistyped.db").exists());
}
