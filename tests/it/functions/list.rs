//! The list of invitations, as the browser reads it again.

use crate::harness::{Client, TestApp};
use serde_json::json;
use vestibule_functions::list::ListPage;

async fn list(client: &Client, query: &str) -> ListPage {
    client.ask("/fn/invitations/list", &json!({ "slug": "acme", "query": query })).await
}

/// The addresses of the rows, in their order.
fn addresses(page: &ListPage) -> Vec<String> {
    let is_invitee = |link: &&str| link.split('>').next().unwrap().contains("class=\"person__name\"");
    let links = page.content.split("<a ").filter(is_invitee);
    let text = |link: &str| {
        let parts = link.split("</a>").next().unwrap().split('<');
        parts.map(|part| part.rsplit('>').next().unwrap()).collect::<String>()
    };
    links.map(text).collect()
}

async fn two_pages(app: &TestApp, at: &crate::harness::Acme) {
    for number in 0..60 {
        app.invites(at, &format!("person-{number:02}@example.com")).await;
    }
}

both! {
    async fn it_is_what_the_page_shows(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        app.invites(&acme, "grace@example.com").await;
        let revoked = app.invites(&acme, "joan@example.com").await;
        app.vestibule.invitations().revoke(&acme.scope, revoked).await.unwrap();
        for query in ["", "status=pending", "status=revoked&q=joan", "q=nobody", "status=unheard+of&role=x", "a=b&&=%"] {
            let page = list(&ada, query).await;
            let shown = ada.get(&format!("/o/acme/invitations?{query}")).await;
            assert_eq!(shown.status, 200, "{query}");
            assert!(shown.text.contains(&page.tabs) && shown.text.contains(&page.content), "{query}: {}", page.content);
        }
        assert_eq!(addresses(&list(&ada, "status=pending").await), ["grace@example.com"]);
        assert!(list(&ada, "q=nobody").await.content.contains("No invitation matches."));
        let nowhere = ada.call("/fn/invitations/list", &json!({ "slug": "acme", "query": "cursor=nowhere" })).await;
        assert_eq!(nowhere.status, 422);
        assert_eq!(ada.get("/o/acme/invitations?cursor=nowhere").await.status, 422);
    }

    async fn its_pages_follow_each_other_by_their_links(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        two_pages(&app, &acme).await;
        let first = list(&ada, "status=pending").await;
        let older = first.content.split("href=\"/o/acme/invitations?").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let second = list(&ada, &older).await;
        let (mut seen, rest) = (addresses(&first), addresses(&second));
        assert_eq!((seen.len(), rest.len()), (50, 10));
        seen.extend(rest);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 60);
        assert!(first.content.contains("60 invitations"));
    }

    async fn what_people_write_stays_text(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        app.invites(&acme, "Grace & Sons <grace@example.com>").await;
        let page = list(&ada, "q=grace").await;
        assert!(page.content.contains("Grace &amp; Sons"), "{}", page.content);
        let nothing = list(&ada, "q=%22%3E%3Cimg+src%3Dx%3E").await;
        for part in [page.content, nothing.content, nothing.tabs.clone()] {
            assert!(!part.contains("<img"), "{part}");
        }
        assert!(nothing.tabs.contains("q=%22%3E%3Cimg"), "{}", nothing.tabs);
    }

    async fn who_may_not_invite_has_nothing_to_tick(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@example.com", "Joan", "member").await;
        app.invites(&acme, "grace@example.com").await;
        let page = list(&app.client_of(&joan.session), "").await;
        assert!(page.content.contains("grace"), "{}", page.content);
        assert!(!page.content.contains("checkbox") && !page.content.contains("bulk-bar"));
        let ada = list(&app.client_of(&acme.session), "").await;
        assert!(ada.content.contains("checkbox") && ada.content.contains("bulk-bar"));
    }
}
