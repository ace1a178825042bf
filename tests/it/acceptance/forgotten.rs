//! A password that was forgotten on the way to an invitation: the person comes back to it.

use super::{invited, reads, says, sends};
use crate::harness::{Answer, Client, TestApp, inbox::after};
use chrono::Duration;
use vestibule_domain::token::{Channel, LinkClaims};

const GRACE: &str = "grace@example.com";
const FORGOTTEN_AT: &str = "__Host-vst_from";

/// Grace has an account by another organization.
async fn grace_is_known(app: &TestApp) {
    let other = app.organization("Other").await;
    app.joins(&other, GRACE, "Grace Okafor", "member").await;
}

/// Where the page's link for a forgotten password leads.
fn forgotten(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("href=\"/forgot-password").unwrap_or_else(|| panic!("{}", page.text));
    format!("/forgot-password{}", rest.split('"').next().unwrap())
}

/// Asks for the mail on the page that the invitation's link leads to. Returns the mail's link.
async fn asks(app: &TestApp, client: &Client, page: &Answer) -> String {
    let page = client.get(&forgotten(page)).await;
    says(&sends(client, &page, "/forgot-password", &[("email", GRACE)]).await, 200, "Back to the invitation");
    mailed(app).await
}

async fn mailed(app: &TestApp) -> String {
    const LINK: &str = "/choose-password?token=";
    app.settle().await;
    // what was sent in one round arrives in any order
    let mails = app.inbox(GRACE);
    let mail = mails.iter().rev().find(|mail| mail.text.contains(LINK)).expect("a mail about the password has come");
    format!("{LINK}{}", after(&mail.text, LINK))
}

/// Chooses a new password by the mail's link. Returns where that leads.
async fn chooses(client: &Client, link: &str) -> String {
    assert_eq!(client.get(link).await.location(), "/choose-password");
    client.post("/choose-password", &[("password", "otter lamplight fjord")]).await.location().to_owned()
}

both! {
    async fn the_address_is_the_invitations_and_never_the_urls(app) {
        grace_is_known(&app).await;
        let (_, _, token) = invited(&app).await;
        let client = app.client();
        let path = forgotten(&reads(&client, &token).await);
        assert!(path.starts_with("/forgot-password?offer=") && !path.contains('@'), "{path}");
        let page = client.get(&path).await;
        assert!(page.text.contains("value=\"grace@example.com\""), "{}", page.text);
        says(&page, 200, "Back to the invitation");
        // the name alone opens nothing
        let page = app.client().get(&format!("{path}&email=eve@example.com")).await;
        assert!(!page.text.contains("@example.com"), "{}", page.text);
        says(&page, 200, "Back to sign-in");
    }

    async fn a_link_that_was_handed_over_does_not_tell_the_address(app) {
        grace_is_known(&app).await;
        let (_, invitation_id, _) = invited(&app).await;
        let token = app.signing_keys.token(LinkClaims { invitation_id, generation: 1, channel: Channel::Shared });
        let client = app.client();
        let page = client.get(&forgotten(&reads(&client, token.as_str()).await)).await;
        assert!(!page.text.contains("grace@"), "{}", page.text);
        says(&page, 200, "Back to the invitation");
    }

    async fn the_new_password_leads_back_to_the_invitation_on_whose_page_the_old_one_was_forgotten(app) {
        grace_is_known(&app).await;
        let (acme, _, token) = invited(&app).await;
        let client = app.client();
        let page = reads(&client, &token).await;
        let brine = app.beside(&acme, "Brine").await;
        app.invites(&brine, GRACE).await;
        app.settle().await;
        reads(&client, &app.mailed_token(GRACE)).await;
        let link = asks(&app, &client, &page).await;
        let path = chooses(&client, &link).await;
        assert!(path.starts_with("/accept?offer="), "{path}");
        assert_eq!(client.cookie(FORGOTTEN_AT), None);
        let page = client.get(&path).await;
        says(&page, 200, "Ada Byrne invites you to join Acme");
        says(&page, 200, "Signed in as Grace Okafor");
        assert_eq!(sends(&client, &page, "/accept", &[]).await.location(), "/o/acme/welcome");
    }

    async fn elsewhere_or_later_it_leads_where_it_always_does(app) {
        grace_is_known(&app).await;
        let (acme, id, token) = invited(&app).await;
        let client = app.client();
        let page = reads(&client, &token).await;
        let link = asks(&app, &client, &page).await;
        assert_eq!(chooses(&app.client(), &link).await, "/", "another browser");
        let link = asks(&app, &client, &page).await;
        app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        assert_eq!(chooses(&client, &link).await, "/", "the invitation is closed");
        assert_eq!(client.cookie(FORGOTTEN_AT), None);
    }

    async fn a_mail_that_was_asked_for_on_the_way_to_sign_in_leads_to_no_invitation(app) {
        grace_is_known(&app).await;
        let (_, _, token) = invited(&app).await;
        let client = app.client();
        asks(&app, &client, &reads(&client, &token).await).await;
        app.advance(Duration::minutes(2));
        client.post("/forgot-password", &[("email", GRACE)]).await;
        assert_eq!(client.cookie(FORGOTTEN_AT), None);
        assert_eq!(chooses(&client, &mailed(&app).await).await, "/");
    }
}
