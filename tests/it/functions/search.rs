//! What is found, in words, by the function and by the page.

use super::error_of;
use crate::harness::Client;
use crate::pages::hostile::links;
use serde_json::{Value, json};
use vestibule_domain::bounds::MAX_SEARCH_CHARS;
use vestibule_functions::search::Found;

const PATH: &str = "/fn/search/find";

fn asked(text: &str) -> Value {
    json!({ "slug": "acme", "text": text })
}

async fn lines(client: &Client, text: &str) -> Vec<String> {
    let found: Vec<Found> = client.ask(PATH, &asked(text)).await;
    let line = |Found { group, title, note, href, glyph }: &Found| {
        assert!(href.starts_with('/') && !glyph.is_empty(), "{title} leads to {href}");
        format!("{group}: {title}{}", if note.is_empty() { String::new() } else { format!(" ({note})") })
    };
    found.iter().map(line).collect()
}

both! {
    async fn people_and_places_are_found_in_words(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        app.invites(&acme, "Grace Okafor <grace@example.com>").await;
        let ada = app.client_of(&acme.session);
        assert_eq!(lines(&ada, "joan").await, ["People: Joan Whitlock (joan@acme.example · Admin)", "Invitations: joan@acme.example (Accepted)"]);
        assert_eq!(lines(&ada, "okafor grace").await, ["Invitations: Grace Okafor (grace@example.com · Pending, 7 days left)"]);
        assert_eq!(lines(&ada, "API").await, ["Pages: API keys", "Actions: New API key"]);
        assert_eq!(lines(&ada, "role").await, ["Pages: Roles", "Actions: New role"]);
        assert_eq!(lines(&ada, "nobody of this name").await, [""; 0]);
        app.advance(chrono::Duration::days(8));
        let ada = app.client_of(&app.enter("acme", "ada@acme.example").await.session);
        assert_eq!(lines(&ada, "okafor").await, ["Invitations: Grace Okafor (grace@example.com · Expired)"]);
    }

    async fn the_results_lead_to_pages(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let ada = app.client_of(&acme.session);
        let mut found: Vec<Found> = ada.ask(PATH, &asked("")).await;
        assert!(found.len() > 15, "{found:?}");
        for text in ["joan", "new@people.example"] {
            found.extend(ada.ask::<Vec<Found>>(PATH, &asked(text)).await);
        }
        for Found { title, href, .. } in found {
            assert_eq!(ada.get(&href).await.status, 200, "{title}: {href}");
        }
    }

    async fn a_new_address_can_be_invited(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let ada = app.client_of(&acme.session);
        assert_eq!(lines(&ada, " Kim+1@example.com ").await, ["Actions: Invite Kim+1@example.com"]);
        let found: Vec<Found> = ada.ask(PATH, &asked("kim+1@example.com")).await;
        assert_eq!(found[0].href, "/o/acme/invitations/new?to=kim%2B1%40example.com");
        assert!(ada.get(&found[0].href).await.text.contains("kim+1@example.com"));
        assert_eq!(lines(&ada, "GRACE@example.com").await, ["Invitations: grace@example.com (Pending, 7 days left)"]);
        assert_eq!(lines(&ada, "ada@acme.example").await, ["People: Ada Byrne (ada@acme.example · Owner)"]);
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        assert_eq!(lines(&app.client_of(&alan.session), "kim@example.com").await, [""; 0]);
    }

    async fn each_finds_the_pages_of_their_own_navigation(app) {
        let acme = app.organization("Acme").await;
        for (email, role) in [("joan@acme.example", "admin"), ("alan@acme.example", "member")] {
            let person = app.joins(&acme, email, "Somebody", role).await;
            let client = app.client_of(&person.session);
            let found: Vec<Found> = client.ask(PATH, &asked("")).await;
            let page = client.get("/o/acme/members").await.text;
            let nav = page.split("aria-label=\"Portal\"").nth(1).and_then(|rest| rest.split("</nav>").next()).unwrap();
            let linked: Vec<String> = links(nav).collect();
            let own = ["/o/acme/search", "/profile", "/organizations"];
            let pages = found.iter().filter(|found| found.group == "Pages").map(|found| found.href.as_str());
            assert_eq!(pages.filter(|href| !own.contains(href)).collect::<Vec<_>>(), linked[1..], "{role}");
            assert_eq!(linked[0], own[0]);
        }
        let alan = app.client_of(&app.enter("acme", "alan@acme.example").await.session);
        let actions: Vec<String> = lines(&alan, "").await.into_iter().filter(|line| line.starts_with("Actions")).collect();
        assert_eq!(actions, ["Actions: Leave the organization"]);
    }

    async fn the_page_finds_the_same_as_the_function(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "Grace & Co <grace@example.com>").await;
        let ada = app.client_of(&acme.session);
        for text in ["", "grace", "ada", "key", "kim@example.com"] {
            let page = ada.get(&format!("/o/acme/search?q={text}")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let main = page.text.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap();
            let rows = main.split("<a ").filter(|tag| tag.split('>').next().unwrap().contains("palette__row"));
            let hrefs: Vec<&str> = rows.map(|tag| tag.split("href=\"").nth(1).unwrap().split('"').next().unwrap()).collect();
            let found: Vec<Found> = ada.ask(PATH, &asked(text)).await;
            assert_eq!(hrefs, found.iter().map(|found| found.href.as_str()).collect::<Vec<_>>(), "{text}");
        }
        let nothing = ada.get("/o/acme/search?q=%3Cscript%3E%25_").await;
        assert!(nothing.text.contains("Nothing found for") && !nothing.text.contains("<script>%_"), "{}", nothing.text);
        assert_eq!(ada.get(&format!("/o/acme/search?q={}", "x".repeat(MAX_SEARCH_CHARS + 1))).await.status, 422);
    }

    async fn more_than_a_list_searches_for_is_refused(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let answer = ada.call(PATH, &asked(&"x".repeat(MAX_SEARCH_CHARS + 1))).await;
        assert_eq!((answer.status.as_u16(), error_of(&answer).code.as_str()), (422, "invalid"));
        assert_eq!(lines(&ada, &"q ".repeat(MAX_SEARCH_CHARS / 2)).await, [""; 0]);
    }

    async fn what_is_found_of_very_many_leads_on_to_the_list(app) {
        let acme = app.organization("Acme").await;
        let many = (0..6).map(|n| format!("p{n}@x.example")).collect::<Vec<_>>().join(" ");
        app.vestibule.invitations().invite(&acme.scope, &app.invite(&acme, &many, "member").await).await.unwrap();
        let ada = app.client_of(&acme.session);
        let found: Vec<Found> = ada.ask(PATH, &asked(" X.example ")).await;
        let last = found.last().unwrap();
        assert_eq!((found.len(), last.title.as_str(), last.href.as_str()), (6, "All invitations with “X.example”", "/o/acme/invitations?q=X.example"));
        assert_eq!(ada.get(&last.href).await.text.matches("<tr role=\"row\" id=\"row-").count(), 6);
    }
}
