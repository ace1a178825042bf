//! The pages of an invitation, a member and a person lead to one another, and to their part of the audit log.

use crate::harness::Answer;
use serde_json::json;

/// What stands beside this term.
fn fact<'a>(page: &'a Answer, term: &str) -> &'a str {
    let (_, rest) = page.text.split_once(&format!("<dt>{term}</dt>")).unwrap_or_else(|| panic!("{}", page.text));
    rest.split("</div>").next().unwrap_or_default()
}

both! {
    async fn a_members_page_says_who_invited_them(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let ada = app.client_of(&acme.session);
        let invitation = alan.scope.member().unwrap().invitation_id.unwrap();
        let page = ada.get(&format!("/o/acme/members/{}", alan.member_id())).await;
        let invited_by = fact(&page, "Invited by");
        assert!(invited_by.contains("<bdi>Ada Byrne</bdi>"), "{invited_by}");
        assert!(invited_by.contains(&format!("href=\"/o/acme/invitations/{invitation}\"")), "{invited_by}");
        let own = ada.get(&format!("/o/acme/members/{}", acme.member_id())).await;
        assert!(fact(&own, "Invited by").contains("Nobody (first owner)"), "{}", own.text);
    }

    async fn a_member_whom_a_program_invited_has_the_name_of_its_key(app) {
        let acme = app.organization("Acme").await;
        let made = app.program(&acme).await.post("/invitations", &json!({ "email": "grace@example.com" })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        app.settle().await;
        let opened = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        let accepting = app.vestibule.acceptance();
        accepting.accept_as_new(opened.as_str(), "Grace Okafor", crate::harness::PASSWORD).await.unwrap();
        let members = app.vestibule.members().all(&acme.scope).await.unwrap();
        let grace = members.iter().find(|member| member.email.as_str() == "grace@example.com").unwrap();
        let page = app.client_of(&acme.session).get(&format!("/o/acme/members/{}", grace.id)).await;
        assert!(fact(&page, "Invited by").contains("<bdi>ci</bdi>"), "{}", page.text);
    }

    async fn an_accepted_invitation_leads_to_its_member_while_there_is_one(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let ada = app.client_of(&acme.session);
        let path = format!("/o/acme/invitations/{}", alan.scope.member().unwrap().invitation_id.unwrap());
        let member = fact(&ada.get(&path).await, "Member").to_owned();
        assert!(member.contains(&format!("href=\"/o/acme/members/{}\"", alan.member_id())), "{member}");
        app.vestibule.members().remove(&acme.scope, alan.member_id()).await.unwrap();
        let page = ada.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("<dt>Member</dt>"), "{}", page.text);
    }

    async fn each_leads_to_its_part_of_the_log_who_may_read_it(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        app.invites(&acme, "grace@example.com").await;
        let invitation = alan.scope.member().unwrap().invitation_id.unwrap();
        let ada = app.client_of(&acme.session);
        let of_alan = app.client_of(&alan.session);
        let (invitation, member) = (invitation.to_string(), alan.member_id().to_string());
        for (page, query) in [
            (format!("invitations/{invitation}"), format!("invitation={invitation}")),
            (format!("members/{member}"), format!("member={member}")),
            ("people?email=alan%40acme.example".to_owned(), "q=alan%40acme.example".to_owned()),
        ] {
            let log = format!("/o/acme/audit?{query}");
            let shown = ada.get(&format!("/o/acme/{page}")).await;
            assert!(shown.text.contains(&format!("href=\"{log}\"")), "{page}: {}", shown.text);
            let part = ada.get(&log).await;
            let is_of_alan = part.text.contains("Alan Pemberton") || part.text.contains("alan@acme.example as Member");
            assert!(is_of_alan && !part.text.contains("grace@example.com"), "{log}: {}", part.text);
            let is_of_one = part.text.contains("href=\"/o/acme/audit\">Show all events");
            assert_eq!(is_of_one, !query.starts_with("q="), "{log}: {}", part.text);
            assert!(!of_alan.get(&format!("/o/acme/{page}")).await.text.contains("/audit?"), "{page}");
        }
    }
}
