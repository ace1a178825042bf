//! After an erasure the record verifies, and whatever is changed by hand is still found: also what pretends to be one.

use crate::harness::{Acme, TestApp};
use vestibule_core::worker::{self, RoundProgress};

/// Grace was invited (event 2) and erased, Hugo was invited before and after. Returns the number of the last event.
async fn erased(app: &TestApp) -> (Acme, u64) {
    let acme = app.organization("Acme").await;
    app.invites(&acme, "grace@example.com").await;
    app.invites(&acme, "hugo@example.com").await;
    app.settle().await;
    app.erases(&acme, "grace@example.com").await;
    app.verifies(&acme).await;
    let count = app.vestibule.audit().verify(&acme.scope).await.unwrap().count;
    assert_eq!(app.count("select count(*) from redactions").await, 2, "invited, and mailed");
    (acme, count)
}

/// After `sql` the walk stops at this event.
async fn broken(app: &TestApp, at: &Acme, sql: &str, number: u64) {
    app.tamper(at, sql).await;
    let flaw = app.vestibule.audit().verify(&at.scope).await.unwrap().flaw;
    assert_eq!(flaw.map(|flaw| flaw.number), Some(number), "{sql}: {flaw:?}");
}

impl TestApp {
    /// The number of the organization's first event of this action.
    async fn number_of(&self, at: &Acme, action: &str) -> u64 {
        let events = self.vestibule.feed().events(&at.scope, 0, 500).await.unwrap();
        events.iter().find(|event| event.fact.action() == action).unwrap().number
    }
}

both! {
    async fn a_redacted_event_that_is_changed_again_is_named(app) {
        let (acme, _) = erased(&app).await;
        broken(&app, &acme, "update events set fact = replace(fact, 'Member', 'Owner') where organization_id = $1 and number = 2", 2).await;
    }

    async fn the_event_before_a_redacted_one_cannot_be_rewritten(app) {
        let (acme, _) = erased(&app).await;
        broken(&app, &acme, "update events set hash = (select r.content_hash from redactions r where r.number = 2 and r.organization_id = $1) where organization_id = $1 and number = 1", 1).await;
    }

    async fn a_salt_that_is_put_in_or_taken_out_is_found(app) {
        let (acme, _) = erased(&app).await;
        broken(&app, &acme, "update events set salt = null where organization_id = $1 and number = 3", 3).await;
    }

    async fn a_change_by_hand_that_calls_itself_a_redaction_is_found(app) {
        let (acme, count) = erased(&app).await;
        let hugo = 3;
        let by = app.number_of(&acme, "person.events_redacted").await;
        assert!(by <= count);
        // vouched for by a true event, which speaks of others
        let forge = format!("insert into redactions (organization_id, number, by_number, before_hash, hash, content_hash)
            select organization_id, {hugo}, {by}, before_hash, hash, content_hash from redactions where organization_id = $1 and number = 2");
        broken(&app, &acme, &forge, hugo).await;
    }

    async fn a_redaction_that_nobody_vouches_for_is_found(app) {
        let (acme, count) = erased(&app).await;
        let changed = "update events set fact = replace(fact, 'Member', 'Owner'), salt = null where organization_id = $1 and number = 3";
        app.tamper(&acme, changed).await;
        for by in [1, 4, count, count + 1] {
            let forge = format!("insert into redactions (organization_id, number, by_number, before_hash, hash, content_hash)
                select r.organization_id, 3, {by}, r.before_hash, e.hash, r.content_hash from redactions r join events e
                on e.organization_id = r.organization_id and e.number = 3 where r.organization_id = $1 and r.number = 2");
            broken(&app, &acme, &forge, 3).await;
            app.tamper(&acme, &format!("delete from redactions where organization_id = $1 and number = 3 and by_number = {by}")).await;
        }
    }

    async fn a_redaction_that_is_taken_away_or_changed_is_found(app) {
        let (acme, _) = erased(&app).await;
        broken(&app, &acme, "delete from redactions where organization_id = $1 and number = 2", 2).await;
    }

    async fn what_vouches_cannot_be_made_to_vouch_for_more(app) {
        let (acme, _) = erased(&app).await;
        let by = app.number_of(&acme, "person.events_redacted").await;
        // of an event that is not redacted in truth, so that only its own number tells
        let more = format!("insert into redactions (organization_id, number, by_number, before_hash, hash, content_hash)
            select organization_id, 900, {by}, before_hash, hash, content_hash from redactions where organization_id = $1 and number = 2");
        broken(&app, &acme, &more, by).await;
    }

    async fn an_event_that_was_changed_before_stays_found_out(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.tamper(&acme, "update events set fact = replace(fact, 'Member', 'Owner') where organization_id = $1 and number = 2").await;
        app.erases(&acme, "grace@example.com").await;
        app.holds_none_of(&["grace@example.com"]).await;
        let flaw = app.vestibule.audit().verify(&acme.scope).await.unwrap().flaw;
        assert_eq!(flaw.map(|flaw| flaw.number), Some(2), "an erasure washes nothing");
    }

    async fn events_from_before_there_were_salts_are_erased_too(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.unsalt(&acme).await;
        app.verifies(&acme).await;
        app.erases(&acme, "grace@example.com").await;
        app.holds_none_of(&["grace@example.com"]).await;
        app.verifies(&acme).await;
    }

    async fn verifying_while_somebody_is_erased_finds_nothing_wrong(app) {
        let acme = app.organization("Acme").await;
        for number in 0..20 {
            app.invites(&acme, &format!("person{number}@example.com")).await;
        }
        let erasing = async {
            for number in 0..20 {
                app.vestibule.erasure().erase(&acme.scope, &format!("person{number}@example.com")).await.unwrap();
            }
        };
        let verifying = async {
            for _ in 0..40 {
                app.verifies(&acme).await;
            }
        };
        tokio::join!(erasing, verifying);
        app.verifies(&acme).await;
    }

    async fn rows_that_are_replaced_before_their_events_are_no_fault(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "joan@example.com", "Joan Whitlock", "member").await;
        app.invites(&acme, "grace@example.com").await;
        for email in ["joan@example.com", "grace@example.com"] {
            app.vestibule.erasure().begin(&acme.scope, email).await.unwrap();
        }
        loop {
            let (ok, said) = app.check().await;
            assert!(ok, "{said}");
            if worker::tick(&app.vestibule).await.unwrap() == RoundProgress::None {
                break;
            }
        }
    }
}

impl TestApp {
    /// As if everything had been written before there were salts and seals: each event anew, without a salt, with the
    /// hash that it had then.
    async fn unsalt(&self, at: &Acme) {
        use vestibule_domain::{EventHash, chain::ChainLink};
        let mut before = EventHash::START;
        for event in self.vestibule.feed().events(&at.scope, 0, 500).await.unwrap() {
            let (actor, fact) =
                (serde_json::to_string(&event.actor).unwrap(), serde_json::to_string(&event.fact).unwrap());
            let link = ChainLink {
                id: event.id,
                organization_id: event.organization_id,
                number: event.number,
                at: event.at,
                actor,
                invitation_id: event.invitation_id,
                member_id: event.member_id,
                action: event.fact.action().into(),
                fact,
                salt: None,
            };
            before = link.hash(before);
            let hash = if self.database_url.starts_with("sqlite:") {
                format!("x'{before}'")
            } else {
                format!("decode('{before}', 'hex')")
            };
            let number = event.number;
            let event = format!(
                "update events set salt = null, hash = {hash} where organization_id = $1 and number = {number}"
            );
            self.tamper(at, &event).await;
            self.tamper(at, &format!("update organizations set event_hash = {hash} where id = $1")).await;
        }
        self.tamper(at, "update organizations set sealed_number = 0, seal = null where id = $1").await;
    }
}
