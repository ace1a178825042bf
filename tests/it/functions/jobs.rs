//! All that match are resent or revoked, and the person who asked for it sees how far it is.

use super::error_of;
use crate::harness::{Acme, Client, TestApp};
use crate::worker::invites_many;
use serde_json::{Value, json};
use vestibule_core::worker;
use vestibule_domain::{InvitationFilter, Status};
use vestibule_functions::jobs::JobView;

/// Revokes all that match, and returns what the next page says of it.
async fn revokes(client: &Client, filter: &[(&str, &str)]) -> String {
    let fields: Vec<_> = [("act", "revoke")].into_iter().chain(filter.iter().copied()).collect();
    let answer = client.post("/o/acme/invitations/matching", &fields).await;
    assert_eq!(answer.flash(), "done");
    client.get("/o/acme/invitations").await.text
}

/// What is before the id of an act that can be taken back.
const UNDO: &str = "data-act=\"undo\" data-id=\"";

async fn jobs(client: &Client) -> Vec<JobView> {
    client.ask("/fn/jobs/list", &json!({ "slug": "acme" })).await
}

fn words(jobs: &[JobView]) -> Vec<(&str, &str, bool)> {
    jobs.iter().map(|job| (job.title.as_str(), job.text.as_str(), job.is_over)).collect()
}

async fn pending(app: &TestApp, at: &Acme) -> u64 {
    app.vestibule
        .invitations()
        .page(&at.scope, &InvitationFilter::default(), None, 1)
        .await
        .unwrap()
        .counts
        .of(Status::Pending)
        .number
}

both! {
    async fn a_job_is_followed_and_cancelled(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        invites_many(&app, &acme, 120).await;
        let page = revokes(&ada, &[("status", "pending"), ("q", "person"), ("role", "rubbish")]).await;
        assert!(page.contains("This continues while you do something else.") && !page.contains(UNDO), "{page}");
        let begun = jobs(&ada).await;
        assert_eq!(words(&begun), [("Revoking 120 invitations", "0 of 120", false)]);
        let id = begun[0].id;
        worker::tick(&app.vestibule).await.unwrap();
        let now = jobs(&ada).await;
        assert_eq!((words(&now), now[0].done, now[0].total), (vec![("Revoking 120 invitations", "50 of 120", false)], 50, 120));
        let over = ("50 invitations revoked", "You cancelled the rest. 70 stay as they are.", true);
        let cancelled: Vec<JobView> = ada.ask("/fn/jobs/cancel", &json!({ "slug": "acme", "id": id })).await;
        assert_eq!(words(&cancelled), [over]);
        app.settle().await;
        assert_eq!((words(&jobs(&ada).await), pending(&app, &acme).await), (vec![over], 70));
        let none: Vec<JobView> = ada.ask("/fn/jobs/dismiss", &json!({ "slug": "acme", "id": id })).await;
        assert_eq!(none, []);
        let gone = ada.call("/fn/jobs/cancel", &json!({ "slug": "acme", "id": id })).await;
        assert_eq!((gone.status.as_u16(), error_of(&gone).title.as_str()), (404, "This is over"));
    }

    async fn a_few_are_done_at_once_and_taken_back(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        invites_many(&app, &acme, 3).await;
        let page = revokes(&ada, &[]).await;
        assert!(page.contains("3 invitations revoked"), "{page}");
        assert_eq!((jobs(&ada).await, pending(&app, &acme).await), (vec![], 0));
        let act = page.split(UNDO).nth(1).unwrap().split('"').next().unwrap();
        ada.ask::<Value>("/fn/invitations/undo", &json!({ "slug": "acme", "act": act })).await;
        assert_eq!(pending(&app, &acme).await, 3);
        let nothing = ada.post("/o/acme/invitations/matching", &[("act", "resend"), ("status", "accepted")]).await;
        assert_eq!(nothing.flash(), "refused");
    }

    async fn without_scripts_every_page_says_how_far_it_is(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        invites_many(&app, &acme, 120).await;
        let list = ada.get("/o/acme/invitations?q=person").await.text;
        assert!(list.contains("/o/acme/invitations/matching?act=revoke&amp;q=person"), "{list}");
        let question = ada.get("/o/acme/invitations/matching?act=revoke&q=person").await.text;
        assert!(question.contains("Revoke all 120 invitations that match?") && question.contains("can’t be undone"), "{question}");
        let started = ada.post("/o/acme/invitations/matching", &[("act", "revoke"), ("q", "person")]).await;
        assert_eq!((started.location(), started.flash().as_str()), ("/o/acme/invitations?q=person", "done"));
        worker::tick(&app.vestibule).await.unwrap();
        let page = ada.get("/o/acme/members").await.text;
        assert!(page.contains("Revoking 120 invitations") && page.contains("50 of 120") && page.contains("Load again"), "{page}");
        let cancel = page.split("action=\"").find_map(|rest| rest.split('"').next().filter(|path| path.ends_with("/cancel"))).unwrap();
        assert_eq!(ada.post(cancel, &[]).await.location(), "/o/acme/invitations");
        let page = ada.get("/o/acme/members").await.text;
        assert!(page.contains("50 invitations revoked") && page.contains("You cancelled the rest."), "{page}");
        let dismiss = cancel.replace("/cancel", "/dismiss");
        assert_eq!(ada.post(&dismiss, &[]).await.location(), "/o/acme/invitations");
        assert!(!ada.get("/o/acme/members").await.text.contains("50 invitations revoked"));
        assert_eq!(ada.post(&dismiss, &[]).await.status, 404);
        let few = ada.get("/o/acme/invitations/matching?act=resend&q=person99@").await.text;
        assert!(few.contains("Resend the one invitation that matches?") && few.contains("You can undo this for ten seconds."), "{few}");
        let none = ada.get("/o/acme/invitations/matching?act=resend&q=nobody").await.text;
        assert!(none.contains("Nothing to resend"), "{none}");
        assert_eq!(ada.post("/o/acme/invitations/matching", &[("act", "resend"), ("q", "nobody")]).await.flash(), "refused");
    }

    async fn too_long_a_search_starts_nothing(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        invites_many(&app, &acme, 3).await;
        let text = "a".repeat(60_000);
        let question = ada.get(&format!("/o/acme/invitations/matching?act=revoke&q={}", &text[..400])).await;
        assert_eq!(question.status, 422, "{}", question.text);
        let refused = ada.post("/o/acme/invitations/matching", &[("act", "revoke"), ("q", &text)]).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert_eq!((jobs(&ada).await, pending(&app, &acme).await), (vec![], 3));
    }
}
