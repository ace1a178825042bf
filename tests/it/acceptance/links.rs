//! What links do and don't do: looking is not accepting, dead ones say why, strangers learn nothing.

use super::{NEW, follows, invited, nothing_changed, opens, says};
use crate::harness::TestApp;
use chrono::Duration;
use reqwest::Method;
use vestibule_domain::Status;

#[tokio::test]
async fn looking_is_not_accepting() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let path = format!("/i/{token}");
    for method in ["GET", "HEAD", "OPTIONS", "PROPFIND", "TRACE", "POST"] {
        for agent in ["Mozilla/5.0", "Barracuda Sentinel", "Slackbot-LinkExpanding 1.0", "curl/8", ""] {
            let client = app.client();
            let request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), &path);
            client.send(request.header("user-agent", agent).header("sec-purpose", "prefetch")).await;
            client.get("/accept").await;
            client.get("/accept/decline").await;
        }
    }
    nothing_changed(&app, &acme, id, 1).await;
}

#[tokio::test]
async fn asking_for_the_head_of_a_link_does_not_open_it() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let client = app.client();
    let answer = client.send(client.request(Method::HEAD, &format!("/i/{token}"))).await;
    assert_eq!(answer.status, 303);
    assert_eq!(client.cookie("__Host-vst_inv"), None);
    assert!(!app.actions(&acme, id).await.contains(&"invitation.opened"));
    opens(&app, &token).await;
    assert!(app.actions(&acme, id).await.contains(&"invitation.opened"));
}

#[tokio::test]
async fn the_token_leaves_the_address_at_once() {
    let app = TestApp::new().await;
    let (_, _, token) = invited(&app).await;
    let client = app.client();
    let answer = client.get(&format!("/i/{token}")).await;
    let cookie = answer.header("set-cookie");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(cookie.starts_with("__Host-vst_inv="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert!(!cookie.contains(&token[10..]), "the cookie holds the token");
    let page = client.get("/accept").await;
    assert!(!page.text.contains("vst_") && !page.text.contains("/i/"), "{}", page.text);
}

#[tokio::test]
async fn a_preview_in_a_chat_says_that_somebody_is_invited_and_nothing_else() {
    let app = TestApp::new().await;
    let (_, _, token) = invited(&app).await;
    for method in [Method::GET, Method::HEAD] {
        let client = app.client();
        let request = client.request(method, &format!("/i/{token}")).header("user-agent", "Slackbot-LinkExpanding 1.0");
        let location = client.send(request).await.location().to_owned();
        // a program that keeps no cookies
        let page = app.client().get(&location).await;
        says(&page, 200, "You’re invited");
        assert!(page.text.contains("<title>You’re invited · Vestibule</title>"), "{}", page.text);
        let (_, rest) = page.text.split_once("property=\"og:title\"").unwrap_or_else(|| panic!("{}", page.text));
        assert!(rest.split('>').next().unwrap().contains("content=\"You’re invited\""), "{}", page.text);
        for secret in ["Acme", "Ada", "Grace", "example.com", "Member"] {
            assert!(!page.text.contains(secret), "{secret}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_so_wherever_the_link_leads() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let opened = app.client().get(&format!("/i/{token}")).await;
    for path in [opened.location().to_owned(), opened.location().replace("/accept?", "/accept/decline?")] {
        let page = app.client().get(&path).await;
        says(&page, 200, "this browser doesn’t keep cookies. Allow cookies for this site, or use another browser");
        assert!(!page.text.contains("Acme") && !page.text.contains("<form"), "{}", page.text);
    }
    let client = opens(&app, &token).await;
    let other = opened.location();
    says(&client.get(other).await, 404, "Open the link from your mail again");
    nothing_changed(&app, &acme, id, 1).await;
}

#[tokio::test]
async fn an_unknown_link_and_a_cut_one_are_answered_alike() {
    let app = TestApp::new().await;
    let (_, _, token) = invited(&app).await;
    let mut flipped = token.clone().into_bytes();
    let last = flipped.len() - 3;
    flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
    let foreign = vestibule_domain::token::SigningKeys::new([9; 32], vec![]);
    let foreign = foreign.token(vestibule_domain::token::LinkClaims {
        invitation_id: vestibule_domain::InvitationId::new(app.vestibule.now()),
        generation: 1,
        channel: vestibule_domain::token::Channel::Mail,
    });
    let mut answers = Vec::new();
    for token in [String::from_utf8(flipped).unwrap().as_str(), foreign.as_str(), &token[..20], "x", "vst_", "%F0%9F"] {
        let mut answer = app.client().get(&format!("/i/{token}")).await;
        says(&answer, 404, "This link leads nowhere");
        says(&answer, 404, "copy the whole line from the mail, or open the mail again.");
        for name in ["x-request-id", "date"] {
            answer.headers.remove(name);
        }
        answers.push((answer.headers, answer.text));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn guessing_is_limited_by_address_and_hurts_nobody_else() {
    let app = TestApp::with(crate::harness::Setup {
        settings: Box::new(|settings| settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]),
        ..Default::default()
    })
    .await;
    let (_, _, token) = invited(&app).await;
    let from = |ip: &'static str, token: &str| {
        let client = app.client();
        let request = client.request(Method::GET, &format!("/i/{token}")).header("x-forwarded-for", ip);
        async move { client.send(request).await }
    };
    for _ in 0..20 {
        assert_eq!(from("203.0.113.7", "vst_wrong").await.status, 404);
    }
    let answer = from("203.0.113.7", "vst_wrong").await;
    says(&answer, 429, "Too many attempts");
    assert_eq!(answer.header("retry-after"), "3");
    assert_eq!(from("203.0.113.7", &token).await.status, 303, "a good one is let in, also from there");
    assert_eq!(from("203.0.113.8", "vst_wrong").await.status, 404);
    app.advance(Duration::seconds(3));
    assert_eq!(from("203.0.113.7", "vst_wrong").await.status, 404);
}

#[tokio::test]
async fn an_address_that_a_stranger_claims_is_not_believed() {
    let app = TestApp::new().await;
    for n in 0..20 {
        let client = app.client();
        let forged = client.request(Method::GET, "/i/vst_wrong").header("x-forwarded-for", format!("203.0.113.{n}"));
        assert_eq!(client.send(forged).await.status, 404);
    }
    assert_eq!(app.client().get("/i/vst_wrong").await.status, 429);
}

#[tokio::test]
async fn a_resent_invitation_replaces_the_older_link() {
    let app = TestApp::new().await;
    let (acme, id, old) = invited(&app).await;
    let early = opens(&app, &old).await;
    app.advance(Duration::minutes(20));
    app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
    app.settle().await;
    for client in [early, opens(&app, &old).await] {
        says(&client.get("/accept").await, 410, "Look for the one sent on Sunday, 22 November, 09:20 UTC (just now)");
        says(&client.post("/accept", &NEW).await, 410, "A newer email has replaced this link");
    }
    let client = opens(&app, &app.mailed_token("grace@example.com")).await;
    assert_eq!(client.post("/accept", &NEW).await.status, 303);
}

#[tokio::test]
async fn a_revoked_invitation_cannot_be_accepted_from_a_page_that_was_open() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let client = opens(&app, &token).await;
    says(&client.get("/accept").await, 200, "Ada Byrne invites you to join Acme");
    app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
    for answer in [client.post("/accept", &NEW).await, client.get("/accept").await, client.get("/accept/decline").await]
    {
        says(&answer, 410, "This invitation was withdrawn");
        says(&answer, 410, "Acme took it back on 22 November, before it was accepted. You have nothing to undo.");
    }
    assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_invitation_ends_at_its_instant_though_no_sweep_has_run() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let expires_at = app.invitation(&acme, id).await.expires_at;
    app.advance(expires_at - app.vestibule.now() - Duration::microseconds(1));
    let client = opens(&app, &token).await;
    says(&client.get("/accept").await, 200, "until Sunday, 29 November, 09:00 UTC (in less than a minute)");
    app.advance(Duration::microseconds(1));
    says(&client.post("/accept", &NEW).await, 410, "This invitation has expired");
    let words = "It was open until Sunday, 29 November, 09:00 UTC (just now). You can ask for a new one";
    says(&client.get("/accept").await, 410, words);
    assert_eq!(app.invitation(&acme, id).await.status(app.vestibule.now()), Status::Expired);
}

#[tokio::test]
async fn a_new_link_goes_to_the_invited_address_only() {
    let app = TestApp::new().await;
    let (_, _, token) = invited(&app).await;
    app.advance(Duration::days(8));
    app.settle().await;
    let before = app.mail.messages().len();
    let client = opens(&app, &token).await;
    let asked = client.post("/accept/ask-again", &[("email", "mallory@evil.example")]).await;
    says(&asked, 200, "If this invitation can be renewed, we’ve sent a new email to the invited address.");
    app.settle().await;
    assert_eq!(app.mail.messages().len(), before + 1);
    assert_eq!(app.inbox("mallory@evil.example").len(), 0);
    follows(&client, &app.mailed_token("grace@example.com")).await;
    assert_eq!(client.post("/accept", &NEW).await.status, 303);
}

#[tokio::test]
async fn without_a_visit_there_is_nothing_to_answer() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    for client in [app.client(), {
        let client = app.client();
        client.set_cookie("__Host-vst_inv", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        client
    }] {
        for path in ["/accept", "/accept/decline"] {
            says(&client.get(path).await, 404, "Open the link from your mail again");
        }
        for path in
            ["/accept", "/accept/sign-in", "/accept/code", "/accept/code/proof", "/accept/decline", "/accept/ask-again"]
        {
            says(&client.post(path, &NEW).await, 404, "Open the link from your mail again");
        }
    }
    let client = opens(&app, &token).await;
    app.advance(Duration::minutes(30));
    says(&client.get("/accept").await, 404, "Open the link from your mail again");
    nothing_changed(&app, &acme, id, 1).await;
}
