//! Hostile text in every place of every operation of the document: a problem of the API's own, never a failure on our
//! side, and nothing is made by what is refused.

use super::{
    document::operations,
    matrix::{Things, needs},
};
use crate::harness::hostile::{Footprints, MANY, Turns, has_nul, in_json, in_path, in_query};
use crate::harness::{Acme, TestApp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value};

struct Tried<'a> {
    app: &'a TestApp,
    acme: &'a Acme,
    things: &'a Things,
    name: String,
    method: Method,
    path: String,
    sent: usize,
    /// What there is, if nothing can have come to it since.
    left: Option<Footprints>,
    in_query: &'a mut Turns,
    in_json: &'a mut Turns,
}

impl Tried<'_> {
    fn request(&self, query: &str) -> RequestBuilder {
        self.at("acme", self.things.id(&self.path), query)
    }

    fn at(&self, org: &str, id: &str, query: &str) -> RequestBuilder {
        let path = format!("/api/v1{}{query}", self.path.replace("{org}", org).replace("{id}", id));
        self.app.client().request(self.method.clone(), &path).bearer_auth(&self.things.program.token)
    }

    /// Sends it; the status and the fields that a refusal names.
    async fn send(&mut self, request: RequestBuilder, what: &str) -> (u16, Vec<String>) {
        self.sent += 1;
        let before = match self.left {
            Some(left) => left,
            None => self.app.footprints(self.acme).await,
        };
        let answer = self.app.client().send(request).await;
        let shown: String = what.chars().take(200).collect();
        assert!(answer.status.as_u16() < 500, "{} with {shown}: {}", self.name, answer.text);
        self.left = Some(before).filter(|_| answer.status.as_u16() >= 400);
        if answer.status.as_u16() < 400 {
            return (answer.status.as_u16(), Vec::new());
        }
        let (status, _) = answer.refusal();
        assert_eq!(self.app.footprints(self.acme).await, before, "{} with {shown}: {}", self.name, answer.text);
        (status, answer.fields())
    }

    async fn paths(&mut self) {
        for (number, text) in in_path().iter().enumerate() {
            let id = self.things.id(&self.path).to_owned();
            let mut requests = vec![self.at(text, &id, "")];
            if self.path.contains("{id}") {
                requests.push(self.at("acme", text, ""));
            }
            for request in requests {
                let (status, _) = self.send(request, text).await;
                assert!(number > 1 || status == 404, "{} with {text}: {status}", self.name);
            }
        }
    }

    async fn queries(&mut self, names: &[String]) {
        for name in names {
            for value in self.in_query.next() {
                if self.name == "follow_events" && !has_nul(&value) {
                    continue; // it would answer for ever
                }
                let (status, fields) = self.send(self.request(&format!("?{name}={value}")), &value).await;
                assert!(!has_nul(&value) || (status, fields == [name.clone()]) == (422, true), "{}: {name}", self.name);
            }
            let many = format!("?{}", format!("{name}=x&").repeat(MANY));
            let (status, fields) = self.send(self.request(&many), "many").await;
            assert!((status, fields == [name.clone()]) == (422, true), "{}: {name} {MANY} times", self.name);
        }
    }

    /// `{}` in `around` is where the object with the field stands.
    async fn bodies(&mut self, valid: &Map<String, Value>, names: &[String], around: &str) {
        let json =
            |request: RequestBuilder, body: Vec<u8>| request.header("content-type", "application/json").body(body);
        for name in names {
            let rest: String = valid
                .iter()
                .filter(|(other, _)| *other != name)
                .map(|(name, value)| format!(",\"{name}\":{value}"))
                .collect();
            for value in self.in_json.next() {
                let body = around.replace("{}", &format!("{{\"{name}\":{value}{rest}}}"));
                let (status, fields) =
                    self.send(json(self.request(""), body.into_bytes()), &format!("{name}: {value}")).await;
                let is_named = fields.iter().any(|field| field.contains(name.as_str()));
                assert!(
                    !has_nul(&value) || (status, is_named) == (422, true),
                    "{}: {name} {value} {fields:?}",
                    self.name
                );
            }
        }
        for body in [
            around.replace("{}", r#"{"\u0000":1}"#).into_bytes(),
            b"{\"name\":\"\xff\"}".to_vec(),
            b"\xef\xbb\xbf{}".to_vec(),
            b"{\"name\":\"\0\"}".to_vec(),
            b"\0".to_vec(),
        ] {
            let (status, _) = self.send(json(self.request(""), body.clone()), &String::from_utf8_lossy(&body)).await;
            assert!((400..500).contains(&status), "{}: {status}", self.name);
        }
    }
}

/// The names of the query's parameters.
fn parameters(operation: &Value) -> Vec<String> {
    let all = operation["parameters"].as_array().cloned().unwrap_or_default();
    all.iter().filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// The names of the body's fields.
fn fields(document: &Value, schema: &Value) -> Vec<String> {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    };
    schema["properties"].as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

both_patient! {
    async fn every_operation_refuses_it_in_its_own_words(app) {
        let acme = app.organization("Acme").await;
        let things = app.things(&acme).await;
        let document = vestibule_api::document();
        let (mut queries, mut bodies) = (Turns::of(in_query()), Turns::of(in_json()));
        let mut sent = 0;
        for (path, method, operation) in operations(&document) {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            let method: Method = method.to_uppercase().parse().unwrap();
            let (mut valid, _) = needs(&name);
            if name == "create_webhook" {
                // no name that has to be looked up
                valid["url"] = serde_json::json!("http://127.0.0.1:9999/");
            }
            let (in_query, in_json) = (&mut queries, &mut bodies);
            let mut tried = Tried { app: &app, acme: &acme, things: &things, name, method, path, sent: 0, left: None, in_query, in_json };
            tried.paths().await;
            let mut names = parameters(&operation);
            if names.is_empty() && tried.method == Method::GET {
                names.push("unheard_of".into());
            }
            tried.queries(&names).await;
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let (row, around) = match valid.pointer("/invitations/0") {
                Some(row) => (row.clone(), "{\"invitations\":[{}]}"),
                None => (valid.clone(), "{}"),
            };
            if let Some(row) = row.as_object() {
                let schema = if around == "{}" { schema.clone() } else { serde_json::json!({ "$ref": "#/components/schemas/NewInvitation" }) };
                tried.bodies(row, &fields(&document, &schema), around).await;
            }
            sent += tried.sent;
        }
        println!("{sent} requests");
        assert!(sent > 1_500, "{sent}");
    }
}
