//! What a token must be like (security K5): whatever is wrong with one, nobody is let in and nothing happens.

use super::{Asc, invitation, pair, refusal};
use crate::harness::{Acme, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use vestibule_domain::{Permission, Surface};

/// The order of P-256's group: s and n−s sign alike (SEC 2, 2.4.2).
const N: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
    0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

fn with(base: &Value, name: &str, value: Value) -> String {
    let mut all = base.clone();
    all[name] = value;
    all.to_string()
}

fn without(base: &Value, name: &str) -> String {
    let mut all = base.clone();
    all.as_object_mut().unwrap().remove(name);
    all.to_string()
}

/// The same text with a name and a value more at its end, whether or not it has that name.
fn and(base: &Value, more: &str) -> String {
    format!("{},{more}}}", base.to_string().strip_suffix('}').unwrap())
}

/// What the header may not say.
fn headers(asc: &Asc, others_kid: &str, revoked: &str) -> Vec<(String, String)> {
    let good = asc.header();
    let mut cases: Vec<(String, String)> = Vec::new();
    for alg in ["none", "None", "nOnE", "HS256", "RS256", "ES384", "ES256K", "EdDSA", "es256", ""] {
        cases.push((format!("alg {alg}"), with(&good, "alg", json!(alg))));
    }
    cases.push(("no alg".into(), without(&good, "alg")));
    cases.push(("alg twice".into(), and(&good, "\"alg\":\"ES256\"")));
    cases.push(("another alg behind it".into(), and(&good, "\"alg\":\"none\"")));
    for kid in ["", "ABCDE12345", "../../x", "' or 1=1--", others_kid, revoked] {
        cases.push((format!("kid {kid}"), with(&good, "kid", json!(kid))));
    }
    cases.push(("a long kid".into(), with(&good, "kid", json!("K".repeat(10 * 1024)))));
    cases.push(("no kid".into(), without(&good, "kid")));
    cases.push(("kid is a list".into(), with(&good, "kid", json!([asc.kid()]))));
    for name in ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"] {
        cases.push((name.into(), with(&good, name, json!("x"))));
    }
    for typ in [json!("JWE"), json!("jwt "), json!(""), json!(7)] {
        cases.push((format!("typ {typ}"), with(&good, "typ", typ)));
    }
    cases.push(("no JSON".into(), "alg".into()));
    cases.push(("a list".into(), "[]".into()));
    cases
}

/// What the claims may not say.
fn claims(asc: &Asc, other: &Acme) -> Vec<(String, String)> {
    let (good, now) = (asc.claims(), asc.now);
    let mut cases: Vec<(String, String)> = Vec::new();
    for aud in
        [json!("appstoreconnect-v2"), json!(""), json!([]), json!(["appstoreconnect-v1", "x"]), json!(["x"]), json!(1)]
    {
        cases.push((format!("aud {aud}"), with(&good, "aud", aud)));
    }
    for iss in [json!(other.scope.organization().id), json!(""), json!("x"), json!(null)] {
        cases.push((format!("iss {iss}"), with(&good, "iss", iss)));
    }
    for exp in [
        json!(now),
        json!(now - 1),
        json!(now + 1_261),
        json!("1200"),
        json!(1.5e9),
        json!(-1),
        json!(0),
        json!(null),
        json!(i64::MAX),
    ] {
        cases.push((format!("exp {exp}"), with(&good, "exp", exp)));
    }
    cases.push(("exp 1e400".into(), good.to_string().replace(&(now + 1_200).to_string(), "1e400")));
    for iat in [json!(now - 1), json!(now + 61), json!("0"), json!(i64::MIN)] {
        cases.push((format!("iat {iat}"), with(&good, "iat", iat)));
    }
    cases.push(("nbf to come".into(), with(&good, "nbf", json!(now + 61))));
    for name in ["iss", "exp", "aud"] {
        cases.push((format!("no {name}"), without(&good, name)));
        let value = good[name].to_string();
        cases.push((format!("{name} twice"), and(&good, &format!("\"{name}\":{value}"))));
    }
    let mut personal = good.clone();
    personal.as_object_mut().unwrap().remove("iss");
    cases.push(("a key of a person".into(), with(&personal, "sub", json!("user"))));
    cases.push(("scope is a text".into(), with(&good, "scope", json!("GET /v1/apps"))));
    let half_a_year = json!(now + 183 * 24 * 60 * 60);
    cases.push(("half a year without a scope".into(), with(&good, "exp", half_a_year.clone())));
    let writing = with(&good, "exp", half_a_year);
    let writing: Value = serde_json::from_str(&writing).unwrap();
    cases.push(("half a year, to write".into(), with(&writing, "scope", json!(["POST /v1/userInvitations"]))));
    cases.push(("no JSON".into(), "exp".into()));
    cases.push(("a list".into(), "[]".into()));
    cases.push(("too much".into(), with(&good, "more", json!("x".repeat(8 * 1024)))));
    cases
}

/// What may not become of a good token on its way.
fn forms(asc: &Asc) -> Vec<(String, String)> {
    let token = asc.token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let resigned = |bytes: &[u8]| format!("{message}.{}", URL_SAFE_NO_PAD.encode(bytes));
    let mut flipped = raw.clone();
    flipped[40] ^= 1;
    let der = [&[0x30, 0x44, 2, 0x20][..], &raw[..32], &[2, 0x20], &raw[32..]].concat();
    let (header, rest) = token.split_once('.').unwrap();
    let mut cases = vec![
        ("no signature", format!("{message}.")),
        ("no third part", message.to_owned()),
        ("all zeros", resigned(&[0; 64])),
        ("r is zero", resigned(&[&[0; 32], &raw[32..]].concat())),
        ("s is zero", resigned(&[&raw[..32], &[0; 32]].concat())),
        ("r and s are n", resigned(&[N, N].concat())),
        ("DER", resigned(&der)),
        ("cut", resigned(&raw[..63])),
        ("a byte more", resigned(&[&raw[..], &[0]].concat())),
        ("a bit changed", resigned(&flipped)),
        ("four parts", format!("{token}.x")),
        ("a dot behind", format!("{token}.")),
        ("padding", format!("{token}==")),
        ("padding in the header", format!("{header}=.{rest}")),
        ("a space", format!("{header}. {rest}")),
        ("standard base64", format!("{message}.{}", STANDARD.encode(&raw))),
        (
            "other claims",
            format!(
                "{header}.{}.{signature}",
                URL_SAFE_NO_PAD.encode(with(&asc.claims(), "exp", json!(asc.now + 1_100)))
            ),
        ),
        ("nothing", String::new()),
        ("dots", "..".into()),
        ("a key of ours", "vsk_x".into()),
    ];
    // signed with the public half, as if that were a shared secret
    use aws_lc_rs::signature::KeyPair;
    let public = asc.pair.public_key().as_ref();
    for (name, secret) in
        [("HS256 with the public point", public.to_vec()), ("HS256 with its PEM", STANDARD.encode(public).into_bytes())]
    {
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(with(&asc.header(), "alg", json!("HS256"))),
            URL_SAFE_NO_PAD.encode(asc.claims().to_string())
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        mac.update(message.as_bytes());
        let mac = mac.finalize().into_bytes();
        cases.push((name, format!("{message}.{}", URL_SAFE_NO_PAD.encode([mac.as_slice(), mac.as_slice()].concat()))));
    }
    cases.into_iter().map(|(name, token)| (name.to_owned(), token)).collect()
}

/// `cargo test --test it -- appstoreconnect::keys --nocapture` prints how many there are.
#[tokio::test]
async fn whatever_is_wrong_with_a_token_nobody_is_let_in() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let (asc, theirs, revoked) = (app.asc(&acme).await, app.asc(&other).await, app.asc(&acme).await);
    app.vestibule.api_keys().revoke(&acme.scope, revoked.key.id).await.unwrap();
    let sign = |(why, header): (String, String)| (why, asc.signed(&header, &asc.claims().to_string()));
    let mut cases: Vec<(String, String)> = headers(&asc, theirs.kid(), revoked.kid()).into_iter().map(sign).collect();
    let sign = |(why, claims): (String, String)| (why, asc.signed(&asc.header().to_string(), &claims));
    cases.extend(claims(&asc, &other).into_iter().map(sign));
    cases.extend(forms(&asc));
    cases.push(("of a key that is revoked".into(), revoked.token()));
    cases.push((
        "another organization's key, as if it were ours".into(),
        theirs.signed(&theirs.header().to_string(), &asc.claims().to_string()),
    ));
    cases.push((
        "ours, as if it were theirs".into(),
        asc.signed(&theirs.header().to_string(), &theirs.claims().to_string()),
    ));

    let before = app.traces(&acme).await;
    for (why, token) in &cases {
        for request in [
            asc.unsigned(Method::POST, "/userInvitations").json(&invitation("grace@example.com")),
            asc.unsigned(Method::GET, "/userInvitations"),
        ] {
            let answer = asc.send(request.header("authorization", format!("Bearer {token}"))).await;
            assert_eq!(refusal(&answer), (401, "NOT_AUTHORIZED".into(), String::new()), "{why}");
        }
    }
    assert_eq!(app.traces(&acme).await, before);
    println!("{} cases, all as they must be", cases.len());
    assert!(cases.len() > 80);
    asc.invites("grace@example.com", "Okafor", "DEVELOPER").await;
}

#[tokio::test]
async fn tokens_of_all_clients_are_taken() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let asc = app.asc(&acme).await;
    let now = asc.now;
    for claims in [
        with(&asc.claims(), "iat", json!(now)),
        with(&asc.claims(), "exp", json!(now + 600)),
        with(&asc.claims(), "exp", json!(now + 1_260)),
        with(&asc.claims(), "aud", json!(["appstoreconnect-v1"])),
        with(&asc.claims(), "bid", json!("com.example")),
    ] {
        let token = asc.signed(&asc.header().to_string(), &claims);
        let answer =
            asc.send(asc.unsigned(Method::GET, "/users").header("authorization", format!("bearer {token}"))).await;
        assert_eq!(answer.status, 200, "{claims}: {}", answer.text);
        assert_eq!(answer.header("x-rate-limit").split(':').next(), Some("user-hour-lim"), "{claims}");
    }
    let token = asc.signed(&without(&asc.header(), "typ"), &asc.claims().to_string());
    assert_eq!(asc.send(asc.unsigned(Method::GET, "/users").bearer_auth(token)).await.status, 200);
}

#[tokio::test]
async fn the_other_form_of_a_signature_is_the_same_token() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let asc = app.asc(&acme).await;
    let token = asc.token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut mirrored = N;
    let mut borrow = 0_i16;
    for at in (0..32).rev() {
        let difference = i16::from(N[at]) - i16::from(raw[32 + at]) - borrow;
        borrow = i16::from(difference < 0);
        mirrored[at] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let other = format!("{message}.{}", URL_SAFE_NO_PAD.encode([&raw[..32], &mirrored].concat()));
    // half of what honest clients sign looks like it; no token is kept, so that it gives nothing that the other does
    // not
    for token in [token, other] {
        assert_eq!(asc.send(asc.unsigned(Method::GET, "/users").bearer_auth(token)).await.status, 200);
    }
}

#[tokio::test]
async fn a_scope_is_all_that_a_token_may_do() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let asc = app.asc(&acme).await;
    let half_a_year = with(&asc.claims(), "exp", json!(asc.now + 183 * 24 * 60 * 60));
    let claims = with(
        &serde_json::from_str(&half_a_year).unwrap(),
        "scope",
        json!(["GET /v1/users", "GET /v1/userInvitations?filter[email]=grace@example.com"]),
    );
    let token = asc.signed(&asc.header().to_string(), &claims);
    let before = app.traces(&acme).await;
    for (method, path, status) in [
        (Method::GET, "/users", 200),
        (Method::GET, "/users?limit=1", 200),
        (Method::GET, "/userInvitations?filter[email]=grace@example.com", 200),
        (Method::GET, "/userInvitations?filter%5Bemail%5D=grace%40example.com", 200),
        (Method::GET, "/userInvitations", 403),
        (Method::GET, "/userInvitations?filter[email]=alan@example.com", 403),
        (Method::GET, "/userInvitations?filter[email]=grace@example.com&filter[email]=alan@example.com", 400),
        (Method::GET, "/apps", 403),
        (Method::POST, "/userInvitations", 403),
        (Method::DELETE, "/userInvitations/x", 403),
    ] {
        let request = asc.unsigned(method.clone(), path).bearer_auth(&token).json(&invitation("grace@example.com"));
        let answer = asc.send(request).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        if status == 403 {
            assert_eq!(refusal(&answer).1, "FORBIDDEN_ERROR");
        }
    }
    assert_eq!(app.traces(&acme).await, before);
}

#[tokio::test]
async fn a_token_ends_with_its_time_and_with_its_key() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let asc = app.asc(&acme).await;
    let token = asc.token();
    let ask = async || asc.send(asc.unsigned(Method::GET, "/users").bearer_auth(&token)).await.status;
    app.clock.advance(chrono::Duration::seconds(1_199));
    assert_eq!(ask().await, 200);
    app.clock.advance(chrono::Duration::seconds(1));
    assert_eq!(ask().await, 401);
}

#[tokio::test]
async fn the_private_key_is_no_token_and_lies_nowhere() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let (key, pem) = app.key_for(&acme, Surface::AppStoreConnect, Permission::ALL).await;
    assert_eq!(key.kid.as_ref().unwrap().len(), 10);
    assert!(key.kid.as_ref().unwrap().ends_with(&key.hint));
    pair(&pem);
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    for secret in [text.as_str(), pem.trim()] {
        let secret = secret.replace('\n', "");
        for path in
            ["/appstoreconnect/v1/users", "/api/v1/organizations/acme", "/clerk/v1/invitations", "/snyk/v1/orgs"]
        {
            let answer = app.client().send(app.client().request(Method::GET, path).bearer_auth(&secret)).await;
            assert_eq!(answer.status, 401, "{path}");
        }
    }
    let listed = app.client_of(&acme.session).get("/o/acme/keys").await;
    assert!(!listed.text.contains(&text[..40]), "{}", listed.text);
}
