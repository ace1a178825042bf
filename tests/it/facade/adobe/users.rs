//! The users beside the invites.

use super::refusal;
use crate::harness::TestApp;

#[tokio::test]
async fn members_are_users_on_pages_the_last_of_which_comes_again() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    app.joins(&acme, "grace@example.com", "Grace", "member").await;
    app.invites(&acme, "alan@example.com").await;
    let adobe = app.adobe(&acme).await;
    for page in [0, 7] {
        let answer = adobe.get(&format!("/users/{}/{page}?directOnly=True", adobe.org)).await;
        assert_eq!(answer.header("x-total-count"), "2");
        assert_eq!((answer.header("x-current-page"), answer.header("x-page-count")), ("0", "1"));
        let body = answer.json();
        let emails: Vec<_> =
            body["users"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect();
        assert_eq!(emails, ["ada@acme.example", "grace@example.com"]);
        assert_eq!((&body["result"], &body["lastPage"]), (&"success".into(), &true.into()));
    }
    let some = adobe.get(&format!("/users/{}/0?domain=EXAMPLE.com", adobe.org)).await.json();
    assert_eq!(some["users"].as_array().unwrap().len(), 1);
    for (path, code) in [
        (format!("/users/{}/0?domain=nowhere.example", adobe.org), "error.user.not_found"),
        (format!("/users/{}/0/Designers", adobe.org), "error.resource.not_found"),
    ] {
        assert_eq!(refusal(&adobe.get(&path).await), (404, code.into()), "{path}");
    }
    let answer = adobe.get(&format!("/users/{}/first", adobe.org)).await;
    assert_eq!(refusal(&answer), (400, "error.parameter.invalid".into()));
}

#[tokio::test]
async fn a_user_looks_like_this() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    let list = adobe.get(&format!("/users/{}/0", adobe.org)).await.json();
    insta::assert_json_snapshot!("users", adobe.masked(&acme, &list));
    for path in ["ada@acme.example", "ADA%40acme.example", "ada?domain=acme.example"] {
        let one = adobe.get(&format!("/organizations/{}/users/{path}", adobe.org)).await.json();
        assert_eq!((&one["result"], &one["user"]), (&"success".into(), &list["users"][0]), "{path}");
    }
    for path in ["nobody@acme.example", "ada"] {
        let answer = adobe.get(&format!("/organizations/{}/users/{path}", adobe.org)).await;
        assert_eq!(refusal(&answer), (404, "error.user.not_found".into()), "{path}");
    }
}
