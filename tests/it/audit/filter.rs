//! What each filter finds, and that paging finds all of it.

use crate::harness::{Acme, TestApp};
use chrono::Duration;
use std::collections::BTreeSet;
use vestibule_core::service::Error;
use vestibule_domain::{Actor, EventFilter, Fact, Permission};

impl TestApp {
    /// Actions of all events that match, the oldest first.
    async fn found(&self, at: &Acme, filter: &EventFilter) -> Vec<&'static str> {
        let events = self.vestibule.audit().after(&at.scope, filter, 0, 499).await.unwrap();
        let mut numbers: Vec<u64> = events.iter().map(|event| event.number).collect();
        numbers.reverse();
        assert_eq!(self.matching(at, filter, 2).await, numbers, "both orders find the same: {filter:?}");
        events.iter().map(|event| event.fact.action()).collect()
    }
}

fn text(text: &str) -> EventFilter {
    EventFilter { text: Some(text.to_owned()), ..EventFilter::default() }
}

fn actions(names: &[&str]) -> EventFilter {
    let actions = names.iter().flat_map(|name| Fact::actions_named(name)).collect();
    EventFilter { actions, ..EventFilter::default() }
}

both! {
    async fn actions_are_found_by_name_and_by_noun(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "grace@example.com", "Grace Okafor", "member").await;
        assert_eq!(app.found(&acme, &actions(&["member"])).await, ["member.added", "member.added"]);
        assert_eq!(app.found(&acme, &actions(&["invitation.created", "invitation.accepted"])).await, ["invitation.created", "invitation.accepted"]);
        assert_eq!(app.found(&acme, &actions(&["role"])).await, Vec::<&str>::new());
        let all = app.found(&acme, &EventFilter::default()).await;
        assert_eq!(app.found(&acme, &actions(&["member", "invitation"])).await, all);
    }

    async fn people_are_found_by_name_and_address_in_any_case(app) {
        let acme = app.organization("Acme").await;
        let grace = app.joins(&acme, "grace@example.com", "Grace Ökafor", "member").await;
        app.invites(&acme, "alan@example.com").await;
        app.settle().await;
        let about_grace = ["invitation.created", "invitation.sent", "invitation.opened", "invitation.accepted", "member.added"];
        for part in ["grace@", "GRACE", "kafor"] {
            assert_eq!(app.found(&acme, &text(part)).await, about_grace, "{part}");
        }
        assert_eq!(app.found(&acme, &text("alan@example")).await, ["invitation.created", "invitation.sent"]);
        for nobody in ["nobody", "a_z", "member", "data", "name"] {
            assert_eq!(app.found(&acme, &text(nobody)).await, Vec::<&str>::new(), "{nobody}");
        }
        app.vestibule.members().remove(&acme.scope, grace.member_id()).await.unwrap();
        let mut and_removed = about_grace.to_vec();
        and_removed.push("member.removed");
        let found = app.found(&acme, &text("grace")).await;
        assert_eq!(found, and_removed, "who is gone is found still");
        assert_eq!(app.found(&acme, &EventFilter { ..text("ada@acme") }).await, ["member.added"], "the first owner, who was not invited");
    }

    async fn a_text_that_many_have_finds_all_of_them(app) {
        let acme = app.organization("Acme").await;
        let many: Vec<String> = (0..250).map(|number| format!("person{number}@many.example")).collect();
        app.vestibule.invitations().invite(&acme.scope, &app.invite(&acme, &many.join("\n"), "member").await).await.unwrap();
        app.invites(&acme, "grace@example.com").await;
        let found = app.matching(&acme, &text("MANY.example"), 100).await;
        assert_eq!(found, (2..=251).rev().collect::<Vec<u64>>());
        assert_eq!(app.matching(&acme, &text("example.com"), 100).await, [252]);
        let both = EventFilter { actions: Fact::actions_named("member"), ..text("example") };
        assert_eq!(app.matching(&acme, &both, 100).await, [1], "the owner’s address");
    }

    async fn things_are_found_by_name(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.roles().create(&acme.scope, "reader", "Field Reader", &[]).await.unwrap();
        assert_eq!(app.found(&acme, &text("field read")).await, ["role.created"]);
    }

    async fn whose_doing_it_was_is_found(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "joan@example.com", "Joan Whitlock", "admin").await;
        let joan = app.enter("acme", "joan@example.com").await;
        app.invites(&joan, "alan@example.com").await;
        app.settle().await;
        let by = |key: String| EventFilter { actor_id: Some(key), ..EventFilter::default() };
        assert_eq!(app.found(&acme, &by(joan.user.id.to_string())).await, ["invitation.accepted", "member.added", "invitation.created"]);
        assert_eq!(app.found(&acme, &by(Actor::SYSTEM.into())).await, ["member.added", "invitation.sent", "invitation.sent"]);
        assert_eq!(app.found(&acme, &by(Actor::INVITEE.into())).await, ["invitation.opened"]);
        let both = EventFilter { actions: Fact::actions_named("invitation.created"), ..by(joan.user.id.to_string()) };
        assert_eq!(app.found(&acme, &both).await, ["invitation.created"]);
        let list = app.vestibule.audit().page(&acme.scope, &EventFilter::default(), None, 1).await.unwrap();
        let names: Vec<&str> = list.actors.iter().map(Actor::name).collect();
        assert_eq!(names, ["Ada Byrne", "Joan Whitlock"], "those who may change something can be chosen");
    }

    async fn one_invitation_or_member_is_found(app) {
        let acme = app.organization("Acme").await;
        let grace = app.joins(&acme, "grace@example.com", "Grace Okafor", "member").await;
        let id = app.invites(&acme, "alan@example.com").await;
        let about = EventFilter { invitation_id: Some(id), ..EventFilter::default() };
        assert_eq!(app.found(&acme, &about).await, ["invitation.created"]);
        let about = EventFilter { member_id: Some(grace.member_id()), ..EventFilter::default() };
        let found = app.found(&acme, &about).await;
        assert!(found.contains(&"member.added") && !found.contains(&"invitation.created"), "{found:?}");
        let both = EventFilter { invitation_id: Some(id), ..about };
        assert_eq!(app.found(&acme, &both).await, Vec::<&str>::new());
        let other = app.organization("Other").await;
        for foreign in [EventFilter { invitation_id: Some(id), ..EventFilter::default() }, both] {
            assert_eq!(app.found(&other, &foreign).await, Vec::<&str>::new(), "another organization's");
        }
    }

    async fn a_time_is_from_its_beginning_and_before_its_end(app) {
        let acme = app.organization("Acme").await;
        app.advance(Duration::hours(1));
        let from = app.vestibule.now();
        app.invites(&acme, "grace@example.com").await;
        app.advance(Duration::hours(1));
        let to = app.vestibule.now();
        app.invites(&acme, "alan@example.com").await;
        let between = EventFilter { from: Some(from), to: Some(to), ..EventFilter::default() };
        assert_eq!(app.matching(&acme, &between, 10).await, [2]);
        assert_eq!(app.matching(&acme, &EventFilter { from: None, ..between.clone() }, 10).await, [2, 1]);
        assert_eq!(app.matching(&acme, &EventFilter { to: None, ..between }, 10).await, [3, 2]);
    }

    async fn paging_finds_all_while_events_are_written(app) {
        let acme = app.organization("Acme").await;
        for number in 0..20 {
            app.invites(&acme, &format!("before{number}@example.com")).await;
        }
        let write = async {
            for number in 0..30 {
                app.invites(&acme, &format!("meanwhile{number}@example.com")).await;
            }
        };
        let read = async {
            let filter = actions(&["invitation.created"]);
            for _ in 0..5 {
                let numbers = app.matching(&acme, &filter, 3).await;
                let (first, last) = (numbers[0], numbers[numbers.len() - 1]);
                assert_eq!(numbers, (last..=first).rev().collect::<Vec<u64>>(), "none is missing and none twice");
                assert_eq!(last, 2);
            }
        };
        tokio::join!(write, read);
        // there and back again
        let list = app.vestibule.audit().page(&acme.scope, &EventFilter::default(), None, 20).await.unwrap();
        let older = app.vestibule.audit().page(&acme.scope, &EventFilter::default(), list.page.older.as_deref(), 20).await.unwrap();
        let newer = app.vestibule.audit().page(&acme.scope, &EventFilter::default(), older.page.newer.as_deref(), 20).await.unwrap();
        assert_eq!(list.page.items, newer.page.items);
    }

    async fn a_log_is_read_by_those_who_may_and_in_its_own_organization(app) {
        let acme = app.organization("Acme").await;
        let other = app.organization("Other").await;
        for number in 0..3 {
            app.invites(&acme, &format!("person{number}@example.com")).await;
        }
        let alan = app.joins(&acme, "alan@example.com", "Alan Pemberton", "member").await;
        let (filter, no) = (EventFilter::default(), |error| matches!(error, Error::Forbidden(Permission::AuditRead)));
        assert!(no(app.vestibule.audit().page(&alan.scope, &filter, None, 10).await.unwrap_err()));
        assert!(no(app.vestibule.audit().after(&alan.scope, &filter, 0, 10).await.unwrap_err()));
        assert!(no(app.vestibule.audit().verify(&alan.scope).await.unwrap_err()));
        assert!(no(app.vestibule.audit().all(&alan.scope, filter.clone()).await.err().unwrap()));
        let cursor = app.vestibule.audit().page(&acme.scope, &filter, None, 1).await.unwrap().page.older.unwrap();
        let refused = app.vestibule.audit().page(&other.scope, &filter, Some(&cursor), 1).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)), "a cursor is void elsewhere: {refused:?}");
        let seen: BTreeSet<u64> = app.matching(&other, &text("person"), 10).await.into_iter().collect();
        assert!(seen.is_empty(), "{seen:?}");
    }
}
