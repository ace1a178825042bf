//! Pages that can't be shown: what happened stands in the portal's frame, with a link that leads on.

use crate::harness::Answer;

/// The frame around the portal's pages.
const FRAME: &str = "aria-label=\"Portal\"";

/// The tag of the link that leads on.
fn way_back<'a>(page: &'a Answer, words: &str) -> &'a str {
    let (before, _) =
        page.text.split_once(&format!(">{words}</a>")).unwrap_or_else(|| panic!("no “{words}” in {}", page.text));
    before.rsplit('<').next().unwrap_or_default()
}

both! {
    async fn where_nothing_is_the_frame_stays_and_leads_to_the_list(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let cases = [
            ("nowhere", "invitations", "Back to Invitations"),
            ("members/rubbish", "members", "Back to Members"),
            ("members/rubbish/further/down", "members", "Back to Members"),
            ("webhooks/rubbish/edit", "webhooks", "Back to Webhooks"),
            ("connect/rubbish", "connect", "Back to Connect a client"),
        ];
        for (path, list, words) in cases {
            let page = ada.get(&format!("/o/acme/{path}")).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.text.contains(FRAME) && page.text.contains("This page doesn’t exist"), "{path}: {}", page.text);
            assert!(way_back(&page, words).contains(&format!("href=\"/o/acme/{list}\"")), "{path}: {}", page.text);
        }
        let posted = ada.post("/o/acme/nowhere", &[]).await;
        assert_eq!(posted.status, 404);
        assert!(posted.text.contains(FRAME), "{}", posted.text);
    }

    async fn who_may_not_look_sees_nothing_of_the_frame_either(app) {
        app.organization("Acme").await;
        let other = app.organization("Other").await;
        let signed_out = app.client().get("/o/acme/nowhere").await;
        assert_eq!((signed_out.status.as_u16(), signed_out.location()), (303, "/sign-in?next=%2Fo%2Facme%2Fnowhere"));
        let stranger = app.client_of(&other.session).get("/o/acme/nowhere").await;
        assert_eq!(stranger.status, 404);
        assert!(!stranger.text.contains(FRAME) && !stranger.text.contains("Acme"), "{}", stranger.text);
    }

    async fn what_one_may_not_do_offers_a_way_back_and_no_second_try(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let alan = app.client_of(&alan.session);
        for path in ["keys", "keys/new", "invitations/new", "audit"] {
            let page = alan.get(&format!("/o/acme/{path}")).await;
            assert_eq!(page.status, 403, "{path}");
            assert!(!page.text.contains(">Try again<"), "{path}: {}", page.text);
            assert!(way_back(&page, "Back to Invitations").contains("href=\"/o/acme/invitations\""), "{path}: {}", page.text);
        }
    }

    async fn who_may_see_nothing_here_is_led_to_their_organizations(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.roles().create(&acme.scope, "guest", "Guest", &[]).await.unwrap();
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "guest").await;
        let page = app.client_of(&alan.session).get("/o/acme/invitations").await;
        assert_eq!(page.status, 403);
        assert!(way_back(&page, "Your organizations").contains("href=\"/organizations\""), "{}", page.text);
    }

    async fn a_place_in_a_list_that_is_wrong_leads_to_its_beginning(app) {
        let acme = app.organization("Acme").await;
        let page = app.client_of(&acme.session).get("/o/acme/outbox?cursor=nowhere").await;
        assert_eq!(page.status, 422);
        assert!(way_back(&page, "Back to Outbox").contains("href=\"/o/acme/outbox\""), "{}", page.text);
    }
}
