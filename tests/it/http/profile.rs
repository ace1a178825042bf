//! One's own account: the password, and where one is signed in.

use crate::harness::{Answer, PASSWORD, TestApp, client::Client};
use reqwest::StatusCode;

const NEW: &str = "marigold pewter sextant";

/// Another browser of the same person.
async fn signed_in(app: &TestApp, email: &str, password: &str) -> Client {
    let client = app.client();
    let answer = client.post("/sign-in", &[("email", email), ("password", password)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    client
}

async fn is_signed_in(client: &Client) -> bool {
    client.get("/profile").await.status == StatusCode::OK
}

/// The names of the sessions that can be ended.
fn others(page: &Answer) -> Vec<String> {
    let rest = page.text.split("name=\"session\" value=\"").skip(1);
    rest.filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect()
}

both! {
    async fn a_password_is_changed_by_who_knows_the_present_one(app) {
        let acme = app.organization("Acme").await;
        let (ada, other) = (app.client_of(&acme.session), signed_in(&app, &acme.owner, PASSWORD).await);
        let change = async |current: &str, new: &str| ada.post("/profile/password", &[("current", current), ("password", new)]).await;
        let wrong = change("not her password", NEW).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("This isn’t your current password.") && !wrong.text.contains(NEW), "{}", wrong.text);
        let weak = change(PASSWORD, "short").await;
        assert!(weak.status == StatusCode::UNPROCESSABLE_ENTITY && weak.text.contains("id=\"password-error\""), "{}", weak.text);
        assert!(is_signed_in(&other).await);
        app.settle().await;
        let mails = app.inbox(&acme.owner).len();
        let changed = change(PASSWORD, NEW).await;
        assert_eq!((changed.location(), changed.flash().as_str()), ("/profile", "password_changed"));
        let page = ada.led_on(&changed).await;
        assert!(page.text.contains("You are signed out everywhere else.") && others(&page).is_empty(), "{}", page.text);
        assert!(!ada.get("/profile").await.text.contains("You are signed out everywhere else."), "it is told once");
        assert!(!is_signed_in(&other).await && !is_signed_in(&app.client_of(&acme.session)).await);
        app.settle().await;
        assert_eq!(app.inbox(&acme.owner).len(), mails + 1, "she is told");
        let old = app.client().post("/sign-in", &[("email", &acme.owner), ("password", PASSWORD)]).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(is_signed_in(&signed_in(&app, &acme.owner, NEW).await).await);
    }

    async fn whoever_sits_at_an_open_browser_can_not_guess_the_password(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let mut last = ada.get("/profile").await;
        for _ in 0..40 {
            last = ada.post("/profile/password", &[("current", "a guess"), ("password", NEW)]).await;
            if last.status == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
        }
        assert!(last.status == StatusCode::TOO_MANY_REQUESTS && !last.header("retry-after").is_empty(), "{}", last.text);
    }

    async fn sessions_are_listed_and_ended_one_or_all(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let first = signed_in(&app, &acme.owner, PASSWORD).await;
        app.advance(chrono::Duration::minutes(5));
        let second = signed_in(&app, &acme.owner, PASSWORD).await;
        let third = signed_in(&app, &acme.owner, PASSWORD).await;
        let grace = app.joins(&acme, "grace@acme.example", "Grace Okafor", "member").await;
        let grace = app.client_of(&grace.session);
        let page = ada.get("/profile").await;
        assert_eq!((page.text.matches("This browser").count(), others(&page).len()), (1, 3), "{}", page.text);
        let hers = others(&grace.get("/profile").await);
        assert!(others(&page).iter().all(|name| !hers.contains(name)), "nobody else’s");
        // the one that was used last comes first, and nobody ends what is not theirs
        let oldest = others(&page).pop().unwrap();
        let foreign = grace.post("/profile/sessions", &[("session", &oldest)]).await;
        assert!(grace.led_on(&foreign).await.text.contains("You are signed in nowhere else"));
        assert!(is_signed_in(&first).await);
        app.advance(chrono::Duration::minutes(2));
        let page = ada.get("/profile").await;
        let oldest = others(&page).pop().unwrap();
        let ended = ada.post("/profile/sessions", &[("session", &oldest)]).await;
        assert_eq!((ended.location(), ended.flash().as_str()), ("/profile", "sessions_ended"));
        let left = [is_signed_in(&first).await, is_signed_in(&second).await, is_signed_in(&third).await];
        assert_eq!(left.iter().filter(|is_left| **is_left).count(), 2, "{left:?}");
        let all = ada.post("/profile/sessions/others", &[]).await;
        assert!(ada.led_on(&all).await.text.contains("Signed out of 2 other sessions"));
        for other in [&first, &second, &third] {
            assert!(!is_signed_in(other).await);
        }
        assert!(is_signed_in(&ada).await && is_signed_in(&grace).await);
    }

    async fn a_session_that_has_ended_is_not_listed(app) {
        let acme = app.organization("Acme").await;
        let _idle = signed_in(&app, &acme.owner, PASSWORD).await;
        app.advance(chrono::Duration::hours(7));
        let ada = signed_in(&app, &acme.owner, PASSWORD).await;
        assert_eq!(others(&ada.get("/profile").await).len(), 2);
        app.advance(chrono::Duration::hours(2));
        assert!(others(&ada.get("/profile").await).is_empty());
    }

    async fn who_is_signed_out_signs_in_and_comes_back_to_the_profile(app) {
        app.organization("Acme").await;
        for path in ["/profile/password", "/profile/sessions", "/profile/sessions/others"] {
            let answer = app.client().post(path, &[]).await;
            assert!(answer.location().starts_with("/sign-in?next="), "{path}: {}", answer.location());
            assert_eq!(app.client().get(path).await.location(), "/profile");
        }
    }
}
