//! The token exchange.

use super::Console;
use crate::harness::{Answer, TestApp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use vestibule_core::service::NewApiKey;
use vestibule_domain::{Permission, Surface};

const TOKEN: [&str; 4] = ["/ims/token/v2", "/ims/token/v2/", "/ims/token/v3", "/ims/token/v3/"];

impl Console {
    async fn exchange(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.bare(Method::POST, path).form(form)).await
    }

    /// A JWT with these claims, and a signature of nobody's.
    fn jwt(&self, change: &Value) -> String {
        let mut claims = json!({ "exp": 1_795_424_400, "iss": self.org, "sub": "tech@techacct.adobe.com",
            "aud": format!("https://ims.example/c/{}", self.client_id) });
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.AAAA", part(json!({ "alg": "RS256", "typ": "JWT" })), part(claims))
    }
}

fn refused(answer: &Answer) -> String {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (400, "application/json"), "{}", answer.text);
    assert!(!answer.json()["error_description"].as_str().unwrap().is_empty());
    answer.json()["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_clients_secret_is_exchanged_for_a_token_that_works() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let mut adobe = app.adobe(&acme).await;
    adobe.adds("grace@example.com").await;
    let form = [("client_id", adobe.client_id.as_str()), ("client_secret", adobe.secret.as_str())];
    let form =
        [&form[..], &[("grant_type", "client_credentials"), ("scope", "openid,AdobeID,user_management_sdk")]].concat();
    let query = in_query(&form);
    let mut tokens = Vec::new();
    for path in TOKEN {
        let mut answer = adobe.exchange(path, &form).await.json();
        tokens.push(answer["access_token"].as_str().unwrap().to_owned());
        answer["access_token"] = "[token]".into();
        insta::allow_duplicates! { insta::assert_json_snapshot!("token", answer); }
        let asked = adobe.send(adobe.bare(Method::POST, &format!("{path}?{query}"))).await;
        tokens.push(asked.json()["access_token"].as_str().unwrap().to_owned());
    }
    for token in tokens {
        adobe.token = token;
        assert_eq!(adobe.invites(Method::GET, "").await.status, 200);
    }
}

fn in_query(form: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

#[tokio::test]
async fn what_is_left_of_a_key_is_all_that_its_token_gets() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let new = NewApiKey {
        surface: Surface::Adobe,
        name: "Short".into(),
        permissions: Permission::ALL.to_vec(),
        expires_at: Some(app.vestibule.now() + chrono::Duration::hours(2)),
    };
    let (key, secret) = app.vestibule.api_keys().create(&acme.scope, &new).await.unwrap();
    let adobe = Console { client_id: key.id.uuid().simple().to_string(), ..app.adobe(&acme).await };
    app.advance(chrono::Duration::hours(1));
    let client = [("client_id", adobe.client_id.as_str()), ("client_secret", secret.as_ref().unwrap().as_str())];
    let form = [&client[..], &[("grant_type", "client_credentials")]].concat();
    assert_eq!(adobe.exchange(TOKEN[0], &form).await.json()["expires_in"], 3_600);
    let jwt = adobe.jwt(&json!({}));
    let form = [&client[..], &[("jwt_token", jwt.as_str())]].concat();
    assert_eq!(adobe.exchange("/ims/exchange/jwt", &form).await.json()["expires_in"], 3_600_000);
    app.advance(chrono::Duration::hours(1));
    assert_eq!(refused(&adobe.exchange("/ims/exchange/jwt", &form).await), "invalid_client");
}

#[tokio::test]
async fn who_does_not_prove_the_client_gets_no_token() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let (adobe, other) = (app.adobe(&acme).await, app.adobe(&acme).await);
    let (clerk, clerk_secret) = app.key_for(&acme, Surface::Clerk, Permission::ALL).await;
    let clerk_id = clerk.id.uuid().simple().to_string();
    let (id, secret) = (adobe.client_id.as_str(), adobe.secret.as_str());
    let org = app.traces(&acme).await;
    for (grant, id, secret, code) in [
        ("client_credentials", "", secret, "invalid_client"),
        ("client_credentials", id, "", "invalid_client"),
        ("client_credentials", id, "wrong", "invalid_client"),
        ("client_credentials", id, adobe.token.as_str(), "invalid_client"),
        ("client_credentials", id, other.secret.as_str(), "invalid_client"),
        ("client_credentials", clerk_id.as_str(), clerk_secret.as_str(), "invalid_client"),
        ("password", id, secret, "unsupported_grant_type"),
        ("", id, secret, "invalid_request"),
    ] {
        let form = [("grant_type", grant), ("client_id", id), ("client_secret", secret)];
        for path in TOKEN {
            assert_eq!(refused(&adobe.exchange(path, &form).await), code, "{grant} {id}");
        }
    }
    for (kind, body) in [
        ("application/json", "{}".to_owned()),
        ("application/x-www-form-urlencoded", "%ff".to_owned()),
        ("application/x-www-form-urlencoded", "x".repeat(16 * 1024 + 1)),
    ] {
        let request = adobe.bare(Method::POST, TOKEN[0]).header("content-type", kind).body(body);
        assert_eq!(refused(&adobe.send(request).await), "invalid_request");
    }
    assert_eq!(app.traces(&acme).await, org);
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "wrong")];
    insta::assert_json_snapshot!("invalid_client", adobe.exchange(TOKEN[0], &form).await.json());
}

#[tokio::test]
async fn a_jwt_must_be_meant_for_this_client() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    let exchange = async |jwt: &str, secret: &str| {
        let form = [("client_id", adobe.client_id.as_str()), ("client_secret", secret), ("jwt_token", jwt)];
        adobe.exchange("/ims/exchange/jwt/", &form).await
    };
    let good = adobe.jwt(&json!({}));
    let mut answer = exchange(&good, &adobe.secret).await.json();
    answer["access_token"] = "[token]".into();
    insta::assert_json_snapshot!("exchanged", answer);
    let several =
        adobe.jwt(&json!({ "aud": ["https://ims.example/other", format!("https://a/c/{}", adobe.client_id)] }));
    assert_eq!(exchange(&several, &adobe.secret).await.status, 200);
    assert_eq!(refused(&exchange(&good, "wrong").await), "invalid_client");
    assert_eq!(refused(&exchange("", &adobe.secret).await), "invalid_request");
    let now = app.vestibule.now().timestamp();
    for change in [
        json!({ "iss": "12345@AdobeOrg" }),
        json!({ "aud": "https://ims.example/c/other" }),
        json!({ "aud": null }),
        json!({ "exp": now }),
        json!({ "exp": "tomorrow" }),
    ] {
        assert_eq!(refused(&exchange(&adobe.jwt(&change), &adobe.secret).await), "invalid_token", "{change}");
    }
    let unsigned = good.replacen(&good[..good.find('.').unwrap()], &URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}"), 1);
    let symmetric = good.replacen(&good[..good.find('.').unwrap()], &URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\"}"), 1);
    for jwt in [unsigned.as_str(), &symmetric, "a.b.c", "abc", "...."] {
        assert_eq!(refused(&exchange(jwt, &adobe.secret).await), "invalid_token", "{jwt}");
    }
}
