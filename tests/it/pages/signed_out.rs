//! Forms that are sent after the session has ended: nothing is done, and nothing that was typed is lost.

use super::happened;
use crate::harness::{Acme, Answer, PASSWORD, TestApp, client::Client};
use chrono::Duration;
use reqwest::{Method, StatusCode};

const TYPED: &str = "Grace \"G\" Okafor <grace@example.com>\r\njoan@example.com";

/// Ada's browser after her session has ended, with what she has typed into the form for inviting.
async fn left_alone(app: &TestApp) -> (Acme, Client, Vec<(&'static str, String)>) {
    let acme = app.organization("Acme").await;
    let ada = app.client_of(&acme.session);
    let admin = app.role(&acme, "admin").await.to_string();
    app.advance(Duration::days(8));
    let fields = vec![("recipients", TYPED.to_owned()), ("role_ids", admin), ("message", "Come <aboard>".to_owned())];
    (acme, ada, fields)
}

async fn post(client: &Client, path: &str, fields: &[(&'static str, String)], more: &[(&'static str, &str)]) -> Answer {
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    client.post(path, &fields.chain(more.iter().copied()).collect::<Vec<_>>()).await
}

/// The fields of the page to sign in on.
fn signs_in<'a>(email: &'a str, password: &'a str) -> [(&'static str, &'a str); 2] {
    [("sign_in_email", email), ("sign_in_password", password)]
}

both! {
    async fn the_form_comes_back_with_what_was_typed(app) {
        let (acme, ada, fields) = left_alone(&app).await;
        let path = "/o/acme/invitations/new";
        let asked = post(&ada, path, &fields, &[]).await;
        assert_eq!((asked.status, asked.header("cache-control")), (StatusCode::UNAUTHORIZED, "no-store"));
        for words in ["so nothing was sent", "name=\"recipients\" value=\"Grace &quot;G&quot; Okafor &lt;grace@example.com&gt;\r\njoan@example.com\"", "action=\"/o/acme/invitations/new\""] {
            assert!(asked.text.contains(words), "{words}: {}", asked.text);
        }
        let wrong = post(&ada, path, &fields, &signs_in("ada@acme.example", "not her password")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("don’t match") && wrong.text.contains("joan@example.com"), "{}", wrong.text);
        assert!(!wrong.text.contains("not her password") && ada.cookie("__Host-vst_sid").is_none_or(|it| it == acme.session.as_str()));
        let back = post(&ada, path, &fields, &signs_in("ada@acme.example", PASSWORD)).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in ["Nothing has been done yet", "Grace \"G\" Okafor &lt;grace@example.com&gt;", "joan@example.com</textarea>", "Come &lt;aboard&gt;</textarea>"] {
            assert!(back.text.contains(words), "{words}: {}", back.text);
        }
        assert!(!back.text.contains("sign_in_") && !back.text.contains(PASSWORD), "{}", back.text);
        assert_eq!((app.count_invitations(&acme).await, happened(&app, &acme).await), (0, vec!["member.added"]));
        assert_eq!(post(&ada, path, &fields, &[]).await.flash(), "invited", "she is signed in, and sends it again");
        assert_eq!(app.count_invitations(&acme).await, 2);
    }

    async fn what_has_no_form_leads_back_to_its_page(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let id = app.invites(&acme, "grace@example.com").await;
        let page = format!("/o/acme/invitations/{id}");
        app.advance(Duration::days(8));
        let before = happened(&app, &acme).await;
        let from = |page: &str| format!("{}{page}", app.url);
        let request = ada.request(Method::POST, &format!("{page}/revoke")).header("sec-fetch-site", "same-origin");
        let asked = ada.send(request.header("referer", from(&page)).form(&[("", ""); 0])).await;
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
        assert!(asked.text.contains("so nothing was changed") && asked.text.contains(&format!("value=\"{page}\"")), "{}", asked.text);
        let fields = [&signs_in("ada@acme.example", PASSWORD)[..], &[("sign_in_from", &page)]].concat();
        let back = ada.post(&format!("{page}/revoke"), &fields).await;
        assert_eq!((back.location(), back.flash().as_str()), (page.as_str(), "signed_out"));
        assert!(ada.led_on(&back).await.text.contains("Nothing has been done yet"));
        assert_eq!(happened(&app, &acme).await, before);
    }

    async fn nobody_is_led_elsewhere(app) {
        let (_, ada, fields) = left_alone(&app).await;
        for elsewhere in ["https://evil.example/o/acme/x", "//evil.example", "/o/other/invitations", "/sign-out", ""] {
            let more = [&signs_in("ada@acme.example", PASSWORD)[..], &[("sign_in_from", elsewhere)]].concat();
            let back = post(&ada, "/o/acme/invitations/resend", &fields[..0], &more).await;
            assert_eq!(back.location(), "/o/acme/invitations", "{elsewhere}");
        }
    }

    async fn who_signs_in_there_as_somebody_else_gets_only_what_is_theirs(app) {
        let (acme, ada, fields) = left_alone(&app).await;
        app.organization("Other").await;
        let other = post(&ada, "/o/acme/invitations/new", &fields, &signs_in("ada@other.example", PASSWORD)).await;
        assert_eq!((other.status, other.location()), (StatusCode::SEE_OTHER, "/o/acme/invitations"));
        assert_eq!(ada.led_on(&other).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app.count_invitations(&acme).await, 0);
    }

    async fn many_tries_have_to_wait_and_keep_the_form(app) {
        let (_, ada, fields) = left_alone(&app).await;
        let mut last = None;
        for _ in 0..40 {
            let answer = post(&ada, "/o/acme/invitations/new", &fields, &signs_in("ada@acme.example", "wrong wrong wrong")).await;
            let is_over = answer.status == StatusCode::TOO_MANY_REQUESTS;
            last = Some(answer);
            if is_over {
                break;
            }
        }
        let last = last.unwrap();
        assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(!last.header("retry-after").is_empty() && last.text.contains("joan@example.com"), "{}", last.text);
    }
}
