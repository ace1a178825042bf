//! All that is kept on a person, as one document.

use super::GRACE;
use serde_json::Value;
use vestibule_domain::Permission;

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

const LISTS: [&str; 8] =
    ["invitations", "invitations_sent", "visits", "mails", "api_keys", "webhooks", "webhook_deliveries", "events"];

both! {
    async fn an_organization_gives_all_that_it_keeps_and_no_secret(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        app.webhook(&acme, "https://hooks.example", &[]).await;
        app.grace(&program).await;
        let token = app.mailed_token("Grace.Hopper@navy.example");
        app.vestibule.acceptance().open(&token).await.unwrap();
        let answer = program.get(&format!("/people/export?email={GRACE}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"acme-person.json\"");
        assert_eq!(answer.header("cache-control"), "no-store");
        let document = answer.json();
        assert_eq!((&document["version"], &document["scope"], &document["email"]), (&Value::from(1), &"organization".into(), &GRACE.into()));
        assert_eq!(document["account"], Value::Null);
        let organizations = document["organizations"].as_array().unwrap();
        assert_eq!(organizations.len(), 1);
        let all = &organizations[0];
        assert_eq!(all["slug"], "acme");
        for list in LISTS {
            assert!(all[list].is_array(), "{list} is in {:?}", names(all));
        }
        let invitation = &all["invitations"][0];
        assert_eq!((&invitation["message"], &invitation["name"]), (&"Dear Grace, come aboard".into(), &"Grace Hopper".into()));
        assert_eq!((&invitation["metadata"]["public"]["badge"], &invitation["metadata"]["private"]["note"]), (&"COBOL-1".into(), &"rear admiral".into()));
        assert_eq!(all["mails"][0]["letter"], "invitation");
        let actions: Vec<&str> = all["events"].as_array().unwrap().iter().map(|event| event["fact"]["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["invitation.created", "invitation.sent", "invitation.opened"]);
        assert_eq!((all["visits"].as_array().unwrap().len(), all["webhook_deliveries"].as_array().unwrap().len()), (1, 3));
        for secret in [token.as_str(), "password", "secret", "id_hash"] {
            assert!(!answer.text.contains(secret), "{secret}");
        }
    }

    async fn a_member_is_given_what_they_made_and_others_are_left_out(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        let joan = app.joan_of(&acme).await;
        app.invites(&other, "joan@acme.example").await;
        app.invites(&acme, "quill@example.com").await;
        let export = app.program(&acme).await.get("/people/export?email=joan@acme.example").await;
        let all = &export.json()["organizations"][0];
        assert_eq!(all["membership"]["id"], joan.member_id().to_string());
        let counts = ["invitations", "invitations_sent", "api_keys", "webhooks"].map(|list| all[list].as_array().unwrap().len());
        assert_eq!(counts, [1, 2, 1, 1], "{}", export.text);
        assert!(!export.text.contains("quill@example.com") && !export.text.contains("Other"), "{}", export.text);
        assert!(all["events"].as_array().unwrap().iter().any(|event| event["fact"]["action"] == "api_key.created"));
    }

    async fn whoever_is_signed_in_downloads_their_own(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        let joan = app.joan_of(&acme).await;
        let client = app.client_of(&joan.session);
        let page = client.get("/profile").await;
        assert_eq!(page.status, 200);
        for words in ["Joan Whitlock", "joan@acme.example", "Acme", "href=\"/profile/export\""] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert!(!page.text.contains("Other"), "{}", page.text);
        let document = client.get("/profile/export").await;
        assert_eq!(document.header("content-type"), "application/json");
        let document = document.json();
        assert_eq!((&document["scope"], &document["account"]["name"]), (&"account".into(), &"Joan Whitlock".into()));
        assert_eq!(document["account"]["sessions"].as_array().unwrap().len(), 2, "from accepting, and from signing in");
        assert_eq!(document["organizations"].as_array().unwrap().len(), 1);
        assert!(document["organizations"][0]["membership"]["metadata"]["private"].is_null(), "is the organization's own");
        assert!(app.client().get("/profile").await.location().starts_with("/sign-in"));
        assert!(app.client().get("/profile/export").await.location().starts_with("/sign-in"));
        let nobody = app.client_of(&other.session).get("/profile/export").await.text;
        assert!(!nobody.contains("Joan"));
    }

    async fn a_long_list_is_whole(app) {
        let acme = app.organization("Acme").await;
        let many: Vec<String> = (0..550).map(|number| format!("person{number}@example.com")).collect();
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        for some in many.chunks(100) {
            app.vestibule.invitations().invite(&joan.scope, &app.invite(&joan, &some.join("\n"), "member").await).await.unwrap();
        }
        let export = app.program_with(&acme, Permission::ALL).await.get("/people/export?email=joan@acme.example").await.json();
        let sent = export["organizations"][0]["invitations_sent"].as_array().unwrap();
        let addresses: std::collections::BTreeSet<&str> = sent.iter().map(|sent| sent["email"].as_str().unwrap()).collect();
        assert_eq!((sent.len(), addresses.len()), (550, 550));
        assert!(export["organizations"][0]["events"].as_array().unwrap().len() > 550);
    }
}
