//! The inviter changes the offer while its page is open: what was read is what is answered, or nothing is.

use super::{NEW, hidden, reads, says, sends};
use crate::harness::{Acme, Answer, Client, TestApp};
use vestibule_core::service::OrganizationEdit;
use vestibule_domain::{InvitationEdit, InvitationId};

/// Grace has read the page of her invitation as a member.
async fn read(app: &TestApp) -> (Acme, InvitationId, Client, Answer) {
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    app.settle().await;
    let client = app.client();
    let page = reads(&client, &app.mailed_token("grace@example.com")).await;
    (acme, id, client, page)
}

async fn edits(app: &TestApp, at: &Acme, id: InvitationId, edit: InvitationEdit) {
    app.vestibule.invitations().edit(&at.scope, id, &edit).await.unwrap();
}

async fn raises(app: &TestApp, at: &Acme, id: InvitationId) {
    let role_ids = Some(vec![app.role(at, "admin").await]);
    edits(app, at, id, InvitationEdit { role_ids, ..InvitationEdit::default() }).await;
}

/// It waits, nobody joined, and no event says otherwise.
async fn waits(app: &TestApp, at: &Acme, id: InvitationId) {
    assert!(app.invitation(at, id).await.is_pending(app.vestibule.now()));
    assert_eq!(app.vestibule.members().all(&at.scope).await.unwrap().len(), 1);
    let actions = app.actions(at, id).await;
    assert!(!actions.contains(&"invitation.accepted") && !actions.contains(&"invitation.declined"), "{actions:?}");
}

both! {
    async fn other_roles_are_told_before_anything_is_accepted(app) {
        let (acme, id, client, page) = read(&app).await;
        raises(&app, &acme, id).await;
        let typed = [("name", "Grace B. Okafor"), NEW[1]];
        let answer = sends(&client, &page, "/accept", &typed).await;
        let words = "The roles were changed from Member to Admin since you opened this page. Nothing has been accepted.";
        says(&answer, 409, words);
        assert!(answer.text.contains("value=\"Grace B. Okafor\""), "{}", answer.text);
        waits(&app, &acme, id).await;
        // the page that says so is of the present offer
        assert_eq!(sends(&client, &answer, "/accept", &typed).await.location(), "/o/acme/welcome");
        let members = app.vestibule.members().all(&acme.scope).await.unwrap();
        assert_eq!((members[1].name.as_str(), members[1].roles[0].key.as_str()), ("Grace B. Okafor", "admin"));
    }

    async fn somebody_signed_in_is_told_as_well(app) {
        let (acme, id, _, _) = read(&app).await;
        let other = app.organization("Other").await;
        let grace = app.joins(&other, "grace@example.com", "Grace Okafor", "member").await;
        let client = app.client_of(&grace.session);
        let mails = app.inbox("grace@example.com");
        let page = reads(&client, &crate::harness::inbox::after(&mails[0].text, "/i/")).await;
        raises(&app, &acme, id).await;
        let answer = sends(&client, &page, "/accept", &[]).await;
        says(&answer, 409, "The roles were changed from Member to Admin since you opened this page.");
        says(&answer, 409, "Signed in as Grace Okafor");
        waits(&app, &acme, id).await;
        assert_eq!(sends(&client, &answer, "/accept", &[]).await.location(), "/o/acme/welcome");
    }

    async fn nothing_is_declined_either_and_the_reason_stays(app) {
        let (acme, id, client, page) = read(&app).await;
        let link = page.text.split("href=\"/accept/decline").nth(1).unwrap().split('"').next().unwrap();
        let page = client.get(&format!("/accept/decline{link}")).await;
        raises(&app, &acme, id).await;
        let answer = sends(&client, &page, "/accept/decline", &[("reason", "Too little to do.")]).await;
        says(&answer, 409, "from Member to Admin since you opened this page. Nothing has been declined.");
        assert!(answer.text.contains("Too little to do."), "{}", answer.text);
        waits(&app, &acme, id).await;
        says(&sends(&client, &answer, "/accept/decline", &[]).await, 200, "You have declined");
    }

    async fn the_organizations_name_and_the_limits_are_part_of_the_offer(app) {
        let (acme, id, client, page) = read(&app).await;
        let name = |name: &str| OrganizationEdit { name: Some(name.into()), ..OrganizationEdit::default() };
        app.vestibule.organizations().edit(&acme.scope, &name("Brine")).await.unwrap();
        let answer = sends(&client, &page, "/accept", &NEW).await;
        says(&answer, 409, "The organization’s name was changed from Acme to Brine since you opened this page.");
        let new = vestibule_core::service::ResourceEdit { name: Some("Garden".into()), ..Default::default() };
        let resource = app.vestibule.resources().create(&acme.scope, &new).await.unwrap();
        edits(&app, &acme, id, InvitationEdit { resource_ids: Some(vec![resource.id]), ..Default::default() }).await;
        let answer = sends(&client, &answer, "/accept", &NEW).await;
        says(&answer, 409, "The resources it is limited to were changed since you opened this page.");
        waits(&app, &acme, id).await;
        assert_eq!(sends(&client, &answer, "/accept", &NEW).await.location(), "/o/acme/welcome");
    }

    async fn words_and_end_are_not_what_is_agreed_to(app) {
        let (acme, id, client, page) = read(&app).await;
        let edit = InvitationEdit { message: Some("Do come.".into()), expires_in_days: Some(30), ..Default::default() };
        edits(&app, &acme, id, edit).await;
        raises(&app, &acme, id).await;
        let role_ids = Some(vec![app.role(&acme, "member").await]);
        edits(&app, &acme, id, InvitationEdit { role_ids, ..Default::default() }).await;
        assert_eq!(sends(&client, &page, "/accept", &NEW).await.location(), "/o/acme/welcome");
    }

    async fn terms_that_cannot_be_read_are_other_terms(app) {
        let (acme, id, client, page) = read(&app).await;
        let offer = hidden(&page, "/accept")[0].1.clone();
        for terms in ["x", "e30", "%00"] {
            let fields = [&NEW[..], &[("offer", offer.as_str()), ("terms", terms)]].concat();
            says(&client.post("/accept", &fields).await, 409, "It was changed since you opened this page.");
            says(&client.post("/accept/decline", &fields[2..]).await, 409, "Nothing has been declined.");
        }
        waits(&app, &acme, id).await;
    }
}
