//! From the link in an invitation to the site that it leads back to.

use super::refusal;
use crate::harness::{PASSWORD, TestApp};
use reqwest::Url;
use serde_json::json;
use std::collections::HashMap;
use vestibule_core::service::OrganizationEdit;

#[tokio::test]
async fn the_link_leads_to_the_page_and_back_to_the_site() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let edit =
        OrganizationEdit { redirect_origins: Some(vec!["https://app.example".into()]), ..OrganizationEdit::default() };
    app.vestibule.organizations().edit(&acme.scope, &edit).await.unwrap();
    let body = json!({
        "email_address": "grace@example.com", "role": "org:member", "redirect_url": "https://app.example/welcome?from=mail",
    });
    let made = clerk.post(&clerk.here(""), &body).await.json();
    let url: Url = made["url"].as_str().unwrap().parse().unwrap();
    assert!(url.query_pairs().any(|(name, value)| name == "ticket" && value.starts_with("vst_")), "{url}");

    let browser = app.client();
    let link = browser.get(&format!("{}?{}", url.path(), url.query().unwrap())).await;
    assert_eq!((link.status.as_u16(), link.header("referrer-policy")), (303, "no-referrer"));
    let page: Url = link.location().parse().unwrap();
    assert!(page.path().starts_with("/i/vst_"), "{page}");
    assert!(browser.get(page.path()).await.location().starts_with("/accept?offer="));
    assert!(browser.get("/accept").await.text.contains("code"), "a link that was shown proves no mailbox");

    app.settle().await;
    browser.get(&format!("/i/{}", app.mailed_token("grace@example.com"))).await;
    let accepted = browser.post("/accept", &[("name", "Grace Okafor"), ("password", PASSWORD)]).await;
    assert!(accepted.location().starts_with("/accept/onward?offer="), "{}", accepted.text);
    let return_to = browser.get(accepted.location()).await;
    let return_to: Url = return_to.header("refresh").strip_prefix("0; url=").unwrap().parse().unwrap();
    let parts: HashMap<String, String> = return_to.query_pairs().into_owned().collect();
    assert_eq!(
        (return_to.path(), parts["from"].as_str(), parts["__clerk_status"].as_str()),
        ("/welcome", "mail", "sign_up")
    );
    let native = app.program(&acme).await;
    let told = native.post("/tickets/verification", &json!({ "ticket": parts["__clerk_ticket"] })).await;
    assert_eq!(told.json()["email"], "grace@example.com", "{}", told.text);
    let after = clerk.get(&clerk.here("?status=accepted")).await.json();
    assert_eq!(after["data"][0]["url"], json!(null), "a link that is used up is shown no more");
}

#[tokio::test]
async fn only_our_tickets_lead_anywhere() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let made = clerk.invites("grace@example.com").await;
    let url = made["url"].as_str().unwrap().to_owned();
    let ticket = url.split("ticket=").nth(1).unwrap();
    let accept = async |ticket: &str| app.client().get(&format!("/clerk/v1/tickets/accept{ticket}")).await;
    for forged in ["", "?ticket=", "?ticket=vst_x", "?ticket=//evil.example", &format!("?ticket={ticket}x")] {
        assert_eq!(refusal(&accept(forged).await), (400, "ticket_invalid_code".into()), "{forged}");
    }
    clerk.post(&clerk.here(&format!("/{}/revoke", made["id"].as_str().unwrap())), &json!({})).await;
    let dead = accept(&format!("?ticket={ticket}")).await;
    assert_eq!(dead.status, 303, "a dead link leads to the page that says so");
}
