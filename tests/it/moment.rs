//! What one answer says is of one moment: rows, their numbers and what stands beside them agree, while four others
//! write.

use crate::harness::{Acme, Answer, TestApp};
use futures::future::{join, join_all};
use reqwest::Method;
use serde_json::Value;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use vestibule_core::service::NewInvitation;
use vestibule_domain::{
    EventFilter, Fact, InvitationEdit, InvitationId, Permission, token::Channel, token::LinkClaims,
};

const ROUNDS: usize = 50;
const WRITERS: usize = 4;

/// Lists a hundred times and more, for as long as four write.
async fn while_four_write(write: impl AsyncFn(usize, usize), list: impl AsyncFn()) {
    for round in 0..ROUNDS {
        let are_done = Cell::new(false);
        let writes = async {
            join_all((0..WRITERS).map(|who| write(who, round))).await;
            are_done.set(true);
        };
        let lists = async {
            list().await;
            list().await;
            while !are_done.get() {
                list().await;
            }
        };
        join(lists, writes).await;
    }
}

/// Somebody is invited to a role that is made for it, and both are taken back.
async fn comes_and_goes(app: &TestApp, at: &Acme, who: usize, round: usize) {
    let (scope, key) = (&at.scope, format!("role-{who}-{round}"));
    let role = app.vestibule.roles().create(scope, &key, &key, &[Permission::OrganizationRead]).await.unwrap();
    let id = invited(app, at, &format!("{key}@example.com"), role.id).await;
    app.vestibule.invitations().revoke(scope, id).await.unwrap();
    app.vestibule.roles().delete(scope, role.id).await.unwrap();
}

async fn invited(app: &TestApp, at: &Acme, email: &str, role_id: vestibule_domain::RoleId) -> InvitationId {
    let new = NewInvitation { email: email.into(), role_ids: vec![role_id], notify: true, ..NewInvitation::default() };
    app.vestibule.invitations().invite_one(&at.scope, &new).await.unwrap().id
}

/// The rows of a list, of which there must be as many as it says in all.
fn agrees(answer: &Answer, rows: &str, total: &str) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let rows = body.pointer(rows).unwrap().as_array().unwrap().clone();
    assert_eq!(body.pointer(total).unwrap(), rows.len(), "{}", answer.text);
    rows
}

/// Rows of a page of the portal.
fn rows(page: &str) -> u64 {
    page.matches("id=\"row-").count() as u64
}

/// The number behind `before`, up to the next tag or word; 0 where there is none.
fn number(page: &str, before: &str) -> u64 {
    let Some((_, rest)) = page.split_once(before) else { return 0 };
    let digits: String = rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// The number in the tab that is chosen.
fn chosen(page: &str) -> u64 {
    let (_, tab) =
        page.split_once("aria-label=\"Status\"").unwrap_or_else(|| page.split_once("class=\"tabs\"").unwrap());
    let (_, tab) = tab.split_once("aria-current=\"page\"").unwrap();
    number(tab, "tabs__count")
}

both_patient! {
    async fn invitations_agree_in_the_api(app) {
        let acme = app.organization("Acme").await;
        let native = app.program(&acme).await;
        app.invites(&acme, "stays@example.com").await;
        while_four_write(async |who, round| comes_and_goes(&app, &acme, who, round).await, async || {
            let list = native.get("/invitations?status=pending&limit=500").await;
            for row in agrees(&list, "/data", "/total") {
                assert_eq!(row["roles"].as_array().unwrap().len(), 1, "{row}");
            }
        })
        .await;
    }

    async fn invitations_agree_in_the_portal(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        while_four_write(async |who, round| comes_and_goes(&app, &acme, who, round).await, async || {
            let page = ada.get("/o/acme/invitations?status=pending").await.text;
            assert_eq!(chosen(&page), rows(&page), "{page}");
            let (_, frame) = page.split_once("/o/acme/invitations\"").unwrap();
            let (frame, _) = frame.split_once("</a>").unwrap();
            assert_eq!(number(frame, "nav__count"), rows(&page), "the frame says what the page says: {page}");
        })
        .await;
    }

    async fn an_invitation_agrees_with_its_events(app) {
        let acme = app.organization("Acme").await;
        let (id, edits) = (app.invites(&acme, "grace@example.com").await, AtomicUsize::new(0));
        let write = async |_: usize, _: usize| {
            let message = Some(format!("Edit {}", edits.fetch_add(1, Ordering::Relaxed)));
            let edit = InvitationEdit { message, ..InvitationEdit::default() };
            app.vestibule.invitations().edit(&acme.scope, id, &edit).await.unwrap();
        };
        while_four_write(write, async || {
            let detail = app.vestibule.invitations().detail(&acme.scope, id).await.unwrap();
            let last = detail.events.iter().find(|event| event.fact.action() == "invitation.edited");
            let told = last.map(|event| match &event.fact {
                Fact::InvitationEdited { changes } => changes[0].to.clone(),
                other => panic!("{other:?}"),
            });
            let message = detail.row.invitation.message.map(|message| message.as_str().to_owned());
            assert_eq!(told, message);
        })
        .await;
    }

    async fn members_agree_in_the_api_and_in_the_portal(app) {
        let (first, acme) = (app.organization("First").await, app.organization("Acme").await);
        let (native, ada) = (app.program(&acme).await, app.client_of(&acme.session));
        let mut people = Vec::new();
        for who in 0..WRITERS {
            people.push(app.joins(&first, &format!("person-{who}@example.com"), "Grace Okafor", "member").await.user);
        }
        let role = app.role(&acme, "member").await;
        let (app, acme, people) = (&app, &acme, &people);
        while_four_write(
            async |who, round| {
                if round % 2 == 1 {
                    let scope = app.vestibule.enter(&people[who], "acme").await.unwrap();
                    _ = app.vestibule.members().leave(&scope).await.unwrap();
                    return;
                }
                // by a link to hand over: a mailbox gets no more than twenty emails a day
                let email = people[who].email.to_string();
                let new = NewInvitation { email, role_ids: vec![role], notify: false, ..NewInvitation::default() };
                let invitation_id = app.vestibule.invitations().invite_one(&acme.scope, &new).await.unwrap().id;
                let link = app.signing_keys.token(LinkClaims { invitation_id, generation: 1, channel: Channel::Mail });
                let acceptance_session = app.vestibule.acceptance().open(link.as_str()).await.unwrap();
                app.vestibule.acceptance().accept(acceptance_session.as_str(), &people[who]).await.unwrap();
            },
            async || {
                agrees(&native.get("/members?limit=500").await, "/data", "/total");
                let page = ada.get("/o/acme/members").await.text;
                assert_eq!(number(&page, "page__lede"), rows(&page), "{page}");
                let (_, frame) = page.split_once("/o/acme/members\"").unwrap();
                assert_eq!(number(frame, "nav__count"), rows(&page), "the frame says what the page says: {page}");
            },
        )
        .await;
    }

    async fn mails_agree_in_the_api_and_in_the_portal(app) {
        let acme = app.organization("Acme").await;
        let (native, ada) = (app.program(&acme).await, app.client_of(&acme.session));
        let role = app.role(&acme, "member").await;
        while_four_write(
            async |who, round| match who {
                0 => app.settle().await,
                _ => _ = invited(&app, &acme, &format!("person-{who}-{round}@example.com"), role).await,
            },
            async || {
                agrees(&native.get("/mails?state=queued&limit=500").await, "/data", "/total");
                let page = ada.get("/o/acme/outbox?state=queued").await.text;
                assert_eq!(chosen(&page), rows(&page), "{page}");
            },
        )
        .await;
    }

    async fn deliveries_agree_with_their_counts(app) {
        let acme = app.organization("Acme").await;
        let native = app.program(&acme).await;
        let (endpoint, _) = app.webhook(&acme, "http://127.0.0.1:9999/hooks", &["invitation.created"]).await;
        let role = app.role(&acme, "member").await;
        let path = format!("/webhooks/{}/deliveries?limit=500", endpoint.id);
        while_four_write(
            async |who, round| _ = invited(&app, &acme, &format!("person-{who}-{round}@example.com"), role).await,
            async || drop(agrees(&native.get(&path).await, "/data", "/total")),
        )
        .await;
    }

    async fn the_audit_log_agrees_with_its_head(app) {
        let acme = app.organization("Acme").await;
        while_four_write(async |who, round| comes_and_goes(&app, &acme, who, round).await, async || {
            let list = app.vestibule.audit().page(&acme.scope, &EventFilter::default(), None, 5).await.unwrap();
            assert_eq!(list.page.items[0].number, list.head.number);
            for event in &list.page.items {
                let known = event.invitation_id.is_none_or(|id| list.subjects.invitations.contains_key(&id));
                assert!(known, "{event:?}");
            }
        })
        .await;
    }

    async fn invitations_agree_for_clerks_clients(app) {
        let acme = app.organization("Acme").await;
        let clerk = app.clerk(&acme).await;
        let path = clerk.here("?status=pending&limit=500");
        while_four_write(async |who, round| comes_and_goes(&app, &acme, who, round).await, async || {
            agrees(&clerk.get(&path).await, "/data", "/total_count");
            agrees(&clerk.get("/invitations?status=pending&limit=500&paginated=true").await, "/data", "/total_count");
        })
        .await;
    }

    async fn invitations_agree_for_adobes_clients(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        app.invites(&acme, "stays@example.com").await;
        while_four_write(async |who, round| comes_and_goes(&app, &acme, who, round).await, async || {
            let list = adobe.invites(Method::GET, "?includeExpired=false").await;
            let count = list.json().as_array().unwrap().len();
            assert_eq!(list.header("x-total-count"), count.to_string(), "{}", list.text);
        })
        .await;
    }

    async fn invitations_agree_for_app_store_connects_clients(app) {
        let acme = app.organization("Acme").await;
        let store = app.asc(&acme).await;
        while_four_write(async |who, round| comes_and_goes(&app, &acme, who, round).await, async || {
            let list = store.get("/userInvitations?limit=200&include=visibleApps").await;
            agrees(&list, "/data", "/meta/paging/total");
        })
        .await;
    }

    async fn invitations_agree_for_snyks_clients(app) {
        let acme = app.organization("Acme").await;
        let snyk = app.snyk(&acme).await;
        while_four_write(async |who, round| comes_and_goes(&app, &acme, who, round).await, async || {
            let list = snyk.get(&format!("{}&limit=100", snyk.here("/invites"))).await.json();
            for row in list["data"].as_array().unwrap() {
                assert_ne!(row["attributes"]["role"], "", "{row}");
            }
        })
        .await;
    }

    async fn clickhouses_clients_get_every_invitation_that_stays(app) {
        let acme = app.organization("Acme").await;
        let (cloud, role) = (app.clickhouse(&acme).await, app.role(&acme, "member").await);
        let mut first = Vec::new();
        for who in 0..WRITERS {
            first.push(invited(&app, &acme, &format!("first-{who}@example.com"), role).await);
        }
        let many: Vec<String> = (0..510).map(|n| format!("stays-{n}@example.com")).collect();
        app.vestibule.invitations().invite(&acme.scope, &app.invite(&acme, &many.join("\n"), "member").await).await.unwrap();
        let write = async |who: usize, round: usize| {
            if round == 25 * who {
                app.vestibule.invitations().revoke(&acme.scope, first[who]).await.unwrap();
            }
        };
        for round in 0..2 * ROUNDS {
            let list = async {
                let list = cloud.get(&cloud.here("/invitations")).await.json();
                let emails = list["result"].as_array().unwrap().iter().map(|row| row["email"].as_str().unwrap());
                let stay = emails.filter(|email| email.starts_with("stays-")).count();
                assert_eq!(stay, many.len());
            };
            join(list, join_all((0..WRITERS).map(|who| write(who, round)))).await;
        }
    }
}
