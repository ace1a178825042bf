//! What has just happened comes first: in the page's title, and in the focus.

use crate::harness::Answer;
use reqwest::StatusCode;

fn title(page: &Answer) -> &str {
    let (_, rest) = page.text.split_once("<title>").unwrap_or_else(|| panic!("no title in {}", page.text));
    rest.split("</title>").next().unwrap_or_default()
}

/// How many parts have the focus when the page opens. The button of the shortcuts is in a dialog, which is closed.
fn focused(page: &Answer) -> usize {
    page.text.matches(" autofocus").count() - page.text.matches(" autofocus>Close<").count()
}

both! {
    async fn a_refused_form_counts_its_problems(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let opened = ada.get("/o/acme/settings").await;
        assert_eq!((title(&opened), focused(&opened)), ("Settings · Acme", 0));
        let two = ada.post("/o/acme/settings", &[("name", "evil.com"), ("invitation_lifetime_days", "a week")]).await;
        assert_eq!(two.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!((title(&two), focused(&two)), ("2 problems – Settings · Acme", 1));
        assert!(two.text.contains("role=\"alert\" tabindex=\"-1\" autofocus"), "{}", two.text);
        let one = ada.post("/o/acme/settings", &[("name", "evil.com"), ("invitation_lifetime_days", "7")]).await;
        assert_eq!((title(&one), focused(&one)), ("1 problem – Settings · Acme", 1));
        let (_, field) = one.text.split_once("id=\"name\"").unwrap();
        assert!(field.split('>').next().unwrap().contains(" autofocus"), "{}", one.text);
    }

    async fn results_and_flashes_come_first(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let role = app.role(&acme, "member").await.to_string();
        let invite = [("recipients", "grace@example.com\nalan@example.com\nno address"), ("role_ids", role.as_str())];
        let results = ada.post("/o/acme/invitations/new", &invite).await;
        assert_eq!(results.status, StatusCode::OK, "{}", results.text);
        assert_eq!((title(&results), focused(&results)), ("2 invited, 1 to check – Invite people · Acme", 1));
        let saved = ada.post("/o/acme/settings", &[("name", "Acme"), ("invitation_lifetime_days", "14")]).await;
        let page = ada.led_on(&saved).await;
        assert_eq!((title(&page), focused(&page)), ("Settings saved – Settings · Acme", 1));
        assert!(page.text.contains("role=\"status\" tabindex=\"-1\" autofocus"), "{}", page.text);
        let again = ada.get("/o/acme/settings").await;
        assert_eq!((title(&again), focused(&again)), ("Settings · Acme", 0));
    }

    async fn so_it_is_on_the_pages_for_everybody(app) {
        let acme = app.organization("Acme").await;
        let nobody = app.client();
        let opened = nobody.get("/sign-in").await;
        assert_eq!((title(&opened), focused(&opened)), ("Sign in · Vestibule", 0));
        let wrong = nobody.post("/sign-in", &[("email", "ada@acme.example"), ("password", "wrong")]).await;
        let words = "That email address and password don’t match – Sign in · Vestibule";
        assert_eq!((title(&wrong), focused(&wrong)), (words, 1));
        let ada = app.client_of(&acme.session);
        let refused = ada.post("/profile/password", &[("current", "wrong"), ("password", "wrong")]).await;
        assert_eq!((title(&refused), focused(&refused)), ("1 problem – Your profile · Vestibule", 1));
        let ended = ada.post("/profile/sessions/others", &[]).await;
        let page = ada.led_on(&ended).await;
        assert!(title(&page).ends_with(" – Your profile · Vestibule"), "{}", title(&page));
        assert_eq!(focused(&page), 1);
    }

    async fn what_somebody_else_has_changed_comes_first(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let late = [("version", "\"old\""), ("name", "Acme"), ("invitation_lifetime_days", "7")];
        let page = ada.post("/o/acme/settings", &late).await;
        let words = "Somebody has changed this since you opened it – Settings · Acme";
        assert_eq!((title(&page), focused(&page)), (words, 1));
    }

    async fn names_in_a_title_stay_text(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let made = ada.post("/o/acme/roles/new", &[("name", "</title><b>"), ("key", "bold")]).await;
        let page = ada.led_on(&made).await;
        assert!(page.text.contains("<title>Role “&lt;/title>&lt;b>” created – Roles · Acme</title>"), "{}", page.text);
    }

    async fn a_single_problem_without_a_field_is_shown(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let own = app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap().id;
        let (ada, role) = (app.client_of(&acme.session), app.role(&acme, "member").await.to_string());
        for (page, field) in [
            (format!("members/{}", alan.member_id()), ("role_ids", role.as_str())),
            (format!("roles/{own}/edit"), ("name", "Billing")),
        ] {
            let answer = ada.post(&format!("/o/acme/{page}"), &[field, ("dependents", "\0")]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
            assert!(title(&answer).starts_with("1 problem – "), "{page}: {}", title(&answer));
            assert_eq!(focused(&answer), 1, "{page}");
            assert!(answer.text.contains("This can’t be sent as it is"), "{page}: {}", answer.text);
            assert!(answer.text.contains("<li>Remove the character U+0000"), "{page}: {}", answer.text);
        }
    }
}
