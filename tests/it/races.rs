//! Two hundred at once over real HTTP: one winner each, a typed refusal for everybody else, and events in the order of
//! the states.

use crate::harness::{Acme, TestApp, client::Client};
use chrono::Duration;
use futures::future::join_all;
use reqwest::StatusCode;
use vestibule_domain::{Fact, InvitationId, Status};

const AT_ONCE: usize = 200;

/// A browser of the invitee's that has opened the mailed link.
async fn opened(app: &TestApp, invitee: &Acme, token: &str) -> Client {
    let client = app.client_of(&invitee.session);
    assert_eq!(client.get(&format!("/i/{token}")).await.status, StatusCode::SEE_OTHER);
    client
}

/// Grace has an account, and is invited to as many organizations of Ada's as are asked for.
async fn invited_everywhere(app: &TestApp, organizations: usize) -> (Acme, Vec<(Acme, InvitationId, Client)>) {
    let first = app.organization("First").await;
    let grace = app.joins(&first, "grace@example.com", "Grace Okafor", "member").await;
    let mut mailed = Vec::new();
    for n in 0..organizations {
        let at = app.beside(&first, &format!("Org {n}")).await;
        let id = app.invites(&at, "grace@example.com").await;
        app.settle().await;
        mailed.push((at, id, app.mailed_token("grace@example.com")));
        // one mailbox gets a hundred emails a day
        app.advance(Duration::minutes(15));
    }
    // by then their sessions are over
    let (ada, grace) = (app.enter(&first.slug, &first.owner).await, app.enter(&first.slug, &grace.owner).await);
    let mut invited = Vec::new();
    for (at, id, token) in mailed {
        let client = opened(app, &grace, &token).await;
        invited.push((Acme { session: ada.session.clone(), ..at }, id, client));
    }
    (grace, invited)
}

/// Numbers without a gap, and the last fact of the invitation's life agrees with its state.
async fn check_order(app: &TestApp, at: &Acme, id: InvitationId) {
    let detail = app.vestibule.invitations().detail(&at.scope, id).await.unwrap();
    let closings: Vec<Status> = detail.events.iter().rev().filter_map(|event| closing(&event.fact)).collect();
    let expected = if detail.row.status == Status::Pending { vec![] } else { vec![detail.row.status] };
    assert_eq!(closings, expected, "{:?}", detail.events);
    assert!(detail.events.windows(2).all(|pair| pair[0].number > pair[1].number));
}

fn closing(fact: &Fact) -> Option<Status> {
    match fact.action() {
        "invitation.accepted" => Some(Status::Accepted),
        "invitation.revoked" => Some(Status::Revoked),
        "invitation.declined" => Some(Status::Declined),
        "invitation.expired" => Some(Status::Expired),
        _ => None,
    }
}

both! {
    async fn of_two_hundred_acceptances_of_one_link_one_is_taken(app) {
        let (grace, invited) = invited_everywhere(&app, 1).await;
        let (at, id, _) = &invited[0];
        let token = app.mailed_token("grace@example.com");
        let clients = join_all((0..AT_ONCE).map(|_| opened(&app, &grace, &token))).await;
        let answers = join_all(clients.iter().map(|client| client.post("/accept", &[]))).await;
        let count = |status: StatusCode| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(StatusCode::SEE_OTHER), count(StatusCode::GONE)), (1, AT_ONCE - 1));
        assert_eq!(app.vestibule.members().all(&at.scope).await.unwrap().len(), 2);
        let actions = app.actions(at, *id).await;
        assert_eq!(actions.iter().filter(|action| **action == "invitation.accepted").count(), 1, "{actions:?}");
        check_order(&app, at, *id).await;
    }

    async fn an_acceptance_and_a_revocation_never_both_succeed(app) {
        let (_, invited) = invited_everywhere(&app, AT_ONCE / 2).await;
        let ada = app.client_of(&invited[0].0.session);
        let races = invited.iter().map(|(at, id, grace)| {
            let revoke = format!("/o/{}/invitations/{id}/revoke", at.slug);
            let ada = &ada;
            async move { tokio::join!(grace.post("/accept", &[]), async { ada.post(&revoke, &[]).await }) }
        });
        for ((at, id, _), (accept, revoke)) in invited.iter().zip(join_all(races).await) {
            let (accepted, revoked) = (accept.status == StatusCode::SEE_OTHER, revoke.flash() == "revoked");
            assert!(accepted != revoked, "{} {} {}", accept.status, revoke.status, revoke.flash());
            assert!(accepted || accept.status == StatusCode::GONE, "{}", accept.status);
            assert!(revoked || revoke.flash() == "closed", "{}", revoke.flash());
            let status = app.vestibule.invitations().detail(&at.scope, *id).await.unwrap().row.status;
            assert_eq!(status, if accepted { Status::Accepted } else { Status::Revoked });
            check_order(&app, at, *id).await;
        }
    }

    async fn an_acceptance_and_a_resend_never_both_succeed(app) {
        let (_, invited) = invited_everywhere(&app, AT_ONCE / 2).await;
        let ada = app.client_of(&invited[0].0.session);
        let races = invited.iter().map(|(at, id, grace)| {
            let resend = format!("/o/{}/invitations/{id}/resend", at.slug);
            let ada = &ada;
            async move { tokio::join!(grace.post("/accept", &[]), async { ada.post(&resend, &[]).await }) }
        });
        for ((at, id, _), (accept, resend)) in invited.iter().zip(join_all(races).await) {
            let (accepted, resent) = (accept.status == StatusCode::SEE_OTHER, resend.flash() == "resent");
            assert!(accepted != resent, "{} {} {}", accept.status, resend.status, resend.flash());
            assert!(accepted || accept.status == StatusCode::GONE, "{}", accept.status);
            let status = app.vestibule.invitations().detail(&at.scope, *id).await.unwrap().row.status;
            assert_eq!(status, if accepted { Status::Accepted } else { Status::Pending });
            check_order(&app, at, *id).await;
        }
    }

    async fn of_two_hundred_invitations_to_one_address_one_is_made(app) {
        let acme = app.organization("Acme").await;
        let (role, ada) = (app.role(&acme, "member").await.to_string(), app.client_of(&acme.session));
        let fields = [("recipients", "grace@example.com"), ("role_ids", &role), ("message", ""), ("notify", "true")];
        let answers = join_all((0..AT_ONCE).map(|_| ada.post("/o/acme/invitations/new", &fields))).await;
        let made = answers.iter().filter(|answer| answer.flash() == "invited").count();
        let told = answers.iter().filter(|answer| answer.text.contains("Already invited by")).count();
        assert_eq!((made, told), (1, AT_ONCE - 1), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        assert_eq!(app.count_invitations(&acme).await, 1);
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 1);
    }

    async fn two_hundred_readers_are_all_answered(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let ada = app.client_of(&acme.session);
        let pages = ["invitations".to_owned(), "invitations/new".to_owned(), format!("invitations/{id}"), "members".to_owned(), "outbox".to_owned()];
        let answers = join_all((0..AT_ONCE).map(|n| {
            let path = format!("/o/acme/{}", pages[n % pages.len()]);
            let ada = &ada;
            async move { ada.get(&path).await }
        }));
        for answer in answers.await {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        }
    }

    async fn two_owners_who_demote_each_other_leave_one(app) {
        let first = app.organization("First").await;
        let joan = app.joins(&first, "joan@example.com", "Joan Whitlock", "owner").await;
        let mut scenes = Vec::new();
        for n in 0..AT_ONCE / 2 {
            let at = app.beside(&first, &format!("Org {n}")).await;
            app.invites_as(&at, "joan@example.com", "owner").await;
            app.settle().await;
            let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("joan@example.com")).await.unwrap();
            app.vestibule.acceptance().accept(acceptance_session.as_str(), &joan.user).await.unwrap();
            // one mailbox gets a hundred emails a day
            app.advance(Duration::minutes(15));
            let role = app.role(&at, "member").await.to_string();
            let members = app.vestibule.members().all(&at.scope).await.unwrap();
            let path = |email: &str| {
                let member = members.iter().find(|member| member.email.as_str() == email).unwrap();
                format!("/o/{}/members/{}", at.slug, member.id)
            };
            scenes.push((path("joan@example.com"), path(&first.owner), role, at.clone()));
        }
        let (ada, joan) = (app.enter(&first.slug, &first.owner).await, app.enter(&first.slug, &joan.owner).await);
        let (ada, joans) = (app.client_of(&ada.session), app.client_of(&joan.session));
        let races = scenes.iter().map(|(to_joan, to_ada, role, _)| {
            let fields = [("role_ids", role.as_str())];
            let (ada, joans) = (&ada, &joans);
            async move { tokio::join!(async { ada.post(to_joan, &fields).await }, async { joans.post(to_ada, &fields).await }) }
        });
        for ((_, _, _, at), (one, other)) in scenes.iter().zip(join_all(races).await) {
            assert!(!one.status.is_server_error() && !other.status.is_server_error(), "{} {}", one.status, other.status);
            let done = [&one, &other].iter().filter(|answer| answer.flash() == "member_roles_changed").count();
            assert_eq!(done, 1, "{} {}: {} {}", one.status, one.flash(), other.status, other.flash());
            let members = app.vestibule.members().all(&at.scope).await.unwrap();
            assert_eq!(members.iter().filter(|member| member.is_owner()).count(), 1);
        }
    }
}
