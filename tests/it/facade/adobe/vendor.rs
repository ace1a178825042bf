//! What a client is told to be configured with.

use crate::harness::TestApp;
use vestibule_domain::{Permission, Surface};
use vestibule_web::vendor::Connection;

#[tokio::test]
async fn credentials_have_their_names_and_the_snippet_shows_no_secret() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe_with(&acme, Permission::ALL).await;
    let vendor = vestibule_facades::vendors().find(|vendor| vendor.surface == Surface::Adobe).unwrap();
    let connection = Connection {
        organization: acme.scope.organization(),
        key: &adobe.key,
        token: &adobe.secret,
        access_token: &adobe.token,
        person: None,
    };
    let credentials = (vendor.credentials)(&connection);
    let told: Vec<_> = credentials.iter().map(|one| (one.name, one.value.as_str(), one.is_secret)).collect();
    let wanted = [
        ("org_id", adobe.org.as_str(), false),
        ("api_key", adobe.client_id.as_str(), false),
        ("client_secret", adobe.secret.as_str(), true),
        ("access_token", adobe.token.as_str(), true),
    ];
    assert_eq!(told, wanted);
    let text = vendor.snippets[0].filled(&vendor.base_url(app.vestibule.settings()), &credentials);
    assert!(text.contains(&format!("{}/adobe/v2/usermanagement", app.url)), "{text}");
    assert!(text.contains(&adobe.org) && text.contains(&adobe.client_id) && !text.contains("{{"), "{text}");
    for secret in ["CLIENT_SECRET", "ACCESS_TOKEN"] {
        assert!(text.contains(&format!("\"{secret}\"")), "{text}");
    }
    assert!(!text.contains(&adobe.secret) && !text.contains(&adobe.token));
}
