//! Commands: what each comes to, and what none of them does.

use super::add;
use crate::harness::{Answer, Setup, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use vestibule_domain::Permission;

/// Counts: completed, not completed, completed in test mode.
fn counts(answer: &Answer) -> [u64; 3] {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    ["completed", "notCompleted", "completedInTestMode"].map(|name| body[name].as_u64().unwrap())
}

/// Of each error its command, its step and its code.
fn errors(answer: &Answer) -> Vec<(u64, u64, String)> {
    let body = answer.json();
    let of = |error: &Value| {
        let code = error["errorCode"].as_str().unwrap().to_owned();
        (error["index"].as_u64().unwrap(), error["step"].as_u64().unwrap(), code)
    };
    body["errors"].as_array().into_iter().flatten().map(of).collect()
}

fn ignoring() -> Value {
    json!({ "option": "ignoreIfAlreadyExists" })
}

both! {
    async fn an_invite_is_made_with_the_name_and_the_usual_end(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        let more = json!({ "firstname": "Grace", "lastname": "Okafor", "country": "US" });
        let answer = adobe.act(&json!([add("Grace@Example.com", &more)]), "").await;
        insta::allow_duplicates! { insta::assert_json_snapshot!("all_done", answer.json()); }
        app.settle().await;
        assert!(app.newest_mail("grace@example.com").text.contains("Grace"));
        let found = app.vestibule.invitations().page(&acme.scope, &vestibule_domain::InvitationFilter::default(), None, 1).await.unwrap();
        let row = &found.page.items[0];
        let days = (row.invitation.expires_at - row.invitation.created_at).num_days();
        let name = row.invitation.name.as_ref().map(ToString::to_string);
        assert_eq!((name.as_deref(), days, row.role_names()), (Some("Grace Okafor"), 7, vec!["Member"]));
    }

    async fn a_second_command_for_the_same_user_is_ignored_or_refused_as_asked(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        adobe.adds("grace@example.com").await;
        let traces = app.traces(&acme).await;
        for option in ["ignoreIfAlreadyExists", "updateIfAlreadyExists"] {
            for email in ["GRACE@example.com", "ada@acme.example"] {
                let answer = adobe.act(&json!([add(email, &json!({ "option": option }))]), "").await;
                assert_eq!((counts(&answer), &answer.json()["result"]), ([1, 0, 0], &json!("success")), "{option} {email}");
            }
        }
        let refused = adobe.act(&json!([add("grace@example.com", &json!({})), add("ada@acme.example", &json!({}))]), "").await;
        insta::allow_duplicates! { insta::assert_json_snapshot!("none_done", refused.json()); }
        assert_eq!(app.traces(&acme).await, traces);
        let mixed = json!([add("grace@example.com", &json!({})), add("alan@example.com", &json!({})), add("grace@example.com", &ignoring())]);
        let answer = adobe.act(&mixed, "").await;
        assert_eq!((counts(&answer), &answer.json()["result"]), ([2, 1, 0], &json!("partial")));
        assert_eq!(errors(&answer), [(0, 0, "error.user.already_invited".into())]);
    }

    async fn a_test_writes_nothing(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        adobe.adds("alan@example.com").await;
        let traces = app.traces(&acme).await;
        let grace = add("grace@example.com", &json!({}));
        let commands = json!([grace, grace, add("alan@example.com", &json!({})), add("alan@example.com", &ignoring()),
            { "user": "alan@example.com", "do": [{ "removeFromOrg": {} }] }]);
        for query in ["?testOnly=true", "?testOnly=True"] {
            let answer = adobe.act(&commands, query).await;
            assert_eq!((counts(&answer), &answer.json()["result"]), ([0, 1, 4], &json!("partial")), "{}", answer.text);
            assert_eq!(errors(&answer), [(2, 0, "error.user.already_invited".into())]);
        }
        assert_eq!(app.traces(&acme).await, traces);
        assert_eq!(counts(&adobe.act(&json!([grace]), "?testOnly=false").await), [1, 0, 0]);
    }

    async fn who_is_removed_has_no_way_in(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "alan@example.com", "Alan", "member").await;
        let adobe = app.adobe(&acme).await;
        adobe.adds("grace@example.com").await;
        let remove = |user: &str| json!([{ "user": user, "do": [{ "removeFromOrg": { "deleteAccount": false } }] }]);
        for user in ["ALAN@example.com", "grace@example.com", "nobody@example.com", "no address"] {
            for _ in 0..2 {
                assert_eq!(counts(&adobe.act(&remove(user), "").await), [1, 0, 0], "{user}");
            }
        }
        assert_eq!(adobe.invites(Method::GET, "").await.status, 404);
        assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 1);
        let traces = app.traces(&acme).await;
        let owner = adobe.act(&remove("ada@acme.example"), "").await;
        assert_eq!((counts(&owner), errors(&owner)), ([0, 1, 0], vec![(0, 0, "error.user.not_removable".into())]));
        let weak = app.adobe_with(&acme, &[Permission::UserRead, Permission::UserEdit, Permission::UserInvite]).await;
        let outranked = weak.act(&remove("ada@acme.example"), "").await;
        assert_eq!(errors(&outranked), [(0, 0, "error.user.not_removable".into())]);
        assert_eq!(app.traces(&acme).await.0, traces.0);
    }
}

#[tokio::test]
async fn each_command_tells_what_is_wrong_with_it_and_does_nothing() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    let traces = app.traces(&acme).await;
    let of = |create: Value| json!({ "user": "g@example.com", "do": [{ "addAdobeID": create }] });
    let good = json!({ "addAdobeID": { "email": "g@example.com" } });
    let steps = |steps: Value| json!({ "user": "g@example.com", "do": steps });
    let long = format!("{}@example.com", "g".repeat(49));
    let many: Vec<Value> = (0..11).map(|_| good.clone()).collect();
    for (command, step, code) in [
        (of(json!({ "email": "no address" })), 0, "error.user.email.invalid"),
        (of(json!({})), 0, "error.user.email.invalid"),
        (of(json!({ "email": long })), 0, "error.command.string.too_long"),
        (of(json!({ "email": 7 })), 0, "error.command.create.string_expected"),
        (of(json!({ "email": "g@example.com", "role": "admin" })), 0, "error.command.create.key.unknown"),
        (of(json!({ "email": "g@example.com", "country": "us" })), 0, "error.country.invalid"),
        (of(json!({ "email": "g@example.com", "country": "ZZ" })), 0, "error.country.invalid"),
        (of(json!({ "email": "g@example.com", "option": "no" })), 0, "error.option.illegal"),
        (of(json!({ "email": "g@example.com", "firstname": "G".repeat(251) })), 0, "error.command.string.too_long"),
        (of(json!({ "email": "g@example.com", "firstname": "G".repeat(101) })), 0, "error.command.string.too_long"),
        (of(json!({ "email": "g@example.com", "lastname": "http://evil.example" })), 0, "error.user.name.invalid"),
        (of(json!("g@example.com")), 0, "error.command.create.object_expected"),
        (steps(json!([good, good])), 1, "error.command.create.more_than_one"),
        (steps(json!([{ "removeFromOrg": {} }, good])), 1, "error.command.create.not_first"),
        (steps(json!([good, { "add": { "group": ["Designers"] } }])), 1, "error.command.step.unknown"),
        (steps(json!([{ "createFederatedID": {} }])), 0, "error.command.step.unknown"),
        (steps(json!([{ "removeFromOrg": { "deleteAccount": 1 } }])), 0, "error.command.boolean_expected"),
        (steps(json!(["addAdobeID"])), 0, "error.command.steps.malformed"),
        (steps(json!([])), 0, "error.command.steps.malformed"),
        (steps(json!("addAdobeID")), 0, "error.command.steps.malformed"),
        (steps(json!(many)), 0, "error.command.add_remove.list_too_long"),
        (json!({ "do": [good] }), 0, "error.command.user.missing"),
        (json!({ "usergroup": "Designers", "do": [good] }), 0, "error.command.user.missing"),
        (json!({ "user": "g".repeat(251), "do": [good] }), 0, "error.command.string.too_long"),
        (json!({ "user": "g@example.com", "useAdobeID": "true", "do": [good] }), 0, "error.command.boolean_expected"),
        (json!({ "user": "g@example.com", "requestID": 7, "do": [good] }), 0, "error.command.string_expected"),
    ] {
        for query in ["", "?testOnly=true"] {
            let answer = adobe.act(&json!([command]), query).await;
            assert_eq!(counts(&answer), [0, 1, 0], "{command}: {}", answer.text);
            assert_eq!(errors(&answer), [(0, step, code.to_owned())], "{command}");
            assert!(answer.json().get("warnings").is_none() && answer.json()["result"] == "error");
        }
    }
    assert_eq!(app.traces(&acme).await, traces);
}

#[tokio::test]
async fn a_body_that_is_no_list_of_commands_is_refused_as_a_whole() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    let traces = app.traces(&acme).await;
    let good = add("grace@example.com", &json!({}));
    let eleven = json!(vec![good.clone(); 11]).to_string();
    let mixed = json!([good, 7]).to_string();
    for body in ["", "{", "{}", "[]", "null", "[7]", eleven.as_str(), mixed.as_str()] {
        let request = adobe.request(Method::POST, &format!("/action/{}", adobe.org));
        let answer = adobe.send(request.header("content-type", "application/json").body(body.to_owned())).await;
        let code = answer.json()["result"].as_str().unwrap().to_owned();
        assert_eq!((answer.status.as_u16(), code.as_str()), (400, "error.command.malformed"), "{body}");
    }
    insta::assert_json_snapshot!("malformed", adobe.act(&json!([]), "").await.json());
    let answer = adobe.act(&json!([good]), "?testOnly=perhaps").await;
    assert_eq!(super::refusal(&answer), (400, "error.parameter.invalid".into()));
    let request = adobe.request(Method::POST, &format!("/action/{}", adobe.org)).body("[]");
    assert_eq!(super::refusal(&adobe.send(request).await), (415, "error.request.content_type".into()));
    assert_eq!(app.traces(&acme).await, traces);
}

#[tokio::test]
async fn a_warning_tells_what_was_left_out() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    let commands =
        json!([{ "user": "g@example.com", "requestID": "r1", "do": [{ "removeFromOrg": { "deleteAccount": true } }] }]);
    insta::assert_json_snapshot!("warned", adobe.act(&commands, "").await.json());
}

#[tokio::test]
async fn addresses_outside_the_organizations_domains_are_not_invited() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let edit = vestibule_core::service::OrganizationEdit {
        allowed_domains: Some(vec!["acme.example".into()]),
        ..vestibule_core::service::OrganizationEdit::default()
    };
    app.vestibule.organizations().edit(&acme.scope, &edit).await.unwrap();
    let adobe = app.adobe(&acme).await;
    for query in ["", "?testOnly=true"] {
        let answer = adobe.act(&json!([add("grace@example.com", &json!({}))]), query).await;
        assert_eq!(errors(&answer), [(0, 0, "error.user.email.invalid".into())]);
    }
}

#[tokio::test]
async fn the_limit_of_the_hour_refuses_the_whole_or_what_is_left() {
    let settings: Box<dyn FnOnce(&mut vestibule_core::service::Settings) + Send> =
        Box::new(|settings| settings.invitations_per_hour = 2);
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    let three = json!([1, 2, 3].map(|n| add(&format!("p{n}@example.com"), &json!({}))));
    let answer = adobe.act(&three, "").await;
    assert_eq!((counts(&answer), errors(&answer)), ([2, 1, 0], vec![(2, 0, "error.too_many_requests".into())]));
    let traces = app.traces(&acme).await;
    let answer = adobe.act(&json!([add("p3@example.com", &json!({}))]), "").await;
    assert_eq!((answer.status.as_u16(), answer.json()["error_code"].as_str()), (429, Some("429050")));
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(app.traces(&acme).await, traces);
}
