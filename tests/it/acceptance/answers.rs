//! Accepting and declining: once, by the invited person, with what the invitation says.

use super::{NEW, invited, nothing_changed, opens, says};
use crate::harness::{PASSWORD, TestApp};
use vestibule_domain::{Permission, State, Status};

#[tokio::test]
async fn a_new_person_is_a_member_after_one_form() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let client = opens(&app, &token).await;
    let page = client.get("/accept").await;
    says(&page, 200, "Ada Byrne invites you to join Acme");
    says(&page, 200, "until Sunday, 29 November, 09:00 UTC (in 7 days)");
    let answer = client.post("/accept", &NEW).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/o/acme/welcome"));
    assert!(client.cookie("__Host-vst_sid").is_some());
    assert_eq!(app.invitation(&acme, id).await.status(app.vestibule.now()), Status::Accepted);
    let members = app.vestibule.members().all(&acme.scope).await.unwrap();
    let grace = members.iter().find(|member| member.email.as_str() == "grace@example.com").unwrap();
    assert_eq!((grace.name.as_str(), grace.roles[0].key.as_str()), ("Grace Okafor", "member"));
}

/// What somebody with a role of these permissions reads after joining.
async fn joined_as(app: &TestApp, permissions: &[Permission]) -> String {
    let acme = app.organization("Acme").await;
    app.vestibule.roles().create(&acme.scope, "guest", "Guest", permissions).await.unwrap();
    app.invites_as(&acme, "grace@example.com", "guest").await;
    app.settle().await;
    let client = opens(app, &app.mailed_token("grace@example.com")).await;
    let answer = client.post("/accept", &NEW).await;
    assert_eq!(answer.location(), "/o/acme/welcome");
    let page = client.get(answer.location()).await;
    says(&page, 200, "You’re now a member of Acme, as Guest");
    page.text
}

#[tokio::test]
async fn who_has_joined_reads_what_they_are_now_and_goes_to_what_they_may_see() {
    for (permissions, href) in [
        (&[Permission::UserRead, Permission::AuditRead][..], "/o/acme/invitations"),
        (&[Permission::AuditRead][..], "/o/acme/audit"),
    ] {
        let page = joined_as(&TestApp::new().await, permissions).await;
        assert!(page.contains(&format!("href=\"{href}\"")) && page.contains("Go to <bdi>Acme</bdi>"), "{page}");
    }
    let page = joined_as(&TestApp::new().await, &[]).await;
    assert!(!page.contains("href=\"/o/") && page.contains("You can close this page."), "{page}");
}

#[tokio::test]
async fn a_long_message_stands_below_the_button_and_a_short_one_above() {
    for (message, is_above) in
        [("Do come.".to_owned(), true), ("Do come. ".repeat(40), false), ("a\n".repeat(4), false)]
    {
        let app = TestApp::new().await;
        let acme = app.organization("Acme").await;
        let mut invite = app.invite(&acme, "grace@example.com", "member").await;
        invite.message = message.clone();
        app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        app.settle().await;
        let page = opens(&app, &app.mailed_token("grace@example.com")).await.get("/accept").await;
        let place = |what: &str| page.text.find(what).unwrap_or_else(|| panic!("no {what} in {}", page.text));
        assert_eq!(page.text.matches(message.trim()).count(), 1, "{}", page.text);
        assert_eq!(place("<blockquote") < place("<button"), is_above, "{message:?}");
    }
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    let app = TestApp::new().await;
    let (acme, _, token) = invited(&app).await;
    let client = opens(&app, &token).await;
    assert_eq!(client.post("/accept", &NEW).await.status, 303);
    says(&client.post("/accept", &NEW).await, 410, "This invitation has been accepted");
    let stranger = opens(&app, &token).await;
    let answer = stranger.post("/accept", &NEW).await;
    says(&answer, 410, "This invitation has been accepted");
    says(&answer, 410, "Sign in to continue.");
    assert!(stranger.cookie("__Host-vst_sid").is_none());
    assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 2);
}

#[tokio::test]
async fn of_twenty_at_once_one_joins_and_none_fails() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let client = opens(&app, &token).await;
    let answers = futures::future::join_all((0..20).map(|_| client.post("/accept", &NEW))).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(303), with(410) + with(409)), (1, 19));
    assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 2);
    let accepted = app.actions(&acme, id).await.into_iter().filter(|action| *action == "invitation.accepted").count();
    assert_eq!(accepted, 1);
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let client = opens(&app, &token).await;
    let answer = client.post("/accept", &[("name", "Grace \"G\" <Okafor>"), ("password", "too short")]).await;
    says(&answer, 422, "Use at least 12 characters. This has 9.");
    assert!(answer.text.contains("value=\"Grace &quot;G&quot; &lt;Okafor&gt;\""), "{}", answer.text);
    assert!(!answer.text.contains("too short"), "the password came back");
    for (name, password, words) in [
        ("", PASSWORD, "Write a name."),
        ("Grace", "aaaaaaaaaaaa", "among the first that anybody tries"),
        ("Grace", "Password1234", "among the first that anybody tries"),
        ("Go to evil.example/now", PASSWORD, "A name can’t contain a web address."),
        ("", "short", "Some fields need another look"),
    ] {
        says(&client.post("/accept", &[("name", name), ("password", password)]).await, 422, words);
    }
    says(&client.post("/accept", &[]).await, 422, "Write a name.");
    nothing_changed(&app, &acme, id, 1).await;
}

#[tokio::test]
async fn a_long_password_is_taken_as_it_is() {
    let app = TestApp::new().await;
    let (_, _, token) = invited(&app).await;
    let password = format!("{} ", "žluťoučký kůň ".repeat(9).trim_end());
    let client = opens(&app, &token).await;
    assert_eq!(client.post("/accept", &[("name", "Grace"), ("password", &password)]).await.status, 303);
    let fields = |password| [("email", "grace@example.com"), ("password", password)];
    says(&app.client().post("/sign-in", &fields(password.trim_end())).await, 422, "don’t match");
    assert_eq!(app.client().post("/sign-in", &fields(&password)).await.status, 303);
}

#[tokio::test]
async fn role_and_organization_come_from_the_invitation_and_never_from_the_form() {
    let app = TestApp::new().await;
    let (acme, _, token) = invited(&app).await;
    let other = app.organization("Other").await;
    let client = opens(&app, &token).await;
    let owner = app.role(&acme, "owner").await.to_string();
    let mut fields = NEW.to_vec();
    let organization = other.scope.organization().id.to_string();
    fields.extend([("role", "owner"), ("role_ids", owner.as_str()), ("organization_id", &organization)]);
    fields.extend([("email", "mallory@evil.example")]);
    assert_eq!(client.post("/accept", &fields).await.status, 303);
    let members = app.vestibule.members().all(&acme.scope).await.unwrap();
    let grace = members.iter().find(|member| member.name.as_str() == "Grace Okafor").unwrap();
    assert_eq!((grace.email.as_str(), grace.roles[0].key.as_str()), ("grace@example.com", "member"));
    assert_eq!(app.vestibule.members().all(&other.scope).await.unwrap().len(), 1);
}

#[tokio::test]
async fn declining_takes_a_reason_and_says_who_will_see_it() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let client = opens(&app, &token).await;
    let page = client.get("/accept/decline").await;
    says(&page, 200, "Ada Byrne will see that you declined, and your reason if you give one.");
    says(
        &client.post("/accept/decline", &[("reason", &"x".repeat(2_001))]).await,
        422,
        "Use at most 2,000 characters.",
    );
    let reason = "</textarea><img src=x onerror=alert(1)>\u{0}";
    let refused = client.post("/accept/decline", &[("reason", reason)]).await;
    says(&refused, 422, "Remove the invisible characters.");
    assert!(!refused.text.contains("<img"), "{}", refused.text);
    says(&client.post("/accept/decline", &[("reason", "No time this year")]).await, 200, "You have declined");
    match app.invitation(&acme, id).await.state {
        State::Declined { reason: Some(reason), .. } => assert_eq!(reason.as_str(), "No time this year"),
        other => panic!("{other:?}"),
    }
    for answer in
        [client.get("/accept").await, client.post("/accept/decline", &[]).await, client.post("/accept", &NEW).await]
    {
        says(&answer, 410, "This invitation was declined");
        says(&answer, 410, "That was on 22 November. If it was a mistake, ask Ada Byrne to invite you again.");
    }
}

#[tokio::test]
async fn what_inviters_write_stays_text() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let corpus = r#"<img src=x onerror=alert(1)>"'</blockquote><script>alert(2)</script>{{7*7}}"#;
    let mut invite = app.invite(&acme, "grace@example.com", "member").await;
    invite.message = corpus.to_owned();
    app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
    app.settle().await;
    let client = opens(&app, &app.mailed_token("grace@example.com")).await;
    let page = client.get("/accept").await;
    assert_eq!(page.status, 200);
    for bad in ["<img", "<script", "<b>"] {
        assert!(!page.text.contains(bad), "{bad} in {}", page.text);
    }
    assert!(page.text.contains("&lt;img src=x onerror=alert(1)&gt;"), "{}", page.text);
}
