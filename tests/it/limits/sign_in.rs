//! Wrong passwords: at once as one after another, over all instances, and told to those whom it concerns.

use super::{chrono, client, limit_of};
use crate::harness::{Acme, PASSWORD, TestApp};
use futures::future::join_all;
use std::net::IpAddr;
use vestibule_core::service::{Error, Result, SessionToken};
use vestibule_domain::{EventFilter, RateLimit};

async fn guess(app: &TestApp, email: &str, from: IpAddr) -> Result<SessionToken> {
    app.vestibule.sessions().sign_in(email, "not the password", from).await
}

/// How many passwords were looked at, and how many tries were refused before.
fn tally(answers: &[Result<SessionToken>]) -> (usize, usize) {
    let tried = answers.iter().filter(|answer| matches!(answer, Err(Error::Unauthenticated))).count();
    let refused = answers.iter().filter(|answer| limit_of(answer).is_some()).count();
    let busy = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy(_)))).count();
    assert_eq!(tried + refused + busy, answers.len());
    (tried, refused)
}

async fn events(app: &TestApp, at: &Acme, action: &'static str) -> Vec<serde_json::Value> {
    let filter = EventFilter { actions: vec![action], ..EventFilter::default() };
    let list = app.vestibule.audit().page(&at.scope, &filter, None, 100).await.unwrap();
    list.page.items.iter().map(|event| serde_json::to_value(&event.fact).unwrap()["data"].clone()).collect()
}

/// From now on no event of a failed sign-in can be written of which this is true.
async fn recording_fails(app: &TestApp, when: &str) {
    let when = format!("new.action = 'member.sign_in_failed' and {when}");
    let sqlite = format!(
        "create trigger no_event before insert on events when {when} begin select raise(abort, 'no event'); end"
    );
    let postgres = format!(
        "create or replace function no_event() returns trigger language plpgsql as
         $$ begin if {when} then raise exception 'no event'; end if; return new; end $$;
         create trigger no_event before insert on events for each row execute function no_event()"
    );
    app.execute(if app.is_sqlite() { &sqlite } else { &postgres }).await;
}

async fn recording_works(app: &TestApp) {
    app.execute(if app.is_sqlite() { "drop trigger no_event" } else { "drop trigger no_event on events" }).await;
}

both! {
    async fn two_hundred_wrong_passwords_at_once_are_thirty_from_one_client(app) {
        let emails: Vec<String> = (0..200).map(|n| format!("person{n}@acme.example")).collect();
        let answers = join_all(emails.iter().map(|email| guess(&app, email, client(1)))).await;
        let (tried, refused) = tally(&answers);
        assert!(tried <= 30 && refused >= 150, "{tried} tried, {refused} refused");
        assert!(limit_of(&guess(&app, "one-more@acme.example", client(1)).await).is_some() || tried < 30);
    }

    async fn two_hundred_at_once_are_ten_for_one_account_on_two_instances_too(app) {
        let acme = app.organization("Acme").await;
        let other = app.sibling().await;
        let tries = (0..200).map(|n| guess(if n % 2 == 0 { &app } else { &other }, &acme.owner, client(2)));
        let (tried, refused) = tally(&join_all(tries).await);
        assert!(tried <= 10 && refused >= 190, "{tried} tried, {refused} refused");
        assert!(app.vestibule.sessions().sign_in(&acme.owner, PASSWORD, client(3)).await.is_ok(), "its owner is elsewhere");
    }

    async fn a_household_of_ipv6_is_one_client(app) {
        let from = |n: u16| IpAddr::from([0x2001, 0xdb8, 1, 1, 0, 0, 0, n]);
        for n in 0..30 {
            assert!(limit_of(&guess(&app, &format!("person{n}@acme.example"), from(n)).await).is_none());
        }
        let refused = guess(&app, "one-more@acme.example", from(99)).await;
        assert_eq!(limit_of(&refused).unwrap().0, RateLimit::SignInsOfClient);
        assert!(limit_of(&guess(&app, "a@acme.example", IpAddr::from([0x2001, 0xdb8, 1, 2, 0, 0, 0, 1])).await).is_none());
    }

    async fn a_right_password_takes_nothing(app) {
        let acme = app.organization("Acme").await;
        for _ in 0..40 {
            assert!(app.vestibule.sessions().sign_in(&acme.owner, PASSWORD, client(4)).await.is_ok());
        }
    }

    async fn the_wait_that_is_told_is_true(app) {
        let acme = app.organization("Acme").await;
        for _ in 0..10 {
            assert!(limit_of(&guess(&app, &acme.owner, client(5)).await).is_none());
        }
        let (limit, wait) = limit_of(&guess(&app, &acme.owner, client(5)).await).unwrap();
        assert_eq!((limit, wait.as_secs()), (RateLimit::SignIns, 60));
        app.advance(chrono(wait) - chrono::Duration::microseconds(1));
        assert!(limit_of(&app.vestibule.sessions().sign_in(&acme.owner, PASSWORD, client(5)).await).is_some());
        app.advance(chrono::Duration::microseconds(1));
        assert!(app.vestibule.sessions().sign_in(&acme.owner, PASSWORD, client(5)).await.is_ok());
    }

    async fn a_present_password_is_guessed_no_more_often_than_at_the_door(app) {
        let acme = app.organization("Acme").await;
        let change = async |current: &str| {
            app.vestibule.sessions().change_password(&acme.user, current, "marigold pewter sextant", client(6)).await
        };
        for _ in 0..10 {
            assert!(matches!(change("not the password").await, Err(Error::Unauthenticated)));
        }
        assert!(limit_of(&change(PASSWORD).await).is_some());
        app.advance(chrono::Duration::minutes(1));
        assert!(change(PASSWORD).await.is_ok());
    }

    async fn failed_sign_ins_and_lock_outs_are_events_of_the_accounts_organizations(app) {
        let acme = app.organization("Acme").await;
        let beside = app.beside(&acme, "Beside").await;
        let other = app.organization("Other").await;
        for n in 0..13 {
            assert_eq!(limit_of(&guess(&app, &acme.owner, client(7)).await).is_some(), n >= 10);
        }
        guess(&app, "nobody@acme.example", client(7)).await.unwrap_err();
        app.settle().await;
        for at in [&acme, &beside] {
            assert_eq!(events(&app, at, "member.sign_in_failed").await, [serde_json::json!({ "name": "Ada Byrne", "count": 10 })]);
            assert_eq!(events(&app, at, "member.locked_out").await, [serde_json::json!({ "name": "Ada Byrne" })]);
        }
        assert!(events(&app, &other, "member.sign_in_failed").await.is_empty());
    }

    async fn a_failed_sign_in_that_cannot_be_written_down_now_is_written_down_later_and_once(app) {
        let acme = app.organization("Acme").await;
        let beside = app.beside(&acme, "Beside").await;
        guess(&app, &acme.owner, client(7)).await.unwrap_err();
        guess(&app, &acme.owner, client(7)).await.unwrap_err();
        // the second organization's event fails, whichever is second, and then that of either
        let id = beside.scope.organization().id.uuid();
        let is_of_beside =
            if app.is_sqlite() { format!("hex(new.organization_id) = '{:X}'", id.simple()) } else { format!("new.organization_id = '{id}'") };
        for when in [&*is_of_beside, "1 = 1"] {
            recording_fails(&app, when).await;
            for _ in 0..3 {
                assert!(vestibule_core::worker::tick(&app.vestibule).await.is_err(), "the log is told");
            }
            assert_eq!(app.vestibule.queues().await.unwrap().chores.iter().find(|(name, _)| *name == "record_failed_sign_ins").unwrap().1, 1);
            recording_works(&app).await;
            if when == "1 = 1" {
                app.settle().await;
            }
        }
        for at in [&acme, &beside] {
            let counts = events(&app, at, "member.sign_in_failed").await;
            assert_eq!(counts, [serde_json::json!({ "name": "Ada Byrne", "count": 2 })], "{}", at.slug);
        }
        guess(&app, &acme.owner, client(7)).await.unwrap_err();
        app.settle().await;
        assert_eq!(events(&app, &beside, "member.sign_in_failed").await.len(), 2, "and then the next one");
    }

    async fn a_stranger_does_not_fill_the_audit_log(app) {
        let acme = app.organization("Acme").await;
        for n in 0..40 {
            guess(&app, &acme.owner, client(n)).await.unwrap_err();
            app.settle().await;
        }
        assert_eq!(events(&app, &acme, "member.sign_in_failed").await.len(), 20);
        app.advance(chrono::Duration::days(1));
        guess(&app, &acme.owner, client(99)).await.unwrap_err();
        app.settle().await;
        assert_eq!(events(&app, &acme, "member.sign_in_failed").await.len(), 21);
    }
}
