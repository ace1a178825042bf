//! The list of invitations: its order, its filters, and what it says of an address that is to be looked at twice.

use crate::harness::{Acme, Answer, TestApp};
use crate::worker::invites_many;
use chrono::Duration;
use serde_json::json;
use vestibule_domain::{InvitationId, Invite, InviteOutcome, Status};

/// Three invitations of three days, the first on 22 November: Ada's by mail, Ada's as a link, and one of a program,
/// whose mail waits.
struct Three {
    grace: InvitationId,
    alan: InvitationId,
    mei: InvitationId,
    /// The id of the program's key.
    key: String,
}

impl Three {
    async fn invited(app: &TestApp, acme: &Acme) -> Self {
        let grace = app.invites(acme, "grace@example.com").await;
        app.settle().await;
        app.advance(Duration::days(1));
        let invite = Invite { notify: false, ..app.invite(acme, "alan@example.com", "member").await };
        let results = app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        let InviteOutcome::Invited { id: alan } = results[0].outcome else { panic!("{results:?}") };
        app.advance(Duration::days(1));
        let mei = app.program(acme).await.post("/invitations", &json!({ "email": "mei@example.com" })).await.json();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        Self { grace, alan, mei: text(&mei["id"]).parse().unwrap(), key: text(&mei["inviter"]["id"]) }
    }

    fn all(&self) -> [InvitationId; 3] {
        [self.grace, self.alan, self.mei]
    }

    /// Those of them that are in the list.
    fn listed(&self, page: &Answer) -> Vec<InvitationId> {
        assert_eq!(page.status, 200, "{}", page.text);
        self.all().into_iter().filter(|id| page.text.contains(&format!("id=\"row-{id}\""))).collect()
    }
}

/// The first tag with this part.
fn tag<'p>(page: &'p str, part: &str) -> &'p str {
    let mut tags = page.split('<').filter_map(|tag| tag.split_once('>').map(|(tag, _)| tag));
    tags.find(|tag| tag.contains(part)).unwrap_or_else(|| panic!("no {part} in {page}"))
}

both! {
    async fn each_filter_lists_what_has_it_and_nothing_else(app) {
        let acme = app.organization("Acme").await;
        let three = Three::invited(&app, &acme).await;
        let (grace, alan, mei, key, user) = (three.grace, three.alan, three.mei, &three.key, acme.user.id);
        let ada = app.client_of(&app.enter("acme", &acme.owner).await.session);
        for (query, wanted) in [
            ("mail=sent".to_owned(), vec![grace]),
            ("mail=link_only".to_owned(), vec![alan]),
            ("mail=queued".to_owned(), vec![mei]),
            (format!("inviter={user}"), vec![grace, alan]),
            (format!("inviter={key}"), vec![mei]),
            ("created_from=2026-11-23".to_owned(), vec![alan, mei]),
            ("created_to=2026-11-23".to_owned(), vec![grace, alan]),
            ("created_from=2026-11-23&created_to=2026-11-23".to_owned(), vec![alan]),
            (format!("mail=link_only&inviter={user}&created_to=2026-11-23&status=pending"), vec![alan]),
            (format!("mail=sent&inviter={key}"), vec![]),
            ("mail=pigeon&inviter=ada&created_from=soon&created_to=2026-13-01".to_owned(), vec![grace, alan, mei]),
        ] {
            let page = ada.get(&format!("/o/acme/invitations?{query}")).await;
            assert_eq!(three.listed(&page), wanted, "{query}: {}", page.text);
            assert_eq!(page.text.contains("Clear the filters"), wanted.is_empty(), "{query}: {}", page.text);
        }
    }

    async fn tabs_and_pages_and_what_is_done_to_all_keep_the_filters(app) {
        let acme = app.organization("Acme").await;
        invites_many(&app, &acme, 60).await;
        let ada = app.client_of(&acme.session);
        let filters = format!("mail=queued&inviter={}&created_from=2026-11-22&created_to=2026-11-22", acme.user.id);
        let page = ada.get(&format!("/o/acme/invitations?{filters}")).await.text;
        let filters = filters.replace('&', "&amp;");
        for wanted in [
            format!("href=\"/o/acme/invitations?status=pending&amp;{filters}\""),
            format!("href=\"/o/acme/invitations?{filters}&amp;cursor="),
            format!("href=\"/o/acme/invitations/matching?act=resend&amp;{filters}\""),
            format!("href=\"/o/acme/invitations/matching?act=revoke&amp;{filters}\""),
        ] {
            assert!(page.contains(&wanted), "no {wanted} in {page}");
        }
    }

    async fn more_filters_are_open_where_one_of_them_is_set(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let (ada, user) = (app.client_of(&acme.session), acme.user.id);
        for (query, is_open) in [
            ("q=grace&status=pending&mail=&created_from=&created_to=", false),
            ("mail=pigeon&created_from=soon", false),
            ("mail=sent", true),
            ("created_from=2026-11-22", true),
            ("created_to=2026-11-22", true),
        ] {
            let page = ada.get(&format!("/o/acme/invitations?{query}")).await.text;
            assert_eq!(tag(&page, "filters__more").contains(" open"), is_open, "{query}: {page}");
        }
        let query = format!("mail=link_only&inviter={user}&created_from=2026-11-21&created_to=2026-11-22");
        let (page, inviter) = (ada.get(&format!("/o/acme/invitations?{query}")).await.text, format!("value=\"{user}\""));
        for (field, part) in [
            ("value=\"link_only\"", " selected"),
            ("name=\"created_from\"", "value=\"2026-11-21\""),
            ("name=\"created_to\"", "value=\"2026-11-22\""),
            ("name=\"inviter\"", inviter.as_str()),
        ] {
            assert!(tag(&page, field).contains(part), "{field} {part}: {page}");
        }
        assert!(!tag(&page, "name=\"inviter\"").contains("disabled"), "{page}");
        let page = ada.get("/o/acme/invitations").await.text;
        assert!(tag(&page, "name=\"inviter\"").contains("disabled"), "a form without scripts would send it: {page}");
    }

    async fn the_list_says_whose_invitations_it_shows(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let (ada, by) = (app.client_of(&acme.session), format!("inviter={}", acme.user.id));
        let page = ada.get(&format!("/o/acme/invitations/{id}")).await.text;
        assert!(page.contains(&format!("href=\"/o/acme/invitations?{by}\"")), "{page}");
        assert!(page.contains("All invitations by <bdi>Ada Byrne</bdi>"), "{page}");
        let (words, all) = ("Invited by <bdi>Ada Byrne</bdi>", "href=\"/o/acme/invitations?mail=queued\">Show all</a>");
        let list = ada.get(&format!("/o/acme/invitations?mail=queued&{by}")).await.text;
        assert!(list.contains(words) && list.contains(all), "{list}");
        let none = ada.get(&format!("/o/acme/invitations?q=nobody&{by}")).await.text;
        assert!(none.contains("No invitation matches.") && none.contains(words), "{none}");
        assert!(!ada.get("/o/acme/invitations").await.text.contains("Show all</a>"));
        let other = app.organization("Other").await;
        app.invites(&other, "joan@example.com").await;
        let unknown = ada.get(&format!("/o/acme/invitations?inviter={}", other.user.id)).await.text;
        assert!(unknown.contains("Invited by <bdi>one person or API key</bdi>"), "{unknown}");
    }

    async fn what_is_done_to_all_that_match_is_done_to_those_only(app) {
        let acme = app.organization("Acme").await;
        let three = Three::invited(&app, &acme).await;
        let ada = app.client_of(&app.enter("acme", &acme.owner).await.session);
        let filters = format!("mail=link_only&inviter={}&created_from=2026-11-23&created_to=2026-11-23", acme.user.id);
        let question = ada.get(&format!("/o/acme/invitations/matching?act=resend&{filters}")).await.text;
        assert!(question.contains("Resend the one invitation that matches?"), "{question}");
        for (field, name, value) in [
            ("mail", "Mail", "Link only"),
            ("inviter", "Invited by", "Ada Byrne"),
            ("created_from", "Invited from", "2026-11-23"),
            ("created_to", "Invited until", "2026-11-23"),
        ] {
            assert!(question.contains(&format!("<dt>{name}</dt><dd><bdi>{value}</bdi></dd>")), "{name}: {question}");
            assert!(tag(&question, &format!("name=\"{field}\"")).contains("hidden"), "{field}: {question}");
        }
        let done = ada.post("/o/acme/invitations/matching", &[("act", "resend"), ("mail", "link_only")]).await;
        assert_eq!((done.location(), done.flash().as_str()), ("/o/acme/invitations?mail=link_only", "done"));
        let mut links = Vec::new();
        for id in three.all() {
            links.push(app.invitation(&acme, id).await.generation);
        }
        assert_eq!(links, [1, 2, 1], "only the second has a new link");
        let filter = [("act", "revoke"), ("inviter", three.key.as_str()), ("created_from", "2026-11-24")];
        assert_eq!(ada.post("/o/acme/invitations/matching", &filter).await.flash(), "done");
        let mut statuses = Vec::new();
        for id in three.all() {
            statuses.push(app.invitation(&acme, id).await.status(app.vestibule.now()));
        }
        assert_eq!(statuses, [Status::Pending, Status::Pending, Status::Revoked]);
    }

    async fn the_list_shows_the_day_by_which_it_is_ordered_and_the_last_sending_below(app) {
        let acme = app.organization("Acme").await;
        let first = app.invites(&acme, "grace@example.com").await;
        app.advance(Duration::days(1));
        let second = app.invites(&acme, "joan@example.com").await;
        app.advance(Duration::days(1));
        app.vestibule.invitations().resend(&acme.scope, first).await.unwrap();
        let ada = app.client_of(&app.enter("acme", &acme.owner).await.session);
        let list = ada.get("/o/acme/invitations").await.text;
        assert!(list.contains(">Invited</th>") && !list.contains(">Sent</th>"), "{list}");
        let at = |id| list.find(&format!("id=\"row-{id}\"")).unwrap_or_else(|| panic!("{list}"));
        assert!(at(second) < at(first), "the newest invitation comes first");
        let row = |id| list[at(id)..].split("</tr>").next().unwrap();
        let (first, second) = (row(first), row(second));
        assert!(first.contains(">22 Nov</time>") && first.contains("Resent ") && first.contains(">Today 09:00</time>"), "{first}");
        assert!(second.contains(">Yesterday</time>") && !second.contains("Resent "), "{second}");
    }

    async fn an_address_that_mixes_alphabets_is_shown_for_what_it_is(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let id = app.invites(&acme, "grace@p\u{430}ypal.com").await;
        app.invites(&acme, "joan@b\u{fc}cher.example").await;
        let list = ada.get("/o/acme/invitations").await;
        assert!(list.text.contains("@xn--pypal-4ve"), "as mail servers know it: {}", list.text);
        let warning = "Mixes alphabets, and reads <bdi>p\u{430}ypal.com</bdi>";
        assert_eq!(list.text.matches("Mixes alphabets").count(), 1, "{}", list.text);
        for page in [list, ada.get(&format!("/o/acme/invitations/{id}")).await] {
            assert!(page.text.contains(warning), "{}", page.text);
        }
    }
}
