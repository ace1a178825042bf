//! Hostile text in every field of every form that the pages have, and in every address: a page, never a failure on our
//! side; what is refused makes nothing and is given back.

use crate::harness::hostile::{MANY, has_nul, in_path, in_query};
use crate::harness::{Acme, Answer, Client, PASSWORD, TestApp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use vestibule_core::service::ResourceEdit;

/// A form as a page has it.
pub struct Form {
    pub action: String,
    /// Names with what stands in them.
    pub fields: Vec<(String, String)>,
}

/// What stands in the attribute of the tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The tags of these names, each up to its end.
fn tags<'a>(html: &'a str, names: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    html.split('<')
        .skip(1)
        .filter(|tag| {
            let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            names.contains(&name)
        })
        .map(|tag| tag.split('>').next().unwrap_or_default())
}

/// Every form that is posted.
fn forms(html: &str) -> Vec<Form> {
    let all = html.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap_or_default());
    all.filter(|form| attribute(form.split('>').next().unwrap(), "method") == Some("post"))
        .map(|form| Form {
            action: unescaped(attribute(form, "action").unwrap_or_default()),
            fields: tags(form, &["input", "textarea", "select"])
                .filter_map(|tag| {
                    Some((attribute(tag, "name")?.to_owned(), unescaped(attribute(tag, "value").unwrap_or_default())))
                })
                .collect(),
        })
        .collect()
}

/// Where the links of this HTML lead.
pub fn links(html: &str) -> impl Iterator<Item = String> {
    tags(html, &["a"]).filter_map(|tag| attribute(tag, "href")).map(unescaped)
}

/// All pages that lead on from here, and the forms on them.
pub async fn walk(client: &Client, start: &str, below: &str) -> (BTreeSet<String>, BTreeMap<String, Form>) {
    let (mut pages, mut found, mut waiting) = (BTreeSet::new(), BTreeMap::new(), VecDeque::from([start.to_owned()]));
    while let Some(address) = waiting.pop_front() {
        let path = address.split(['?', '#']).next().unwrap().to_owned();
        if !path.starts_with(below) || !pages.insert(path) {
            continue;
        }
        let page = client.get(&address).await;
        assert!(page.status.as_u16() < 500, "{address}: {}", page.text);
        for form in forms(&page.text) {
            found.insert(form.action.clone(), form);
        }
        for link in links(&page.text) {
            // a link that is not one of our own could be `javascript:`
            let is_own = link.is_empty() || (link.starts_with('/') && !link.starts_with("//")) || link.starts_with('#');
            assert!(is_own, "{address} leads to {link}");
            waiting.push_back(link);
        }
    }
    found.retain(|action, _| action.starts_with(below));
    (pages, found)
}

fn is_page(answer: &Answer, what: &str) {
    let shown: String = what.chars().take(200).collect();
    assert!(answer.status.as_u16() < 500, "{shown}: {}", answer.text);
    assert!(!answer.text.contains('\0'), "{shown}: U+0000 is given back");
    let is_html = answer.header("content-type").starts_with("text/html");
    assert!(answer.status.as_u16() < 400 || is_html, "{shown}: {} {}", answer.status, answer.text);
}

/// The form with this text, encoded, in one of its fields.
fn filled(form: &Form, field: &str, value: &str) -> String {
    let escape = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let place = form.fields.iter().position(|(name, _)| name == field);
    let pairs = form.fields.iter().enumerate().map(|(at, (name, old))| match Some(at) == place {
        true => format!("{}={value}", escape(name)),
        false => format!("{}={}", escape(name), escape(old)),
    });
    pairs.collect::<Vec<_>>().join("&")
}

async fn post(client: &Client, action: &str, body: String) -> Answer {
    let request = client.request(reqwest::Method::POST, action).header("sec-fetch-site", "same-origin");
    client.send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
}

/// One of everything, so that every page has something to show.
pub async fn furnish(app: &TestApp, acme: &Acme) {
    app.joins(acme, "alan@acme.example", "Alan Pemberton", "member").await;
    app.invites(acme, "grace@example.com").await;
    app.program(acme).await;
    app.webhook(acme, "http://127.0.0.1:9999/", &["invitation.created"]).await;
    app.invites(acme, "joan@example.com").await;
    app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap();
    let garden = ResourceEdit { name: Some("Garden".into()), ..ResourceEdit::default() };
    app.vestibule.resources().create(&acme.scope, &garden).await.unwrap();
}

both_patient! {
    async fn every_form_of_the_portal_gives_it_back_and_makes_nothing(app) {
        let acme = app.organization("Acme").await;
        furnish(&app, &acme).await;
        let ada = app.client_of(&acme.session);
        let (pages, forms) = walk(&ada, "/o/acme/invitations", "/o/acme/").await;
        assert!(pages.len() > 30 && forms.len() > 15, "{pages:?} {:?}", forms.keys());
        let before = app.footprints(&acme).await;
        let mut sent = 0;
        for form in forms.values() {
            let names: BTreeSet<&String> = form.fields.iter().map(|(name, _)| name).collect();
            for name in names.into_iter().chain([&"unheard_of".to_owned()]) {
                for value in ["%00", "a%00b%40example.com", &format!("x{}", format!("&{name}=x").repeat(MANY))] {
                    let mut body = filled(form, name, value);
                    if name == "unheard_of" {
                        body = format!("{body}&{name}={value}");
                    }
                    let answer = post(&ada, &form.action, body).await;
                    is_page(&answer, &format!("{} {name}={value}", form.action));
                    sent += 1;
                    if form.action.ends_with("/verify") {
                        continue; // it only reads
                    }
                    assert!((400..500).contains(&answer.status.as_u16()), "{} {name}: {} {}", form.action, answer.status, answer.flash());
                    assert_eq!(app.footprints(&acme).await, before, "{} {name}", form.action);
                }
            }
        }
        // what may be kept is kept or refused; here it counts only that somebody is told. Each field gets some of the
        // values, and the next field the next ones
        let values: Vec<String> = in_query().into_iter().filter(|value| !has_nul(value)).collect();
        let mut turn = values.iter().cycle();
        for form in forms.values().filter(|form| !form.action.ends_with("/leave")) {
            let names: BTreeSet<&String> = form.fields.iter().map(|(name, _)| name).collect();
            for name in names {
                for value in turn.by_ref().take(6) {
                    let answer = post(&ada, &form.action, filled(form, name, value)).await;
                    is_page(&answer, &format!("{} {name}={value}", form.action));
                    sent += 1;
                }
            }
        }
        println!("{sent} forms");
    }

    async fn what_was_typed_is_there_again_with_the_error_at_its_field(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let page = post(&ada, "/o/acme/resources/new", "name=Gar%00den&external_id=app-1".into()).await;
        assert_eq!(page.status, 422, "{}", page.text);
        assert!(page.text.contains("value=\"Garden\"") && page.text.contains("value=\"app-1\""), "{}", page.text);
        assert!(page.text.contains("id=\"name-error\""), "{}", page.text);
        let page = post(&ada, "/o/acme/resources/new", "name=Garden&external_id=app%00-1".into()).await;
        assert_eq!(page.status, 422, "{}", page.text);
        assert!(page.text.contains("id=\"external_id-error\"") && page.text.contains("value=\"app-1\""), "{}", page.text);
    }

    async fn every_address_of_the_portal_is_answered_with_a_page(app) {
        let acme = app.organization("Acme").await;
        furnish(&app, &acme).await;
        let ada = app.client_of(&acme.session);
        let (pages, _) = walk(&ada, "/o/acme/invitations", "/o/acme/").await;
        let names = ["q", "status", "role", "cursor", "after", "state", "action", "actor", "from", "to", "invitation", "member", "mail", "inviter", "id", "format", "form"];
        // every value comes to every page, each time in another part of its query
        let values = [
            "%ff",
            "262143-12-31",
            "%2B262142-12-31",
            "9999-12-31",
            "-0001-01-01",
            "18446744073709551616",
            "%25%5F",
        ];
        for (at, page) in pages.iter().enumerate() {
            for (number, name) in names.into_iter().enumerate() {
                for value in ["a%00b", values[(at + number) % values.len()]] {
                    let address = format!("{page}?{name}={value}");
                    let answer = ada.get(&address).await;
                    is_page(&answer, &address);
                    assert!(!has_nul(value) || answer.status == 422, "{address}: {}", answer.status);
                }
            }
            for value in values {
                let days = ["from", "to", "created_from", "created_to"].map(|name| format!("{name}={value}")).join("&");
                is_page(&ada.get(&format!("{page}?{days}")).await, page);
            }
            for query in [format!("q={}", "x".repeat(60_000)), format!("q={}", "%25".repeat(10_000)), "id=x&".repeat(MANY), "action=x&".repeat(MANY)] {
                is_page(&ada.get(&format!("{page}?{query}")).await, page);
            }
        }
        for text in in_path() {
            for address in [format!("/o/{text}/invitations"), format!("/o/acme/invitations/{text}"), format!("/o/acme/connect/{text}"), format!("/i/{text}"), format!("/{text}")] {
                let answer = ada.get(&address).await;
                is_page(&answer, &address);
                assert!(!text.contains("%00") || answer.status == 404, "{address}: {}", answer.status);
            }
        }
    }

    async fn the_pages_for_strangers_give_it_back_and_make_nothing(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let before = app.footprints(&acme).await;
        let grace = app.client();
        grace.get(&format!("/i/{}", app.mailed_token("grace@example.com"))).await;
        for (action, body) in [
            ("/accept", format!("name=Grace%00Okafor&password={}", PASSWORD.replace(' ', "+"))),
            ("/accept", "name=Grace+Okafor&password=hedgerow+lantern%00+oyster".to_owned()),
            ("/accept/decline", "reason=No%00".to_owned()),
        ] {
            let answer = post(&grace, action, body).await;
            is_page(&answer, action);
            assert_eq!(answer.status, 422, "{action}: {}", answer.text);
        }
        let values: Vec<String> = in_query().into_iter().filter(|value| value.len() < 20_000).collect();
        for value in &values {
            let client = app.client();
            for (action, body) in [
                ("/sign-in", format!("email={value}&password={value}&next={value}")),
                ("/setup", format!("token={value}&organization={value}&slug={value}&name={value}&email={value}&password={value}")),
                ("/choose-password", format!("password={value}")),
                ("/accept", format!("name={value}&password={value}")),
                ("/accept/code/proof", format!("code={value}")),
                ("/accept/decline", format!("reason={value}")),
            ] {
                is_page(&post(&client, action, body).await, &format!("{action} {value}"));
            }
            for address in [format!("/sign-in?next={value}"), format!("/setup?token={value}"), format!("/choose-password?token={value}")] {
                is_page(&client.get(&address).await, &address);
            }
        }
        let after = app.footprints(&acme).await;
        assert_eq!((after.0, after.2), (before.0, before.2));
        assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 1);
    }
}
