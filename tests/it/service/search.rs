//! People are found by a few words: who, in which order, and by whom.

use crate::harness::{Acme, TestApp};
use vestibule_core::service::{Error, Found};
use vestibule_domain::bounds::MAX_SEARCH_CHARS;

async fn found(app: &TestApp, at: &Acme, text: &str) -> Found {
    app.vestibule.search().find(&at.scope, text).await.unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

async fn members(app: &TestApp, at: &Acme, text: &str) -> Vec<String> {
    found(app, at, text).await.members.iter().map(|member| member.name.to_string()).collect()
}

async fn invited(app: &TestApp, at: &Acme, text: &str) -> Vec<String> {
    found(app, at, text).await.invitations.iter().map(|invitation| invitation.email.to_string()).collect()
}

both! {
    async fn all_words_are_looked_for_in_any_order_and_case(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "joan@people.example", "Joan Émile Whitlock", "admin").await;
        app.invites(&acme, "Grace Okafor <g.okafor@example.com>").await;
        for text in ["joan", "JOAN", "whit", " émile\tjoan ", "ÉMILE", "whitlock people", "oan@people"] {
            assert_eq!(members(&app, &acme, text).await, ["Joan Émile Whitlock"], "{text}");
        }
        for text in ["okafor grace", "GRACE g.okafor@example.com", "g.ok", "kafor"] {
            assert_eq!(invited(&app, &acme, text).await, ["g.okafor@example.com"], "{text}");
        }
        for text in ["joan okafor", "grace joan", "joan q", "j o q"] {
            assert_eq!((members(&app, &acme, text).await.len(), invited(&app, &acme, text).await.len()), (0, 0), "{text}");
        }
        assert_eq!(members(&app, &acme, "").await, [""; 0]);
        assert_eq!(members(&app, &acme, " \n").await, [""; 0]);
    }

    async fn what_begins_with_the_text_comes_first_and_then_the_latest(app) {
        let acme = app.organization("Acme").await;
        for recipient in ["grace@example.com", "Grace Okafor <okafor@example.com>", "Ada Grace <grandma@example.com>", "x.grace@example.com", "Disgraceful <d@example.com>", "gracious@example.com"] {
            app.invites(&acme, recipient).await;
        }
        let in_order = ["grace@example.com", "grandma@example.com", "okafor@example.com", "d@example.com", "x.grace@example.com"];
        assert_eq!(invited(&app, &acme, "grace").await, in_order);
        assert_eq!(invited(&app, &acme, "grac").await, ["grace@example.com", "gracious@example.com", "grandma@example.com", "okafor@example.com", "d@example.com"]);
        assert_eq!(invited(&app, &acme, "g").await[..2], ["grace@example.com", "gracious@example.com"]);
    }

    async fn five_are_found_and_more_are_announced(app) {
        let acme = app.organization("Acme").await;
        let five = app.invite(&acme, "p1@x.example p2@x.example p3@x.example p4@x.example p5@x.example", "member").await;
        app.vestibule.invitations().invite(&acme.scope, &five).await.unwrap();
        let all = found(&app, &acme, "x.example").await;
        assert_eq!((all.invitations.len(), all.has_more_invitations, all.has_more_members), (5, false, false));
        app.invites(&acme, "p6@x.example").await;
        for text in ["x.example", "p"] {
            let some = found(&app, &acme, text).await;
            assert_eq!((some.invitations.len(), some.has_more_invitations), (5, true), "{text}");
        }
    }

    async fn wildcards_are_letters(app) {
        let acme = app.organization("Acme").await;
        for address in ["under_score@example.com", "underxscore@example.com", "100%sure@example.com"] {
            app.invites(&acme, address).await;
        }
        assert_eq!(invited(&app, &acme, "under_").await, ["under_score@example.com"]);
        assert_eq!(invited(&app, &acme, "r_s").await, ["under_score@example.com"]);
        assert_eq!(invited(&app, &acme, "%").await, ["100%sure@example.com"]);
        assert_eq!(invited(&app, &acme, "100%s").await, ["100%sure@example.com"]);
        assert_eq!(invited(&app, &acme, "u%e").await, [""; 0]);
        assert_eq!(invited(&app, &acme, "\\").await, [""; 0]);
    }

    async fn another_organizations_people_are_not_found(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.invites(&acme, "grace@example.com").await;
        app.joins(&acme, "joan@people.example", "Joan Whitlock", "admin").await;
        for text in ["grace", "joan", "people.example", "acme"] {
            let found = found(&app, &other, text).await;
            assert_eq!((found.members.len(), found.invitations.len()), (0, 0), "{text}");
        }
        assert_eq!(found(&app, &other, "ada").await.members.iter().map(|ada| ada.email.as_str()).collect::<Vec<_>>(), ["ada@other.example"]);
    }

    async fn who_may_not_see_people_finds_nobody(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.roles().create(&acme.scope, "nothing", "Nothing", &[]).await.unwrap();
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "nothing").await;
        let nobody = found(&app, &alan, "a").await;
        assert_eq!((nobody.members.len(), nobody.invitations.len(), nobody.has_more_members), (0, 0, false));
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "member").await;
        assert_eq!(members(&app, &joan, "alan").await, ["Alan Pemberton"]);
    }

    async fn hostile_text_is_looked_for_like_any_other(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let long = [1, 2, 30].map(|length| format!("{} ", "x".repeat(length)).repeat(MAX_SEARCH_CHARS / (length + 1)));
        let odd = ["'; drop table invitations; --", "\u{10ffff}", "\u{feff}", "a\u{202e}b", "\"", "$1", "{}", "%_\\%_\\", "(((", "\u{1}"];
        for text in long.iter().map(String::as_str).chain(odd) {
            assert_eq!(found(&app, &acme, text).await.invitations.len(), 0, "{text}");
        }
        let too_long = "x".repeat(MAX_SEARCH_CHARS + 1);
        assert!(matches!(app.vestibule.search().find(&acme.scope, &too_long).await, Err(Error::Invalid(_))));
        assert_eq!(invited(&app, &acme, "grace").await, ["grace@example.com"]);
    }
}
