//! The version that each request names, and what its answer says of it.

use super::refusal;
use crate::harness::TestApp;

#[tokio::test]
async fn each_answer_tells_the_release_that_served_it() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let snyk = app.snyk(&acme).await;
    let path = format!("/rest/orgs/{}/invites", snyk.org);
    let told = |answer: &crate::harness::Answer| {
        ["snyk-version-requested", "snyk-version-served", "snyk-version-lifecycle-stage", "deprecation", "sunset"]
            .map(|name| answer.header(name).to_owned())
    };
    let listed = snyk.get(&format!("{path}?version=2026-03-25")).await;
    assert_eq!(told(&listed), ["2026-03-25", "2022-11-14", "ga", "", ""]);
    let new = snyk.post(&format!("{path}?version=2026-03-25"), &snyk.invite("grace@example.com")).await;
    assert_eq!((new.status.as_u16(), told(&new)), (201, ["2026-03-25", "2024-06-21", "ga", "", ""].map(str::to_owned)));
    let old = snyk.post(&format!("{path}?version=2024-01-01~beta"), &snyk.invite("alan@example.com")).await;
    assert_eq!(old.status, 201, "{}", old.text);
    let [requested, served, _, deprecation, sunset] = told(&old);
    assert_eq!(
        [requested, served, deprecation, sunset],
        ["2024-01-01~beta", "2023-04-28", "2024-06-21T00:00:00Z", "2024-12-19"]
    );
    let refused = snyk.post(&format!("{path}?version=2024-06-21"), &snyk.invite("alan@example.com")).await;
    assert_eq!((refusal(&refused).0, &*told(&refused)[1]), (400, "2024-06-21"), "refusals tell it as well");
}

#[tokio::test]
async fn a_request_without_a_version_that_there_is_does_nothing() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let snyk = app.snyk(&acme).await;
    let before = app.traces(&acme).await;
    let path = format!("/rest/orgs/{}/invites", snyk.org);
    for (query, status) in [
        ("", 400),
        ("?version=", 400),
        ("?version=1", 400),
        ("?version=2024-06-32", 400),
        ("?version=2024-06-21~ga", 400),
        ("?version=latest", 400),
        ("?version=2024-06-21&version=2024-06-21", 400),
        ("?version=2022-05-31", 404),
    ] {
        let answer = snyk.post(&format!("{path}{query}"), &snyk.invite("grace@example.com")).await;
        let (told, _, source) = refusal(&answer);
        assert_eq!((told, source.as_str()), (status, if status == 400 { "version" } else { "" }), "{query}");
    }
    let roles = format!("/rest/tenants/{}/roles?version=2026-03-25", snyk.org);
    assert_eq!(refusal(&snyk.get(&roles).await).0, 404, "it was released as a beta only");
    assert_eq!(app.traces(&acme).await, before);
}
