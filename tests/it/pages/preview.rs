//! The preview of a mail: a page for those without scripts, and the letter in its frame.

use crate::harness::{Acme, Answer, Client, TestApp};
use reqwest::StatusCode;
use vestibule_domain::token::PREVIEW;

const PAGE: &str = "/o/acme/invitations/preview";
const LIGHT: &str = "/o/acme/invitations/preview/letter?scheme=light";
const DARK: &str = "/o/acme/invitations/preview/letter?scheme=dark";

async fn shown(app: &TestApp, at: &Acme, client: &Client, path: &str, message: &str) -> Answer {
    let role = app.role(at, "member").await.to_string();
    let fields = [
        ("recipients", "Grace <grace@example.com>"),
        ("role_ids", &role),
        ("message", message),
        ("expires_in_days", "7"),
        ("notify", "true"),
    ];
    client.post(path, &fields).await
}

both! {
    async fn the_page_has_the_envelope_and_the_form_once_more(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let page = shown(&app, &acme, &ada, PAGE, "Come & see </pre><script>x</script>").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        for part in ["grace@example.com", "Ada Byrne invites you to join Acme", "As Member. The invitation is open until ", "Nothing has been sent.", "name=\"mail-preview\"", PREVIEW] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        assert!(page.text.contains("name=\"message\" value=\"Come &amp; see"), "{}", page.text);
        assert!(!page.text.contains("<script>x"), "{}", page.text);
        assert_eq!(app.count_invitations(&acme).await, 0);
    }

    async fn a_form_that_can_not_be_sent_comes_back_as_it_was_typed(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let page = shown(&app, &acme, &ada, PAGE, "see https://evil.example").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
        assert!(page.text.contains("In its first week") && page.text.contains("Grace &lt;grace@example.com&gt;"), "{}", page.text);
    }

    async fn the_letter_is_a_document_with_a_policy_of_its_own(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let letter = shown(&app, &acme, &ada, LIGHT, "</head><script>x</script>").await;
        assert_eq!((letter.status, letter.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
        let policy = letter.header("content-security-policy").to_owned();
        for part in ["sandbox allow-popups", "default-src 'none'", "style-src 'unsafe-inline'", "form-action 'none'", "frame-ancestors 'self'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("script"), "{policy}");
        assert_eq!(letter.header("cache-control"), "no-store");
        assert!(!letter.text.contains("<script"), "{}", letter.text);
        assert!(letter.text.contains(&format!("<a target=\"_blank\" href=\"{}/i/{PREVIEW}\"", app.url)), "{}", letter.text);
    }

    async fn light_and_dark_are_the_servers_choice(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let message = "@media (prefers-color-scheme: dark), light dark";
        let (light, dark) = (shown(&app, &acme, &ada, LIGHT, message).await.text, shown(&app, &acme, &ada, DARK, message).await.text);
        assert_ne!(light, dark);
        for (letter, medium, name) in [(&light, "@media not all {", "light"), (&dark, "@media all {", "dark")] {
            assert!(letter.contains(medium) && letter.contains(&format!("content=\"{name}\"")), "{letter}");
            assert_eq!(letter.matches("prefers-color-scheme").count(), 1, "only the message names it: {letter}");
        }
        let rubbish = shown(&app, &acme, &ada, "/o/acme/invitations/preview/letter?scheme=rubbish", message).await;
        assert_eq!(rubbish.text, light);
    }

    async fn what_is_refused_can_be_read_in_the_frame(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let refused = shown(&app, &acme, &ada, LIGHT, "see https://evil.example").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.header("content-security-policy").contains("frame-ancestors 'self'"));
        assert!(refused.text.contains("In its first week"), "{}", refused.text);
    }

    async fn previews_count_as_calls_of_functions(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        while app.vestibule.limits().take_call(acme.user.id).is_ok() {}
        for path in [PAGE, LIGHT] {
            let refused = shown(&app, &acme, &ada, path, "").await;
            assert!(refused.text.contains("Try again in"), "{path}: {}", refused.text);
            assert_eq!(app.count_invitations(&acme).await, 0);
        }
        assert_eq!(shown(&app, &acme, &ada, LIGHT, "").await.status, StatusCode::TOO_MANY_REQUESTS);
    }

    async fn the_link_of_a_preview_leads_to_a_page_that_says_so(app) {
        let answer = app.client().get(&format!("/i/{PREVIEW}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text.contains("This was only a preview"), "{}", answer.text);
    }
}
